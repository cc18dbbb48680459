"""From the places that messages name to JSON pointers, and from pointers to lines of a file.

UNTRUSTED. A place that cannot be found is the whole file; nothing is decided here.
"""

import ast
import json
import re
from collections.abc import Iterator
from json.decoder import scanstring  # type: ignore[attr-defined]  # public by use: it has no stub

_PART = re.compile(
    r"\.?([A-Za-z_][A-Za-z0-9_]*)|\[([0-9]{1,15})\]|\.?('(?:[^'\\]|\\.)*'|\"(?:[^\"\\]|\\.)*\")"
)
_SPACE = re.compile(r"[ \t\r\n]*")
_DECODER = json.JSONDecoder(parse_int=str, parse_float=str)
_SAMPLES = re.compile(r"samples\[([0-9]{1,15})\]")
_LINE = re.compile(r"(?:row [0-9]+ \()?line ([0-9]{1,15})\b")


def row_of(at: str | None) -> int | None:
    """Return the row that a place such as `witness.probes[0], samples[3]` names. Raises: never."""
    found = _SAMPLES.search(at or "")
    return None if found is None else int(found[1])


def pointer_of(at: str | None) -> str:
    """Return the JSON pointer of a place such as `network.layers[3].bias`; `` is the whole. Raises: never.

    `samples[3]` stands for a point of the data section; of several places the first counts.
    """
    text = (at or "").split(", ")[0]
    found = _SAMPLES.match(text)
    if found is not None:
        return f"/dataset/points/{found[1]}"
    parts, place = [], 0
    while place < len(text):
        part = _PART.match(text, place)
        if part is None:
            return ""
        quoted = part[3]
        name = part[1] or part[2] or str(ast.literal_eval(quoted))
        parts.append(name.replace("~", "~0").replace("/", "~1"))
        place = part.end()
    return "".join(f"/{part}" for part in parts) if parts not in (["file"], ["rows"]) else ""


def line_in_json(content: bytes, pointer: str) -> int | None:
    """Return the line, from 1, on which the value of a pointer starts, or the deepest one on the way.

    Cost: one pass of the C scanner over what stands before it. Raises: never.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    place = _skip(text, 0)
    try:
        for part in pointer.split("/")[1:]:
            place = _inner(text, place, part.replace("~1", "/").replace("~0", "~"))
    except (ValueError, IndexError, RecursionError, StopIteration, KeyError):
        pass
    return text.count("\n", 0, place) + 1


def lines_of_items(content: bytes, pointer: str) -> Iterator[int]:
    """Yield the line, from 1, of each item of the array of a pointer, as far as it is one. Raises: never."""
    try:
        text = content.decode("utf-8-sig")
        place = _skip(text, 0)
        for part in pointer.split("/")[1:]:
            place = _inner(text, place, part)
        line, counted = 1, 0
        for _, start in _items(text, place + 1):
            line, counted = line + text.count("\n", counted, start), start
            yield line
    except (ValueError, IndexError, RecursionError, StopIteration, KeyError):
        return


def text_at_top(content: bytes, name: str) -> str | None:
    """Return the text that an object has under a name; None: no text, or another kind of JSON.

    Cost: what stands before it is scanned, one member at a time.

    Raises:
        ValueError, IndexError, KeyError, RecursionError: it is no JSON.
    """
    text = content.decode("utf-8-sig")
    place = _skip(text, 0)
    if text[place] != "{":
        return None
    for key, start in _members(text, place + 1):
        if key == name:
            value = _DECODER.raw_decode(text, start)[0]
            return value if isinstance(value, str) and text[start] == '"' else None
    return None


def _inner(text: str, place: int, part: str) -> int:
    """Return where the member of an object or array starts that `part` names.

    Raises:
        KeyError: there is none. ValueError, IndexError: the text is no JSON.
    """
    members = {"{": _members, "[": _items}[text[place]]
    for name, start in members(text, place + 1):
        if name == part:
            return start
    raise KeyError(part)


def _members(text: str, place: int) -> Iterator[tuple[str, int]]:
    while True:
        place = _skip(text, place)
        if text[place] != '"':
            return
        name, place = scanstring(text, place + 1)
        place = _skip(text, _skip(text, place) + 1)
        yield name, place
        place = _skip(text, _DECODER.raw_decode(text, place)[1])
        if text[place] != ",":
            return
        place += 1


def _items(text: str, place: int) -> Iterator[tuple[str, int]]:
    count = 0
    while True:
        place = _skip(text, place)
        if text[place] == "]":
            return
        yield str(count), place
        place = _skip(text, _DECODER.raw_decode(text, place)[1])
        if text[place] != ",":
            return
        place, count = place + 1, count + 1


def _skip(text: str, place: int) -> int:
    found = _SPACE.match(text, place)
    return place if found is None else found.end()


def line_of_syntax_error(content: bytes) -> int | None:
    """Return the line on which a text stops being JSON in UTF-8; None: it does not. Raises: never."""
    try:
        _DECODER.decode(content.decode("utf-8"))
    except json.JSONDecodeError as error:
        return error.lineno
    except UnicodeDecodeError as error:
        return content.count(b"\n", 0, error.start) + 1
    except (RecursionError, ValueError):
        return 1
    return None


def line_of_message(message: str, prefix: str) -> int | None:
    """Return the line that a message about a data file names at its start, after `FILE: `. Raises: never."""
    found = _LINE.match(message.removeprefix(f"{prefix}: "))
    return None if found is None else int(found[1])
