"""Park, Lee, Yun and Shin 2021: O(N^(2/3)) parameters; keys halved until a table can hold them.

Glossary: N points; keys below K; T the half of the keys that stay; a table of A words of B labels
of c bits.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.registry import Built, Construction, Option, OptionValue, Size, Task


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network: `composition.build`. Raises: BuildError, as there."""
    from memcert.constructions.park_lee_yun_shin import composition

    return composition.build(task, options)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size that `build` will give: `composition.predict`. Raises: BuildError, as there."""
    from memcert.constructions.park_lee_yun_shin import composition

    return composition.predict(task, options)


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
        build=build,
        predict=predict,
        choose="fewer parameters than samples at small depth",
        refuses=("the rule argmax with a single class, which has no second output to compare",),
    ),
)
