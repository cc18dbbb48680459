"""What a proof established, or where it failed, in words.

UNTRUSTED. It repeats a `ProofResult` and names the solver that it rests on.
"""

from collections.abc import Iterator

from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown
from memcert.proofs.result import ProofResult, Refutation
from memcert.reports.verdict import claimed, left_out
from memcert.reports.words import rough, word

MOST_UNUSED = 12


def lines(result: ProofResult) -> tuple[str, ...]:
    """Return the verdict line and what it rests on. Raises: never."""
    return (_verdict(result), *_reasons(result), *_foundation(result))


def _verdict(result: ProofResult) -> str:
    held, proved = result.samples - result.excepted, result.verdict == "proved"
    rows = f"holds on {held:,} of {result.samples:,} rows, " if proved and result.excepted else ""
    return f"{result.verdict} ({result.solver} {result.solver_version}): {rows}{claimed(result)}"


def _reasons(result: ProofResult) -> Iterator[str]:
    if result.verdict == "proved":
        yield from _proved(result)
    if result.refutation is not None:
        yield from _refuted(result.refutation)
    for missing in result.open:
        place = "" if missing.block is None else f", block {word(missing.block)}"
        yield (
            f"  no answer for contract {word(missing.contract)}, case {word(missing.case)}{place}: "
            f"{missing.reason}"
        )


def _proved(result: ProofResult) -> Iterator[str]:
    whose = "every sample that is not excepted" if result.excepted else "every sample"
    if result.box_radius == 0:
        yield f"  {whose} has its label; no box around them is claimed"
    elif result.box_radius == "unbounded":
        yield "  every input whatever has the label"
    else:
        box = f"the closed box of radius {_radius(result.box_radius)}"
        yield f"  the label holds on {box} around {whose}"
    smallest = result.smallest_radius
    if smallest is not None:
        row = result.radii.index(smallest)
        attained = ", not attained" if row in result.open_radii else ""
        yield f"  proved radii, sample by sample: the smallest is {_radius(smallest)}, of row {row}{attained}"
    for promise in result.promises:
        values = ", ".join(f"{word(name)} {shown(value)}" for name, value in sorted(promise.values.items()))
        yield f"  the promise {word(promise.kind)} holds: {values}"


def _radius(radius: Number | str) -> str:
    return radius if isinstance(radius, str) else rough(radius)


def _refuted(found: Refutation) -> Iterator[str]:
    yield f"  {found}"
    parts = (
        ("block", found.block),
        ("stage", found.stage),
        ("contract", found.contract),
        ("case", found.case),
    )
    told = ", ".join(f"{what} {word(name)}" for what, name in parts if name is not None)
    if told:
        yield f"  in {told}"
    if found.sample is not None:
        yield f"  for sample {found.sample}"
    for name, value in found.values:
        yield f"  {word(name)} = {shown(value)}"
    yield from (f"  weight concerned: {weight}" for weight in found.weights)
    if found.cause is not None:
        yield f"  it failed first so: {found.cause}"
    if found.samples_wrong is not None:
        yield (
            "  the network errs on a sample, too"
            if found.samples_wrong
            else "  every sample comes out right: the promise failed, not the samples"
        )


def _foundation(result: ProofResult) -> Iterator[str]:
    own = f", {result.concrete_blocks} of them with their actual weights" if result.concrete_blocks else ""
    counts = f"{result.obligations} obligations of {result.contracts} contracts for {result.blocks:,} blocks"
    yield f"  {counts}{own}, in {result.seconds:.2f} s"
    if result.regions:
        yield "  the outline is one block a neuron: the proof executes regions, no mechanism was proved"
    unused = [f"{word(case.contract)}.{word(case.case)}" for case in result.unused]
    if unused:
        more = f" and {len(unused) - MOST_UNUSED} more" if len(unused) > MOST_UNUSED else ""
        yield f"  cases that no sample meets: {', '.join(unused[:MOST_UNUSED])}{more}"
    yield from (f"  rests on: {assumption}" for assumption in result.assumptions)
    yield left_out(result.not_examined)
