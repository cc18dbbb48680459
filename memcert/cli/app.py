"""The Typer application: the subcommands, each loaded when it is first asked for.

UNTRUSTED.
"""

import json
import sys
from collections.abc import Sequence
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from memcert.cli.lazy import loaded
from memcert.cli.outcomes import HOLDS, USAGE, finish, outcome_of

COMMANDS = (
    "demo",
    "build",
    "check",
    "prove",
    "verify",
    "witness",
    "gate",
    "diff",
    "show",
    "explain",
    "report",
    "plot",
    "bounds",
    "evaluate",
    "inspect",
    "convert",
    "export",
    "experiment",
    "trust",
)
"""In the order in which a newcomer needs them."""


class LazyGroup(TyperGroup):
    """A group whose subcommand NAME is the function NAME, or the group `app`, of `memcert.cli.NAME`."""

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002
        """Return the names of the subcommands. Raises: never."""
        return list(COMMANDS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ARG002
        """Return the subcommand of that name, or None. Raises: never."""
        if cmd_name not in COMMANDS:
            return None
        return loaded(cmd_name, cmd_name)


app = typer.Typer(name="memcert", cls=LazyGroup, rich_markup_mode="markdown")


def _version(wanted: bool) -> None:
    if wanted:
        from memcert import __version__

        sys.stdout.write(f"memcert {__version__}\n")
        raise typer.Exit


@app.callback()
def memcert(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Build ReLU networks that memorize labelled data exactly, and check and prove it.

    Exit status, of every command: 0 holds, 1 does not hold, 2 usage, 3 malformed input, 4 a digest
    is not the expected one, 5 unsupported, 6 undecided or a limit reached, 70 internal error,
    130 interrupted.
    """


def run_app(words: Sequence[str]) -> int:
    """Parse the words, run the subcommand, return its exit status. Raises: SystemExit (completion)."""
    command = typer.main.get_command(app)
    try:
        if not words:
            command.main(args=["--help"], prog_name="memcert", standalone_mode=False)
            return USAGE
        status = command.main(args=list(words), prog_name="memcert", standalone_mode=False)
    except SystemExit:
        if "--help" not in words:
            raise  # a shell asked for completions
        return HOLDS  # Rich's way of saying that nobody reads the help to its end
    except Exception as error:
        if not hasattr(error, "exit_code") or not hasattr(error, "format_message"):
            return finish("", outcome_of(error), as_json="--json" in words, quiet=False)
        return _usage(error, words)
    return status if isinstance(status, int) else 0


def _command(words: Sequence[str]) -> str | None:
    """Return the name of the command that was typed, of two words in a group. Raises: never."""
    at = next((at for at, word in enumerate(words) if word in COMMANDS), None)
    if at is None:
        return None
    last = 2 if words[at] == "experiment" else 1
    return " ".join(word for word in words[at : at + last] if not word.startswith("-"))


def _usage(error: Any, words: Sequence[str]) -> int:
    # Typer's own complaint, printed as Typer prints it; with --json an object as well.
    if "--json" in words:
        name = _command(words)
        message = error.format_message()
        record = {"command": name, "verdict": "usage error", "status": USAGE, "message": message}
        sys.stdout.write(json.dumps(record) + "\n")
    error.show(file=sys.stderr)
    return USAGE
