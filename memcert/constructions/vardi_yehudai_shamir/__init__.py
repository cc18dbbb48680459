"""Vardi, Yehudai and Shamir 2021: O(sqrt(N log N)) parameters at width 12, by bit extraction.

Glossary of the paper's letters: N points in d dimensions with C labels; r bounds their norms,
delta their distances; m intervals of n points; rho bits a key, c bits a label; u_j and w_j the
packed keys and labels of interval j; R the theorem's bound of the projected values.
UNTRUSTED.
"""

from collections.abc import Mapping

from memcert.constructions.registry import (
    Built,
    Construction,
    Facts,
    Option,
    OptionValue,
    Promised,
    Size,
    Task,
)


def build(task: Task, options: Mapping[str, OptionValue]) -> Built:
    """Build the network: `composition.build`. Raises: BuildError, as there."""
    from memcert.constructions.vardi_yehudai_shamir import composition

    return composition.build(task, options)


def predict(task: Task, options: Mapping[str, OptionValue]) -> Size:
    """Return the size that `build` will give: `composition.predict`. Raises: BuildError, as there."""
    from memcert.constructions.vardi_yehudai_shamir import composition

    return composition.predict(task, options)


def bounds(facts: Facts, options: Mapping[str, OptionValue]) -> tuple[Promised, ...]:
    """Return what the theorem promises: `promises.bounds`. Raises: never."""
    from memcert.constructions.vardi_yehudai_shamir import promises

    return promises.bounds(facts, options)


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
        build=build,
        predict=predict,
        choose="the theorem itself; a depth (--depth) or bits a weight (--bits) to be kept",
        bounds=bounds,
        refuses=(
            "the rule argmax with a single class, which has no second output to compare",
            "a depth L outside [1, sqrt N]",
            "fewer bits than the projection, or one field a word, takes; it says how many",
        ),
    ),
)
