"""From JSON to frozen data, by the types that the data's own fields are annotated with.

TRUSTED. A dataclass is an object with exactly its fields, a NamedTuple or fixed tuple an array of
that length, `tuple[X, ...]` an array, `Mapping[str, X]` an object with any keys, `X | None` null or
X, `Annotated[str, ...]` one of the words. The place of a failure is put together on the way out.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import is_dataclass
from fractions import Fraction
from functools import cache, reduce
from operator import or_
from types import NoneType, UnionType
from typing import Annotated, Any, NoReturn, get_args, get_origin, get_type_hints

from memcert.kernel.rational import SMALL, parse
from memcert.kernel.verdict import Failure, LimitReached, Malformed, Words

Reader = Callable[[Any], Any]
MAX_VALUES = 1 << 23
"""Most brackets, braces and commas that a file may have."""
MAX_WRITTEN_OUT = 1 << 31
"""Most bits that the powers of two of a file may have, all together, once they are written out."""
_POWER = re.compile(r"p[+-]([0-9]{1,9})\Z")
RENAMED = {"excepted": "except", "form": "is", "hints": "with"}
"""Fields whose JSON names Python reserves."""


def parse_json(content: bytes) -> Any:
    """Return the JSON value of strict UTF-8 text: no repeated keys, no floats, no NaN.

    Raises:
        Malformed: it is not.
        LimitReached: it may hold more than MAX_VALUES values, or MAX_WRITTEN_OUT bits.
    """
    values = sum(map(content.count, (b"[", b"{", b",")))  # memory is bounded before it is taken
    if values > MAX_VALUES:
        raise LimitReached("values", "file", f"at most {MAX_VALUES}", values)
    hooks: dict[str, Any] = {"parse_int": _integer, "parse_float": _no_float, "parse_constant": _no_float}
    try:
        value = json.loads(content.decode("utf-8"), object_pairs_hook=_object, **hooks)
    except (ValueError, RecursionError) as error:
        raise Malformed("json", "file", "JSON in UTF-8", Words(ascii(str(error))[:200])) from None
    total, left = 0, [value]
    while left:
        item = left.pop()
        if isinstance(item, str) and (power := _POWER.search(item)):
            total += int(power[1])
        elif isinstance(item, dict | list):
            left += item.values() if isinstance(item, dict) else item
    if total > MAX_WRITTEN_OUT:
        raise LimitReached("written_out", "file", f"powers of at most {MAX_WRITTEN_OUT} bits in all", total)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        repeated = Counter(key for key, _ in pairs).most_common(1)[0][0]
        raise Malformed("json", "file", "each key once in an object", repeated)
    return found


def _integer(digits: str) -> int:
    # CPython refuses decimal text of more than 4,300 digits with an error of its own.
    if len(digits) > 17 or digits == "-0":
        raise Malformed("number", "file", "an integer below 2^53, hexadecimal beyond", digits)
    return int(digits)


def _no_float(digits: str) -> NoReturn:
    raise Malformed("number", "file", "an exact number (no JSON float, NaN or infinity)", digits)


@cache
def reader(kind: Any) -> Reader:  # noqa: PLR0911 - one a kind of type
    """Return the reader of JSON values of an annotated type.

    The reader raises Malformed (or LimitReached, for a long number). Raises: never.
    """
    origin, inner = get_origin(kind), get_args(kind)
    if kind in PLAIN:
        return PLAIN[kind]
    if origin is Annotated:
        return lambda value: _word(value, kind.__metadata__)
    if origin is UnionType or NoneType in inner:
        some = reader(reduce(or_, (x for x in inner if x is not NoneType)))
        return lambda value: None if value is None else some(value)
    if origin is tuple and inner[-1] is Ellipsis:
        return lambda value: tuple(_items(value, reader(inner[0])))
    if origin is Mapping:
        return lambda value: {
            string(key): _within(value, key, reader(inner[1])) for key in _typed(value, dict)
        }
    hints = {} if origin else get_type_hints(kind, include_extras=True)
    if isinstance(kind, type) and is_dataclass(kind):
        fields = {RENAMED.get(name, name): reader(hint) for name, hint in hints.items()}
        return lambda value: kind(*(_within(value, key, read) for key, read in _keyed(value, fields)))
    make = tuple if origin else kind._make
    parts = [reader(hint) for hint in (inner or hints.values())]
    return lambda value: make(read(x) for read, x in zip(parts, _counted(value, len(parts)), strict=True))


def _items(value: Any, read: Reader) -> list[Any]:
    items: list[Any] = []
    try:
        for item in _typed(value, list):
            items.append(read(item))
    except Failure as failure:
        failure.at = f"[{len(items)}]{failure.at}" if type(value) is list else failure.at
        raise
    return items


def _within(value: dict[str, Any], key: str, read: Reader) -> Any:
    try:
        return read(value[key])
    except Failure as failure:
        failure.at = (f".{key}" if key.isascii() and key.isidentifier() else f".{key!a}") + failure.at
        raise


def _keyed(value: Any, fields: dict[str, Reader]) -> Any:
    keys = _typed(value, dict).keys()
    if missing := fields.keys() - keys:
        raise Malformed("keys", "", f"the key {min(missing)}", Words("nothing"))
    if unknown := keys - fields.keys():
        raise Malformed("keys", "", "no other key", min(unknown))
    return fields.items()


def _typed(value: Any, kind: type) -> Any:
    if type(value) is not kind:
        expected = {list: "an array", dict: "an object", str: "a string", bool: "true or false"}[kind]
        found = Words("an array" if type(value) is list else "an object")
        raise Malformed("type", "", expected, found if isinstance(value, list | dict) else value)
    return value


def _counted(value: Any, count: int) -> list[Any]:
    if len(_typed(value, list)) != count:
        raise Malformed("length", "", f"an array of {count}", len(value))
    return list(value)


def _word(value: Any, words: tuple[str, ...]) -> str:
    if _typed(value, str) not in words:
        raise Malformed("word", "", " or ".join(words), value)
    return str(value)


def string(value: Any) -> str:
    """Read a string of Unicode scalar values. Raises: Malformed."""
    if any("\ud800" <= c <= "\udfff" for c in _typed(value, str)):
        raise Malformed("string", "", "no lone surrogate", value)
    return str(value)


def natural(value: Any) -> int:
    """Read an integer from 0 to 2^53 - 1. Raises: Malformed."""
    if type(value) is not int or not 0 <= value < SMALL:
        raise Malformed("type", "", "an integer from 0 to 2^53 - 1", value)
    return value


def _small_or_string(value: Any) -> int | str:
    return parse(value) if type(value) is int else string(value)  # type: ignore[return-value]


def _monomial(value: Any) -> tuple[int | Fraction, tuple[str, ...]]:
    if not _typed(value, list):
        raise Malformed("length", "", "a coefficient and names", 0)
    return parse(value[0]), tuple(string(name) for name in value[1:])


def _index_or_range(value: Any) -> int | tuple[int, int]:
    if type(value) is not list:
        return natural(value)
    start, stop = (natural(x) for x in _counted(value, 2))
    if start >= stop:
        raise Malformed("range", "", "start < stop", (start, stop))
    return start, stop


PLAIN: dict[Any, Reader] = {
    str: string,
    int: natural,
    bool: lambda value: _typed(value, bool),
    int | Fraction: parse,
    int | Fraction | str: lambda value: value if value == "unbounded" else parse(value),
    int | str: _small_or_string,
    str | int | bool | None: lambda value: (
        value if type(value) in (bool, NoneType) else _small_or_string(value)
    ),
    int | tuple[int, int]: _index_or_range,
    tuple[int | Fraction, tuple[str, ...]]: _monomial,
}
"""Readers of the types that are no plain composition of others."""
