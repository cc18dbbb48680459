"""Chosen samples on their way through the network: digits as they are read, what decides, the output.

UNTRUSTED.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from markupsafe import Markup

from memcert.kernel.data import original
from memcert.kernel.verdict import shown
from memcert.reports.digits import Stream, digit_outputs, streams
from memcert.reports.explain import ending, steps
from memcert.reports.figures.gallery import bits_picture
from memcert.reports.figures.labels import label_text
from memcert.reports.figures.picture import Cell, Picture
from memcert.reports.findings import Findings
from memcert.reports.html.exact import number, words
from memcert.reports.way import Way

MOST_SAMPLES = 6
MOST_WORK = 6_000_000
"""Nonzero weights times samples: some seconds of exact arithmetic."""
MOST_COORDINATES = 16
MOST_STEPS = 120


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """A sample's way.

    Args:
        row: its number.
        label: as the file has it.
        why: it was chosen.
        holds: whether the rule holds.
        point: (coordinate, value).
        steps: (layers, what, what was decided, values) in the order of the layers.
        left: how many more steps there are.
        ending: output and label in a sentence.
        picture: the digits drawn; None: there are none.
    """

    row: int
    label: str
    why: str
    holds: bool
    point: tuple[tuple[Markup, Markup], ...]
    steps: tuple[tuple[Cell | Markup, ...], ...]
    left: int
    ending: str
    picture: Picture | None


def samples(found: Findings) -> tuple[Sample, ...]:
    """Return the ways that a page tells.

    Cost: the nonzero weights, exactly, for each of at most MOST_SAMPLES samples and those asked for.
    Raises: never.
    """
    most = max(1, min(MOST_SAMPLES, MOST_WORK // max(1, found.weights)))
    wanted = dict.fromkeys(found.chosen, "it was asked for")
    for row, why in _telling(found):
        if len(wanted) < most + len(found.chosen):
            wanted.setdefault(row, why)
    told = ((found.way(row), wanted[row]) for row in sorted(wanted))
    return tuple(_sample(found, way, why) for way, why in told if way is not None)


def _telling(found: Findings) -> Iterator[tuple[int, str]]:
    """Yield rows that are worth telling, the most telling first."""
    failing = [row for row, told in enumerate(found.rows) if not told.holds]
    yield from ((row, "the rule fails here") for row in failing[:2])
    known = [(r, row) for row, r in enumerate(found.radii) if r is not None and not isinstance(r, str)]
    if known:
        yield min(known)[1], "its proved radius is the smallest"
    margins = [(t.margin, row) for row, t in enumerate(found.rows) if t.holds and t.margin is not None]
    if margins:
        yield min(margins)[1], "its margin is the smallest"
    seen: set[int] = set()
    for row, kind in enumerate(found.kinds.of):
        if kind not in seen:
            seen.add(kind)
            yield row, "the first of its label"
    yield from ((row, "one of the first") for row in range(found.data.size))


def _sample(found: Findings, way: Way, why: str) -> Sample:
    outputs = digit_outputs(found.certificate.contracts)
    read = streams(way, outputs)
    rest = replace(way, passages=tuple(p for p in way.passages if p.contract not in outputs))
    rows = [(step.layer, _line(step.line)) for step in steps(rest)]
    rows += [(stream.first_layer, _stream(stream)) for stream in read]
    rows.sort(key=lambda pair: pair[0])
    drawn = bits_picture(found, way)
    label = original(found.certificate, way.label)
    return Sample(
        row=way.sample,
        label=label_text(label),
        why=why,
        holds=way.holds,
        point=tuple(_point(found, way.sample)),
        steps=tuple(cells for _, cells in rows[:MOST_STEPS]),
        left=max(0, len(rows) - MOST_STEPS),
        ending=ending(way, found.certificate, shown(label)),
        picture=None if isinstance(drawn, str) else drawn,
    )


def _line(line: tuple[str, str, str, str, str]) -> tuple[Cell | Markup, ...]:
    layers, _, what, case, values = line
    told = values.replace(" -> ", " \u2192 ").replace("<=", "\u2264")
    return layers, words(what), words(case), Markup("<code>{}</code>").format(told) if values else ""


def _stream(stream: Stream) -> tuple[Cell | Markup, ...]:
    cells = Markup("").join(
        Markup('<b class="one">1</b>') if digit == "1" else Markup('<span class="zero">0</span>')
        for digit in stream.word
    )
    told = Markup('<span class="word" aria-label="digits {}">{}</span>').format(" ".join(stream.word), cells)
    value = ""
    if set(stream.digits) <= {0, 1} and len(stream.digits) > 1:
        value = f"= {int(stream.word, 2)} in binary"
    layers = f"{stream.first_layer}\u2013{stream.last_layer}"
    return layers, words(stream.name), told, Markup("<code>{}</code>").format(value) if value else ""


def _point(found: Findings, row: int) -> Iterator[tuple[Markup, Markup]]:
    point, names = found.data.point(row), found.data.columns
    for j, value in enumerate(point[:MOST_COORDINATES]):
        yield words(f"x{j}" if names is None else names[j]), number(value)
    if len(point) > MOST_COORDINATES:
        yield words("and"), Markup("{:,} more").format(len(point) - MOST_COORDINATES)
