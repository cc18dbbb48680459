"""What an attack is: one edit of a true certificate, and the refusal that it must meet."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bases import BASES, Json


@dataclass(frozen=True)
class Raw:
    """JSON text that no JSON value spells, such as `1.0` or `-0`."""

    text: str


@dataclass(frozen=True)
class Attack:
    """An edit of a base certificate and what must become of it.

    Args:
        name: of the file; says the attack.
        rule: the rule that refuses it.
        at: the place that is named.
        put: values by path (`network.layers.0.bias`); a path past the end of a list appends.
        drop: paths that are left out.
        text: replacements in the file's text, each of text that stands there once.
        raw: the file's bytes, where it is no edit of a base at all.
        data: the text of a data file given beside.
        note: what the liar hopes for, where the name does not say it.
    """

    name: str
    rule: str
    at: str
    put: Mapping[str, Json | Raw] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    text: tuple[tuple[str, str], ...] = ()
    base: str = "tent"
    raw: bytes | None = None
    data: str | None = None
    status: int = 3
    command: str = "check"
    suffix: str = "json"
    note: str = ""

    def content(self) -> bytes:
        """Return the bytes of the certificate file."""
        if self.raw is not None:
            return self.raw
        value = BASES[self.base]()
        for path, new in self.put.items():
            _put(value, path.split("."), new)
        for path in self.drop:
            *way, last = path.split(".")
            del _walk(value, way)[_key(last)]
        text = spelled(value)
        for old, replacement in self.text:
            if text.count(old) != 1:
                raise ValueError(f"{self.name}: {old!r} stands {text.count(old)} times")
            text = text.replace(old, replacement)
        return text.encode()

    def expected(self) -> str:
        """Return the text of the `.expected` file."""
        lines = [f"command: {self.command}", f"status: {self.status}", f"rule: {self.rule}", f"at: {self.at}"]
        return "\n".join(lines + ([f"note: {self.note}"] if self.note else [])) + "\n"


def spelled(value: Json) -> str:
    """Return JSON text with one line for each key of the certificate."""
    lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(part)}" for key, part in value.items())
    return f"{{\n{lines}\n}}\n".replace('"<<', "").replace('>>"', "")


def sha256(text: str) -> str:
    """Return a digest as certificates spell it."""
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"


def _key(name: str) -> Any:
    return int(name) if name.isdigit() else name


def _walk(value: Json, way: list[str]) -> Json:
    for name in way:
        value = value[_key(name)]
    return value


def _put(value: Json, way: list[str], new: Json | Raw) -> None:
    place, key = _walk(value, way[:-1]), _key(way[-1])
    new = f"<<{new.text}>>" if isinstance(new, Raw) else new
    if isinstance(place, list) and key == len(place):
        place.append(new)
    else:
        place[key] = new
