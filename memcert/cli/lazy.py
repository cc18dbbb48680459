"""Subcommands that are imported when they are first asked for.

UNTRUSTED.
"""

import importlib
from typing import Any

import typer


def loaded(name: str, module_name: str) -> Any:
    """Return the command called `name`.

    Args:
        name: as it is typed.
        module_name: of `memcert.cli`; it holds a function of its own name and EXAMPLE, or `app`, a
            group of commands.

    Raises:
        ImportError: there is no such module.
    """
    module = importlib.import_module(f"memcert.cli.{module_name}")
    group = getattr(module, "app", None)
    if group is not None:
        return typer.main.get_command(group)
    single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
    single.command(name, epilog=module.EXAMPLE)(getattr(module, module_name))
    return typer.main.get_command(single)
