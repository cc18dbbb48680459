"""A rule at one label as statements about linear forms of the outputs: form . F + constant > 0.

UNTRUSTED.
"""

from dataclasses import dataclass

from memcert.kernel.certificate import Number


@dataclass(frozen=True, slots=True)
class Statement:
    """form . F(x) + constant is above 0, or if not strict at least 0.

    Args:
        form: a coefficient of -1, 0 or 1 for each output.
        constant: added.
        strict: whether 0 fails.
        target: what is spoken of: for argmax the other output, else the number of the statement.
    """

    form: tuple[int, ...]
    constant: Number
    strict: bool
    target: int


def statements(rule: str, label: Number, outputs: int, tolerance: Number | None) -> tuple[Statement, ...]:
    """Return statements that together say that the rule holds at a label.

    Args:
        rule: `argmax`: F_y - F_c > 0 for every other c; `sign`: y F > 0; `within`: q + F - y >= 0 and
            q - F + y >= 0; `equal`: the same with q = 0.
        label: y.
        outputs: how many the network has.
        tolerance: q.

    Raises:
        never.
    """
    if rule == "argmax":
        own = int(label)
        return tuple(
            Statement(tuple((c == own) - (c == other) for c in range(outputs)), 0, True, other)
            for other in range(outputs)
            if other != own
        )
    if rule == "sign":
        return (Statement((int(label),), 0, True, 0),)
    allowed = tolerance or 0
    return (
        Statement((1,), allowed - label, False, 0),
        Statement((-1,), allowed + label, False, 1),
    )
