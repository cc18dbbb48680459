"""Memorizers with one hidden layer: hinges along a direction, plates and bumps along hyperplanes.

Glossary: N points in d dimensions; t the projected values; w, b weights and places of hinges; S an
affine form that vanishes on a group of d points; v an affine form with the group's labels; delta
the least |S| off the group.
UNTRUSTED.
"""

from memcert.constructions.registry import Construction, Option, deferred, deferred_bounds

BUILD, PREDICT = deferred(f"{__name__}.composition")

CONSTRUCTIONS = (
    Construction(
        name="two-layer",
        statement="one hidden layer: interpolation, plates (Proposition 4), thresholds",
        source=(
            "Zhang et al.: Understanding deep learning requires rethinking generalization (2017); "
            "Bubeck et al.: Network size and weights size for memorization with two-layers neural "
            "networks (2020); Baum: On the capabilities of multilayer perceptrons (1988)"
        ),
        rules=("equal", "sign", "argmax", "within"),
        options=(
            Option(
                name="variant",
                kind="choice",
                default="merged",
                help="Hinges by forward substitution, as few hinges as slopes, plates, or thresholds.",
                choices=("zhang", "merged", "bubeck", "baum"),
            ),
            Option(
                name="projection",
                kind="choice",
                default="shared",
                help="zhang, merged: one projection neuron (depth 3), or two layers literally.",
                choices=("shared", "literal"),
            ),
            Option(
                name="hinges",
                kind="choice",
                default="gaps",
                help="merged: fewest, in the gaps; two a change of label, for boxes; or at the points.",
                choices=("gaps", "flat", "points"),
            ),
            Option(
                name="groups",
                kind="choice",
                default="fixed",
                help="bubeck, baum: groups of d points, or closed early where d are in no general position.",
                choices=("fixed", "adaptive"),
            ),
            Option(
                name="directions",
                kind="integer",
                default=256,
                help="zhang, merged: random directions tried; 0: the deterministic one.",
                minimum=0,
            ),
        ),
        build=BUILD,
        predict=PREDICT,
        bounds=deferred_bounds(f"{__name__}.promises"),
        choose="a few hundred samples or fewer; one or two hidden layers",
        refuses=(
            "variants bubeck and baum with fixed groups: a group is affinely dependent, or another "
            "row lies on its hyperplane",
            "variant baum: more than two labels",
            "variant zhang, and hinges at the points: so many points that slopes dy / dt are too long",
            "the rule argmax with a single class, which has no second output to compare",
        ),
    ),
)
