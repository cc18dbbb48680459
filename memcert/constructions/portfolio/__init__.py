"""A portfolio: of all constructions in the registry, the one that is predicted to be the smallest.

UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.registry import Built, Construction, Evidence, Option, OptionValue, Size, Task


def build(task: Task, options: Mapping[str, OptionValue]) -> Built | Evidence:
    """Build the smallest network: `ranking.build`. Raises: BuildError, as there."""
    from memcert.constructions.portfolio import ranking

    return ranking.build(task, options)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size that `build` will give: `ranking.predict`. Raises: BuildError, as there."""
    from memcert.constructions.portfolio import ranking

    return ranking.predict(task, options)


CONSTRUCTIONS = (
    Construction(
        name="smallest",
        statement="the smallest of all constructions here, by their formulas",
        source="memcert",
        rules=("equal", "sign", "argmax", "within"),
        options=(
            Option(
                name="measure",
                kind="choice",
                default="parameters",
                help="What is to be smallest.",
                choices=("parameters", "edges", "dense", "depth", "width", "bits"),
            ),
        ),
        build=build,
        predict=predict,
        choose="only the size counts: all others are tried",
        refuses=("whatever every other construction refuses",),
        portfolio=True,
    ),
)
