"""A network from its input to its output: which blocks take part in which layers, and how wide it is.

UNTRUSTED.
"""

from collections.abc import Sequence
from typing import Any

from memcert.kernel.certificate import Block, Certificate
from memcert.reports.figures.marks import bare, plain_numbers, powers, short
from memcert.reports.figures.palette import LIGHT, SERIES
from memcert.reports.figures.picture import Picture
from memcert.reports.summary import Group, groups

MOST_LANES = 14
Lane = tuple[Group, list[tuple[int, int]]]
"""Blocks of one stage and contract, and the layers that they span."""


def chain(certificate: Certificate) -> Picture:
    """Return the picture. Raises: never."""
    layers = certificate.network.layers
    found = groups(certificate.blocks)
    widest = max(layers, key=lambda layer: layer.shape[0]).shape[0]
    says = f"The network has {len(layers):,} layers of at most {widest:,} neurons."
    if found:
        stages = list(dict.fromkeys(group.stage for group in found))
        says += f" {len(certificate.blocks):,} blocks stand in these stages: {', '.join(stages[:12])}."
    lanes = _lanes(certificate.blocks, found[:MOST_LANES])
    hidden = len(found) - len(lanes)
    notes = (f"{hidden} more kinds of blocks are in the table only.",) if hidden > 0 else ()
    return Picture(
        kind="network",
        title="The network, layer by layer",
        says=says,
        notes=notes,
        columns=("layer", "neurons", "inputs", "nonzero weights", "ReLU"),
        rows=tuple(
            (k, layer.shape[0], layer.shape[1], len(layer.data), "yes" if layer.relu else "no")
            for k, layer in enumerate(layers)
        ),
        height=lambda _: 30 * len(lanes) + 150,
        draw=lambda figure, _: _draw(figure, certificate, lanes),
    )


def _lanes(blocks: Sequence[Block], found: Sequence[Group]) -> list[Lane]:
    return [
        (group, _merged(b for b in blocks if (b.stage, b.contract) == (group.stage, group.contract)))
        for group in found
    ]


def _merged(blocks: Any) -> list[tuple[int, int]]:
    """Return the layers that the blocks span as intervals [first, last + 1), joined where they meet."""
    joined: list[tuple[int, int]] = []
    for first, last in sorted((block.first_layer, block.last_layer + 1) for block in blocks):
        if joined and first <= joined[-1][1]:
            joined[-1] = joined[-1][0], max(last, joined[-1][1])
        else:
            joined.append((first, last))
    return joined


def _draw(figure: Any, certificate: Certificate, lanes: Sequence[Lane]) -> None:
    layers = certificate.network.layers
    shares = (30 * len(lanes), 110)
    panels = figure.subplots(2, sharex=True, height_ratios=shares) if lanes else [None, figure.subplots()]
    if lanes:
        _blocks(panels[0], lanes)
    axes = panels[1]
    edges = range(len(layers) + 1)
    axes.stairs([len(layer.data) for layer in layers], edges, color=LIGHT["line"], fill=True)
    axes.stairs([layer.shape[0] for layer in layers], edges, color=LIGHT["ink"], linewidth=1.2)
    axes.set(xlabel="layer", xlim=(0, len(layers)))
    axes.set_title(
        "neurons (line) and nonzero weights (grey) a layer", loc="left", color=LIGHT["muted"], fontsize=11
    )
    plain_numbers(axes.xaxis, whole=True)
    neurons = max(layer.shape[0] for layer in layers)
    if max(len(layer.data) for layer in layers) > 20 * neurons:
        powers(axes, "y")
    else:
        plain_numbers(axes.yaxis, 3, whole=True)
    bare(axes)


def _blocks(axes: Any, lanes: Sequence[Lane]) -> None:
    stages = list(dict.fromkeys(group.stage for group, _ in lanes))
    for place, (group, parts) in enumerate(lanes):
        color = LIGHT[SERIES[stages.index(group.stage) % len(SERIES)]]
        axes.broken_barh([(a, b - a) for a, b in parts], (-place - 0.34, 0.28), color=color, linewidth=0)
        axes.text(
            0,
            -place + 0.12,
            f"{short(group.stage)} \u00b7 {short(group.contract)}, {group.blocks:,}",
            transform=axes.get_yaxis_transform(),
            fontsize=11,
        )
    axes.set_ylim(-len(lanes) + 0.6, 0.6)
    axes.set_yticks([])
    bare(axes, "left", "bottom")
    axes.tick_params(labelbottom=False)
