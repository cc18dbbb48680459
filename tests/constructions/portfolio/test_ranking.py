from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

import pytest
from construction_tools import tasks
from memorizer_tools import accepted, random_data

from memcert.constructions.assemble import build, prepare
from memcert.constructions.portfolio import ranking
from memcert.constructions.portfolio.ranking import candidates
from memcert.constructions.registry import Construction, Option, OptionValue, Size, Task, constructions
from memcert.errors import BuildError
from memcert.inspection import predictions

MEASURES = ("parameters", "edges", "dense", "depth", "width", "bits")
SMALL = Size(parameters=1, edges=1, dense=1, width=1, depth=1, bits=1)


def single() -> list[Construction]:
    return [made_by for made_by in constructions().values() if not made_by.portfolio]


@pytest.mark.parametrize("measure", MEASURES)
@pytest.mark.parametrize("rule", ["equal", "sign"])
def test_nothing_that_any_construction_predicts_is_smaller(measure: str, rule: str) -> None:
    task = prepare(random_data(25, 2, 2), rule)
    chosen = getattr(ranking.predict(task, {"measure": measure}), measure)
    for made_by in single():
        options = {option.name: option.default for option in made_by.options}
        if rule in made_by.rules:
            try:
                assert chosen <= getattr(made_by.predict(task, options), measure)
            except BuildError:
                continue


@pytest.mark.parametrize("measure", MEASURES)
def test_the_best_is_built_as_predicted_checked_and_proved(measure: str) -> None:
    made = accepted("smallest", random_data(20, 2, 3), measure=measure)
    assert made.construction is not None
    assert made.construction.name in constructions()
    assert made.construction.name != "smallest"
    assert made.annotations["smallest_by"] == measure


def test_the_certificate_has_the_network_that_the_named_construction_makes() -> None:
    data = random_data(30, 2, 2)
    made = build(data, "smallest")
    assert made.construction is not None
    own = {option.name for option in constructions()[made.construction.name].options}
    options: dict[str, Any] = {
        name: value for name, value in made.construction.options.items() if name in own
    }
    again = build(data, made.construction.name, **options)
    assert again.network == made.network
    assert again.construction == made.construction


def test_the_notes_have_every_construction_in_the_order_of_the_measure() -> None:
    made = build(random_data(20, 2, 3), "smallest", measure="depth")
    lines = [value for name, value in sorted(made.annotations.items()) if name.startswith("candidate_")]
    told = [int(line.split("depth ")[1].split(",")[0]) for line in lines if ": refuses: " not in line]
    assert told == sorted(told)
    for made_by in single():
        assert any(line.startswith((f"{made_by.name}:", f"{made_by.name} ")) for line in lines)


def test_those_that_refuse_come_last_with_their_reason() -> None:
    found = candidates(prepare(random_data(20, 2, 3), "equal"))
    refused = [candidate for candidate in found if candidate.size is None]
    assert refused == list(found[len(found) - len(refused) :])
    assert all(len(candidate.refusal or "") > 10 for candidate in refused)
    assert "meets the rule sign, not equal" in [candidate.refusal for candidate in refused]


def fake(name: str, size: Size | None, *, portfolio: bool = False) -> Construction:
    def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
        if size is None or not task.labels:
            raise BuildError(f"{name} refuses row 3")
        return replace(size, depth=9) if options["way"] == "deep" else size

    way = Option("way", "choice", "flat", "How.", ("deep", "flat"))
    real = constructions()["vardi-yehudai-shamir"]
    return replace(real, name=name, predict=predict, options=(*real.options, way), portfolio=portfolio)


def registered(monkeypatch: pytest.MonkeyPatch, *made: Construction) -> None:
    monkeypatch.setattr(ranking, "constructions", lambda: {c.name: c for c in made})


def test_choices_are_varied_and_equals_are_listed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    other = fake("other", SMALL, portfolio=True)
    registered(monkeypatch, fake("b", SMALL), fake("a", SMALL), fake("c", None), other)
    found = candidates(tasks([(1,), (2,)], [0, 1]))
    assert [c.name for c in found] == ["a", "a --way deep", "b", "b --way deep", "c"]
    assert found[-1].refusal == "c refuses row 3"


def test_a_formula_that_differs_from_the_built_network_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(monkeypatch, fake("liar", SMALL))
    with pytest.raises(BuildError, match=r"liar built [0-9]+ parameters, its formula says 1"):
        ranking.build(tasks([(1,), (2,)], [0, 1]), {"measure": "parameters"})


def test_where_all_refuse_their_reasons_are_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    registered(monkeypatch, fake("x", None), fake("y", None))
    with pytest.raises(BuildError, match="x: x refuses row 3; y: y refuses row 3"):
        ranking.predict(tasks([(1,), (2,)], [0, 1]), {"measure": "parameters"})


def test_an_inspection_lists_single_constructions_only() -> None:
    listed = {prediction.construction for prediction in predictions(random_data(8, 2, 2))}
    assert listed == {made_by.name for made_by in single()}
    assert asdict(SMALL).keys() == set(MEASURES)
