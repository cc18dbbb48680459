"""The options of every construction, as flags of `memcert build`.

UNTRUSTED. Read from the registry, so that a new construction has its flags without a line here.
"""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any

import typer

from memcert.cli.selection import pairs, rational
from memcert.constructions.registry import Construction, Option, OptionValue, constructions
from memcert.errors import UsageError
from memcert.kernel.verdict import shown


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


def values(
    construction: Construction, flags: Mapping[str, str], option: list[str], common: frozenset[str]
) -> dict[str, OptionValue]:
    """Return the construction's options that were given, as values of their kinds.

    Args:
        construction: whose options they are.
        flags: option name to text, from flags of their own.
        option: NAME=VALUE texts of `--option`.
        common: names that every construction knows; their texts are passed on as they are.

    Raises:
        UsageError: an option it does not have, one given twice, or a value it does not take.
    """
    texts = pairs(option)
    twice = set(texts) & set(flags)
    if twice:
        raise UsageError(f"--option: {', '.join(sorted(twice))} is given as a flag, too")
    known = {known.name: known for known in construction.options}
    found: dict[str, OptionValue] = {}
    for name, text in (texts | dict(flags)).items():
        if name in common:
            found[name] = text
        elif name not in known:
            offers = ", ".join(sorted(known.keys() | common)) or "none"
            raise UsageError(f"{construction.name} has no option {shown(name)}; its options: {offers}")
        else:
            found[name] = value(known[name], text)
    return found


def value(option: Option, text: str) -> OptionValue:
    """Return the value that a text denotes for an option; rationals stay text.

    Raises:
        UsageError: the option does not take it.
    """
    flag = f"--{option.name}"
    if option.kind == "choice" and text not in option.choices:
        raise UsageError(f"{flag}: expected one of {', '.join(option.choices)}, got {shown(text)}")
    if option.kind == "flag":
        if text not in ("true", "false"):
            raise UsageError(f"{flag}: expected true or false, got {shown(text)}")
        return text == "true"
    if option.kind == "integer":
        number = rational(text, flag)
        if not isinstance(number, int) or (option.minimum is not None and number < option.minimum):
            least = "" if option.minimum is None else f" of at least {option.minimum}"
            raise UsageError(f"{flag}: expected an integer{least}, got {shown(text)}")
        return number
    if option.kind == "rational":
        rational(text, flag)
    return text


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
