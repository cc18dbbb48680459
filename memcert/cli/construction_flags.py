"""The options of every construction, as flags of `memcert build`.

UNTRUSTED. Read from the registry, so that a new construction has its flags without a line here.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from memcert.cli.selection import pairs
from memcert.constructions.registry import Construction, Option, constructions
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

COMMON = frozenset({"separation"})
"""Options that every construction has."""


def with_flags(function: Callable[..., int]) -> Callable[..., int]:
    """Return `function` with one more keyword, `flags`, fed from the constructions' options.

    Args:
        function: a command whose last parameter is `flags: Mapping[str, str]`.

    Raises:
        ValueError: an option of a construction is called like an option of the command.
    """
    signature = inspect.signature(function)
    own = [p for p in signature.parameters.values() if p.name != "flags"]
    offered = _offered(constructions().values())
    named = {name.replace("-", "_"): name for name in offered}
    clash = {p.name for p in own} & set(named)
    if clash:
        raise ValueError(f"construction options called like options of build: {', '.join(sorted(clash))}")

    def command(**arguments: Any) -> int:
        given = {named[key]: arguments.pop(key) for key in named}
        return function(**arguments, flags={name: v for name, v in given.items() if v is not None})

    extra = [_parameter(key, name, offered[name]) for key, name in named.items()]
    command.__signature__ = signature.replace(parameters=[*own, *extra])  # type: ignore[attr-defined]
    command.__doc__ = function.__doc__
    return command


def merged(construction: Construction, flags: Mapping[str, str], option: list[str]) -> dict[str, str]:
    """Return the options that were given, as text, each known to the construction or to all of them.

    Args:
        construction: whose options they are.
        flags: option name to text, from flags of their own.
        option: NAME=VALUE texts of `--option`.

    Raises:
        UsageError: an option that is not known, or one given twice.
    """
    texts = pairs(option)
    twice = set(texts) & set(flags)
    if twice:
        raise UsageError(f"--option: {', '.join(sorted(twice))} is given as a flag, too")
    known = {known.name for known in construction.options} | COMMON
    for name in texts | dict(flags):
        if name not in known:
            offers = ", ".join(sorted(known))
            raise UsageError(f"{construction.name} has no option {shown(name)}; its options: {offers}")
    return texts | dict(flags)


def _offered(known: Any) -> dict[str, list[tuple[str, Option]]]:
    offered: dict[str, list[tuple[str, Option]]] = {}
    for construction in known:
        for option in construction.options:
            offered.setdefault(option.name, []).append((construction.name, option))
    return offered


def _parameter(key: str, name: str, users: list[tuple[str, Option]]) -> inspect.Parameter:
    first = users[0][1]
    shapes = {"choice": "|".join(first.choices), "integer": "INTEGER", "rational": "NUMBER", "text": "TEXT"}
    metavar = shapes.get(first.kind, "true|false")
    default = "" if first.default is None else f" [default: {str(first.default).lower()}]"
    told = f"{first.help} ({', '.join(user for user, _ in users)}){default}".replace("[", r"\[")
    info = typer.Option(f"--{name}", metavar=metavar, help=told, rich_help_panel="Options of constructions")
    return inspect.Parameter(
        key, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[str | None, info]
    )
