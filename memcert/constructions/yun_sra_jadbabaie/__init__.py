"""Yun, Sra and Jadbabaie 2019: three layers with O(sqrt N) neurons and O(N) parameters.

Glossary of the paper's letters: N points; d1 and d2 neurons in the hidden layers; d_y outputs.
Here: m groups of n neighbours on a line; t the projected values.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="yun-sra-jadbabaie",
        statement="three layers of O(sqrt N) neurons",
        source=(
            "Yun, Sra, Jadbabaie: Small ReLU networks are powerful memorizers: a tight analysis of "
            "memorization capacity (2019)"
        ),
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
        choose="three layers of O(sqrt N) neurons",
        refuses=("the rule argmax with a single class, which has no second output to compare",),
    ),
)
