"""Whether the network itself errs on the samples: looked at only after a proof has failed."""

from fractions import Fraction

from memcert.contracts.terms import exact
from memcert.exact.engine import inputs, stages
from memcert.exact.rules import judge
from memcert.kernel.certificate import Certificate
from memcert.kernel.check import holds, margin_of
from memcert.kernel.network import stages as kernel_stages
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
        if first is not None and _errs(certificate, bound, first):
            return True
        columns = inputs(bound.dataset)
        for layer in stages(certificate.network, columns):
            columns = layer
        rows = range(bound.dataset.size)
        return judge(certificate, bound.dataset.labels, columns, rows).failure is not None
    except LimitReached:
        return None


def _errs(certificate: Certificate, bound: Bound, sample: int) -> bool:
    claim = certificate.claim
    *_, last = kernel_stages(certificate.network, [bound.dataset.point(sample)])
    outputs = [exact(Fraction(column[0], last.denominator)) for column in last.columns]
    margin = margin_of(claim.rule, outputs, bound.label(sample), claim.tolerance)
    return holds(claim.rule, margin) == (sample in claim.excepted)
