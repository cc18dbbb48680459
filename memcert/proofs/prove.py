"""Prove a certificate: match, chain, rule, solver, in this order; believe nothing else of it.

The outline is compared with the weights (P1, P2, P4); every sample is taken through the blocks on
its whole region (P6, P10) to the claimed rule (P7); then a solver is asked every case of every
contract (P5, P8). Nothing here knows a construction.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from time import monotonic
from typing import Literal

from memcert.contracts.neurons import region_execution
from memcert.contracts.terms import exact
from memcert.datasets.dataset import Dataset
from memcert.kernel.certificate import Certificate, Number
from memcert.proofs.binding import Bound, bound
from memcert.proofs.blocks import Asking, Blocks, made_sure
from memcert.proofs.obligations import obligations, reachability
from memcert.proofs.outline import Outline, outline_of
from memcert.proofs.promises import check_kinds, examined
from memcert.proofs.region_proof import Held, RegionProof
from memcert.proofs.result import (
    NOT_EXAMINED,
    UNBOUNDED,
    Open,
    ProofResult,
    Refutation,
    UnusedCase,
    Verdict,
)
from memcert.proofs.samples_run import samples_wrong
from memcert.proofs.settle import settle
from memcert.proofs.solvers import discharge, solver_version

Radii = tuple[Number | Literal["unbounded"] | None, ...]
Progress = Callable[[str, int, int], None]
"""Told (what is being done, how much of it is done, how much there is)."""


def prove(
    certificate: Certificate,
    *,
    dataset: Dataset | None = None,
    solver: str = "z3",
    timeout: float = 10.0,
    jobs: int = 1,
    progress: Progress | None = None,
) -> ProofResult:
    """Prove each block for all inputs, and from that the rule on the box around every sample.

    Args:
        certificate: decoded, not believed.
        dataset: the user's own samples; None: the certificate's.
        solver: `z3` or `cvc5`.
        timeout: seconds for each question to it.
        jobs: processes that ask it.
        progress: told about every step.

    Returns:
        The verdict: proved; refuted, with the first thing that failed; or undecided.

    Cost: linear in the weights; a block costs the classes of its inputs, and the samples where a
    case depends on the input; a solver's work for each case of each contract.

    Raises:
        Malformed: the outline is none, whatever the weights.
        Unsupported: there is no outline, or a promise that no proof knows.
        Mismatch: the user's data are not those that the certificate speaks of.
        Rejected: a digest in the certificate is wrong.
        LimitReached: the data are detached and not given, or a bound on size was reached.
        UsageError, UnsupportedError: solver, timeout or jobs.
    """
    started = monotonic()
    version = solver_version(solver)
    check_kinds(certificate)
    found = _Proof(
        certificate,
        bound(certificate, dataset),
        outline_of(certificate),
        Asking(solver, timeout, jobs),
        progress,
    ).run()
    return replace(found, solver_version=version, seconds=monotonic() - started)


@dataclass(frozen=True, slots=True, eq=False)
class _Proof:
    """One certificate, bound to its samples, on its way to a verdict."""

    certificate: Certificate
    bound: Bound
    outline: Outline
    asking: Asking
    progress: Progress | None

    def run(self) -> ProofResult:
        """Take the four steps; the first that fails is the verdict."""
        blocks = made_sure(self.certificate.network, self.outline, self.asking, self._report("matching"))
        if blocks.refutation is not None:
            return self._refuted(blocks, 0, blocks.refutation)
        if blocks.open:
            return self._result("undecided", blocks, 0, open=blocks.open)
        regions = RegionProof(
            self.certificate, self.bound, self.outline, blocks.linked, self._report("samples")
        )
        held = regions.run()
        if isinstance(held, Refutation):
            return self._refuted(blocks, 0, held)
        failed = examined(self.certificate, self.bound, self.outline, blocks.linked)
        if failed is not None:
            return self._refuted(blocks, 0, failed)
        return self._asked(blocks, held)

    def _asked(self, blocks: Blocks, held: Held) -> ProofResult:
        """Ask the solver every case; all must be `unsat`."""
        contracts, asking = self.certificate.contracts, self.asking
        asked = obligations(contracts)
        report = self._report("obligations")
        outcomes = discharge(asked, asking.solver, asking.timeout, asking.jobs, report)
        settled = settle(contracts, asked, outcomes)
        if settled.refutations:
            return self._refuted(blocks, len(asked), settled.refutations[0])
        every = {(c, k) for c, contract in enumerate(contracts) for k in range(len(contract.cases))}
        if settled.open or settled.proved != every:
            return self._result("undecided", blocks, len(asked), open=settled.open)
        result = self._result("proved", blocks, len(asked))
        radii, left_out = self._radii(held)
        return replace(result, radii=radii, open_radii=left_out, unused=self._unused(held))

    def _refuted(self, blocks: Blocks, asked: int, refutation: Refutation) -> ProofResult:
        wrong = samples_wrong(self.certificate, self.bound, refutation.sample)
        return self._result("refuted", blocks, asked, refutation=replace(refutation, samples_wrong=wrong))

    def _result(
        self,
        verdict: Verdict,
        blocks: Blocks,
        asked: int,
        *,
        refutation: Refutation | None = None,
        open: tuple[Open, ...] = (),
    ) -> ProofResult:
        certificate, claim, data = self.certificate, self.certificate.claim, self.certificate.dataset
        total = asked + blocks.obligations
        used = {block.contract for block in certificate.blocks}
        regions = region_execution(tuple(c for c in certificate.contracts if c.id in used))
        return ProofResult(
            verdict=verdict,
            rule=claim.rule,
            tolerance=claim.tolerance,
            samples=data.size,
            excepted=len(claim.excepted),
            classes=None if data.classes is None else len(data.classes),
            dataset_digest=self.bound.dataset_digest,
            network_digest=self.bound.network_digest,
            blocks=len(certificate.blocks),
            contracts=len(certificate.contracts),
            obligations=total,
            concrete_blocks=blocks.concrete,
            unused=(),
            box_radius=self._radius(),
            radii=(),
            open_radii=(),
            regions=regions,
            solver=self.asking.solver,
            solver_version="",
            assumptions=_assumptions(self.asking.solver, total) if verdict == "proved" else (),
            not_examined=NOT_EXAMINED,
            refutation=refutation,
            open=open,
            seconds=0,
            promises=claim.promises,
        )

    def _radius(self) -> Number | Literal["unbounded"]:
        radius = self.certificate.claim.box_radius
        return UNBOUNDED if isinstance(radius, str) else radius or 0

    def _radii(self, held: Held) -> tuple[Radii, tuple[int, ...]]:
        """Return the proved radius of each sample, and the rows that do not attain theirs.

        Nothing is claimed around an excepted row: it has none.
        """
        excepted = frozenset(self.certificate.claim.excepted)
        if held.limits is None:
            claimed, rows = self._radius(), range(self.certificate.dataset.size)
            return tuple(None if row in excepted else claimed for row in rows), ()
        radii: list[Number | Literal["unbounded"] | None] = []
        left_out = []
        for row, (limit, is_open) in enumerate(held.limits):
            if row in excepted:
                radii.append(None)
                continue
            radii.append(UNBOUNDED if limit is None else exact(limit))
            if is_open:
                left_out.append(row)
        return tuple(radii), tuple(left_out)

    def _unused(self, held: Held) -> tuple[UnusedCase, ...]:
        """Return the cases that no sample chose, and whether anything can meet them at all (P10)."""
        contracts, asking = self.certificate.contracts, self.asking
        unused = [
            (c, k)
            for c, contract in enumerate(contracts)
            for k in range(len(contract.cases))
            if (contract.id, k) not in held.used
        ]
        asked = reachability(contracts, unused)
        possible: dict[tuple[int, int], bool | None] = {}
        for obligation, outcome in zip(
            asked, discharge(asked, asking.solver, asking.timeout, asking.jobs), strict=True
        ):
            known = {"sat": True, "unsat": False}.get(outcome.status)
            possible |= {(stand.contract, stand.case): known for stand in obligation.stands}
        return tuple(
            UnusedCase(contracts[c].id, contracts[c].cases[k].name, possible.get((c, k))) for c, k in unused
        )

    def _report(self, step: str) -> Callable[[int, int], None] | None:
        return None if self.progress is None else partial(self.progress, step)


def _assumptions(solver: str, asked: int) -> tuple[str, ...]:
    return (
        f"{solver} is right in each of its {asked} answers `unsat`, over the real numbers",
        "weights, side conditions and guards: compared exactly, in integers, by memcert itself",
        "the decoder and the digest of the network are the kernel's",
    )
