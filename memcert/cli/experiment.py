"""`memcert experiment NAME`: the experiments, one subcommand each, loaded when it is asked for.

UNTRUSTED.
"""

from typing import Any

import typer
from typer.core import TyperGroup

from memcert.cli.lazy import loaded

EXPERIMENTS = {"generalization": "experiment_generalization", "sizes": "experiment_sizes"}
"""Subcommands, and the module of `memcert.cli` that holds the function of the module's name."""


class Experiments(TyperGroup):
    """The group of the experiments."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of the experiments. Raises: never."""
        return list(EXPERIMENTS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the experiment of that name, or None. Raises: never."""
        module = EXPERIMENTS.get(cmd_name)
        return None if module is None else loaded(cmd_name, module)


EXAMPLE = "Example: memcert experiment generalization --mnist mnist/"
app = typer.Typer(
    name="experiment", cls=Experiments, epilog=EXAMPLE, rich_markup_mode="markdown", add_completion=False
)


@app.callback()
def experiment() -> None:
    """Run the experiments of the papers again, with exact numbers.

    Exit status 0 when an experiment has run: what it found is in its tables.
    """
