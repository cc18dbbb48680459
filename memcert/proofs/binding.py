"""The samples that a proof is about: the certificate's own or the user's, with digests recomputed."""

from dataclasses import dataclass

from memcert.datasets.canonical import dataset_digest
from memcert.datasets.dataset import Dataset
from memcert.exact.samples import own_dataset
from memcert.kernel.certificate import Certificate, Number, Original
from memcert.kernel.data import network_digest, numbering
from memcert.kernel.decode import label_fits
from memcert.kernel.verdict import LimitReached, Malformed, Mismatch, Rejected, Words
from memcert.proofs.directions import Points, points_of
from memcert.proofs.rule import Labels, labels_of


@dataclass(frozen=True, slots=True, eq=False)
class Bound:
    """Points and labels as the rule compares them, and what they and the network are, by digest."""

    points: Points
    labels: Labels
    dataset: Dataset
    dataset_digest: str
    network_digest: str

    def label(self, sample: int) -> Number:
        """Return the number that the rule compares with. Raises: IndexError."""
        return self.labels.labels[int(self.labels.kinds[sample])]


def bound(certificate: Certificate, dataset: Dataset | None) -> Bound:
    """Bind a certificate to its own samples or to the user's.

    Cost: linear in N d and in the weights.

    Raises:
        Malformed: there are no samples.
        LimitReached: the data are detached, and none are given.
        Mismatch: the user's data are not those that the certificate speaks of.
        Rejected: a digest in the certificate is not that of what stands in it, or a label of detached
            data is none that the rule and the classes allow.
    """
    if certificate.dataset.size < 1:
        raise Malformed("size", "dataset.size", "at least one sample", certificate.dataset.size)
    own = own_dataset(certificate)
    used = own if dataset is None else dataset
    if used is None:
        raise LimitReached("dataset", "dataset.points", "the detached data, given beside", Words("nothing"))
    stated = (certificate.dataset.size, certificate.dataset.dimension)
    if (used.size, used.dimension) != stated:
        raise Mismatch("size", "dataset", f"{stated[0]} x {stated[1]}", (used.size, used.dimension))
    mine = None if own is None else dataset_digest(own)
    if mine is not None and certificate.digests.dataset not in (None, mine):
        raise Rejected("digest", "digests.dataset", str(certificate.digests.dataset), Words(mine))
    digest = mine if dataset is None and mine is not None else dataset_digest(used)
    expected = mine or certificate.digests.dataset
    if expected != digest:
        raise Mismatch("digest", "digests.dataset", str(expected), Words(digest))
    network = network_digest(certificate.network)
    if certificate.digests.network not in (None, network):
        raise Rejected("digest", "digests.network", str(certificate.digests.network), Words(network))
    return Bound(points_of(used), labels_of(_numbers(certificate, used)), used, digest, network)


def _numbers(certificate: Certificate, used: Dataset) -> list[Number]:
    known = numbering(certificate)
    number: dict[Original, Number] = {}
    for row, label in enumerate(used.labels):
        if label in number:
            continue
        found = label if known is None else known.get(label)
        if found is None or isinstance(found, str) or not label_fits(certificate, found):
            # Detached data under their right digest, but with labels that the claim does not allow.
            raise Rejected("label", f"samples[{row}]", "a label of the rule and its classes", label)
        number[label] = found
    return [number[label] for label in used.labels]
