"""The networks of a property from model files, each file read once for each way in which it is asked for.

UNTRUSTED.
"""

from collections.abc import Callable, Mapping
from pathlib import Path

from memcert.witnesses.judging import Networks, assigned, fitting
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.specification import Specification, Wanted

Read = Callable[[Path, Wanted | None], Prepared]
"""Returns the network of a model file that takes and gives what is wanted; None: one input and one output."""


class Models:
    """Networks that were read, and why others were not.

    Args:
        read: reads one.
    """

    def __init__(self, read: Read) -> None:
        """Read nothing yet."""
        self._read = read
        self._found: dict[object, Prepared | Exception] = {}

    def of(self, stated: Specification, paths: Mapping[str, Path]) -> Networks:
        """Return the network of every name that a property declares.

        Args:
            stated: the property.
            paths: of the models, by name; "" as for `assigned`.

        Raises:
            Exception: as the reader, `assigned` and `fitting`; for the same model the same again.
        """
        chosen = assigned(stated, paths)
        return fitting(
            stated, {part.name: self._one(chosen[part.name], part.wanted) for part in stated.networks}
        )

    def _one(self, path: Path, wanted: Wanted | None) -> Prepared:
        # What the tensors are called in the property makes no other network.
        key = path, wanted and tuple(tuple((shape, name) for _, shape, name in side) for side in wanted)
        if key not in self._found:
            try:
                self._found[key] = self._read(path, wanted)
            except Exception as error:
                self._found[key] = error
        found = self._found[key]
        if isinstance(found, Exception):
            raise found
        return found
