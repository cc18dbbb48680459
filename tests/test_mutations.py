"""Single edits of true certificates: none that is false is accepted, none that is true is refused.

What is true is decided here a second time, claim by claim, from the definitions and the naive evaluator.
"""

import json
import random
from collections import Counter
from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

import pytest
from bases import BASES, Json
from claim_truth import is_true
from strategies import dataset

from memcert.constructions.assemble import build
from memcert.exact.check import fast_check
from memcert.formats.certificates import to_json
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import check
from memcert.kernel.decode import decode
from memcert.kernel.verdict import Failure, LimitReached, Malformed, Rejected

EDITS = {"tent": 2500, "sign": 1500, "argmax": 1500, "within": 1500, "built": 600, "built_sign": 300}
"""How many edits of each certificate are tried."""
Path = tuple[Any, ...]


def _built(rule: str | None) -> Json:
    points = [(0, 0), (3, 1), (1, 4), (-2, 5), (7, -3), (2, 2)]
    made = build(dataset(points, ["a", "b", "a", "b", "b", "a"]), rule=rule)
    return to_json(made) | {"digests": {"dataset": None, "network": None}}


MADE: dict[str, Callable[[], Json]] = {
    **BASES,
    "built": lambda: _built(None),
    "built_sign": lambda: _built("sign"),
}


def _decoded(value: Json) -> Certificate:
    return decode(json.dumps(value).encode())


@pytest.mark.parametrize("name", MADE)
def test_the_certificates_that_are_edited_are_true_and_accepted(name: str) -> None:
    certificate = _decoded(MADE[name]())
    assert is_true(certificate)
    assert check(certificate).whole
    assert fast_check(certificate).whole


@pytest.mark.parametrize("name", ["tent", "sign", "argmax", "built", "built_sign"])
def test_a_changed_label_is_always_refused(name: str) -> None:
    value = MADE[name]()
    labels = list(value["dataset"]["labels"])
    others = set(labels) | {2}
    refused = 0
    for row, label in enumerate(labels):
        for other in others - {label}:
            value["dataset"]["labels"] = [*labels[:row], other, *labels[row + 1 :]]
            with pytest.raises((Rejected, Malformed)) as caught:
                check(_decoded(value))
            if caught.value.status == 1:
                assert (caught.value.rule, caught.value.at) == (value["claim"]["rule"], f"samples[{row}]")
                refused += 1
    assert refused >= len(labels) - 1


def _tightened(value: Json) -> Iterator[tuple[str, Json]]:
    claim = value["claim"]
    for name in ("width", "depth", "parameters", "edges", "bit_complexity"):
        if claim[name] > 0:
            yield name, claim[name] - 1
    for name in ("separation_squared", "margin"):
        if claim[name] is not None:
            exact = Fraction(claim[name]) * Fraction(1001, 1000) + Fraction(1, 1000)
            yield name, f"{exact.numerator}/{exact.denominator}" if exact.denominator > 1 else exact.numerator
    smaller = Fraction(claim["data_radius_squared"]) - Fraction(1, 1000)
    yield "data_radius_squared", f"{smaller.numerator}/{smaller.denominator}"
    if claim["tolerance"] is not None:
        yield "tolerance", "249/1000"


@pytest.mark.parametrize("name", MADE)
def test_a_claim_tightened_beyond_what_was_measured_is_always_rejected(name: str) -> None:
    tried = list(_tightened(MADE[name]()))
    assert len(tried) >= 5
    for field, tight in tried:
        value = MADE[name]()
        value["claim"][field] = tight
        with pytest.raises(Rejected) as caught:
            check(_decoded(value))
        rules = {"separation_squared": "separation", "tolerance": value["claim"]["rule"]}
        assert caught.value.rule == rules.get(field, field)


def _nodes(value: Json, way: Path = ()) -> Iterator[Path]:
    yield way
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, part in items:
        yield from _nodes(part, (*way, key))


def _at(value: Json, way: Path) -> Json:
    for key in way:
        value = value[key]
    return value


ODD: list[Json] = [None, True, False, -1, 0, 1, 2, 3, "1/2", "-3/2", "0x1p+53", "0x1p-60", "", "a", "right"]
ODD += [
    [],
    {},
    [0],
    [0, 1],
    [[0, 0]],
    {"a": 1},
    "unbounded",
    "\ud800",
    2**52,
    [0, 0, 0, 0, 0],
    "equal",
    "sign",
]


def _variant(chance: random.Random, value: Json, old: Json) -> Json:
    """Return another JSON value for a place: near the old one, from elsewhere, or odd."""
    if isinstance(old, list) and old and chance.random() < 0.6:
        place, kind = chance.randrange(len(old)), chance.randrange(3)
        swapped = [*old]
        other = chance.randrange(len(old))
        swapped[place], swapped[other] = old[other], old[place]
        return [old[:place] + old[place + 1 :], [*old[:place], old[place], *old[place:]], swapped][kind]
    if type(old) is int and chance.random() < 0.6:
        return chance.choice([old + 1, old - 1, -old, 2 * old, f"{2 * old + 1}/2", f"0x{2**60 + 1:x}"])
    if type(old) is str and "/" in old and chance.random() < 0.6:
        return chance.choice([f"-{old}", old.replace("/", "1/"), 1, 0])
    if chance.random() < 0.4:
        return json.loads(json.dumps(_at(value, chance.choice(list(_nodes(value["claim"], ("claim",)))))))
    return chance.choice(ODD)


def _edited(chance: random.Random, value: Json) -> Json:
    """Change one field of one section, chosen evenly among the sections that matter."""
    section = chance.choice(
        ["dataset", "network", "network", "claim", "claim", "witness", "witness", "digests", ""]
    )
    ways = list(_nodes(value[section], (section,))) if section else list(_nodes(value))[1:]
    way = chance.choice(ways)
    _at(value, way[:-1])[way[-1]] = _variant(chance, value, _at(value, way))
    return value


@pytest.mark.parametrize("name", MADE)
def test_a_single_edit_is_refused_or_true(name: str) -> None:
    chance = random.Random(f"edits of {name}")  # noqa: S311 - a repeatable test
    text = json.dumps(MADE[name]())
    seen: Counter[str] = Counter()
    for _ in range(EDITS[name]):
        value = _edited(chance, json.loads(text))
        shown = json.dumps(value)
        try:
            certificate = _decoded(value)
        except Failure as failure:
            assert failure.status in (3, 5, 6), (failure, shown)
            seen["malformed"] += 1
            continue
        if certificate.dataset.points is None:
            continue
        verdict: Failure | None = None
        try:
            check(certificate)
        except LimitReached:
            continue
        except Failure as failure:
            verdict = failure
        seen["accepted" if verdict is None else "rejected"] += 1
        assert is_true(certificate) == (verdict is None), (verdict, shown)
        assert verdict is None or isinstance(verdict, Rejected), (verdict, shown)
        _fast_agrees(certificate, verdict)
    assert seen["malformed"] > 50
    assert seen["rejected"] > 20
    assert seen["accepted"] > 5


@pytest.mark.parametrize("name", BASES)
def test_a_changed_byte_is_refused_or_true(name: str) -> None:
    chance = random.Random(f"bytes of {name}")  # noqa: S311 - a repeatable test
    text = json.dumps(MADE[name]()).encode()
    accepted = 0
    for _ in range(800):
        changed = bytearray(text)
        place = chance.randrange(len(text))
        changed[place] = (
            chance.choice(b'0123456789-/x.,:[]{}"e \x00\x80\xff') if chance.random() < 0.8 else 92
        )
        try:
            certificate = decode(bytes(changed))
            check(certificate)
        except Failure:
            continue
        accepted += 1
        assert is_true(certificate), bytes(changed)
    assert accepted > 5  # a name, a contract, or the byte that was there


def _fast_agrees(certificate: Certificate, verdict: Failure | None) -> None:
    if verdict is None:
        assert fast_check(certificate).whole
        return
    with pytest.raises(Failure) as caught:
        fast_check(certificate)
    assert str(caught.value) == str(verdict)
