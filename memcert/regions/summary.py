"""Regions of many rows in a few figures, taken in one by one.

UNTRUSTED. Held: a few walls, and no witness; one radius a row lies on disk.
"""

from heapq import nsmallest

from memcert.kernel.certificate import Number
from memcert.regions.claimed import Common
from memcert.regions.median import Median
from memcert.regions.radii import Region, Wall

SMALLEST = 5
"""Rows that are named."""


class Summary:
    """What is told of all rows together.

    Attributes:
        rows: how many there were.
        holding: at how many the rule holds; the next figures are about these.
        by_neuron: boxes that end where a neuron becomes 0.
        by_label: boxes that end with the label.
        unbounded: boxes that end nowhere.
        smallest: the rows with the smallest boxes, ascending, each with its wall.
    """

    def __init__(self) -> None:
        """Start with no row."""
        self.rows = self.holding = self.by_neuron = self.by_label = self.unbounded = 0
        self.smallest: list[tuple[int, Wall]] = []
        self._radii = Median()
        self._common = Common()

    def take(self, region: Region) -> None:
        """Take in a row. Raises: never."""
        self.rows += 1
        self._common.take(region)
        if not region.holds:
            return
        self.holding += 1
        wall = region.nearest
        if wall is None:
            self.unbounded += 1
            return
        self.by_label += wall.layer is None
        self.by_neuron += wall.layer is not None
        self._radii.take(wall.radius)
        few = [*self.smallest, (region.row, wall)]
        self.smallest = nsmallest(SMALLEST, few, key=lambda pair: (pair[1].radius, pair[0]))

    @property
    def median(self) -> Number | None:
        """The middle one of the radii; None: there are none. Cost: they are read from disk."""
        return self._radii.value()

    @property
    def box_radius(self) -> Number | str | None:
        """The radius that a certificate may claim. Raises: never."""
        return self._common.radius
