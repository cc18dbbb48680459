"""How an examination can end: one kind of acceptance, five kinds of failure.

TRUSTED. Failures are raised, so that code which forgets to look at them fails closed.
"""

from dataclasses import dataclass
from fractions import Fraction


class Words(str):
    """Text of memcert's own, which `shown` prints without quotes."""


class Failure(Exception):  # noqa: N818 - a false claim is an outcome, not an error
    """A named rule did not hold at a named place.

    Args:
        rule: the rule's name, one word.
        at: the place in the certificate or data, such as `samples[3]`.
        expected: what the rule asks for: a number, or words of ours (str is printed as it is).
        got: what was there, exactly; str is untrusted and printed quoted, `Words` as they are.
    """

    status = 70
    word = "failed"

    def __init__(self, rule: str, at: str, expected: object, got: object) -> None:
        """Keep the four parts; the message is made of them."""
        super().__init__(rule, at, expected, got)
        self.rule, self.at = rule, at
        self.expected = expected if isinstance(expected, str) else shown(expected)
        self.got = shown(got)

    def __str__(self) -> str:
        """Return the one line that the user reads."""
        return f"{self.rule} at {self.at}: expected {self.expected}, got {self.got}"


class Rejected(Failure):
    """A claim is false (exit status 1)."""

    status, word = 1, "rejected"


class Malformed(Failure):
    """Not a certificate, or not data (exit status 3)."""

    status, word = 3, "malformed"


class Mismatch(Failure):
    """A digest is not the expected one (exit status 4)."""

    status, word = 4, "mismatch"


class Unsupported(Failure):
    """A version or feature that this release does not know (exit status 5)."""

    status, word = 5, "unsupported"


class LimitReached(Failure):
    """Undecided: a bound on time, memory or size ended the work (exit status 6)."""

    status, word = 6, "undecided"


@dataclass(frozen=True, slots=True)
class Accepted:
    """What was established over Q; made by `kernel.check.check` alone."""

    rule: str
    tolerance: int | Fraction | None
    samples: int
    examined: int
    excepted: int
    classes: int | None
    dataset_digest: str
    network_digest: str
    not_examined: tuple[str, ...]

    @property
    def whole(self) -> bool:
        """Whether every sample was examined. Raises: never."""
        return self.examined == self.samples


def shown(value: object, limit: int = 200) -> str:
    """Return an exact, printable, bounded text of a value. Raises: never.

    Numbers are exact (hexadecimal when long, since decimal text is bounded by CPython); strings
    are quoted with control characters escaped; a text beyond `limit` says how long it was. Of what
    an array holds, only numbers and strings are spelled out: nesting may be deep.
    """
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, Words):
        return str(value)
    if isinstance(value, int | Fraction):
        parts = [value.numerator] + ([value.denominator] if value.denominator != 1 else [])
        text = "/".join(str(p) if p.bit_length() < 128 else hex(p) for p in parts)
    elif isinstance(value, str):
        text = ascii(value)
    elif isinstance(value, tuple | list):
        inner = ", ".join(
            "..." if isinstance(x, tuple | list | dict) else shown(x, limit) for x in value[:20]
        )
        text = f"[{inner}{', ...' if len(value) > 20 else ''}]"
    else:
        text = "{...}" if isinstance(value, dict) else ascii(value)
    return text if len(text) <= limit else f"{text[:limit]}... ({len(text)} characters)"
