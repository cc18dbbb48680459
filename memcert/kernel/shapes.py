"""The shape of JSON values, as small readers that are put together.

TRUSTED. A reader takes a decoded JSON value and returns what it means, or raises `Malformed`
whose place is completed on the way out, so that no place is spelled unless something is wrong.
"""

import json
from collections.abc import Callable, Mapping
from typing import NoReturn, TypeVar

from memcert.kernel.verdict import Failure, Malformed, Words

T = TypeVar("T")
Reader = Callable[[object], T]
LIMIT = 1 << 53


def parse_json(content: bytes) -> object:
    """Return the JSON value of strict UTF-8 text: no repeated keys, no floats, no NaN.

    Raises:
        Malformed: it is not.
    """
    try:
        return json.loads(
            content.decode("utf-8"),
            object_pairs_hook=_without_repeats,
            parse_int=_integer_of,
            parse_float=_no_float,
            parse_constant=_no_float,
        )
    except (ValueError, RecursionError) as error:
        raise Malformed("json", "file", "JSON in UTF-8", Words(ascii(str(error))[:200])) from None


def _without_repeats(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for key, value in pairs:
        if key in found:
            raise Malformed("json", "file", "each key once in an object", key)
        found[key] = value
    return found


def _integer_of(digits: str) -> int:
    # CPython refuses decimal text of more than 4,300 digits with an error of its own.
    if len(digits) > 17 or digits == "-0":
        raise Malformed("number", "file", "an integer below 2^53, hexadecimal beyond", digits)
    return int(digits)


def _no_float(digits: str) -> NoReturn:
    raise Malformed("number", "file", "an exact number (no JSON float, NaN or infinity)", digits)


def string(value: object) -> str:
    """Read a string of Unicode scalar values. Raises: Malformed."""
    if type(value) is not str:
        raise Malformed("type", "", "a string", _kind(value))
    if any("\ud800" <= c <= "\udfff" for c in value):
        raise Malformed("string", "", "no lone surrogate", value)
    return value


def boolean(value: object) -> bool:
    """Read true or false. Raises: Malformed."""
    if type(value) is not bool:
        raise Malformed("type", "", "true or false", _kind(value))
    return value


def natural(value: object) -> int:
    """Read an integer from 0 to 2^53 - 1. Raises: Malformed."""
    if type(value) is not int or not 0 <= value < LIMIT:
        raise Malformed("type", "", "an integer from 0 to 2^53 - 1", _kind(value))
    return value


def scalar(value: object) -> str | int | bool | None:
    """Read an option's value: a string, small integer, true, false or null. Raises: Malformed."""
    if value is None or type(value) is bool or (type(value) is int and -LIMIT < value < LIMIT):
        return value
    return string(value)


def one_of(*words: str) -> Reader[str]:
    """Return a reader of one of the words. Raises: never."""

    def read(value: object) -> str:
        if value not in words or type(value) is not str:
            raise Malformed("word", "", " or ".join(words), _kind(value))
        return value

    return read


def nullable(reader: Reader[T]) -> Reader[T | None]:
    """Return a reader of null or what `reader` reads. Raises: never."""
    return lambda value: None if value is None else reader(value)


def array(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """Return a reader of arrays. Raises: never."""

    def read(value: object) -> tuple[T, ...]:
        items: list[T] = []
        try:
            for item in sequence(value):
                items.append(reader(item))
        except Failure as failure:
            raise (_inside(failure, f"[{len(items)}]") if type(value) is list else failure) from None
        return tuple(items)

    return read


def sequence(value: object) -> list[object]:
    """Read an array whose items are not read yet. Raises: Malformed."""
    if type(value) is not list:
        raise Malformed("type", "", "an array", _kind(value))
    return value


def mapping(reader: Reader[T]) -> Reader[Mapping[str, T]]:
    """Return a reader of objects with any keys. Raises: never."""

    def read(value: object) -> Mapping[str, T]:
        if type(value) is not dict:
            raise Malformed("type", "", "an object", _kind(value))
        return {string(key): _field(value, key, reader) for key in value}

    return read


def record(make: Callable[..., T], **fields: Reader[object]) -> Reader[T]:
    """Return a reader of objects with exactly these keys, given to `make` in their order.

    A field whose name Python reserves is written with an underscore behind. Raises: never.
    """
    readers = {name.rstrip("_"): reader for name, reader in fields.items()}

    def read(value: object) -> T:
        if type(value) is not dict:
            raise Malformed("type", "", "an object", _kind(value))
        if value.keys() != readers.keys():
            _wrong_keys(readers.keys() - value.keys(), value.keys() - readers.keys())
        return make(*(_field(value, key, reader) for key, reader in readers.items()))

    return read


def _field(value: dict[str, object], key: str, reader: Reader[T]) -> T:
    try:
        return reader(value[key])
    except Failure as failure:
        raise _inside(failure, f".{key}" if key.isidentifier() else f".{key!a}") from None


def _inside(failure: Failure, where: str) -> Failure:
    failure.at = where + failure.at
    return failure


def _wrong_keys(missing: set[str], unknown: set[str]) -> NoReturn:
    if missing:
        raise Malformed("keys", "", f"the key {min(missing)}", Words("nothing"))
    raise Malformed("keys", "", "no other key", min(unknown))


def _kind(value: object) -> object:
    if type(value) is list:
        return Words("an array")
    return Words("an object") if type(value) is dict else value
