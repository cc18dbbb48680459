"""Batches of rows in floats: the same answers however they are cut, and wherever they are judged."""

import pickle
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, saved, stored

from memcert.datasets.dataset import Dataset
from memcert.errors import UndecidedError
from memcert.exact.outputs import Evaluator
from memcert.interop.import_options import ImportOptions
from memcert.interop.models import read_model
from memcert.semantics.judge import NAMES, Judge, Judged
from memcert.semantics.models import read_program
from memcert.semantics.precision import Array
from memcert.semantics.rules import Rule
from memcert.semantics.told import Told, records, taken
from memcert.verification.parallel import in_order
from memcert.verification.verdicts import Verified, verify

HOLDS, UNSURE, FAILS = 1, 0, -1


class Work(NamedTuple):
    """A network of three outputs, rows near its borders, and what is exactly true of them."""

    judge: Judge
    found: Verified

    def tasks(self, step: int) -> Iterator[tuple[Any, ...]]:
        """Yield the rows in batches."""
        return self.found.parts(step)


@pytest.fixture(scope="module")
def work(tmp_path_factory: pytest.TempPathFactory) -> Work:
    # Outputs that differ in their last digits, so that every state occurs.
    generator = np.random.default_rng(3)
    weights = generator.normal(size=(12, 9)).astype("f4")
    last = generator.normal(size=(9, 1)) @ np.ones((1, 3)) + generator.normal(size=(9, 3)) * 3e-6
    parts = [stored("w", weights), stored("v", last.astype("f4"))]
    proto = model(
        [node("MatMul", ["x", "w"], ["h"]), node("Relu", ["h"], ["r"]), node("MatMul", ["r", "v"], ["y"])],
        parts,
        12,
    )
    path = saved(proto, tmp_path_factory.mktemp("judge"))
    imported = read_model(path, "argmax", ImportOptions())
    points = generator.integers(0, 256, (90, 12))
    rows = Dataset("d", None, points, 255, tuple(generator.integers(0, 3, 90).tolist()))
    program = read_program(path, imported.model, ImportOptions())
    judge = Judge(program, Evaluator(imported.network, rows), Rule("argmax"), NAMES)
    return Work(judge, verify(imported.network, rows, "argmax"))


def joined(batches: Sequence[Judged]) -> tuple[list[list[int]], list[int]]:
    assert [one.start for one in batches] == sorted(one.start for one in batches)
    states = np.concatenate([one.states for one in batches], axis=1)
    return states.tolist(), np.sum([one.first_stage for one in batches], axis=0).tolist()


def test_every_state_occurs_and_any_order_never_contradicts_the_exact_verdict(work: Work) -> None:
    (states, first) = joined([work.judge(*task) for task in work.tasks(90)])
    assert set(states[NAMES.index("any-order")]) == {HOLDS, UNSURE, FAILS}
    assert first[NAMES.index("any-order")] > states[NAMES.index("any-order")].count(UNSURE) > 0
    failing = set(work.found.excepted)
    for name in ("any-order", "any-order-float64"):
        for row, state in enumerate(states[NAMES.index(name)]):
            assert state != (HOLDS if row in failing else FAILS)


def test_neither_batches_nor_processes_change_an_answer(work: Work, monkeypatch: pytest.MonkeyPatch) -> None:
    expected = joined([work.judge(*task) for task in work.tasks(90)])
    assert joined([work.judge(*task) for task in work.tasks(7)]) == expected
    assert joined(list(in_order(work.judge, work.tasks(13), jobs=2, scheduler=None))) == expected
    # A batch that is too large to be held at once is cut inside.
    monkeypatch.setattr(work.judge, "batch", 11)
    assert joined([work.judge(*task) for task in work.tasks(50)]) == expected


def test_rows_in_floats_go_to_a_dask_cluster(work: Work) -> None:
    distributed = pytest.importorskip("distributed", reason="distributed is not installed")
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        found = joined(list(in_order(work.judge, work.tasks(13), jobs=1, scheduler=address)))
    assert found == joined([work.judge(*task) for task in work.tasks(90)])


def test_a_judge_that_is_sent_holds_no_weight_twice_as_a_fraction(work: Work) -> None:
    again = pickle.loads(pickle.dumps(work.judge))  # noqa: S301 - what this test wrote
    task = next(work.tasks(90))
    assert (again(*task).states == work.judge(*task).states).all()


def test_a_summary_names_the_rows_that_differ_and_finds_those_that_fail(work: Work) -> None:
    states, first = joined([work.judge(*task) for task in work.tasks(90)])
    told = [Told(name) for name in NAMES]
    for task in work.tasks(8):
        judged = work.judge(*task)
        rows = range(judged.start, judged.start + judged.states.shape[1])
        taken(told, judged, [row for row in rows if row in work.found.excepted])
    failing = set(work.found.excepted)
    for one, found, left in zip(told, states, first, strict=True):
        assert (one.size, one.first_stage) == (90, left)
        counts = (found.count(HOLDS), found.count(FAILS), found.count(UNSURE))
        assert (one.holds, one.fails, one.unsure) == counts
        assert one.failing(work.found.excepted) == [row for row, state in enumerate(found) if state == FAILS]
        expected = [
            row
            for row, state in enumerate(found)
            if (state == UNSURE if one.bounds else (state == FAILS) != (row in failing))
        ]
        assert list(one.named) == expected


def _batch(*states: int) -> Array:
    return np.array([states], dtype=np.int8)


def test_counts_of_two_batches_by_hand() -> None:
    told = Told("float32")
    taken([told], Judged(0, _batch(HOLDS, FAILS, HOLDS), (0,)), [2])
    taken([told], Judged(3, _batch(FAILS, HOLDS), (0,)), [3])
    assert (told.size, told.holds, told.fails, told.unsure) == (5, 3, 2, 0)
    assert list(told.named) == [1, 2]
    assert told.failing([2, 3]) == [1, 3]
    told = Told("any-order")
    taken([told], Judged(0, _batch(HOLDS, UNSURE, UNSURE, FAILS), (3,)), [2, 3])
    assert (told.holds, told.fails, told.unsure, told.first_stage) == (1, 1, 2, 3)
    assert (list(told.named), list(told.failing([2, 3]))) == ([1, 2], [3])


@pytest.mark.parametrize(("state", "excepted"), [(HOLDS, [5]), (FAILS, [])])
def test_a_bound_that_contradicts_the_exact_verdict_is_no_answer(state: int, excepted: list[int]) -> None:
    with pytest.raises(UndecidedError, match="any-order: row 5: the bound and the exact verdict contradict"):
        taken([Told("any-order")], Judged(4, _batch(HOLDS, state), (0,)), excepted)


def test_each_row_is_a_record() -> None:
    judged = Judged(7, np.array([[HOLDS, FAILS], [UNSURE, FAILS]], dtype=np.int8), (0, 1))
    assert list(records(["float32", "any-order"], judged, [8])) == [
        {"row": 7, "exact": "holds", "float32": "holds", "any-order": "may differ"},
        {"row": 8, "exact": "fails", "float32": "fails", "any-order": "fails"},
    ]
