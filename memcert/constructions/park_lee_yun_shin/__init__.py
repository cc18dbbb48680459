"""Park, Lee, Yun and Shin 2021: O(N^(2/3)) parameters; keys halved until a table can hold them.

Glossary: N points; keys below K; T the half of the keys that stay; a table of A words of B labels
of c bits.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="park-lee-yun-shin",
        statement="Theorem 1 (w = 2/3), written out for ReLU",
        source="Park, Lee, Yun, Shin: Provable Memorization via Deep Neural Networks using "
        "Sub-linear Parameters (2021)",
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
        choose="fewer parameters than samples at small depth",
        refuses=("the rule argmax with a single class, which has no second output to compare",),
    ),
)
