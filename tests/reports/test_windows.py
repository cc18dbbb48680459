"""Windows read off the weights: as a sample's own way tells them, and around every sample."""

from fractions import Fraction

import pytest
from page_examples import ROOT

from memcert import api
from memcert.reports.way import columns, plan, way
from memcert.reports.windows import windows


@pytest.mark.parametrize("name", ["five", "nae-sat", "vardi-yehudai-shamir-depth"])
def test_the_window_of_a_case_is_the_one_that_a_sample_tells(name: str) -> None:
    made = api.read(ROOT / "certificates" / f"{name}.json")
    assert made.dataset.points is not None
    assert made.dataset.labels is not None
    planned = plan(made)
    known = {
        (w.block, w.case): (w.low, w.high)
        for w in windows(made, planned, columns(made.network, made.dataset.points[0]))
    }
    assert known
    met = 0
    for row, point in enumerate(made.dataset.points):
        for passage in way(made, row, point, made.dataset.labels[row], planned=planned).passages:
            here = (passage.block, passage.case or "")
            if passage.window is not None and here in known:
                assert (passage.window.low, passage.window.high) == known[here]
                met += 1
    assert met


def test_every_sample_of_five_stands_in_the_window_of_its_own_interval() -> None:
    made = api.read(ROOT / "certificates" / "five.json")
    assert made.dataset.points is not None
    found = windows(made, plan(made), columns(made.network, made.dataset.points[0]))
    inside = {(w.low, w.high) for w in found if w.case == "inside"}
    (projected,) = [probe for probe in made.witness.probes if probe.name == "projected"]
    assert sorted(projected.values) == [1, 7, 10, 13, 19]
    for value in projected.values:
        assert sum(low <= value <= high for low, high in inside) == 1
    assert (Fraction(1, 2), Fraction(5, 2)) in inside
