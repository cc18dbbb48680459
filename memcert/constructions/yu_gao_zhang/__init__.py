"""Yu, Gao and Zhang 2024: robust memorization, a box of radius mu around every sample.

Glossary of the paper's letters: N points in n dimensions (here d) with C labels; lambda the
smallest distance of opposite labels in the maximum norm; mu < lambda/2 the radius.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.registry import Built, Construction, Option, OptionValue, Size, Task


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network: `robust_boxes.build`. Raises: BuildError, as there."""
    from memcert.constructions.yu_gao_zhang import robust_boxes

    return robust_boxes.build(task, options)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size that `build` will give: `robust_boxes.predict`. Raises: BuildError, as there."""
    from memcert.constructions.yu_gao_zhang import robust_boxes

    return robust_boxes.predict(task, options)


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
        build=build,
        predict=predict,
        choose="the label is to hold on a box of given radius around every sample",
        refuses=(
            "a radius that is not above 0, or not below lambda/2: names two rows",
            "the rule argmax with a single class, which has no second output to compare",
        ),
    ),
)
