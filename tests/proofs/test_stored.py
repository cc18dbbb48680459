"""Result files are read back as they were written, and refused where they are none."""

import json
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from typing import Any

import pytest
from proof_results import PROVED

from memcert.kernel.certificate import Promise
from memcert.kernel.verdict import LimitReached, Malformed
from memcert.proofs.result import Open, ProofResult, Refutation, UnusedCase
from memcert.proofs.stored import decode_result, is_result

WHOLE = replace(
    PROVED,
    concrete_blocks=1,
    unused=(UnusedCase("gate", "left", None), UnusedCase("gate", "right", False)),
    radii=(Fraction(1, 8), Fraction(1, 3**80), "unbounded"),
    promises=(Promise("sign_outside", {"sign": -1, "length": Fraction(31, 2)}),),
)
REFUTED = replace(
    PROVED,
    verdict="refuted",
    radii=(),
    refutation=Refutation(
        "ensures",
        "blocks[3]",
        "y = 0",
        "1/3",
        "b",
        "s",
        "c",
        "k",
        2,
        (("u", Fraction(-1, 3)),),
        ("w",),
        False,
    ),
)
UNDECIDED = replace(PROVED, verdict="undecided", radii=(), open=(Open("gate", "left", "b", "unknown"),))


def written(result: ProofResult) -> bytes:
    """Return the bytes that `memcert prove -o` writes."""
    return json.dumps(result.to_json()).encode()


@pytest.mark.parametrize("result", [WHOLE, REFUTED, UNDECIDED], ids=lambda result: result.verdict)
def test_what_was_written_is_read(result: ProofResult) -> None:
    assert is_result(written(result))
    assert decode_result(written(result)) == result


def test_other_files_are_no_results() -> None:
    assert not is_result(b'{"format": "memcert/1"}')
    assert not is_result(b"no JSON at all")
    assert not is_result(b'{"format": "memcert/1", "name": "memcert-result/1"}')
    assert not is_result(b'["memcert-result/1"]')


@pytest.mark.parametrize(
    ("change", "at"),
    [
        (lambda value: value.pop("radius"), "radius"),
        (lambda value: value["radius"]["samples"].append(1), "radius.samples"),
        (lambda value: value["claim"].update(box_radius="+1"), "claim.box_radius"),
        (lambda value: value["claim"].update(samples=0), "claim.samples"),
        (lambda value: value.update(verdict="true"), "verdict"),
        (lambda value: value.update(more=1), "more"),
    ],
)
def test_a_changed_result_is_refused_at_its_place(
    change: Callable[[dict[str, Any]], object], at: str
) -> None:
    value = json.loads(written(PROVED))
    change(value)
    with pytest.raises(Malformed) as failure:
        decode_result(json.dumps(value).encode())
    assert failure.value.at == at


def test_floats_and_numbers_without_end_are_refused() -> None:
    with pytest.raises(Malformed):
        decode_result(written(PROVED).replace(b'"milliseconds": 250', b'"milliseconds": 250.5'))
    with pytest.raises(LimitReached):
        decode_result(written(PROVED).replace(b'"1/858"', b'"0x1p+9999999"'))
