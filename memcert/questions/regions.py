"""The activation region of every row of a verified model, batch by batch.

UNTRUSTED.
"""

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import repeat
from pathlib import Path

from memcert.formats.atomic import atomic_write
from memcert.kernel.network import Network
from memcert.questions.kept import Kept
from memcert.regions.radii import Map, Region, Rows, affine_maps, layers_of, regions
from memcert.regions.records import record
from memcert.regions.summary import Summary
from memcert.verification.verdicts import Verified

ROWS_AT_ONCE = 4_000
"""Rows that are held while their regions are found."""


def regions_of(network: Network, found: Verified, first: int = 0) -> Iterator[Region]:
    """Yield the region of every row from `first` on.

    Args:
        network: whose regions they are.
        found: the rows and their verdicts.
        first: row.

    Raises:
        LimitReached: numbers grow too long.
        UndecidedError: the disk does not give the rows back.
    """
    layers = layers_of(network)
    for part, labels, start in found.parts(ROWS_AT_ONCE):
        passed = max(0, first - start)
        if passed >= part.size:
            continue
        rest, begin = part.between(passed, part.size), start + passed
        margins = found.margins[begin : begin + rest.size]
        asked = Rows(rest, found.rule, labels[passed:], margins, found.tolerance)
        for region in regions(layers, asked):
            yield replace(region, row=begin + region.row)


def maps_of(network: Network, found: Verified) -> Iterator[Map]:
    """Yield (J, c) with F(x') = J x' + c on the region of every row, exactly. Raises: as `regions_of`."""
    layers = layers_of(network)
    for part, _, _ in found.parts(ROWS_AT_ONCE):
        yield from affine_maps(layers, part)


def write_regions(path: Path, found: Iterable[Region], maps: Iterable[Map] | None = None) -> None:
    """Write a JSON object a line for each row; the file gets its name when all are written.

    Args:
        path: a name that ends in `.gz` is packed.
        found: the regions.
        maps: the affine map of each, if they are wanted.

    Raises:
        UsageError: the file cannot be written.
        OSError: writing failed.
        Exception: what finding a region raises.
    """
    with atomic_write(path) as file:
        for region, own in zip(found, repeat(None) if maps is None else maps, strict=False):
            file.write(json.dumps(record(region, own)) + "\n")


class FoundRegions(Kept[Region]):
    """The region of every row, in order, each found when it is first asked for.

    Args:
        network: whose regions they are.
        found: the rows and their verdicts.
    """

    def __init__(self, network: Network, found: Verified) -> None:
        """Find none yet."""
        super().__init__(lambda first: regions_of(network, found, first), found.dataset.size)
        self._network, self._rows = network, found

    def summary(self) -> Summary:
        """Return what is told of all rows: how many boxes end where, the smallest, the median, `box_radius`.

        Raises:
            Exception: what finding a region raises.
        """
        summary = Summary()
        for region in self:
            summary.take(region)
        return summary

    def maps(self) -> Iterator[Map]:
        """Yield (J, c) with F(x') = J x' + c on the region of every row, exactly, in order.

        Raises:
            LimitReached: numbers grow too long.
        """
        return maps_of(self._network, self._rows)

    def write(self, path: str | Path, *, maps: bool = False) -> None:
        """Write the file of `memcert verify --region-file`: a JSON object a line for each row.

        Args:
            path: a name that ends in `.gz` is packed.
            maps: the affine map of each region, too.

        Raises:
            UsageError: the file cannot be written.
            OSError: writing failed.
            Exception: what finding a region raises.
        """
        write_regions(Path(path), self, self.maps() if maps else None)
