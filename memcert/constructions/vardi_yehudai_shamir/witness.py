"""What a network of this folder quotes of itself: projected values, words, and the fields of every slot.

Side by side, a probe adds the copies up: those that do not know the sample have 0. One after
another, each copy has probes of its own, as far as they do not outgrow the samples.

Source: none; `check` examines every value.
UNTRUSTED.
"""

from collections.abc import Iterator, Sequence

from memcert.blocks.assembly import probe as quoted
from memcert.blocks.part import Part, Row
from memcert.constructions.registry import Task
from memcert.constructions.vardi_yehudai_shamir.copies import mark
from memcert.constructions.vardi_yehudai_shamir.lookup import field_form
from memcert.constructions.vardi_yehudai_shamir.plan import Plan
from memcert.constructions.vardi_yehudai_shamir.tables import Interval
from memcert.kernel.certificate import Number, Probe, Witness

QUOTED = 64
"""Copies in series have probes of their own up to so many values a sample."""
START = 2
"""Layers of projection and fan-out."""


def witness(task: Task, made: Plan, part: Part) -> Witness:
    """Quote the projected values, and for every interval its words and their fields.

    Args:
        task: whose rows are quoted.
        made: the tables.
        part: the network.

    Raises:
        ValueError: never, for a plan made here and its part.
    """
    places = [0] * len(made.projection.order)
    for place, point in enumerate(made.projection.order):
        places[point] = place
    rows = [places[group] for group in task.groups]
    values = made.projection.values
    several = len(made.copies) > 1
    x = {f"x{mark(0)}": 1} if several and not made.series else {"x": 1}
    projected = quoted(part, ("projected", START, x), tuple(values[place] for place in rows))
    probes = [projected, *(_series(made, part) if made.series else _parallel(made, part))]
    found = list(_places(made))
    partitions = {
        "interval": tuple(found[place][1] for place in rows),
        "slot": tuple(found[place][2] for place in rows),
    }
    if several:
        partitions["copy"] = tuple(found[place][0] for place in rows)
    return Witness(partitions, tuple(probes))


def _places(made: Plan) -> Iterator[tuple[int, int, int]]:
    """Yield copy, interval (of all) and slot of every place on the line."""
    slots, before = made.split.slots, 0
    for k, share in enumerate(made.shares or (len(made.projection.order),)):
        for place in range(share):
            yield k, before + place // slots, place % slots
        before += len(made.copies[k])


def _parallel(made: Plan, part: Part) -> Iterator[Probe]:
    """Yield the probes of all copies at once."""
    first = START + 3 * max(map(len, made.copies))
    marks = [mark(k) for k in range(len(made.copies))] if len(made.copies) > 1 else [""]
    yield from _copy(made, part, (first, marks), made.intervals, "")


def _series(made: Plan, part: Part) -> Iterator[Probe]:
    """Yield the probes of each copy; the intervals of the others have zeros."""
    count = 2 * (made.split.slots + 1) * len(made.intervals) * len(made.copies)
    if count > QUOTED * len(made.projection.order):
        return
    none = Interval((0, 0), (0,) * made.split.slots, (0,) * made.split.slots, 0, 0)
    after, before = START, 0
    for k, copy in enumerate(made.copies):
        rest = len(made.intervals) - before - len(copy)
        tables = [*[none] * before, *copy, *[none] * rest]
        after += 3 * len(copy)
        yield from _copy(made, part, (after, [""]), tables, mark(k))
        after += 1 + made.split.slots * made.fields.slot_depth + 1
        before += len(copy)


def _copy(
    made: Plan, part: Part, at: tuple[int, Sequence[str]], tables: Sequence[Interval], suffix: str
) -> Iterator[Probe]:
    """Yield words and fields behind the selection that ends at a layer, added up over the marks."""
    first, marks = at

    def probe(name: str, after: int, form: Row, values: tuple[Number, ...]) -> Probe:
        whole = {neuron + own: weight for own in marks for neuron, weight in form.items()}
        return quoted(part, (name + suffix, after, whole), values, "interval")

    yield probe("key_words", first, {"yu": 1}, tuple(j.key_word for j in tables))
    yield probe("label_words", first, {"yw": 1}, tuple(j.label_word for j in tables))
    longer = made.fields.longer
    (u, key_bits), (w, label_bits) = made.fields.streams
    for slot in range(made.split.slots):
        after = first + 1 + slot * made.fields.slot_depth + 3 * longer
        yield probe(
            f"key_{slot}", after, field_form(u, key_bits, longer), tuple(j.keys[slot] for j in tables)
        )
        labels = tuple(j.labels[slot] for j in tables)
        yield probe(f"label_{slot}", after, field_form(w, label_bits, longer), labels)
