"""Nagler and Langer 2026: memorizers of any width, whose weights after the first layer stay bounded.

Glossary: W the width; n digits are read at a time, 2^(n+1) + 3 <= W; rho bits a key in kappa groups,
c bits a label in lam groups; words are sums of theta_i 3^-i, theta_i 0 or 1.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="nagler-langer",
        statement="Proposition 3.4, an explicit version; its depth is not claimed",
        source="Nagler, Langer: COLT 2026 (PMLR 336)",
        rules=("equal", "sign", "argmax", "within"),
        options=(
            Option(
                name="width",
                kind="integer",
                default=7,
                help="The largest width allowed; wider networks are less deep.",
                minimum=7,
            ),
            Option(
                name="directions",
                kind="integer",
                default=256,
                help="Random directions tried; 0: the deterministic one.",
                minimum=0,
            ),
        ),
        build=BUILD,
        predict=PREDICT,
        bounds=deferred_bounds(f"{__name__}.promises"),
        choose="weights of bounded size after the first layer, at a width of your choice",
        refuses=(
            "a width below 7, which cannot read a digit",
            "the rule argmax with a single class, which has no second output to compare",
        ),
    ),
)
