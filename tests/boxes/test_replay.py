"""Box files: what is true is replayed, every forgery is rejected by its rule at its place."""

import json
import re
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from box_samples import decided, own_labels, random_network, table
from strategies import dataset, network

from memcert.boxes.check import check
from memcert.boxes.decode import decode, is_box_file
from memcert.boxes.document import BoxFile
from memcert.boxes.encode import chunks
from memcert.boxes.integers import LARGE, lengths
from memcert.boxes.lines import STEPS
from memcert.datasets.dataset import Dataset
from memcert.formats.schema import schema_text
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected, Unsupported
from memcert.regions import boxes as deciding

VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text("boxes-1")))
Base = tuple[Certificate, BoxFile, Dataset]
Edit = Callable[[dict[str, Any]], object]


def text(file: BoxFile) -> str:
    return "".join(chunks(file.boxes, file.rows, file.annotations))


@cache
def branched() -> Base:
    """Three rows of a small random network whose first needs leaves with signs fixed."""
    pytest.importorskip("scipy")
    net = random_network(12, [3, 12, 12, 3], 1.7)
    rows = own_labels(net, [(0, 0, 0), (Fraction(1, 2), Fraction(-1, 3), 0), (1, 1, Fraction(1, 5))])
    certificate, file, _, _ = decided(net, rows, Fraction(1, 5))
    return certificate, file, rows


def spread(file: BoxFile) -> tuple[int, int, int]:
    """Return (row, part, target) of a tree with a leaf below two signs."""
    for k, row in enumerate(file.rows):
        for p, part in enumerate(row.parts):
            for t, target in enumerate(part.targets):
                if len(target.leaves) > 2 and any(any(leaf.multipliers) for leaf in target.leaves):
                    return k, p, t
    raise AssertionError("no such tree")


def test_a_box_file_reads_as_it_was_written_and_is_replayed() -> None:
    certificate, file, rows = branched()
    assert decode(text(file).encode()) == file
    VALIDATOR.validate(json.loads(text(file)))
    found = check(file, certificate, table(rows))
    assert found.proved == tuple(row.index for row in file.rows if row.verdict == "proved")
    assert found.refuted == tuple(row.index for row in file.rows if row.verdict == "refuted")
    assert found.leaves > 6


def edited(file: BoxFile, edit: Edit) -> BoxFile:
    value = json.loads(text(file))
    edit(value)
    return decode(json.dumps(value).encode())


def leaf_with_multiplier(value: dict[str, Any], at: tuple[int, int, int]) -> tuple[dict[str, Any], int]:
    k, p, t = at
    for leaf in value["rows"][k]["parts"][p]["targets"][t]["leaves"]:
        for m, multiplier in enumerate(leaf["multipliers"]):
            if multiplier:
                return leaf, m
    raise AssertionError("no multiplier")


def negative(value: dict[str, Any], at: tuple[int, int, int]) -> None:
    leaf, m = leaf_with_multiplier(value, at)
    leaf["multipliers"][m] = "-1/2"


def steep(value: dict[str, Any], at: tuple[int, int, int]) -> None:
    leaf, _ = leaf_with_multiplier(value, at)
    leaf["slopes"][0] = "5/4"


def huge(value: dict[str, Any], at: tuple[int, int, int]) -> None:
    leaf, m = leaf_with_multiplier(value, at)
    leaf["multipliers"][m] = 1000


def leaves(value: dict[str, Any], at: tuple[int, int, int]) -> list[Any]:
    k, p, t = at
    found: list[Any] = value["rows"][k]["parts"][p]["targets"][t]["leaves"]
    return found


def other_sign(value: dict[str, Any], at: tuple[int, int, int]) -> None:
    path = leaves(value, at)[0]["path"]
    path[-1][-1] = not path[-1][-1]


FORGED: dict[str, tuple[Callable[[dict[str, Any], tuple[int, int, int]], object], str]] = {
    "a negative multiplier": (negative, r"multiplier at rows\[\d\]\.parts\[0\]\.targets\[\d\]\.leaves"),
    "a slope above 1": (steep, r"slope at rows\[\d\]\.parts\[0\]\.targets\[\d\]\.leaves\[\d+\]\.slopes\[0\]"),
    "a multiplier that proves nothing": (huge, r"leaf at rows\[\d\]\.parts\[0\]\.targets\[\d\]\.leaves"),
    "a leaf left out": (
        lambda v, at: leaves(v, at).pop(),
        r"cover at rows\[\d\]\.parts\[0\]\.targets\[\d\]: e",
    ),
    "a leaf for the other sign": (other_sign, r"cover at rows\[\d\]\.parts\[0\]\.targets\[\d\]: expected"),
    "a leaf twice": (
        lambda v, at: leaves(v, at).append(leaves(v, at)[0]),
        r"cover at rows\[\d\]\.parts\[0\]\.targets\[\d\]: expected one leaf a case",
    ),
    "no leaf at all": (
        lambda v, at: leaves(v, at).clear(),
        r"cover at .*targets\[\d\]: expected leaves that",
    ),
    "the root alone": (
        lambda v, at: leaves(v, at).__setitem__(
            slice(None), [{"path": [], "empty": False, "slopes": None, "multipliers": []}]
        ),
        r"leaf at rows\[\d\]\.parts\[0\]\.targets\[\d\]\.leaves\[0\]: expected the statement: a least",
    ),
    "a case said to be empty": (
        lambda v, at: [leaf.update(empty=not leaf["empty"]) for leaf in leaves(v, at)],
        r"leaf at rows\[\d\]\.parts\[0\]\.targets\[\d\]\.leaves\[\d+\]: expected",
    ),
    "a target left out": (
        lambda v, at: v["rows"][at[0]]["parts"][at[1]]["targets"].pop(),
        r"targets at rows\[\d\]\.parts\[0\]\.targets: expected one against each of",
    ),
    "another row": (
        lambda v, _: v["rows"].reverse() or [row.update(index=k) for k, row in enumerate(v["rows"])],
        r"(bound|leaf|targets|point|counterexample) at rows\[\d\]",
    ),
    "a larger box": (lambda v, _: v["boxes"].update(epsilon=2), r"(bound|leaf) at rows\[0\]"),
    "no parts that cover": (
        lambda v, at: v["rows"][at[0]]["parts"][0].update(cuts=[[0, "1/16", True]]),
        r"cover at rows\[\d\]\.parts: expected a leaf for the case \[0, 1/16, false\]",
    ),
}


@pytest.mark.parametrize("name", FORGED)
def test_a_forgery_is_rejected_at_its_place(name: str) -> None:
    certificate, file, rows = branched()
    edit, message = FORGED[name]
    at = spread(file)
    with pytest.raises(Rejected, match=message):
        check(edited(file, lambda value: edit(value, at)), certificate, table(rows))


def first_bounds(file: BoxFile) -> tuple[int, int]:
    return next(
        (k, depth)
        for k, row in enumerate(file.rows)
        for part in row.parts
        for depth, layer in enumerate(part.neurons)
        if depth > 0 and layer.bounds
    )


@pytest.mark.parametrize("end", [0, 1])
def test_a_bound_tighter_than_what_is_shown_is_rejected_at_its_neuron(end: int) -> None:
    certificate, file, rows = branched()
    k, depth = first_bounds(file)

    def edit(value: dict[str, Any]) -> None:
        value["rows"][k]["parts"][0]["neurons"][depth]["bounds"][0][end] = ["-1/1048576", "1/1048576"][end]

    at = rf"bound at rows\[{k}\]\.parts\[0\]\.neurons\[{depth}\], neuron \d+: expected at (least|most)"
    with pytest.raises(Rejected, match=at):
        check(edited(file, edit), certificate, table(rows))


@pytest.mark.parametrize("sign", "+-")
def test_a_sign_that_is_not_shown_is_rejected(sign: str) -> None:
    certificate, file, rows = branched()
    k, depth = first_bounds(file)

    def edit(value: dict[str, Any]) -> None:
        part = value["rows"][k]["parts"][0]
        layer = part["neurons"][depth]
        layer["signs"] = layer["signs"].replace("*", sign, 1)
        layer["bounds"].pop(0)
        for target in part["targets"]:
            target["leaves"] = [{"path": [], "empty": False, "slopes": None, "multipliers": []}]

    with pytest.raises(Rejected, match=rf"bound at rows\[{k}\]\.parts\[0\]\.neurons\[{depth}\], neuron"):
        check(edited(file, edit), certificate, table(rows))


def test_bounds_may_be_looser_as_long_as_the_leaves_still_hold() -> None:
    net = network(([[1], [1]], [0, 5]), ([[1, 1], [0, 0]], [1, 0]))
    rows = dataset([[0]], [0])
    certificate, file, _, _ = decided(net, rows, 1)

    def edit(value: dict[str, Any]) -> None:
        value["rows"][0]["parts"][0]["neurons"][0]["bounds"] = [[-3, 7]]

    assert check(edited(file, edit), certificate, table(rows)).proved == (0,)


def test_boxes_in_parts_are_replayed_and_each_part_is_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deciding, "MANY_OPEN", 0)
    net = random_network(2, [2, 12, 12, 3], 1.7)
    rows = own_labels(net, [(0, Fraction(1, 3))])
    certificate, file, _, _ = decided(net, rows, Fraction(1, 4))
    count = len(file.rows[0].parts)
    assert count > 2
    assert check(file, certificate, table(rows)).proved == (0,)

    def without(value: dict[str, Any]) -> None:
        value["rows"][0]["parts"].pop()

    with pytest.raises(Rejected, match=r"cover at rows\[0\]\.parts: expected a leaf for the case"):
        check(edited(file, without), certificate, table(rows))

    def outside(value: dict[str, Any]) -> None:
        for part in value["rows"][0]["parts"]:
            part["cuts"].append([0, 7, True])
        value["rows"][0]["parts"] += json.loads(json.dumps(value["rows"][0]["parts"]))
        for part in value["rows"][0]["parts"][count:]:
            part["cuts"][-1][2] = False

    with pytest.raises(Rejected, match=r"cut at rows\[0\]\.parts\[0\]\.cuts\[\d+\]: expected between"):
        check(edited(file, outside), certificate, table(rows))


@pytest.fixture
def refuted() -> Base:
    net = network(([[1], [-1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    rows = dataset([[1]], [0])
    certificate, file, _, _ = decided(net, rows, 2)
    return certificate, file, rows


def test_a_counterexample_is_evaluated(refuted: Base) -> None:
    certificate, file, rows = refuted
    assert check(file, certificate, table(rows)).refuted == (0,)


@pytest.mark.parametrize(
    ("point", "message"),
    [
        ([2], r"counterexample at rows\[0\]\.point: expected a point where argmax fails, got 2"),
        ([-7], r"point at rows\[0\]\.point\[0\]: expected in the box, from -1 to 3, got -7"),
    ],
)
def test_a_counterexample_that_is_none_is_rejected(refuted: Base, point: list[int], message: str) -> None:
    certificate, file, rows = refuted
    with pytest.raises(Rejected, match=message):
        check(edited(file, lambda v: v["rows"][0].update(point=point)), certificate, table(rows))


def test_a_tie_refutes(refuted: Base) -> None:
    certificate, file, rows = refuted
    found = check(edited(file, lambda v: v["rows"][0].update(point=[0])), certificate, table(rows))
    assert found.refuted == (0,)


def test_another_network_other_data_are_a_mismatch_and_another_rule_is_rejected() -> None:
    certificate, file, rows = branched()
    other = replace(rows, labels=tuple(reversed(rows.labels)), numerators=rows.numerators[::-1].copy())
    with pytest.raises(Mismatch, match=r"digest at boxes\.dataset"):
        check(file, certificate, table(other))
    layers = certificate.network.layers
    changed = replace(layers[-1], bias=(*layers[-1].bias[:-1], 7))
    net = replace(certificate.network, layers=(*layers[:-1], changed))
    with pytest.raises(Mismatch, match=r"digest at boxes\.network"):
        check(file, replace(certificate, network=net), table(rows))
    claim = replace(certificate.claim, rule="sign")
    with pytest.raises(Rejected, match=r"rule at boxes\.rule"):
        check(file, replace(certificate, claim=claim), table(rows))


def test_a_row_outside_of_the_domain_is_rejected(refuted: Base) -> None:
    certificate, file, rows = refuted
    with pytest.raises(Rejected, match=r"domain at rows\[0\], coordinate 0: expected from 2 to 5, got 1"):
        check(edited(file, lambda v: v["boxes"].update(domain=[[2, 5]])), certificate, table(rows))


def test_a_label_that_the_certificate_does_not_know_is_rejected(refuted: Base) -> None:
    certificate, file, rows = refuted
    samples = replace(certificate.dataset, classes=("a", "b"))
    with pytest.raises(
        Rejected, match=r"label at rows\[0\]: expected one that the certificate's rule knows, got 0"
    ):
        check(file, replace(certificate, dataset=samples), table(rows))


ILL_FORMED: dict[str, tuple[Edit, str]] = {
    "an unknown key": (lambda v: v.update(more=1), "keys at file"),
    "an index beyond": (lambda v: v["rows"][-1].update(index=9), "index at rows: expected below 3"),
    "indices that fall": (lambda v: v["rows"][-1].update(index=0), "index at rows: expected strictly"),
    "no rows": (lambda v: v["rows"].clear(), "length at rows"),
    "a float": (lambda v: v["boxes"].update(epsilon=0.5), "number at file"),
    "a number spelled twice": (lambda v: v["boxes"].update(epsilon="2/4"), r"number at boxes\.epsilon"),
    "a negative radius": (lambda v: v["boxes"].update(epsilon=-1), r"epsilon at boxes\.epsilon"),
    "a domain upside down": (lambda v: v["boxes"].update(domain=[[1, 0]]), r"domain at boxes\.domain\[0\]"),
    "a domain of two": (lambda v: v["boxes"].update(domain=[[-9, 9]] * 2), r"length at boxes\.domain"),
    "a digest in capitals": (
        lambda v: v["boxes"].update(network="sha256:" + "A" * 64),
        r"digest at boxes\.network",
    ),
    "a tolerance beside argmax": (lambda v: v["boxes"].update(tolerance=1), r"tolerance at boxes\.tolerance"),
    "a point of a proved row": (lambda v: v["rows"][0].update(point=[0, 0, 0]), r"point at rows\[0\]\.point"),
    "proved and no parts": (lambda v: v["rows"][0].update(parts=[]), r"length at rows\[0\]\.parts"),
    "a word": (lambda v: v["rows"][0].update(verdict="holds"), r"word at rows\[0\]\.verdict"),
    "another sign": (
        lambda v: v["rows"][0]["parts"][0]["neurons"][0].update(signs="?" * 12, bounds=[]),
        r"signs at rows\[0\]\.parts\[0\]\.neurons\[0\]\.signs",
    ),
    "signs of another layer": (
        lambda v: v["rows"][0]["parts"][0]["neurons"][0].update(signs="+", bounds=[]),
        r"length at rows\[0\]\.parts\[0\]\.neurons\[0\]\.signs: expected 12, got 1",
    ),
    "a neuron without finite bounds": (
        lambda v: v["rows"][0]["parts"][0]["neurons"][1].update(signs="*" * 12, bounds=[]),
        r"length at rows\[0\]\.parts\[0\]\.neurons\[1\]\.bounds: expected 12, got 0",
    ),
    "a bound that is null": (
        lambda v: v["rows"][0]["parts"][0]["neurons"][1].update(bounds=[[None, 1]]),
        r"number at rows\[0\]\.parts\[0\]\.neurons\[1\]\.bounds\[0\]: expected an integer",
    ),
    "bounds beside 0": (
        lambda v: v["rows"][0]["parts"][0]["neurons"][1].update(signs="*" + "+" * 11, bounds=[[0, 1]]),
        r"bounds at rows\[0\]\.parts\[0\]\.neurons\[1\]\.bounds\[0\]: expected low < 0 < high",
    ),
    "a layer too few": (
        lambda v: v["rows"][0]["parts"][0]["neurons"].pop(),
        r"length at rows\[0\]\.parts\[0\]\.neurons: expected 3, got 2",
    ),
    "a multiplier too few": (
        lambda v: v["rows"][0]["parts"][0]["targets"][0].update(
            leaves=[{"path": [[0, 0, True]], "empty": False, "slopes": None, "multipliers": []}]
        ),
        r"length at rows\[0\]\.parts\[0\]\.targets\[0\]\.leaves\[0\]\.multipliers: expected 1, got 0",
    ),
    "a path through no neuron": (
        lambda v: v["rows"][0]["parts"][0]["targets"][0].update(
            leaves=[{"path": [[7, 0, True]], "empty": False, "slopes": None, "multipliers": [0]}]
        ),
        r"path at rows\[0\]\.parts\[0\]\.targets\[0\]\.leaves\[0\]\.path\[0\]: expected a neuron marked \*",
    ),
    "a slope too few": (
        lambda v: v["rows"][0]["parts"][0]["targets"][0].update(
            leaves=[{"path": [], "empty": False, "slopes": [], "multipliers": []}]
        ),
        r"length at rows\[0\]\.parts\[0\]\.targets\[0\]\.leaves\[0\]\.slopes: expected \d+, got 0",
    ),
    "a cut of no coordinate": (
        lambda v: v["rows"][0]["parts"][0].update(cuts=[[3, 0, True]]),
        r"index at rows\[0\]\.parts\[0\]\.cuts\[0\]: expected below 3, got 3",
    ),
}


@pytest.mark.parametrize("name", ILL_FORMED)
def test_what_is_no_box_file_of_this_network_is_malformed(name: str) -> None:
    certificate, file, rows = branched()
    assert file.rows[0].verdict == "proved"
    edit, message = ILL_FORMED[name]
    with pytest.raises(Malformed, match=message):
        check(edited(file, edit), certificate, table(rows))


def test_another_version_is_unsupported_and_another_format_malformed() -> None:
    content = text(branched()[1])
    assert is_box_file(content.encode())
    assert not is_box_file(b'{"format": "memcert/1", "name": "memcert-boxes/"}')
    with pytest.raises(Unsupported):
        decode(content.replace("memcert-boxes/1", "memcert-boxes/2").encode())
    with pytest.raises(Malformed):
        decode(content.replace("memcert-boxes/1", "boxes").encode())


def test_multipliers_with_long_denominators_end_in_a_limit() -> None:
    certificate, file, rows = branched()
    at = spread(file)

    def edit(value: dict[str, Any]) -> None:
        for k, leaf in enumerate(leaves(value, at)):
            leaf["multipliers"] = [f"0x1/0x{3**5000 + 2 * k:x}"] * len(leaf["path"])
            leaf["slopes"] = [f"0x1/0x{3**5000 + 2 * (k + j):x}" for j in range(len(leaf["slopes"]))]

    with pytest.raises((LimitReached, Rejected)):
        check(edited(file, edit), certificate, table(rows))


DOCUMENT = (Path(__file__).parents[2] / "schemas" / "boxes-1.md").read_text(encoding="utf-8")


def test_the_example_of_the_document_is_a_box_file_as_memcert_writes_it() -> None:
    (example,) = re.findall(r"<!-- example: boxes -->\n```json\n(.*?)```", DOCUMENT, re.DOTALL)
    net = network(([[1], [-1]], [0, 0]), ([[1, 0], [0, 1]], [0, 0]))
    rows = dataset([[1]], [0])
    certificate, file, _, _ = decided(net, rows, Fraction(1, 2))
    assert text(file) == example
    assert check(decode(example.encode()), certificate, table(rows)).proved == (0,)


def test_the_document_states_the_lengths_and_steps_that_there_are() -> None:
    assert f"multiple of 2^-{STEPS.bit_length() - 1}" in DOCUMENT
    later, first = lengths(1, LARGE), lengths(0, LARGE)
    assert f"longer than {later.long} bits, they are rounded to {later.short};" in DOCUMENT
    assert f"{LARGE:,} weights or more, from {first.long} to {first.short}" in DOCUMENT
    assert lengths(0, LARGE - 1) == later


def test_the_schema_on_disk_is_the_generated_one() -> None:
    stored = Path(__file__).parents[2] / "schemas" / "boxes-1.schema.json"
    assert stored.read_text(encoding="utf-8") == schema_text("boxes-1")
