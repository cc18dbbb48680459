"""Yu, Gao and Zhang 2024: robust memorization, a box of radius mu around every sample.

Glossary of the paper's letters: N points in n dimensions (here d) with C labels; lambda the
smallest distance of opposite labels in the maximum norm; mu < lambda/2 the radius.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.robust_boxes")

CONSTRUCTIONS = (
    Construction(
        name="robust-boxes",
        statement="robust memorization in the maximum norm, width 3d + 1",
        source="Yu, Gao, Zhang: Optimal Robust Memorization with ReLU Neural Networks (ICLR 2024)",
        rules=("equal", "sign", "argmax", "within"),
        options=(
            Option(
                name="radius",
                kind="rational",
                default=None,
                help="Radius of the box around every sample, below half the smallest distance lambda of "
                "opposite labels in the maximum norm; left out: lambda/3.",
            ),
        ),
        build=BUILD,
        predict=PREDICT,
        bounds=deferred_bounds(f"{__name__}.promises"),
        choose="the label is to hold on a box of given radius around every sample",
        refuses=(
            "a radius that is not above 0, or not below lambda/2: names two rows",
            "the rule argmax with a single class, which has no second output to compare",
        ),
    ),
)
