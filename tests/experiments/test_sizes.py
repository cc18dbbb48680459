import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from memcert.cli import main
from memcert.cli.experiment_sizes import numbers
from memcert.constructions.registry import Construction, Size, constructions
from memcert.errors import BuildError, UsageError
from memcert.experiments import sizes as experiment
from memcert.experiments.random_points import first, random_points
from memcert.experiments.sizes import Sizes, sizes
from memcert.kernel.check import sizes as counted
from memcert.reports.size_curves import as_data, refusals, rows

POINTS = (6, 20, 60)


def silent(step: str, done: int, total: int) -> None:
    assert step
    assert done < total


@pytest.fixture(scope="module")
def found() -> Sizes:
    return sizes(POINTS, 3, 2, 0, silent)


def test_every_registered_construction_has_a_curve(found: Sizes) -> None:
    single = {made_by.name for made_by in constructions().values() if not made_by.portfolio}
    assert {curve.name for curve in found.curves} == single
    assert all([cell.points for cell in curve.cells] == list(POINTS) for curve in found.curves)


def test_a_built_cell_is_the_count_of_a_network_that_is_built_again(found: Sizes) -> None:
    from memcert.constructions.assemble import build

    for curve in found.curves:
        cell = curve.cells[1]
        if cell.how == "built":
            made = build(first(random_points(60, 3, 2, 0), 20), curve.name, curve.rule)
            assert counted(made.network)["parameters"] == cell.parameters


def test_what_is_refused_has_a_reason_and_no_number(found: Sizes) -> None:
    for curve in found.curves:
        for cell in curve.cells:
            assert (cell.parameters is None) == (cell.refusal is not None) == (cell.how == "refused")
    assert len(list(refusals(found))) == sum(any(c.refusal for c in v.cells) for v in found.curves)


def test_the_promise_of_theorem_31_is_told_and_kept(found: Sizes) -> None:
    (curve,) = (curve for curve in found.curves if curve.name == "vardi-yehudai-shamir")
    assert set(curve.promised) == set(POINTS)
    assert all(c.parameters is not None and c.parameters <= curve.promised[c.points] for c in curve.cells)


def test_the_lower_bound_is_below_every_network(found: Sizes) -> None:
    for curve in found.curves:
        for cell in curve.cells:
            assert cell.parameters is None or cell.parameters >= found.least[cell.points]


def fake(name: str, slope: int, constant: int) -> Construction:
    """A construction of slope N / 10 + constant parameters that cannot build."""

    def predict(task: Any, _: object) -> Size:
        count = len(task.distinct) * slope // 10 + constant
        return Size(count, count, count, 1, 2, 3)

    def build(task: Any, options: object) -> Any:
        raise BuildError(f"{name} is no construction: {task.rule}, {options}")

    return replace(constructions()["vardi-yehudai-shamir"], name=name, predict=predict, build=build)


def one(monkeypatch: pytest.MonkeyPatch, made_by: Construction, points: tuple[int, ...]) -> Sizes:
    monkeypatch.setattr(experiment, "constructions", lambda: {made_by.name: made_by})
    monkeypatch.setattr(experiment, "FITS", 0)
    return sizes(points, 2, 2, 1, silent)


@pytest.mark.parametrize("constant", [50, 77, 300])
def test_the_crossing_is_where_parameters_fall_below_n(
    monkeypatch: pytest.MonkeyPatch, constant: int
) -> None:
    # N / 2 + constant < N from 2 constant + 1 (or + 2) on.
    (curve,) = one(monkeypatch, fake("half", 5, constant), (10, 100, 1000)).curves
    assert curve.crossing is not None
    assert curve.crossing.after <= 2 * constant
    assert curve.crossing.by > 2 * constant
    assert curve.crossing.by - curve.crossing.after <= max(1, curve.crossing.after // experiment.NARROW)


def test_a_curve_that_starts_below_n_crosses_at_its_start_at_the_latest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    (curve,) = one(monkeypatch, fake("low", 5, 0), (10, 100)).curves
    assert curve.crossing == experiment.Crossing(0, 10)
    (curve,) = one(monkeypatch, fake("high", 10, 5), (10, 100)).curves
    assert curve.crossing is None


def test_cells_beyond_the_limit_are_marked_as_formulas(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = one(monkeypatch, fake("half", 5, 50), (10, 100))
    assert [cell.how for cell in whole.curves[0].cells] == ["formula", "formula"]
    assert next(iter(rows(whole)))[2:4] == ("55 f", "100 f")


def test_a_network_that_differs_from_its_formula_stops_the_experiment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = constructions()["vardi-yehudai-shamir"]
    liar = replace(real, name="liar", predict=fake("x", 5, 1).predict)
    monkeypatch.setattr(experiment, "constructions", lambda: {"liar": liar})
    with pytest.raises(BuildError, match=r"liar, N = 10: [0-9]+ built, 6 by formula"):
        sizes((10,), 2, 2, 1, silent)


def test_smaller_sets_are_the_beginning_of_larger_ones() -> None:
    data = random_points(50, 2, 3, 7)
    assert np.array_equal(first(data, 20).numerators, data.numerators[:20])
    assert data.labels[:3] == (0, 1, 2)
    assert len({data.point(row) for row in range(50)}) == 50
    assert random_points(50, 2, 3, 7).labels == data.labels


def test_more_points_than_there_are_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memcert.experiments.random_points.LARGEST", 3)
    with pytest.raises(UsageError, match=r"10 distinct points were asked for, [1-9] were drawn"):
        random_points(10, 2, 2, 0)


@pytest.mark.parametrize("text", ["", "1", "10,5", "10,10", "ten", "10,,20", "٣٤", "99999999", "-5"])
def test_numbers_that_are_not_ascending_are_refused(text: str) -> None:
    with pytest.raises(UsageError, match="ascending"):
        numbers(text)
    assert numbers("2,30,10000000") == (2, 30, 10**7)


def test_the_drawing_is_the_same_bytes_every_time(found: Sizes) -> None:
    pytest.importorskip("matplotlib")
    from memcert.experiments.drawing import svg

    first_time, second_time = svg(found), svg(found)
    assert hashlib.sha256(first_time).hexdigest() == hashlib.sha256(second_time).hexdigest()
    assert first_time.startswith(b"<?xml")
    assert b"tent-keys" in first_time
    assert b"<dc:date>" not in first_time


def test_the_command_prints_the_table_and_writes_the_drawing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    target = tmp_path / "sizes.svg"
    assert main(["experiment", "sizes", "--n", "6,20", "-o", str(target), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["points"] == [6, 20]
    assert len(told["constructions"]) == len([c for c in constructions().values() if not c.portfolio])
    assert target.read_bytes().startswith(b"<?xml")
    assert main(["experiment", "sizes", "--n", "20,6"]) == 2


def test_the_data_are_those_of_the_table(found: Sizes) -> None:
    data = as_data(found)
    assert data["points"] == [6, 20, 60]
    assert len(list(rows(found))) > 8
