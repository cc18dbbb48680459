"""What changed between two certificates: sizes, data rows, claim, network, blocks, witness.

UNTRUSTED, and nothing is checked: both are quoted by their makers' word.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memcert.kernel.certificate import Certificate, Claim, Contract, Number, Original
from memcert.kernel.data import original
from memcert.kernel.network import Layer, Network
from memcert.kernel.verdict import shown
from memcert.reports.summary import SIZES
from memcert.reports.words import rough, word

MOST_LISTED = 20
"""Rows, layers and blocks that are listed of a kind; the rest is counted."""
Row = tuple[tuple[Number, ...], Original]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs.

    Args:
        section: `made`, `data`, `claim`, `sizes`, `network`, `contracts`, `blocks`, `witness`, `notes`.
        what: its name, safe to print.
        before: in A, safe to print; None: it was not there.
        after: in B; None: it is gone.
        effect: `weaker` or `stronger`, where the claim says less or more; else empty.
    """

    section: str
    what: str
    before: str | None
    after: str | None
    effect: str = ""


def differences(a: Certificate, b: Certificate) -> tuple[Difference, ...]:
    """Return what differs, in the order in which a reviewer reads. Raises: never."""
    sections = (
        _made(a, b),
        _data(a, b),
        _claim(a, b),
        _sizes(a, b),
        network_differences(a.network, b.network),
    )
    proof = (_contracts(a, b), _blocks(a, b), _witness(a, b), _notes(a, b))
    return tuple(found for section in (*sections, *proof) for found in section)


def _values(
    section: str, before: Mapping[str, object], after: Mapping[str, object], word_of: Any = shown
) -> Iterator[Difference]:
    """Yield what two mappings do not share, in the order of both."""
    for name in dict.fromkeys((*before, *after)):
        if name not in before or name not in after or before[name] != after[name]:
            one, two = (word_of(m[name]) if name in m else None for m in (before, after))
            yield Difference(section, name, one, two)


def _made(a: Certificate, b: Certificate) -> Iterator[Difference]:
    yield from _values("made", _origin(a), _origin(b))


def _origin(c: Certificate) -> dict[str, object]:
    if c.construction is not None:
        made = c.construction
        options = {f"option {word(name)}": value for name, value in made.options.items()}
        return {"construction": made.name, "statement": made.statement, "source": made.source, **options}
    if c.model is None:
        return {}
    files = {f"file {word(file.name)}": file.digest for file in c.model.files}
    options = {f"option {word(name)}": value for name, value in c.model.options.items()}
    facts = {"model": c.model.name, "format": c.model.format, "lowering": c.model.lowering}
    return {**facts, **files, **options, "notes": c.model.notes}


def _data(a: Certificate, b: Certificate) -> Iterator[Difference]:
    facts = [
        {
            "name": c.dataset.name,
            "rows": c.dataset.size,
            "coordinates": c.dataset.dimension,
            "columns": c.dataset.columns,
            "classes": c.dataset.classes,
        }
        for c in (a, b)
    ]
    yield from _values("data", *facts)
    before, after = _rows(a), _rows(b)
    if before is None or after is None:
        where = ["in the certificate" if rows is not None else "detached" for rows in (before, after)]
        yield from _values("data", {"points": where[0]}, {"points": where[1]})
        digests = [{"digest": c.digests.dataset} for c in (a, b)]
        yield from _values("data", *digests)
    elif before != after:
        yield from _limited("data", "rows", tuple(_changed_rows(before, after)))


def _rows(c: Certificate) -> list[Row] | None:
    data = c.dataset
    if data.points is None or data.labels is None:
        return None
    return [(point, original(c, label)) for point, label in zip(data.points, data.labels, strict=True)]


def _changed_rows(before: Sequence[Row], after: Sequence[Row]) -> Iterator[Difference]:
    """Yield rows that were relabelled, left out, added; then whether the common ones stand in another order.

    Rows are compared by what they hold: one inserted at the top changes no other row.
    """
    gone, came = Counter(before) - Counter(after), Counter(after) - Counter(before)
    lost = [(i, row) for i, row in enumerate(before) if _taken(gone, row)]
    new = [(i, row) for i, row in enumerate(after) if _taken(came, row)]
    places: dict[tuple[Number, ...], list[int]] = {}
    for place, (_, (point, _)) in enumerate(new):
        places.setdefault(point, []).append(place)
    paired: set[int] = set()
    for i, (point, label) in lost:
        if not places.get(point):
            yield Difference("data", f"row {i} of A", f"{shown(point)} labelled {shown(label)}", None)
            continue
        place = places[point].pop(0)
        paired.add(place)
        j, (_, other) = new[place]
        yield Difference("data", f"label of row {j} at {shown(point)}", shown(label), shown(other))
    for place, (j, (point, label)) in enumerate(new):
        if place not in paired:
            yield Difference("data", f"row {j} of B", None, f"{shown(point)} labelled {shown(label)}")
    if not lost and not new:
        first = next(i for i, (one, two) in enumerate(zip(before, after, strict=True)) if one != two)
        yield Difference("data", "order", f"row {first}: {shown(before[first][0])}", shown(after[first][0]))


def _taken(left: Counter[Row], row: Row) -> bool:
    if left[row] <= 0:
        return False
    left[row] -= 1
    return True


def _limited(section: str, what: str, found: Sequence[Difference]) -> Iterator[Difference]:
    yield from found[:MOST_LISTED]
    if len(found) > MOST_LISTED:
        yield Difference(section, f"and {len(found) - MOST_LISTED:,} more {what}", None, None)


def _claim(a: Certificate, b: Certificate) -> Iterator[Difference]:
    one, two = a.claim, b.claim
    yield from _values("claim", {"rule": one.rule}, {"rule": two.rule}, word)
    for name, smaller_is_more in (("tolerance", True), ("margin", False), ("box_radius", False)):
        yield from _strength(name, getattr(one, name), getattr(two, name), smaller_is_more=smaller_is_more)
    if one.excepted != two.excepted:
        more = set(two.excepted) - set(one.excepted)
        effect = "weaker" if more else "stronger"
        yield Difference("claim", "except", _excepted(one), _excepted(two), effect)
    for name in ("separation_squared", "separation_direction", "data_radius_squared"):
        yield from _values("claim", {name: getattr(one, name)}, {name: getattr(two, name)})
    before, after = ({f"promise {word(p.kind)}": dict(p.values) for p in c.promises} for c in (one, two))
    for found in _values("claim", before, after, _promised):
        effect = "weaker" if found.after is None else "stronger" if found.before is None else ""
        yield Difference(found.section, found.what, found.before, found.after, effect)


def _promised(values: Mapping[str, Number]) -> str:
    return ", ".join(f"{word(name)} {rough(value)}" for name, value in values.items()) or "promised"


def _excepted(claim: Claim) -> str:
    return f"{len(claim.excepted):,} rows: {shown(claim.excepted)}" if claim.excepted else "no row"


def _strength(
    name: str, before: Number | str | None, after: Number | str | None, *, smaller_is_more: bool
) -> Iterator[Difference]:
    """Yield how a claimed number changed; without a number nothing is claimed, `unbounded` is most."""
    if before == after:
        return
    effect = ""
    if not smaller_is_more:
        effect = "stronger" if _rank(after) > _rank(before) else "weaker"
    elif before is not None and after is not None:
        effect = "stronger" if _rank(after) < _rank(before) else "weaker"
    yield Difference("claim", name, _claimed(before), _claimed(after), effect)


def _rank(value: Number | str | None) -> tuple[int, Number]:
    if value is None:
        return 0, 0
    return (2, 0) if isinstance(value, str) else (1, value)


def _claimed(value: Number | str | None) -> str:
    return "none" if value is None else value if isinstance(value, str) else rough(value)


def _sizes(a: Certificate, b: Certificate) -> Iterator[Difference]:
    before, after = ({name: getattr(c.claim, name) for name in SIZES} for c in (a, b))
    for name in SIZES:
        if before[name] != after[name]:
            change = after[name] - before[name]
            yield Difference("sizes", name, f"{before[name]:,}", f"{after[name]:,} ({change:+,})")


def network_differences(a: Network, b: Network) -> Iterator[Difference]:
    """Yield what differs between networks: sizes, then layers, each by its first weight. Raises: never."""
    one, two = a.layers, b.layers
    yield from _values("network", {"inputs": a.input_size}, {"inputs": b.input_size})
    yield from _values("network", {"layers": len(one)}, {"layers": len(two)})
    found = (_layer(i, x, y) for i, (x, y) in enumerate(zip(one, two, strict=False)) if x != y)
    yield from _limited("network", "layers", tuple(found))


def _layer(place: int, a: Layer, b: Layer) -> Difference:
    name = f"layer {place}"
    if (a.shape, a.relu) != (b.shape, b.relu):
        return Difference("network", name, _shape(a), _shape(b))
    weights = dict(_weights(a)), dict(_weights(b))
    keys = [k for k in {**weights[0], **weights[1]} if weights[0].get(k) != weights[1].get(k)]
    biases = [i for i, (x, y) in enumerate(zip(a.bias, b.bias, strict=True)) if x != y]
    counts = f"{len(keys):,} weights and {len(biases):,} biases differ"
    if keys:
        (i, j), (one, two) = keys[0], (side.get(keys[0], 0) for side in weights)
        at = f"weight of neuron {i} from {j}"
    else:
        at, one, two = f"bias of neuron {biases[0]}", a.bias[biases[0]], b.bias[biases[0]]
    return Difference("network", f"{name}: {counts}; {at}", rough(one), rough(two))


def _shape(layer: Layer) -> str:
    return f"{layer.shape[1]} to {layer.shape[0]}{', ReLU' if layer.relu else ''}"


def _weights(layer: Layer) -> Iterator[tuple[tuple[int, int], Number]]:
    for i in range(layer.shape[0]):
        yield from (((i, j), weight) for j, weight in layer.row(i))


def _contracts(a: Certificate, b: Certificate) -> Iterator[Difference]:
    before, after = ({word(x.id): x for x in c.contracts} for c in (a, b))
    yield from _limited("contracts", "contracts", tuple(_values("contracts", before, after, _cases)))


def _cases(contract: Contract) -> str:
    return f"{len(contract.cases)} cases: {', '.join(word(case.name) for case in contract.cases[:8])}"


def _blocks(a: Certificate, b: Certificate) -> Iterator[Difference]:
    before, after = ({word(x.name): x for x in c.blocks} for c in (a, b))
    if len(a.blocks) != len(b.blocks):
        yield Difference("blocks", "count", f"{len(a.blocks):,}", f"{len(b.blocks):,}")
    yield from _limited("blocks", "blocks", tuple(_values("blocks", before, after, _block)))


def _block(block: Any) -> str:
    where = f"layers {block.first_layer}-{block.last_layer}"
    return f"{word(block.stage)}, contract {word(block.contract)}, {where}"


def _witness(a: Certificate, b: Certificate) -> Iterator[Difference]:
    parts = [{word(n): f"{max(v) + 1:,} classes" for n, v in c.witness.partitions.items()} for c in (a, b)]
    yield from _limited("witness", "partitions", tuple(_values("witness", parts[0], parts[1], str)))
    probes = [Counter(word(probe.name) for probe in c.witness.probes) for c in (a, b)]
    yield from _limited("witness", "probes", tuple(_values("witness", probes[0], probes[1], str)))
    if a.witness != b.witness and parts[0] == parts[1] and probes[0] == probes[1]:
        yield Difference("witness", "values", "..", "other values under the same names")


def _notes(a: Certificate, b: Certificate) -> Iterator[Difference]:
    yield from _values("notes", *({word(k): v for k, v in c.annotations.items()} for c in (a, b)))
    stated = [{f"stated {n} digest": getattr(c.digests, n) for n in ("dataset", "network")} for c in (a, b)]
    yield from _values("notes", *stated)


def lines(found: Iterable[Difference]) -> tuple[str, ...]:
    """Return a line a difference, under the name of its section. Raises: never."""
    told, section = ["different; nothing of either was checked"], ""
    for difference in found:
        if difference.section != section:
            section = difference.section
            told.append(f"{section}:")
        told.append(f"  {_sentence(difference)}")
    return tuple(told)


def _sentence(found: Difference) -> str:
    effect = f"  [{found.effect}]" if found.effect else ""
    if found.before is None and found.after is None:
        return f"  {found.what}"
    if found.before is None:
        return f"+ {found.what}: {found.after}{effect}"
    if found.after is None:
        return f"- {found.what}: {found.before}{effect}"
    return f"  {found.what}: {found.before} -> {found.after}{effect}"


def as_data(found: Iterable[Difference]) -> dict[str, Any]:
    """Return the differences for `--json`. Raises: never."""
    return {"differences": [{n: getattr(d, n) for n in d.__dataclass_fields__} for d in found]}
