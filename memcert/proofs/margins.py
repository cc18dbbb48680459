"""A margin promised on the boxes, not only at the samples: the promise `margin` {margin}.

On the whole box of every sample that is not excepted the rule holds with at least that margin, in
the rule's own measure. It is shown where the rule is: the rule is asked with the margin in it.
"""

from memcert.kernel.certificate import Certificate, Claim, Number, Promise
from memcert.kernel.verdict import Malformed, Unsupported, Words

KIND = "margin"


def promised_margin(claim: Claim) -> Number:
    """Return the largest margin that is promised on the boxes, 0 if none is. Raises: never."""
    found = [promise.values.get("margin", 0) for promise in claim.promises if promise.kind == KIND]
    return max([0, *found])


def check_margin(certificate: Certificate, promise: Promise, at: str) -> None:
    """Refuse a margin that is none.

    Raises:
        Malformed: the values are not one `margin` above 0.
        Unsupported: the rule is equal, which has no margin.
    """
    if set(promise.values) != {"margin"}:
        raise Malformed(
            "promise", f"{at}.values", "margin", Words(", ".join(sorted(promise.values)) or "nothing")
        )
    if promise.values["margin"] <= 0:
        raise Malformed("promise", f"{at}.values.margin", "above 0", promise.values["margin"])
    if certificate.claim.rule == "equal":
        raise Unsupported("promise", at, "a rule that has a margin", certificate.claim.rule)
