"""Whether the network itself errs on the samples: looked at only after a proof has failed."""

from collections.abc import Sequence

from memcert.exact.engine import outputs
from memcert.exact.rules import judge
from memcert.kernel.certificate import Certificate
from memcert.kernel.verdict import LimitReached
from memcert.proofs.binding import Bound


def samples_wrong(certificate: Certificate, bound: Bound, first: int | None) -> bool | None:
    """Return whether the claim about the rule is false at some sample; None: not decided.

    Args:
        certificate: network and claim.
        bound: the samples.
        first: a sample under suspicion, which is run alone before all of them.

    Cost: as the fast check. Raises: never.
    """
    try:
        if first is not None and _err(certificate, bound, [first]):
            return True
        return _err(certificate, bound, range(bound.dataset.size))
    except LimitReached:
        return None


def _err(certificate: Certificate, bound: Bound, rows: Sequence[int]) -> bool:
    columns = outputs(certificate.network, bound.dataset, rows)
    labels = [bound.dataset.labels[row] for row in rows]
    return judge(certificate, labels, columns, rows).failure is not None
