"""Whatever the registry holds: each construction builds honest certificates or refuses in words.

No construction is named here; one that is added is tested by being registered.
"""

from fractions import Fraction
from itertools import pairwise

import pytest
from strategies import dataset

from memcert.constructions.assemble import build, prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import Construction, constructions
from memcert.datasets.dataset import Dataset
from memcert.errors import BuildError, DatasetError
from memcert.evidence.check import check as check_evidence
from memcert.evidence.document import EvidenceError
from memcert.exact.check import fast_check
from memcert.kernel.check import check
from memcert.kernel.data import Table
from memcert.proofs.prove import prove

TINY = Fraction(1, 10**9)
DATA: dict[str, Dataset] = {
    "one point": dataset([(3, -2)], (7,)),
    "one class": dataset([(0, 1), (2, 5), (Fraction(1, 3), 4)], ("a", "a", "a")),
    "two classes on a line": dataset([(0,), (1,), (3,), (7,), (8,)], (0, 0, 1, 1, 0)),
    "alternating on a line": dataset([(k * k,) for k in range(9)], tuple(k % 2 for k in range(9))),
    "equal points": dataset([(1, 1), (2, 0), (1, 1), (0, 4), (2, 0)], (5, -3, 5, -3, -3)),
    "tiny beside huge": dataset([(TINY, 10**9), (0, 10**9), (TINY, -(10**9)), (2 * TINY, 5)], (1, 2, 2, 1)),
    "three classes": dataset(
        [(-5, 2), (4, 4), (0, 1), (9, -3), (2, 2), (7, 7)], ("x", "y", "z", "z", "x", "y")
    ),
    "many dimensions": dataset(
        [tuple((i * j * j) % 256 for j in range(784)) for i in range(1, 7)], (0, 1, 1, 0, 1, 0)
    ),
    "separated pairs": dataset([(0, 0), (0, 1), (50, 50), (51, 49), (-40, 60)], (0, 0, 1, 1, 0)),
}
CASES = [(made_by, name) for made_by in constructions().values() for name in DATA]


def rule_for(made_by: Construction, data: Dataset) -> str:
    """The construction's own rule, which with `sign` needs at most two classes."""
    return made_by.rules[0] if len(set(data.labels)) <= 2 or made_by.rules[0] != "sign" else made_by.rules[-1]


@pytest.mark.parametrize(("made_by", "name"), CASES, ids=[f"{c.name}: {name}" for c, name in CASES])
def test_it_is_accepted_twice_and_proved_or_refused_in_words(made_by: Construction, name: str) -> None:
    data = DATA[name]
    try:
        made = build(data, made_by.name, rule=rule_for(made_by, data))
    except (BuildError, DatasetError) as refusal:
        assert made_by.refuses, refusal
        assert len(str(refusal)) > 20
        return
    except EvidenceError as found:
        rows = Table(data.size, data.dimension, data.columns, list(data.rows()))
        assert check_evidence(found.document, rows).given
        return
    assert check(made).whole
    assert fast_check(made).whole
    result = prove(made)
    assert result.verdict == "proved", result
    claimed = made.claim.box_radius
    assert claimed is not None
    assert isinstance(claimed, str) or claimed >= 0
    largest = result.smallest_radius
    # What is claimed is what the chain proves, but for limits that are open, or too long to write.
    if isinstance(claimed, str) or isinstance(largest, str) or largest is None:
        assert claimed == largest
    else:
        assert claimed <= largest
        assert claimed >= largest * Fraction(1023, 1024)


@pytest.mark.parametrize(("made_by", "name"), CASES, ids=[f"{c.name}: {name}" for c, name in CASES])
def test_its_predicted_size_is_the_built_one(made_by: Construction, name: str) -> None:
    data = DATA[name]
    rule = rule_for(made_by, data)
    try:
        made = build(data, made_by.name, rule=rule)
    except (BuildError, DatasetError, EvidenceError):
        with pytest.raises((BuildError, DatasetError)):
            made_by.predict(prepare(data, rule), resolved(made_by, {}))
        return
    size = made_by.predict(prepare(data, rule), resolved(made_by, {}))
    claim = made.claim
    widths = [data.dimension, *(layer.shape[0] for layer in made.network.layers)]
    dense = sum(after * (before + 1) for before, after in pairwise(widths))
    found = (claim.parameters, claim.edges, dense, claim.width, claim.depth)
    assert (size.parameters, size.edges, size.dense, size.width, size.depth) == found
    assert size.bits >= claim.bit_complexity
