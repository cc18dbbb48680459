"""What figures are made of: the numbers that they show, said in words and listed exactly."""

import re
from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise
from typing import Any

import pytest
from page_examples import ROOT

pytest.importorskip("matplotlib")

from memcert import api
from memcert.exact.samples import own_dataset
from memcert.reports.figures.chain import chain
from memcert.reports.figures.drawing import inline
from memcert.reports.figures.heat import MOST_CELLS, heat
from memcert.reports.figures.labels import Kinds, kinds
from memcert.reports.figures.palette import HEAT
from memcert.reports.figures.projection import intervals, projecting, projection
from memcert.reports.figures.scatter import MOST_POINTS, scatter


def boxes(drawing: str, name: str) -> int:
    """Return how many squares are filled in a colour."""
    found = re.findall(r'd="([^"]+)"[^>]*class="f-([a-z0-9]+)"', drawing)
    # The scale has one square of each colour; four corners a square.
    return sum(path.count("M") for path, color in found if color == name)


def one(count: int) -> Kinds:
    """Return one kind of so many samples."""
    return Kinds(("",), (count,), (0,) * count, apart=False)


def test_a_heat_map_has_a_cell_for_each_sample_in_the_colour_of_its_decade() -> None:
    values = [Fraction(1, 10**6)] * 3 + [Fraction(1, 10**3)] * 2 + [1]
    picture = heat("radii", "proved radius", values, [False] * 6, one(6))
    assert picture is not None
    drawing = inline(picture, 344, "heat")
    # Six decades, seven steps: the middle value lies in the middle step.
    assert [boxes(drawing, name) for name in HEAT] == [3 + 1, 1, 1, 2 + 1, 1, 1, 1 + 1]
    assert "smallest is 10\u207b\u2076, of row 0; the largest is 1" in picture.says
    assert [row[2] for row in picture.rows] == values


def test_failing_and_unbounded_samples_have_colours_of_their_own() -> None:
    values: list[Any] = [Fraction(1, 2), None, "unbounded", Fraction(-3)]
    picture = heat("margins", "margin", values, [False, True, False, True], one(4))
    assert picture is not None
    drawing = inline(picture, 344, "heat")
    assert boxes(drawing, "bad") == 2
    assert boxes(drawing, HEAT[-1]) == 1 + 1
    assert "On 2 samples the rule fails." in picture.says


def test_many_samples_share_cells_which_have_their_smallest_value() -> None:
    count = 2 * MOST_CELLS
    values = [1] * count
    values[777] = Fraction(1, 100)  # type: ignore[call-overload] # a list of exact numbers
    picture = heat("radii", "proved radius", values, [False] * count, one(count))
    assert picture is not None
    drawing = inline(picture, 720, "heat")
    assert "A cell is 2 neighbouring samples" in picture.notes[1]
    assert boxes(drawing, HEAT[0]) == 1 + 1
    assert boxes(drawing, HEAT[-1]) == MOST_CELLS - 1 + 1
    assert picture.rows[0] == (777, "", Fraction(1, 100))


def test_nothing_to_show_is_no_heat_map() -> None:
    assert heat("radii", "proved radius", [], [], one(0)) is None
    assert heat("margins", "margin", [None, None], [False, True], one(2)) is None


def test_intervals_are_the_samples_between_their_ends_and_stand_in_their_windows() -> None:
    made = api.read(ROOT / "certificates" / "iris.json")
    data = own_dataset(made)
    assert data is not None
    probe = projecting(made)
    assert probe is not None
    name, found = intervals(made, probe, ())
    assert name == "interval"
    assert sum(each.rows for each in found) == 150
    for each in found:
        inside = [value for value in probe.values if each.low <= value <= each.high]
        assert len(inside) == each.rows
    picture = projection(made, kinds(data.labels), ())
    assert picture is not None
    gaps = [right.low - left.high for left, right in pairwise(found)]
    assert min(gaps) == Fraction(10, 3)
    assert "narrowest gap between two of them is 3.33" in picture.says
    assert len(picture.rows) == len(found) == 50


def test_points_that_are_many_are_sampled_and_that_is_said() -> None:
    import numpy as np

    from memcert.datasets.dataset import Dataset

    count = 3 * MOST_POINTS
    data = Dataset("many", None, np.arange(2 * count).reshape(count, 2), 1, (0,) * count)
    picture = scatter(data, kinds(data.labels))
    assert f"Every 3.0th row is drawn, {MOST_POINTS:,} of {count:,}." in picture.notes
    assert inline(picture, 720, "many").count("<use") == pytest.approx(MOST_POINTS, abs=20)


@pytest.mark.parametrize(
    "points", [[[0]], [[1], [1]], [[10**400], [0]], [[1, 2, 3], [1, 2, 3]], [[0, 10**40], [1, 0]]]
)
def test_odd_points_are_drawn(points: Sequence[Sequence[int]]) -> None:
    import numpy as np

    from memcert.datasets.dataset import Dataset

    kind = object if max(map(max, points)) >= 2**62 else np.int64
    data = Dataset("odd", None, np.array(points, dtype=kind), 3, tuple(range(len(points))))
    assert "<use" in inline(scatter(data, kinds(data.labels)), 344, "odd")


def test_the_layers_are_listed_with_their_neurons_and_weights() -> None:
    made = api.read(ROOT / "certificates" / "two-layer.json")
    picture = chain(made)
    assert [row[1] for row in picture.rows] == [layer.shape[0] for layer in made.network.layers]
    assert sum(int(str(row[3])) for row in picture.rows) == made.claim.edges


def test_labels_that_are_too_many_are_one_series() -> None:
    found = kinds(list(range(11)))
    assert (found.apart, found.series, set(found.of)) == (False, 1, {0})
    assert kinds(["b", "a", "b"]).counts == (1, 2)
