"""What a caller asked of a construction, as complete values of the registered kinds.

UNTRUSTED.
"""

import re
from collections.abc import Mapping

from memcert.constructions.registry import Construction, Option, OptionValue
from memcert.errors import UsageError
from memcert.kernel.verdict import shown

_INTEGER = re.compile(r"0|-?[1-9][0-9]{0,17}")
_RATIONAL = re.compile(r"-?[0-9]{1,1000}(\.[0-9]{1,1000}|/0*[1-9][0-9]{0,999})?")


def resolved(construction: Construction, given: Mapping[str, OptionValue]) -> dict[str, OptionValue]:
    """Return a value for every option of a construction: the given one, else its default.

    Args:
        construction: whose options they are.
        given: by name (`_` may stand for `-`); text is converted to the option's kind.

    Raises:
        UsageError: an option it does not have, or a value that the option does not take.
    """
    known = {option.name: option for option in construction.options}
    found = {option.name: option.default for option in construction.options}
    for name, value in given.items():
        proper = name if name in known else name.replace("_", "-")
        if proper not in known:
            offers = ", ".join(sorted(known)) or "none"
            raise UsageError(f"{construction.name} has no option {shown(name)}; its options: {offers}")
        found[proper] = converted(known[proper], value)
    return found


def converted(option: Option, value: OptionValue) -> OptionValue:
    """Return the value in the option's kind; rationals stay text.

    Raises:
        UsageError: the option does not take it; says what it takes.
    """
    if value is None and option.default is None:
        return None
    if option.kind == "integer":
        return _integer(option, value)
    if option.kind == "flag":
        return _flag(option, value)
    if not isinstance(value, str) and not (option.kind == "rational" and type(value) is int):
        raise _refusal(option, "text", value)
    if option.kind == "choice" and value not in option.choices:
        raise _refusal(option, f"one of {', '.join(option.choices)}", value)
    if option.kind == "rational" and not _RATIONAL.fullmatch(str(value)):
        raise _refusal(option, "a number such as 3, 0.25 or 1/3", value)
    return str(value)


def _integer(option: Option, value: OptionValue) -> int:
    least = "" if option.minimum is None else f" of at least {option.minimum}"
    if isinstance(value, str) and _INTEGER.fullmatch(value):
        value = int(value)
    # bool is an int to Python, and no number to a reader.
    if type(value) is not int or (option.minimum is not None and value < option.minimum):
        raise _refusal(option, f"an integer{least}", value)
    return value


def _flag(option: Option, value: OptionValue) -> bool:
    if isinstance(value, bool):
        return value
    if value not in ("true", "false"):
        raise _refusal(option, "true or false", value)
    return value == "true"


def _refusal(option: Option, expected: str, value: OptionValue) -> UsageError:
    return UsageError(f"option {option.name}: expected {expected}, got {shown(value)}")
