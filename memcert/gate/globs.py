"""Globs over the paths of a repository: `*` within a name, `**` over folders, `?` and `[...]`.

UNTRUSTED.
"""

import re
from collections.abc import Iterable
from functools import cache

from memcert.errors import UsageError
from memcert.kernel.verdict import shown

LONGEST = 1000


def matches(path: str, globs: Iterable[str]) -> bool:
    """Whether one of the globs is about a path.

    Args:
        path: relative to the repository, with `/` between names.
        globs: checked ones.

    Raises:
        UsageError: as `check_glob`.
    """
    return any(_pattern(glob).fullmatch(path) for glob in globs)


def check_glob(glob: str) -> None:
    """Refuse what is no glob of paths inside the repository.

    Raises:
        UsageError: it is empty, absolute, leads outside, or uses `**` within a name.
    """
    _pattern(glob)


@cache
def _pattern(glob: str) -> re.Pattern[str]:
    names = glob.removeprefix("./").split("/")
    plain = 0 < len(glob) <= LONGEST and "\\" not in glob and "\0" not in glob
    if not plain or ".." in names or "" in names or any("**" in name and name != "**" for name in names):
        raise UsageError(
            f"expected a glob inside the repository, such as certificates/**/*.json, got {shown(glob)}"
        )
    parts = []
    for place, name in enumerate(names):
        last = place == len(names) - 1
        if name == "**":
            # In the middle it also stands for no folder at all; at the end for everything below.
            parts.append(".+" if last else "(?:[^/]+/)*")
        else:
            parts.append(_name(name) + ("" if last else "/"))
    return re.compile("".join(parts), re.DOTALL)


def _name(name: str) -> str:
    found, rest = "", name
    while rest:
        group = re.match(r"\[(!?)(\]?[^\]]*)\]", rest)
        if group:
            members = re.sub(r"([\\\[\]^&~|])", r"\\\1", group[2])
            found += f"(?!/)[{'^' if group[1] else ''}{members}]"
            rest = rest[group.end() :]
            continue
        character, rest = rest[0], rest[1:]
        found += {"*": "[^/]*", "?": "[^/]"}.get(character, re.escape(character))
    return found
