"""Predict every construction's size by its formula, and build the best.

Options that are choices with a default are varied one at a time, all else at its default. Nothing
is built but the best; its built size is compared with the predicted one.

Source: none.
UNTRUSTED.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from itertools import pairwise

from memcert.constructions.registry import (
    Built,
    Construction,
    Evidence,
    OptionValue,
    Size,
    Task,
    constructions,
)
from memcert.errors import BuildError, MemcertError
from memcert.kernel.certificate import Construction as Origin
from memcert.kernel.check import sizes as counted
from memcert.kernel.network import Network

Options = Mapping[str, OptionValue]
EXACT = ("parameters", "edges", "dense", "width", "depth")
"""The measures whose predictions are exact."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A construction with options: its predicted size, or why it refuses."""

    made_by: Construction
    options: Options
    size: Size | None
    refusal: str | None

    @property
    def name(self) -> str:
        """The construction, and the choices that are not its defaults. Raises: never."""
        defaults = {option.name: option.default for option in self.made_by.options}
        other = [f"--{key} {value}" for key, value in self.options.items() if value != defaults[key]]
        return " ".join([self.made_by.name, *other])


def candidates(task: Task, measure: str = "parameters") -> tuple[Candidate, ...]:
    """Return every construction, with its defaults and with each other choice, the smallest first.

    Args:
        task: the data.
        measure: a field of `Size`; parameters, then the name, decide between equals.

    Returns:
        Those that refuse come last. Of choices that make no difference one is listed. Cost: that
        of all predictions. What a construction raises about the data is its refusal.

    Raises:
        MemcertError: never.
    """
    found: dict[tuple[str, Size | None, str | None], Candidate] = {}
    for made_by in constructions().values():
        for options in () if made_by.portfolio else _combinations(made_by):
            made = _candidate(task, made_by, options)
            found.setdefault((made_by.name, made.size, made.refusal), made)
    return tuple(sorted(found.values(), key=lambda candidate: _rank(candidate, measure)))


def build(task: Task, options: Options) -> Built | Evidence:
    """Build the smallest network; the certificate names the construction that made it.

    Args:
        task: distinct points and numbered labels.
        options: `measure`.

    Returns:
        What that construction built, the whole table in its notes.

    Raises:
        BuildError: every construction refuses, or the built network is not as predicted.
    """
    measure = str(options["measure"])
    ranked = candidates(task, measure)
    best, size = _best(ranked)
    built = best.made_by.build(task, best.options)
    if isinstance(built, Evidence):
        return built
    _compare(best, size, built.network)
    given = {key: value for key, value in best.options.items() if value is not None}
    statement = built.statement or best.made_by.statement
    origin = Origin(best.made_by.name, statement, best.made_by.source, given)
    notes = {**built.notes, "smallest_by": measure, **_table(ranked)}
    return replace(built, origin=origin, notes=notes)


def predict(task: Task, options: Options) -> Size:
    """Return the smallest predicted size. Raises: BuildError, if every construction refuses."""
    return _best(candidates(task, str(options["measure"])))[1]


def _combinations(made_by: Construction) -> Iterator[Options]:
    """Yield the defaults first, then each other choice."""
    defaults = {option.name: option.default for option in made_by.options}
    yield defaults
    for option in made_by.options:
        if option.kind == "choice" and option.default is not None:
            yield from (
                defaults | {option.name: value} for value in option.choices if value != option.default
            )


def _candidate(task: Task, made_by: Construction, options: Options) -> Candidate:
    if task.rule not in made_by.rules:
        told = f"meets the rule {' or '.join(made_by.rules)}, not {task.rule}"
        return Candidate(made_by, options, None, told)
    try:
        return Candidate(made_by, options, made_by.predict(task, options), None)
    except MemcertError as error:
        return Candidate(made_by, options, None, str(error))


def _rank(candidate: Candidate, measure: str) -> tuple[bool, int, int, str]:
    size = candidate.size
    if size is None:
        return True, 0, 0, candidate.name
    return False, int(getattr(size, measure)), size.parameters, candidate.name


def _best(ranked: tuple[Candidate, ...]) -> tuple[Candidate, Size]:
    if not ranked or ranked[0].size is None:
        told = "; ".join(f"{candidate.name}: {candidate.refusal}" for candidate in ranked)
        raise BuildError(f"every construction refuses these data: {told}")
    return ranked[0], ranked[0].size


def _compare(best: Candidate, size: Size, network: Network) -> None:
    widths = [network.layers[0].shape[1], *(layer.shape[0] for layer in network.layers)]
    dense = sum(after * (before + 1) for before, after in pairwise(widths))
    found = counted(network) | {"dense": dense}
    for measure in EXACT:
        if found[measure] != getattr(size, measure):
            raise BuildError(
                f"{best.name} built {found[measure]} {measure}, its formula says {getattr(size, measure)}"
            )
    if found["bit_complexity"] > size.bits:
        raise BuildError(f"{best.name} built {found['bit_complexity']} bits, its bound is {size.bits}")


def _table(ranked: tuple[Candidate, ...]) -> dict[str, str]:
    """One note a candidate, in the order of the ranking."""
    digits = len(str(len(ranked)))
    return {f"candidate_{k:0{digits}}": _line(candidate) for k, candidate in enumerate(ranked, start=1)}


def _line(candidate: Candidate) -> str:
    if candidate.size is None:
        return f"{candidate.name}: refuses: {candidate.refusal}"
    told = ", ".join(f"{measure} {number:,}" for measure, number in asdict(candidate.size).items())
    return f"{candidate.name}: {told}"
