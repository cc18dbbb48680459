"""One sample's way as a table that follows the proof, and as data.

UNTRUSTED. The order is the network's; steps that decide alike are told once.
"""

from bisect import bisect
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from memcert.kernel.certificate import Certificate, Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown
from memcert.reports.way import Mark, Passage, Way, Window
from memcert.reports.words import rough, word

MOST_LINES = 40
"""A contract whose blocks would take more lines than this is counted by case, in one line."""
Line = tuple[str, str, str, str, str]
"""Layers, stage, what, case, values."""


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the table, and the layer before which it stands."""

    layer: int
    line: Line


def lines(way: Way, *, every_block: bool = False) -> tuple[Line, ...]:
    """Return the table's rows in the order of the layers.

    Args:
        way: what happened.
        every_block: a row for each block, carried values included. Raises: never.
    """
    return tuple(step.line for step in steps(way, every_block=every_block))


def steps(way: Way, *, every_block: bool = False) -> tuple[Step, ...]:
    """Return the same, each row with its layer. Raises: never."""
    told = (
        _each(way.passages) if every_block else _decisions(way.passages, {m.after_layer for m in way.marks})
    )
    return tuple(sorted([*_marks(way.marks), *told], key=lambda step: step.layer))


def _marks(marks: tuple[Mark, ...]) -> Iterator[Step]:
    ordered = sorted(marks, key=lambda mark: mark.after_layer)
    for after, together in groupby(ordered, key=lambda mark: mark.after_layer):
        group = list(together)
        places = {f"{word(m.partition)} {m.part}" for m in group if m.partition is not None}
        values = ", ".join(_stated(mark) for mark in group)
        yield Step(after, (f"after {after}", "", "read", ", ".join(sorted(places)), values))


def _stated(mark: Mark) -> str:
    told = f"{word(mark.name)} = {shown(mark.value)}"
    return told if mark.value == mark.stated else f"{told} (the witness says {shown(mark.stated)})"


def _decisions(passages: tuple[Passage, ...], read: set[int]) -> Iterator[Step]:
    # What has one case only carries or computes: nothing is decided there.
    deciding = [passage for passage in passages if passage.alternatives > 1 or passage.case is None]
    for contract in dict.fromkeys(passage.contract for passage in deciding):
        mine = [passage for passage in deciding if passage.contract == contract]
        runs = list(_runs(mine, sorted(read)))
        if len(runs) > max(MOST_LINES, len(read)):
            yield _counted(contract, mine)
        else:
            yield from (_run(run) for run in runs)


def _runs(passages: list[Passage], read: list[int]) -> Iterator[list[Passage]]:
    """Join neighbours of one case, unless a probe is read between them."""
    keys = ((passage.case, bisect(read, passage.first_layer)) for passage in passages)
    for _, run in groupby(zip(keys, passages, strict=True), key=lambda pair: pair[0]):
        yield [passage for _, passage in run]


def _counted(contract: str, mine: list[Passage]) -> Step:
    cases = Counter(_case(passage) for passage in mine)
    told = ", ".join(f"{case}: {count}" for case, count in sorted(cases.items()))
    stages = ", ".join(dict.fromkeys(word(passage.stage) for passage in mine))
    first, last = mine[0].first_layer, max(passage.last_layer for passage in mine)
    return Step(first, (f"{first}-{last}", stages, f"{len(mine)} blocks {word(contract)}", told, ""))


def _run(run: list[Passage]) -> Step:
    first, last = run[0], run[-1]
    layers = f"{first.first_layer}-{max(passage.last_layer for passage in run)}"
    if len(run) > 2:
        names = f"{len(run)} blocks, {word(first.block)} .. {word(last.block)}"
        line = (layers, word(first.stage), names, _case(first), "")
        return Step(first.first_layer, line)
    names = ", ".join(word(passage.block) for passage in run)
    return Step(
        first.first_layer,
        (layers, word(first.stage), names, _case(first), "\n".join(_values(p) for p in run)),
    )


def _each(passages: tuple[Passage, ...]) -> Iterator[Step]:
    for p in passages:
        yield Step(
            p.first_layer,
            (f"{p.first_layer}-{p.last_layer}", word(p.stage), word(p.block), _case(p), _values(p)),
        )


def _case(passage: Passage) -> str:
    return "no case of its contract" if passage.case is None else word(passage.case)


def _values(passage: Passage) -> str:
    inputs = ", ".join(f"{word(name)} = {shown(value)}" for name, value in passage.inputs)
    outputs = ", ".join(f"{word(name)} = {shown(value)}" for name, value in passage.outputs)
    window = "" if passage.window is None else f"{_window(passage.window)}: "
    return f"{window}{inputs} -> {outputs}"


def _window(window: Window) -> str:
    low = "" if window.low is None else f"{shown(window.low)} <= "
    high = "" if window.high is None else f" <= {shown(window.high)}"
    return f"{low}{word(window.name)}{high}"


def ending(way: Way, certificate: Certificate, original: str) -> str:
    """Return the last line: the output, the label, and whether the rule holds. Raises: never."""
    outputs = rough(way.outputs[0]) if len(way.outputs) == 1 else shown(way.outputs)
    verb = "holds" if way.holds else "FAILS"
    # The rule equal has no margin: it holds or it does not.
    margin = "" if certificate.claim.rule == "equal" else f", margin {rough(way.margin)}"
    return (
        f"output {outputs}; label {original}, compared as {shown(way.label)}: "
        f"rule {certificate.claim.rule} {verb} here{margin}"
    )


def as_data(way: Way) -> dict[str, object]:
    """Return the way for `--json`, every block of it. Raises: never."""
    return {
        "sample": way.sample,
        "label": spell(way.label),
        "outputs": [spell(value) for value in way.outputs],
        "margin": spell(way.margin),
        "holds": way.holds,
        "probes": [
            {
                "name": mark.name,
                "after_layer": mark.after_layer,
                "partition": mark.partition,
                "class": mark.part,
                "value": spell(mark.value),
                "stated": spell(mark.stated),
            }
            for mark in way.marks
        ],
        "blocks": [_passage(passage) for passage in way.passages],
    }


def _passage(passage: Passage) -> dict[str, object]:
    window = passage.window
    return {
        "name": passage.block,
        "stage": passage.stage,
        "contract": passage.contract,
        "first_layer": passage.first_layer,
        "last_layer": passage.last_layer,
        "case": passage.case,
        "inputs": {name: spell(value) for name, value in passage.inputs},
        "outputs": {name: spell(value) for name, value in passage.outputs},
        "window": window and {"of": window.name, "low": _end(window.low), "high": _end(window.high)},
    }


def _end(value: Number | None) -> int | str | None:
    return None if value is None else spell(value)
