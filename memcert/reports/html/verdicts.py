"""Verdicts as cards: a word, a sentence that says what it means, what it rests on, and how it failed.

UNTRUSTED.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from markupsafe import Markup, escape

from memcert.boxes.check import Replayed
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import Failure
from memcert.proofs.result import ProofResult, Refutation
from memcert.reports.boxes import FAST_RESTS_ON, RESTS_ON, SHOWN_ROWS
from memcert.reports.findings import Findings
from memcert.reports.html.exact import MOST_WORDS, number, words
from memcert.reports.words import printable

MOST_CASES = 30
MOST_NAME = 80
MARKS = {"good": "\u2713", "bad": "\u2715", "open": "?", "part": "!"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One verdict.

    Args:
        word: as the command line prints it.
        state: `good`, `bad`, `open`, or `part`: true, and admitting rows that fail.
        who: engine or solver.
        means: sentences.
        rests: what it rests on, a phrase each.
        left: what it says nothing about.
        facts: (what, value) of a failure.
    """

    word: str
    state: str
    who: str
    means: tuple[str | Markup, ...]
    rests: tuple[str | Markup, ...]
    left: tuple[str, ...]
    facts: tuple[tuple[str, Markup], ...]

    @property
    def mark(self) -> str:
        """Return a sign for the state. Raises: never."""
        return MARKS[self.state]


def verdicts(found: Findings) -> tuple[Verdict, ...]:
    """Return the check's verdict, the proof's if there is one, and that of a box file. Raises: never."""
    proof = [] if found.proof is None else [_proof(found)]
    boxes = (
        []
        if found.boxes is None
        else [_boxes(found.boxes, found.boxes_file or "", FAST_RESTS_ON if found.boxes_fast else RESTS_ON)]
    )
    return (_check(found), *proof, *boxes)


def _boxes(done: Replayed | Failure, file: str, rests: str) -> Verdict:
    who = f"the replay of {printable(file)[:MOST_NAME]}"
    if isinstance(done, Failure):
        state = "bad" if done.status in (1, 4) else "open"
        means = "The box file does not show what it says; nothing is known of boxes around the samples."
        return Verdict(done.word, state, who, (means,), (rests,), (), tuple(_failure(done)))
    rows = len(done.proved) + len(done.refuted) + len(done.undecided)
    cut = "" if done.domain is None else ", cut to the domain,"
    means_ = (
        Markup("The rule {} holds at every point of the closed box of radius {}{} around").format(
            done.rule, number(done.epsilon), cut
        )
        + Markup(" {:,} of {:,} rows.").format(len(done.proved), rows),
        Markup("{:,} cases were told apart.").format(done.leaves),
    )
    named = (("a point of the box fails", done.refuted), ("undecided", done.undecided))
    facts = [(what, _rows(found)) for what, found in named if found]
    if done.domain is not None:
        facts += [("domain", _interval(bounds)) for bounds in done.domain[:SHOWN_ROWS]]
    state = "bad" if done.refuted else "open" if done.undecided else "good"
    word = {"bad": "refuted", "open": "undecided", "good": "replayed"}[state]
    return Verdict(word, state, who, means_, (rests,), (), tuple(facts))


def _rows(rows: Sequence[int]) -> Markup:
    more = f" and {len(rows) - SHOWN_ROWS:,} more" if len(rows) > SHOWN_ROWS else ""
    return Markup("row {}{}").format(", ".join(map(str, rows[:SHOWN_ROWS])), more)


def _interval(bounds: tuple[Number, Number]) -> Markup:
    return Markup("{} to {}").format(number(bounds[0]), number(bounds[1]))


def _check(found: Findings) -> Verdict:
    done = found.checked
    whose = "the samples of the file that was given" if found.own_data else "the samples that it quotes"
    rests: tuple[str, ...] = (f"the {found.engine} of memcert, in exact arithmetic", whose)
    if isinstance(done, Failure):
        state = "bad" if done.status in (1, 4) else "open"
        means = "The first thing that is not as claimed stands below, with both exact values."
        if state == "open":
            means = "A limit was reached. Nothing is known about the claim."
        return Verdict(done.word, state, found.engine, (means,), rests, (), tuple(_failure(done)))
    held, size = done.samples - done.excepted, done.samples
    means = (
        f"The network was run on all {size:,} samples over the rational numbers. "
        f"The rule {done.rule} holds on "
        + ("every one of them." if not done.excepted else f"{held:,} of them, and on no other.")
    )
    state = "good" if not done.excepted else "part"
    return Verdict("accepted", state, found.engine, (means,), rests, done.not_examined, ())


def _failure(done: Failure) -> Iterator[tuple[str, Markup]]:
    yield "rule", words(done.rule)
    yield "place", words(done.at)
    yield "expected", words(done.expected)
    yield "got", words(done.got)


def _proof(found: Findings) -> Verdict:
    done = found.proof
    if isinstance(done, ProofResult):
        return proof_verdict(done, found.proof_file)
    if not isinstance(done, Failure):
        raise TypeError(f"expected a proof's end, got {type(done).__name__}")
    means = "The proof could not begin; nothing is known of inputs other than the samples."
    return Verdict(done.word, "open", "the prover", (means,), (), (), tuple(_failure(done)))


def proof_verdict(done: ProofResult, file: str | None) -> Verdict:
    """Return the verdict of a proof; `file` names the result file that tells of it, if one does.

    Raises: never.
    """
    rests = [_quoted(assumption) for assumption in done.assumptions]
    if file is not None:
        taken = Markup("the result file {}, whose word is taken: nothing was proved again for this page")
        rests.insert(0, taken.format(words(file)))
    state = {"proved": "good", "refuted": "bad", "undecided": "open"}[done.verdict]
    means: list[str | Markup] = [
        f"{done.obligations:,} obligations of {done.contracts:,} contracts were put to the solver, "
        f"for {done.blocks:,} blocks."
    ]
    if done.verdict == "proved":
        means.insert(0, _box(done))
    if done.regions:
        means.append("The outline is one block a neuron: regions were executed, no mechanism was proved.")
    if done.concrete_blocks:
        means.append(f"{done.concrete_blocks:,} blocks were proved with their actual weights only.")
    if done.unused:
        told = ", ".join(f"{case.contract}.{case.case}" for case in done.unused[:MOST_CASES])
        more = f" and {len(done.unused) - MOST_CASES:,} more" if len(done.unused) > MOST_CASES else ""
        means.append(f"Cases that no sample meets: {told}{more}.")
    facts = [] if done.refutation is None else list(refutation(done.refutation))
    for missing in done.open:
        place = Markup("{}, case {}: {}")
        facts.append(
            ("no answer", place.format(words(missing.contract), words(missing.case), words(missing.reason)))
        )
    who = f"{done.solver} {done.solver_version}"
    return Verdict(done.verdict, state, who, tuple(means), tuple(rests), done.not_examined, tuple(facts))


def _quoted(text: str) -> Markup:
    """Return words of memcert's, what stands between backquotes as code."""
    parts = printable(text).split("`")
    if len(parts) % 2 == 0 or len(text) > MOST_WORDS:
        return words(text)
    code = Markup("<code>{}</code>")
    return Markup("").join(code.format(part) if k % 2 else escape(part) for k, part in enumerate(parts))


def _box(done: ProofResult) -> Markup:
    if done.box_radius == 0:
        told = Markup("Every sample has its label by the contracts; no box around it is claimed.")
    elif done.box_radius == "unbounded":
        told = Markup("Every input whatever has the label.")
    else:
        told = Markup("The label holds on the whole closed box of radius {} around every sample.").format(
            number(done.box_radius)
        )
    if done.excepted:
        told += Markup(" {:,} samples are excepted.").format(done.excepted)
    return told


def refutation(failed: Refutation) -> Iterator[tuple[str, Markup]]:
    """Yield (what, value) of the first thing that failed, every number exact. Raises: never."""
    yield "rule", words(failed.rule)
    yield "place", words(failed.at)
    yield "expected", words(failed.expected)
    yield "got", words(failed.got)
    for what in ("stage", "block", "contract", "case"):
        value = getattr(failed, what)
        if value is not None:
            yield what, words(value)
    if failed.sample is not None:
        yield "sample", Markup("{:,}").format(failed.sample)
    for name, value in failed.values:
        yield f"value of {name}", number(value)
    for weight in failed.weights:
        yield "weight concerned", words(weight)
    if failed.samples_wrong is not None:
        told = (
            "the network errs on a sample, too"
            if failed.samples_wrong
            else ("every sample comes out right: the promise failed, not the samples")
        )
        yield "samples", Markup("{}").format(told)
