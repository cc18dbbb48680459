"""Theorem 6.5(2): n + 8 parameters memorize D(phi) iff an assignment is good for phi."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import product
from pathlib import Path
from random import Random

import pytest
import z3
from memorizer_tools import accepted, changed_weights, corners_wrong, dense
from naive_evaluator import evaluate, failing_rows
from strategies import dataset, network

from memcert.constructions.assemble import build, prepare
from memcert.constructions.option_values import resolved
from memcert.constructions.registry import construction
from memcert.constructions.yu_gao_zhang_miao.formulas import formula_of
from memcert.datasets.dataset import Dataset
from memcert.datasets.reading import read_dataset
from memcert.errors import BuildError, NoNetworkError, UndecidedError, UsageError
from memcert.evidence.document import EvidenceError
from memcert.kernel.network import Network

Clauses = Sequence[tuple[int, ...]]


def formula(path: Path, variables: int, clauses: Clauses) -> Dataset:
    """Write a DIMACS file and read it as data."""
    lines = [f"p cnf {variables} {len(clauses)}", *(" ".join(map(str, (*clause, 0))) for clause in clauses)]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read_dataset(str(path))


def random_clauses(variables: int, count: int, seed: int) -> list[tuple[int, ...]]:
    random = Random(seed)  # noqa: S311 - the same formulas in every run
    names = range(1, variables + 1)
    return [tuple(v * random.choice([-1, 1]) for v in random.sample(names, 6)) for _ in range(count)]


def truths(clause: tuple[int, ...], assignment: Sequence[int]) -> set[bool]:
    """The values of a clause's literals, from the definition."""
    return {(assignment[abs(literal) - 1] > 0) == (literal > 0) for literal in clause}


def good(clauses: Clauses, assignment: Sequence[int]) -> bool:
    return all(truths(clause, assignment) == {True, False} for clause in clauses)


def satisfies(clauses: Clauses, assignment: Sequence[int]) -> bool:
    return all(True in truths(clause, assignment) for clause in clauses)


def words(assignment: Iterable[int]) -> str:
    return " ".join(str(s * i) for i, s in enumerate(assignment, 1))


def papers_network(assignment: Sequence[int]) -> Network:
    """F of Theorem 6.5(2) for any assignment, good or not, written out by hand."""
    first = ([[3 * s for s in assignment]], [3 - 3 * Fraction(11, 30) * sum(assignment)])
    second = ([[1], [1]], [Fraction(-39, 20), Fraction(-81, 20)])
    # k = 4 (41/10 - 39/20)/(1/10) = 86.
    return network(first, second, ([[1, -86]], [Fraction(-1, 40)]))


def test_every_good_assignment_gives_a_network_of_n_plus_8_parameters_and_no_other_does(
    tmp_path: Path,
) -> None:
    clauses = random_clauses(6, 9, 1)
    data = formula(tmp_path / "f.cnf", 6, clauses)
    made = build(data, "nae-sat")
    verdicts = []
    for assignment in product((-1, 1), repeat=6):
        right = good(clauses, assignment)
        verdicts.append(right)
        theirs = papers_network(assignment)
        assert (failing_rows(replace(made, network=theirs)) == []) == right
        if right:
            mine = build(data, "nae-sat", assignment=words(assignment)).network
            assert mine == theirs
            assert dense(mine) == 6 + 8
        else:
            with pytest.raises(
                BuildError, match=r"all literals of the clause .* one value; the clause is row"
            ):
                build(data, "nae-sat", assignment=words(assignment))
    assert 0 < sum(verdicts) < 64


@pytest.mark.parametrize(("variables", "count", "seed"), [(6, 0, 0), (7, 12, 2), (12, 40, 3), (40, 150, 4)])
def test_an_assignment_is_found_and_its_network_proved(
    variables: int, count: int, seed: int, tmp_path: Path
) -> None:
    clauses = random_clauses(variables, count, seed)
    made = accepted("nae-sat", formula(tmp_path / "f.cnf", variables, clauses))
    assert (made.claim.parameters, made.claim.width, made.claim.depth) == (variables + 8, 2, 3)
    assert made.claim.margin == Fraction(1, 40)
    assert made.claim.box_radius == Fraction(1023, 1024) / (120 * variables)
    assert corners_wrong(made) == []
    found = [int(word) for word in made.annotations["assignment"].split()]
    assert [abs(literal) for literal in found] == list(range(1, variables + 1))
    assert good(clauses, found)


def test_the_first_neuron_has_the_values_that_the_theorem_says(tmp_path: Path) -> None:
    made = build(formula(tmp_path / "f.cnf", 8, random_clauses(8, 20, 5)), "nae-sat")
    values = dict(zip(range(made.dataset.size), made.witness.probes[0].values, strict=True))
    labels = made.dataset.labels or ()
    assert {values[row] for row, y in enumerate(labels) if y == -1} == {Fraction(19, 10), Fraction(41, 10)}
    positive = {values[row] for row, y in enumerate(labels) if y == 1}
    assert (min(positive), max(positive)) == (2, 4)


ALL_SIGNS = [tuple(s * i for i, s in enumerate((1, *signs), 1)) for signs in product((-1, 1), repeat=5)]
"""32 clauses, all with x1: as disjunctions satisfied by x1 alone; no assignment is good for all."""


def test_definition_6_6_is_met_by_every_formula_and_not_what_the_reduction_needs(tmp_path: Path) -> None:
    every = list(product((-1, 1), repeat=6))
    for clauses in [ALL_SIGNS, *(random_clauses(6, 3 * k, k) for k in range(12))]:
        negated = [tuple(-literal for literal in clause) for clause in clauses]
        # Definition 6.6 as printed: both are satisfiable or neither is.
        mirrored = [tuple(-s for s in assignment) for assignment in every if satisfies(clauses, assignment)]
        assert mirrored[::-1] == [assignment for assignment in every if satisfies(negated, assignment)]
    assert any(satisfies(ALL_SIGNS, assignment) for assignment in every)
    # It is satisfiable and "reversible", and still no assignment gives the network of n + 8 parameters.
    data = formula(tmp_path / "f.cnf", 6, ALL_SIGNS)
    for assignment in every:
        values = [evaluate(papers_network(assignment), data.point(row))[0] for row in range(data.size)]
        assert any(value * int(y) <= 0 for value, y in zip(values, data.labels, strict=True))
    said = r"z3 says that no assignment .* no network of 14 parameters"
    with pytest.raises(NoNetworkError, match=said):
        build(data, "nae-sat")
    with pytest.raises(BuildError, match=said):
        made_by = construction("nae-sat")
        made_by.predict(prepare(data, "sign"), resolved(made_by, {}))


def test_what_z3_does_not_know_is_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = formula(tmp_path / "f.cnf", 6, ALL_SIGNS[:3])
    monkeypatch.setattr(z3.Solver, "check", lambda _: z3.unknown)
    with pytest.raises(UndecidedError, match="z3: "):
        build(data, "nae-sat")
    build(data, "nae-sat", assignment="1 -2 3 -4 5 -6")


@pytest.mark.parametrize(
    "text", ["1 2 3 4 5", "1 2 3 4 5 6 7", "1 2 3 4 5 5", "1 2 3 4 5 -5", "1 2 3 4 5 x", "", "1 2 3 4 5 06"]
)
def test_an_assignment_names_each_variable_once(text: str, tmp_path: Path) -> None:
    data = formula(tmp_path / "f.cnf", 6, [])
    with pytest.raises(UsageError, match=r"option assignment: expected each of the 6 variables once"):
        build(data, "nae-sat", assignment=text)


def test_an_assignment_may_have_commas_and_any_order(tmp_path: Path) -> None:
    made = build(formula(tmp_path / "f.cnf", 6, []), "nae-sat", assignment="6,-1, 3,2 -5 4")
    assert made.network.layers[0].data == (-3, 3, 3, 3, -3, 3)


def test_the_formula_is_read_back_from_rows_in_any_order(tmp_path: Path) -> None:
    clauses = random_clauses(9, 15, 7)
    data = formula(tmp_path / "f.cnf", 9, clauses)
    order = Random(1).sample(range(data.size), data.size)  # noqa: S311 - the same order in every run
    names = {-1: "no", 1: "yes"}
    other = dataset([data.point(i) for i in order], tuple(names[int(data.labels[i])] for i in order))
    back = formula_of(prepare(other, "sign"))
    assert back.variables == 9
    assert sorted(back.clauses) == sorted(tuple(sorted(clause, key=abs)) for clause in clauses)
    accepted("nae-sat", other)


def refused(data: Dataset, message: str) -> None:
    with pytest.raises(BuildError, match=message):
        build(data, "nae-sat")
    with pytest.raises(BuildError, match=message):
        made_by = construction("nae-sat")
        made_by.predict(prepare(data, "sign"), resolved(made_by, {}))


def test_data_that_are_no_reduction_are_refused_with_a_row(tmp_path: Path) -> None:
    data = formula(tmp_path / "f.cnf", 6, ALL_SIGNS[:2])
    rows = [(data.point(i), int(data.labels[i])) for i in range(data.size)]

    def made(changed: list[tuple[tuple[int | Fraction, ...], int]]) -> Dataset:
        return dataset([p for p, _ in changed], tuple(y for _, y in changed))

    refused(dataset([(0, 0), (1, 1)], (0, 1)), "expected at least 6 variables, got 2")
    moved = [*rows[:5], ((Fraction(1, 2), *rows[5][0][1:]), rows[5][1]), *rows[6:]]
    refused(made(moved), "row 5: expected a point of the reduction")
    refused(made([*rows[:-1], (rows[-1][0], -1)]), "row 25: expected a point of the reduction .* label -1")
    refused(made([(rows[0][0], -1), *rows[1:]]), "row 0: expected a point of the reduction")
    refused(made(rows[1:]), r"expected the point 11/30 \+ 20/60 e_1 of the reduction, got none")
    refused(made([*rows, ((Fraction(11, 30),) * 6, 1)]), "row 26: expected a point of the reduction")
    short = [x + Fraction(s, 12) for x, s in zip((Fraction(11, 30),) * 6, (1, 1, 1, 1, 1, 0), strict=True)]
    refused(made([*rows, (tuple(short), 1)]), "row 26: expected a point of the reduction")


def test_the_same_data_are_not_linearly_separable(tmp_path: Path) -> None:
    with pytest.raises(EvidenceError):
        build(formula(tmp_path / "f.cnf", 6, []), "separable")


def test_single_weights_changed_are_refuted_or_harmless(tmp_path: Path) -> None:
    made = build(formula(tmp_path / "f.cnf", 6, random_clauses(6, 6, 2)), "nae-sat")
    assert changed_weights(made, 20)["refuted"] == 20
