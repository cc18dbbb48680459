"""A proof's result in words: every kind of end, on results made by hand."""

from dataclasses import replace
from fractions import Fraction

from proof_results import DATA, NETWORK, PROVED

from memcert.kernel.certificate import Promise
from memcert.proofs.result import Open, Refutation, UnusedCase
from memcert.reports.proof import lines


def test_proved_names_the_promises_with_their_values() -> None:
    promise = Promise("sign_outside", {"sign": -1, "length": Fraction(31, 2)})
    assert "  the promise sign_outside holds: length 31/2, sign -1" in lines(
        replace(PROVED, promises=(promise,))
    )


def test_proved_names_the_claim_the_box_and_what_it_rests_on() -> None:
    assert lines(PROVED) == (
        "proved (z3 5.4.0): rule within, tolerance 1/2, N = 3 samples, no classes, "
        f"data {DATA}, network {NETWORK}",
        "  the label holds on the closed box of radius 1/858 around every sample",
        "  proved radii, sample by sample: the smallest is 1/858, of row 1, not attained",
        "  15 obligations of 6 contracts for 1,234 blocks, in 0.25 s",
        "  cases that no sample meets: gate.left",
        "  rests on: z3 is right",
        "not examined: sizes, margin",
    )


def test_radius_zero_and_no_bound_are_said_in_words() -> None:
    told = lines(replace(PROVED, box_radius=0, radii=(0, 0, 0), open_radii=()))
    assert told[1] == "  every sample has its label; no box around them is claimed"
    told = lines(replace(PROVED, box_radius="unbounded", radii=("unbounded",) * 3, open_radii=()))
    assert told[1] == "  every input whatever has the label"
    assert told[2].endswith("the smallest is unbounded, of row 0")


def test_classes_and_excepted_rows_are_counted() -> None:
    first = lines(replace(PROVED, rule="equal", tolerance=None, classes=1, excepted=1))[0]
    assert ": holds on 2 of 3 rows, rule equal, tolerance none, N = 3 samples, 1 class, data" in first


def test_a_refutation_shows_place_values_and_weights() -> None:
    found = Refutation(
        rule="ensures",
        at="contracts[1].cases[0]",
        expected="y = u",
        got="y = u + 1",
        block="gate_0",
        stage="[red]",
        contract="gate",
        case="match",
        sample=7,
        values=(("u", Fraction(1, 3)), ("y", Fraction(4, 3))),
        weights=("layer 4, neuron 7, input 2: 3, not 2",),
        samples_wrong=False,
    )
    result = replace(PROVED, verdict="refuted", refutation=found, radii=(), open_radii=(), unused=())
    told = lines(result)
    assert told[0].startswith("refuted (z3 5.4.0): rule within")
    assert told[1:8] == (
        "  ensures at contracts[1].cases[0]: expected y = u, got y = u + 1",
        "  in block gate_0, stage '[red]', contract gate, case match",
        "  for sample 7",
        "  u = 1/3",
        "  y = 4/3",
        "  weight concerned: layer 4, neuron 7, input 2: 3, not 2",
        "  every sample comes out right: the promise failed, not the samples",
    )
    wrong = lines(replace(result, refutation=replace(found, samples_wrong=True)))
    assert "  the network errs on a sample, too" in wrong
    unknown = lines(replace(result, refutation=replace(found, samples_wrong=None)))
    assert not [line for line in unknown if "sample comes" in line or "errs" in line]


def test_undecided_names_every_obligation_without_an_answer() -> None:
    missing = (Open("bit", "low", None, "time-out after 10 s"), Open("a\n", "b", "blk", "unknown"))
    told = lines(replace(PROVED, verdict="undecided", open=missing, radii=(), open_radii=()))
    assert told[0].startswith("undecided (z3 5.4.0)")
    assert told[1] == "  no answer for contract bit, case low: time-out after 10 s"
    assert told[2] == "  no answer for contract 'a\\n', case b, block blk: unknown"


def test_region_execution_and_actual_weights_are_admitted() -> None:
    told = lines(replace(PROVED, regions=True, concrete_blocks=2))
    assert (
        "  15 obligations of 6 contracts for 1,234 blocks, 2 of them with their actual weights, in 0.25 s"
        in told
    )
    assert "  the outline is one block a neuron: the proof executes regions, no mechanism was proved" in told


def test_many_unused_cases_are_counted() -> None:
    unused = tuple(UnusedCase("c", f"k{i}", None) for i in range(14))
    (line,) = [line for line in lines(replace(PROVED, unused=unused)) if "no sample meets" in line]
    assert line.endswith("c.k11 and 2 more")
