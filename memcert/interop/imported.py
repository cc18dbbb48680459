"""What every importer returns: a network, with where it came from.

UNTRUSTED.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from memcert.errors import DatasetError
from memcert.kernel.certificate import Model, Original
from memcert.kernel.network import Network
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Imported:
    """A network with where it came from.

    Args:
        network: lowered exactly.
        model: its files, options and notes.
        classes: what the model itself says that its outputs stand for, in order; of one output, the
            negative sign's first; None: it says nothing.
    """

    network: Network
    model: Model
    classes: tuple[int | str, ...] | None = None

    def confirm_labels(self, labels: Iterable[Original]) -> None:
        """Refuse labels that the model itself does not know. Raises: DatasetError."""
        known = self.classes
        if known is None:
            return
        for row, label in enumerate(labels):
            if label not in known:
                raise DatasetError(
                    f"row {row}: expected one of the model's own classes {shown(known)}, got {shown(label)}"
                )

    def output_names(
        self, classes: Iterable[str] | None, rule: str, labels: Iterable[Original]
    ) -> tuple[str, ...] | None:
        """Return the names of the outputs for argmax: the user's, else the model's own, if it has any.

        Args:
            classes: the user's names, in order.
            rule: what the outputs are compared by.
            labels: of the rows.

        Raises:
            DatasetError: for the rule sign, labels that the model does not know.
        """
        if classes is not None:
            return tuple(classes)
        if rule == "sign":
            self.confirm_labels(labels)
        return tuple(map(str, self.classes)) if rule == "argmax" and self.classes else None
