"""A portfolio: of all constructions in the registry, the one that is predicted to be the smallest.

UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred

BUILD, PREDICT = deferred(f"{__name__}.ranking")

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
        build=BUILD,
        predict=PREDICT,
        choose="only the size counts: all others are tried",
        refuses=("whatever every other construction refuses",),
        portfolio=True,
    ),
)
