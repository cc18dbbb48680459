"""Slot by slot: n digits in two layers, key digits taken off x, label digits put together.

A group's value v is the number of thresholds gamma_1 < ... < gamma_J at or below the word p, each a
ramp of slope 2 3^n; p' = 3^n p - (v in base 3) is the rest. With e = x before the first group,
e' = relu(2^n e - v) ends in relu(t - key), which is between 1 and 2 on the key's point, 0 or at
least 4 at any other. The label counts unless e lies apart from [1/2, 5/2].

Source: the decoder and the gate of Proposition 3.4's proof.
Departure: two layers a group, since one would need weights of 2 9^n; windows are half a unit wider.
UNTRUSTED.
"""

from collections.abc import Iterator
from itertools import pairwise

from memcert.blocks.part import Part, Row, carry, serial
from memcert.constructions.nagler_langer.sizes import Shape
from memcert.constructions.nagler_langer.words import codes
from memcert.constructions.windows import apart, beside, gate, ramp, steps
from memcert.kernel.certificate import Number

STAGE = "decoder"


def decoder(shape: Shape) -> Part:
    """Build (x, p) -> y, the code of the stored point whose key is x's, else 0.

    Returns:
        2 (kappa + lam) layers a slot, of width at most 2^(n+1) + 3, and two.

    Raises:
        ValueError: never, for a width of at least 7.
    """
    return serial([*_slots(shape), *_end(shape)])


def _slots(shape: Shape) -> Iterator[Part]:
    for s in range(shape.slots):
        for k in range(shape.groups):
            yield _reading(shape, s, k)
            yield _summing(shape, s, k)


def _reading(shape: Shape, s: int, k: int) -> Part:
    """The ramps of a group, beside what is kept; the gate of the slot before, or the comparison."""
    mark, kappa = f"{s}_{k}", shape.key_groups
    slope = 2 * 3**shape.digits
    thresholds = enumerate(codes(shape.digits)[1:], start=1)
    parts: list[Part | None] = [carry(f"word_{mark}a", STAGE, "p")]
    parts += [
        ramp(str(v), STAGE, {"p": slope}, 2 * code, 1, name=f"digit_{mark}_{v}") for v, code in thresholds
    ]
    parts.append(_kept("x", mark, "a") if s < shape.slots - 1 or k == 0 else None)
    parts.append(_kept("y", mark, "a") if s > 1 or (s == 1 and k > 0) else None)
    if k == 0:
        parts.append(_gate(mark) if s else None)
    elif k < kappa:
        parts.append(_kept("e", mark, "a"))
    elif k == kappa:
        parts.append(apart(f"apart_{mark}", STAGE, {"e": -2}, 1, 4))
    else:
        parts += [_kept("lab", mark, "a"), _kept("dev", mark, "a")]
    return beside(*parts)


def _summing(shape: Shape, s: int, k: int) -> Part:
    """The rest of the word, and the key or the label with the group's value."""
    mark, kappa, last = f"{s}_{k}", shape.key_groups, s == shape.slots - 1
    base = 1 << shape.digits
    parts: list[Part | None] = []
    if not last or k < shape.groups - 1:
        parts.append(carry(f"word_{mark}b", STAGE, "p", row=_rest(shape.digits)))
    parts.append(None if last else _kept("x", mark, "b"))
    if s:
        row: dict[str, Number] = {"y": 1} if s > 1 or k else {}
        parts.append(carry(f"y_{mark}b", STAGE, "y", row=row | ({"g": 1} if k == 0 else {})))
    value = _value(shape.digits, 1)
    if k < kappa:
        source = "e" if k else "x"
        parts.append(gate(f"e_{mark}b", STAGE, "e", {source: base, **_value(shape.digits, -1)}))
    elif k == kappa:
        parts.append(carry(f"lab_{mark}b", STAGE, "lab", row=value))
        parts.append(carry(f"dev_{mark}b", STAGE, "dev", row={"e1": base, "e2": base}))
    else:
        parts.append(carry(f"lab_{mark}b", STAGE, "lab", row={"lab": base, **value}))
        parts.append(carry(f"dev_{mark}b", STAGE, "dev", row={"dev": base}))
    return beside(*parts)


def _end(shape: Shape) -> Iterator[Part]:
    several = shape.slots > 1
    yield beside(_kept("y", "end", "a") if several else None, _gate("end"))
    yield carry("y_endb", STAGE, "y", row={"y": 1, "g": 1} if several else {"g": 1})


def _kept(stream: str, mark: str, layer: str) -> Part:
    return carry(f"{stream}_{mark}{layer}", STAGE, stream)


def _gate(mark: str) -> Part:
    return gate(f"gate_{mark}", STAGE, "g", {"lab": 1, "dev": -1})


def _value(digits: int, factor: int) -> dict[str, Number]:
    """`factor` times the value of the group whose ramps stand in the layer before."""
    thresholds = range(1, 1 << digits)
    return steps(map(str, thresholds), [factor] * len(thresholds))


def _rest(digits: int) -> Row:
    thresholds = codes(digits)
    rises = [before - after for before, after in pairwise(thresholds)]
    return {"p": 3**digits, **steps(map(str, range(1, 1 << digits)), rises)}
