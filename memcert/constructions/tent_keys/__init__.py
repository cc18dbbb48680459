"""Tent keys: one number a block whose orbit under the tent map passes its points' keys in turn.

Glossary: P stored points in m blocks of n slots; rho bits a key, c bits a label; T the tent map.
Source: none but the tools of Vardi, Yehudai and Shamir 2021, whose bit extraction it does without:
a key is never read bit by bit, it is where the orbit stands.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="tent-keys",
        statement="2 sqrt(6 P (7 rho + 13 c + 10)) parameters and lower order terms, P points stored",
        source="memcert, from the tools of Vardi, Yehudai, Shamir (2021)",
        rules=("equal", "sign", "argmax", "within"),
        options=(
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
        choose="the fewest parameters from a few hundred samples on",
        refuses=("the rule argmax with a single class, which has no second output to compare",),
    ),
)
