import json
from dataclasses import replace
from fractions import Fraction

import pytest
from pydantic import ValidationError

from memcert.formats.result_models import ProofResultModel
from memcert.kernel.certificate import Promise
from memcert.proofs.result import NOT_EXAMINED, Open, ProofResult, Refutation, UnusedCase

DIGEST = "sha256:" + "0f" * 32
PROVED = ProofResult(
    verdict="proved",
    rule="equal",
    tolerance=None,
    samples=3,
    excepted=1,
    classes=2,
    dataset_digest=DIGEST,
    network_digest=DIGEST,
    blocks=40,
    contracts=6,
    obligations=15,
    concrete_blocks=1,
    unused=(
        UnusedCase("gate", "empty", True),
        UnusedCase("odd", "never", False),
        UnusedCase("odd", "open", None),
    ),
    box_radius=Fraction(1, 340),
    radii=(Fraction(1, 3), "unbounded", Fraction(1, 340)),
    open_radii=(2,),
    regions=False,
    solver="z3",
    solver_version="5.4.0",
    assumptions=("z3 is right",),
    not_examined=NOT_EXAMINED,
    refutation=None,
    open=(),
    seconds=1.2345,
)
REFUTATION = Refutation(
    rule="ensures",
    at="blocks[3]",
    expected="y = u (1)",
    got="1/2",
    block="b",
    contract="carry",
    values=(("u", 1), ("y", Fraction(1, 2)), ("k", 1 << 60)),
    weights=("layer 1, neuron 0, bias: 1, not 0",),
)
REFUTED = replace(PROVED, verdict="refuted", radii=(), open_radii=(), unused=(), refutation=REFUTATION)
UNDECIDED = replace(
    REFUTED, verdict="undecided", refutation=None, open=(Open("bit", "low", None, "timeout"),)
)


def test_promises_stand_in_the_claim_with_their_values() -> None:
    promise = Promise("sign_outside", {"sign": -1, "length": Fraction(31, 2)})
    claim = replace(PROVED, promises=(promise,)).to_json()["claim"]
    assert isinstance(claim, dict)
    assert claim["promises"] == [{"kind": "sign_outside", "values": {"length": "31/2", "sign": -1}}]


@pytest.mark.parametrize("result", [PROVED, REFUTED, UNDECIDED], ids=lambda r: r.verdict)
def test_the_json_form_is_that_of_the_schema(result: ProofResult) -> None:
    text = json.dumps(result.to_json())
    assert ProofResultModel.model_validate_json(text).verdict == result.verdict
    assert json.loads(text) == result.to_json()


def test_numbers_have_the_one_spelling() -> None:
    found = json.loads(json.dumps(PROVED.to_json()))
    assert found["radius"] == {"smallest": "1/340", "samples": ["1/3", "unbounded", "1/340"], "open": [2]}
    assert found["claim"]["box_radius"] == "1/340"
    assert found["milliseconds"] == 1234
    values = json.loads(json.dumps(REFUTED.to_json()))["refutation"]["values"]
    assert values == [
        {"name": "u", "value": 1},
        {"name": "y", "value": "1/2"},
        {"name": "k", "value": "0x1p+60"},
    ]


@pytest.mark.parametrize(("result", "status"), [(PROVED, 0), (REFUTED, 1), (UNDECIDED, 6)])
def test_only_a_proof_has_status_zero(result: ProofResult, status: int) -> None:
    assert result.status == status


def test_the_smallest_radius_is_of_the_bounded_ones() -> None:
    assert PROVED.smallest_radius == Fraction(1, 340)
    assert replace(PROVED, radii=("unbounded",)).smallest_radius == "unbounded"
    assert REFUTED.smallest_radius is None


@pytest.mark.parametrize(
    "change", [{"verdict": "accepted"}, {"extra": 1}, {"milliseconds": 1.5}, {"digests": None}]
)
def test_the_schema_refuses_what_is_no_result(change: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ProofResultModel.model_validate_json(json.dumps(PROVED.to_json() | change))


def test_a_refutation_reads_as_one_line() -> None:
    assert str(REFUTATION) == "ensures at blocks[3]: expected y = u (1), got 1/2"
