"""The verdict line of a check, and the same as data.

UNTRUSTED. It repeats what an engine established and names the engine.
"""

from collections.abc import Sequence
from typing import Protocol

from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown


class Established(Protocol):
    """What the kernel's `Accepted` and the fast engine's answer have in common."""

    @property
    def rule(self) -> str: ...  # noqa: D102
    @property
    def tolerance(self) -> Number | None: ...  # noqa: D102
    @property
    def samples(self) -> int: ...  # noqa: D102
    @property
    def examined(self) -> int: ...  # noqa: D102
    @property
    def excepted(self) -> int: ...  # noqa: D102
    @property
    def classes(self) -> int | None: ...  # noqa: D102
    @property
    def dataset_digest(self) -> str: ...  # noqa: D102
    @property
    def network_digest(self) -> str: ...  # noqa: D102
    @property
    def not_examined(self) -> tuple[str, ...]: ...  # noqa: D102


def lines(accepted: Established, engine: str) -> tuple[str, ...]:
    """Return the verdict line, and one for what was not examined. Raises: never."""
    partial = accepted.examined < accepted.samples
    head = f"accepted for {accepted.examined:,} of {accepted.samples:,} samples" if partial else "accepted"
    held = accepted.examined - accepted.excepted
    rows = f"holds on {held:,} of {accepted.examined:,} rows, " if accepted.excepted else ""
    tolerance = "none" if accepted.tolerance is None else shown(accepted.tolerance)
    classes = "no" if accepted.classes is None else f"{accepted.classes:,}"
    line = (
        f"{head} ({engine}): {rows}rule {accepted.rule}, tolerance {tolerance}, N = {accepted.samples:,} "
        f"samples, {classes} class{'' if accepted.classes == 1 else 'es'}, "
        f"data {accepted.dataset_digest}, network {accepted.network_digest}"
    )
    return line, left_out(accepted.not_examined)


def left_out(names: Sequence[str]) -> str:
    """Return the line about what was not examined. Raises: never."""
    return f"not examined: {', '.join(names) or 'nothing'}"


def as_data(accepted: Established, engine: str) -> dict[str, object]:
    """Return the verdict for `--json`. Raises: never."""
    return {
        "engine": engine,
        "whole": accepted.examined == accepted.samples,
        "rule": accepted.rule,
        "tolerance": None if accepted.tolerance is None else spell(accepted.tolerance),
        "samples": accepted.samples,
        "examined": accepted.examined,
        "excepted": accepted.excepted,
        "classes": accepted.classes,
        "digests": {"dataset": accepted.dataset_digest, "network": accepted.network_digest},
        "not_examined": list(accepted.not_examined),
    }
