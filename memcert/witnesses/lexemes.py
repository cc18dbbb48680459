"""A text of VNN-LIB 2.0 with its numbers replaced by short ones, for a library that cannot hold long ones.

UNTRUSTED. Each placeholder stands for one number of the text, and for no number that the text spells.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from memcert.witnesses.tokens import Source, Token, tokens

_NUMBER = re.compile(r"(-?)([0-9]+)(\.[0-9]+)?", re.ASCII)
_DECLARES = frozenset({"declare-input", "declare-hidden", "declare-output"})
FLOATS = ("real", "Real", "float16", "float32", "float64", "bfloat16")
INTEGERS = tuple(f"{sign}int{bits}" for sign in ("", "u") for bits in (8, 16, 32, 64))
"""With FLOATS, the element types that are judged."""
_BASE = 10**14


class Spelled(NamedTuple):
    """The new text, and for each placeholder the number that stood there."""

    text: str
    lexemes: Mapping[str, str]


def respelled(source: Source) -> Spelled:
    """Return the text with every number outside square brackets replaced, comments left out.

    A number of digits alone is given a point where no integer type is declared: it is a number of
    any type. The type `Real` becomes `real`, as the standard's library spells it. Raises: never.
    """
    words = [(token.text, token.at) for token in tokens(source)]
    types = _types([word for word, _ in words])
    integers = any(words[place][0] in INTEGERS for place in types)
    parts: list[str] = []
    lexemes: dict[str, str] = {}
    depth = 0
    for place, (word, at) in enumerate(words):
        parts.append(_gap(source.text, words[place - 1] if place else ("", 0), at))
        number = _NUMBER.fullmatch(word)
        if number is not None and depth == 0:
            whole = integers and number[3] is None
            stands = f"{number[1]}{_BASE + len(lexemes)}{'' if whole else '.0'}"
            lexemes[stands] = word
            word = stands  # noqa: PLW2901 - the word as it is written
        elif place in types and word == "Real":
            word = "real"  # noqa: PLW2901 - the word as it is written
        depth += word.count("[") - word.count("]")
        parts.append(word)
    return Spelled("".join(parts), lexemes)


def _types(words: Sequence[str]) -> set[int]:
    # The places of element types: behind the name in a declaration.
    return {place + 2 for place, word in enumerate(words) if word in _DECLARES and place + 2 < len(words)}


def other_type(source: Source) -> Token | None:
    """Return the first element type that is none of FLOATS and INTEGERS, or None.

    The library takes any word for a type, and tells unknown ones from `Real` no more.

    Raises:
        never.
    """
    words = list(tokens(source))
    places = sorted(_types([token.text for token in words]))
    return next((words[place] for place in places if words[place].text not in (*FLOATS, *INTEGERS)), None)


def _gap(text: str, before: tuple[str, int], at: int) -> str:
    # What separates two words: the line feeds between them, so that lines keep their numbers, or a space.
    between = text[before[1] + len(before[0]) : at]
    feeds = between.count("\n")
    return "\n" * feeds if feeds else " " * bool(between)
