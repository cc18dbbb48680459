"""Which rows a network gets wrong: the failing ones, who is taken for whom, the smallest margins.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from memcert.exact.evaluation import Told
from memcert.kernel.certificate import Original
from memcert.reports.figures.labels import label_text
from memcert.reports.figures.picture import Cell
from memcert.reports.findings import Findings
from memcert.reports.html.exact import number, words
from memcert.reports.html.tables import Table

MOST_ROWS = 200
MOST_LABELS = 12
SHORT = 12
"""Rows of a table that is not folded."""


def tables(found: Findings) -> tuple[Table, ...]:
    """Return what is to be told of the rows; nothing where all hold and the rule has no margin.

    Raises: never.
    """
    return (*_confusion(found), *_failing(found), *_smallest(found))


def _failing(found: Findings) -> Iterator[Table]:
    wrong = [(row, told) for row, told in enumerate(found.rows) if not told.holds]
    if wrong:
        rows = tuple(
            (row, words(label_text(t.label)), _name(t.predicted), _told(found, t))
            for row, t in wrong[:MOST_ROWS]
        )
        last = "output" if found.certificate.claim.rule == "equal" else "margin"
        heads = ("#row", "label", "told as", last)
        caption = f"Rows on which the rule fails: {len(wrong):,}"
        yield Table(caption, heads, rows, len(wrong) - len(rows), folded=len(rows) > SHORT)


def _smallest(found: Findings) -> Iterator[Table]:
    held = [(t.margin, row) for row, t in enumerate(found.rows) if t.holds and t.margin is not None]
    if held:
        rows = tuple(
            (row, words(label_text(found.data.labels[row])), margin) for margin, row in sorted(held)[:10]
        )
        yield Table("Smallest margins of rows that hold", ("#row", "label", "margin"), rows)


def _confusion(found: Findings) -> Iterator[Table]:
    counts = None if found.evaluation is None else found.evaluation.confusion
    if counts is None or all(label == told for label, told in counts):
        return
    labels = _sorted([label for label, _ in counts])
    told = _sorted([told for _, told in counts if told is not None])
    if max(len(labels), len(told)) > MOST_LABELS:
        wrong = sorted(((n, pair) for pair, n in counts.items() if pair[0] != pair[1]), key=lambda x: -x[0])
        rows = tuple((words(label_text(a)), _name(b), f"{n:,}") for n, (a, b) in wrong[:MOST_LABELS])
        yield Table("Most frequent mistakes", ("label", "told as", "#rows"), rows, len(wrong) - len(rows))
        return
    heads: list[Original | None] = [*told, None] if any(b is None for _, b in counts) else [*told]
    rows_ = tuple(
        (words(label_text(a)), *(_count(counts.get((a, b), 0), same=a == b) for b in heads)) for a in labels
    )
    names = tuple(f"#{'none' if b is None else label_text(b)}" for b in heads)
    yield Table("Rows by label (down) and what the network tells (across)", ("label", *names), rows_)


def _count(rows: int, *, same: bool) -> Markup:
    if not rows:
        return Markup('<span class="none">0</span>')
    return Markup('<b class="{}">{:,}</b>').format("right" if same else "wrong", rows)


def _sorted(labels: Sequence[Original]) -> list[Original]:
    return sorted(set(labels), key=lambda label: (isinstance(label, str), label))


def _name(label: Original | None) -> Cell | Markup:
    return "none" if label is None else words(label_text(label))


def _told(found: Findings, told: Told) -> Markup:
    return number(told.outputs[0] if found.certificate.claim.rule == "equal" else told.margin)
