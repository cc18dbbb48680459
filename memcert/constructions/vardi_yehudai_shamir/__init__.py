"""Vardi, Yehudai and Shamir 2021: O(sqrt(N log N)) parameters at width 12, by bit extraction.

Glossary of the paper's letters: N points in d dimensions with C labels; r bounds their norms,
delta their distances; m intervals of n points; rho bits a key, c bits a label; u_j and w_j the
packed keys and labels of interval j; R the theorem's bound of the projected values.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="vardi-yehudai-shamir",
        statement="Theorem 3.1",
        source="Vardi, Yehudai, Shamir: On the Optimal Memorization Power of ReLU Neural Networks (2021)",
        rules=("equal", "sign", "argmax", "within"),
        options=(
            Option(
                name="sizing",
                kind="choice",
                default="balanced",
                help="The split and constants: the fewest parameters, or the theorem's own.",
                choices=("balanced", "literal"),
            ),
            Option(
                name="directions",
                kind="integer",
                default=256,
                help="Random directions tried by the balanced sizing; 0: the deterministic one.",
                minimum=0,
            ),
            Option(
                name="depth",
                kind="integer",
                default=None,
                help="L of Theorem 5.1, from 1 to sqrt N: ceil(N / L^2) copies side by side, less depth.",
            ),
            Option(
                name="bits",
                kind="integer",
                default=None,
                help="B of Theorem 6.2: no weight has more bits.",
                minimum=1,
            ),
            Option(
                name="split",
                kind="choice",
                default=None,
                help="How --bits is kept: copies in series as printed, or one with shorter words (direct).",
                choices=("paper", "direct"),
            ),
        ),
        build=BUILD,
        predict=PREDICT,
        bounds=deferred_bounds(f"{__name__}.promises"),
        choose="the theorem itself; a depth (--depth) or bits a weight (--bits) to be kept",
        refuses=(
            "the rule argmax with a single class, which has no second output to compare",
            "a depth L outside [1, sqrt N]",
            "fewer bits than the projection, or one field a word, takes; it says how many",
        ),
    ),
)
