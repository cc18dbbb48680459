"""What every importer returns: a network, with where it came from.

UNTRUSTED.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from memcert.datasets.whole_rows import WholeRows
from memcert.errors import UsageError
from memcert.kernel.certificate import Model
from memcert.kernel.network import Network


@dataclass(frozen=True, slots=True)
class Imported:
    """A network with where it came from.

    Args:
        network: lowered exactly.
        model: its files, options and notes.
        classes: what the model itself says that its outputs stand for, in order; of one output, the
            negative sign's first; None: it says nothing.
        takes: the rows that it takes; None: any.
    """

    network: Network
    model: Model
    classes: tuple[int | str, ...] | None = None
    takes: WholeRows | None = None

    def output_names(self, classes: Iterable[str] | None, rule: str) -> tuple[str, ...] | None:
        """Return what the outputs stand for: the user's names, else the model's own, if it has any.

        Args:
            classes: the user's names, in order, for argmax.
            rule: what the outputs are compared by.

        Returns:
            For argmax a name an output; for sign the names of the negative and the positive sign.

        Raises:
            UsageError: the user's names with another rule than argmax.
        """
        if classes is not None:
            if rule != "argmax":
                raise UsageError("--classes: names the outputs in order, for the rule argmax")
            return tuple(classes)
        return tuple(map(str, self.classes)) if rule in ("argmax", "sign") and self.classes else None
