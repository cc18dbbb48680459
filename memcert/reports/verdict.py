"""The verdict line of a check, and the same as data.

UNTRUSTED. It repeats what an engine established and names the engine.
"""

from collections.abc import Sequence
from typing import Protocol

from memcert.kernel.certificate import Number
from memcert.kernel.rational import spell
from memcert.kernel.verdict import shown


class Claimed(Protocol):
    """What every verdict names, of a check or a proof."""

    @property
    def rule(self) -> str: ...  # noqa: D102
    @property
    def tolerance(self) -> Number | None: ...  # noqa: D102
    @property
    def samples(self) -> int: ...  # noqa: D102
    @property
    def classes(self) -> int | None: ...  # noqa: D102
    @property
    def dataset_digest(self) -> str: ...  # noqa: D102
    @property
    def network_digest(self) -> str: ...  # noqa: D102


class Established(Claimed, Protocol):
    """What the kernel's `Accepted` and the fast engine's answer have in common."""

    @property
    def examined(self) -> int: ...  # noqa: D102
    @property
    def excepted(self) -> int: ...  # noqa: D102
    @property
    def not_examined(self) -> tuple[str, ...]: ...  # noqa: D102


def lines(accepted: Established, engine: str) -> tuple[str, ...]:
    """Return the verdict line, and one for what was not examined. Raises: never."""
    partial = accepted.examined < accepted.samples
    head = f"accepted for {accepted.examined:,} of {accepted.samples:,} samples" if partial else "accepted"
    held = accepted.examined - accepted.excepted
    rows = f"holds on {held:,} of {accepted.examined:,} rows, " if accepted.excepted else ""
    line = f"{head} ({engine}): {rows}{claimed(accepted)}"
    return line, left_out(accepted.not_examined)


def claimed(found: Claimed) -> str:
    """Return rule, tolerance, N, classes and digests, as every verdict names them. Raises: never."""
    tolerance = "none" if found.tolerance is None else shown(found.tolerance)
    classes = "no classes" if found.classes is None else _counted(found.classes, "class", "classes")
    return (
        f"rule {found.rule}, tolerance {tolerance}, N = {_counted(found.samples, 'sample', 'samples')}, "
        f"{classes}, data {found.dataset_digest}, network {found.network_digest}"
    )


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"


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
