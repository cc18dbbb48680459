"""Globs over the paths of a repository: `*` within a name, `**` over folders, `?` and `[...]`.

UNTRUSTED.
"""

import re
from collections.abc import Iterable, Sequence
from functools import cache

from memcert.errors import UsageError
from memcert.kernel.verdict import shown

LONGEST = 1000


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs is about a path.

    Args:
        path: relative to the repository, with `/` between names.
        globs: checked ones.

    Cost: at most the names of the glob times those of the path, each times the length of a name.

    Raises:
        UsageError: as `check_glob`.
    """
    parts = path.split("/")
    return any(_fits(_names(glob), parts) for glob in globs)


def check_glob(glob: str) -> None:
    """Refuse what is no glob of paths inside the repository.

    Raises:
        UsageError: it is empty, absolute, leads outside, uses `**` within a name, or has a range backwards.
    """
    _names(glob)


def _fits(names: tuple[re.Pattern[str] | None, ...], parts: Sequence[str]) -> bool:
    """Walk through the path with all places of the glob that are reached; None is `**`."""
    end = len(names)
    reached = _opened(names, {0})
    for part in parts:
        after = set()
        for place in reached - {end}:
            name = names[place]
            if name is None:
                after |= {place, end} if place == end - 1 else {place}
            elif name.fullmatch(part):
                after.add(place + 1)
        reached = _opened(names, after)
    return end in reached


def _opened(names: tuple[re.Pattern[str] | None, ...], places: set[int]) -> set[int]:
    # In the middle `**` also stands for no folder at all; at the end for at least one name.
    found = set(places)
    for place in range(len(names) - 1):
        if place in found and names[place] is None:
            found.add(place + 1)
    return found


@cache
def _names(glob: str) -> tuple[re.Pattern[str] | None, ...]:
    names = glob.removeprefix("./").split("/")
    plain = 0 < len(glob) <= LONGEST and "\\" not in glob and "\0" not in glob
    if not plain or ".." in names or "" in names or any("**" in name and name != "**" for name in names):
        raise UsageError(
            f"expected a glob inside the repository, such as certificates/**/*.json, got {shown(glob)}"
        )
    try:
        return tuple(None if name == "**" else re.compile(_name(name), re.DOTALL) for name in names)
    except re.error as error:
        raise UsageError(f"expected a glob, got {shown(glob)}: {error.msg}") from None


def _name(name: str) -> str:
    """Return the pattern of one name: between two stars the first place that fits is as good as any."""
    pieces, rest = [""], name
    while rest:
        group = re.match(r"\[(!?)(\][^\]]*|[^\]]+)\]", rest)
        if group:
            members = re.sub(r"([\\\[\]^&~|])", r"\\\1", group[2])
            pieces[-1] += f"[{'^' if group[1] else ''}{members}]"
            rest = rest[group.end() :]
        elif rest[0] == "*":
            pieces.append("")
            rest = rest[1:]
        else:
            pieces[-1] += "." if rest[0] == "?" else re.escape(rest[0])
            rest = rest[1:]
    first, *more = pieces
    return first + "".join(f"(?>.*?{piece})" for piece in more[:-1]) + "".join(f".*{p}" for p in more[-1:])
