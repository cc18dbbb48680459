"""All witnesses of a result folder, judged one after another; each model and property is read once.

UNTRUSTED. What one witness raises is that witness's ending, and the others are judged.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TypeVar

from memcert.endings import DOES_NOT_HOLD, HOLDS, MALFORMED, Ending, ending
from memcert.errors import UsageError
from memcert.kernel.verdict import shown
from memcert.witnesses.floats import FloatJudgement, judge_in_floats
from memcert.witnesses.judging import Judgement, Networks, judge
from memcert.witnesses.layouts import Instance, Paired
from memcert.witnesses.models import Models, Read
from memcert.witnesses.properties import read_property
from memcert.witnesses.refusals import NoWitnessError
from memcert.witnesses.repair import Repair, repaired
from memcert.witnesses.specification import Specification
from memcert.witnesses.witness_files import Witness, read_witness
from memcert.witnesses.writing import write_witness

EXACT = "exact"
"""The kind of a counterexample."""
NONE = "no witness"
"""The kind of a file that says `unsat`, `timeout` or nothing."""
_Result = TypeVar("_Result")


@dataclass(frozen=True, slots=True)
class Entry:
    """What became of one witness file.

    Args:
        paired: the file.
        kind: `exact`, `outside`, `not violating`, both, `no witness`, or the word of an ending.
        status: as the command alone would exit, 0 where a repair was found or the file holds no witness.
        message: of the ending, if it was not judged.
        stated: the property, if it was judged.
        judgement: if it was.
        repair: if one was asked for and found.
        floats: if it was judged, and the property declares a float type.
        claim: what the tool's results.csv says of the instance; None: nothing.
        mended: whether a repair was asked for and found.
    """

    paired: Paired
    kind: str
    status: int
    message: str | None = None
    stated: Specification | None = None
    judgement: Judgement | None = None
    repair: Repair | None = None
    floats: FloatJudgement | None = None
    claim: str | None = None
    mended: bool = False

    @property
    def holds(self) -> bool:
        """Whether it is a counterexample, or one was found beside it. Raises: never."""
        return self.mended or self.kind == EXACT

    def light(self) -> "Entry":
        """Return it without property, values and repair, which fill the memory. Raises: never."""
        return replace(self, stated=None, judgement=None, repair=None, floats=None)


@dataclass(frozen=True, slots=True)
class Options:
    """What is done beside judging.

    Args:
        read_model: returns the network of a model file, see `models.Read`.
        repair: whether to look for a counterexample where a witness is none.
        fixed: the folder that gets those that are found, laid out as the results are.
    """

    read_model: Read
    repair: bool
    fixed: Path | None


def judged(pairs: Iterable[Paired], options: Options) -> Iterator[Entry]:
    """Yield an entry for each file: those of one model together, in the order of their paths.

    Cost: a model and a property are read once; then as `judge` and `repaired`, one by one.

    Raises:
        KeyboardInterrupt: it is passed on.
    """
    everything = list(pairs)
    for pair in everything:
        if pair.instance is None:
            told = "expected a name that instances.csv gives, and gives once"
            yield Entry(pair, "malformed", MALFORMED, f"{shown(str(pair.path))}: {told}")
    matched = [(pair, pair.instance) for pair in everything if pair.instance is not None]
    matched.sort(key=lambda item: (*_key(item[1]), str(item[0].within)))
    for _, same in groupby(matched, key=lambda item: _key(item[1])[0]):
        models = Models(options.read_model)
        for _, group in groupby(same, key=lambda item: _key(item[1])[1]):
            rows = list(group)
            stated = _or_ending(partial(read_property, str(rows[0][1].property)))
            for pair, _ in rows:
                yield _entry(pair, stated, models, options)


def _key(instance: Instance) -> tuple[tuple[tuple[str, str], ...], str]:
    models = tuple(sorted((name, str(path)) for name, path in instance.models.items()))
    return models, str(instance.property)


def _or_ending(act: Callable[[], _Result]) -> _Result | Ending:
    try:
        return act()
    except Exception as error:
        return ending(error)


def _entry(pair: Paired, stated: Specification | Ending, models: Models, options: Options) -> Entry:
    if isinstance(stated, Ending):
        return Entry(pair, stated.verdict, stated.status, stated.message)
    try:
        witness = _witness(pair, stated)
        paths = {} if pair.instance is None else pair.instance.models
        return _judged(pair, stated, models.of(stated, paths), witness, options)
    except NoWitnessError as error:
        return Entry(pair, NONE, HOLDS, str(error))
    except _UnreadableError as error:
        return Entry(pair, "malformed", MALFORMED, str(error))
    except Exception as error:
        found = ending(error)
        return Entry(pair, found.verdict, found.status, found.message)


class _UnreadableError(Exception):
    """What should be a witness is a folder, a pipe, a link to nothing: whoever runs this misused nothing."""


def _witness(pair: Paired, stated: Specification) -> Witness:
    try:
        return read_witness(str(pair.path), stated)
    except UsageError as error:
        raise _UnreadableError(str(error)) from None


def _judged(
    pair: Paired, stated: Specification, networks: Networks, witness: Witness, options: Options
) -> Entry:
    judgement = judge(stated, networks, witness)
    mended = None
    if options.repair and not judgement.exact:
        mended = repaired(stated, networks, witness, judgement)
        if mended is not None and options.fixed is not None:
            target = options.fixed / pair.within
            target.parent.mkdir(parents=True, exist_ok=True)
            write_witness(target, stated, networks, mended.witness, mended.judgement)
    status = HOLDS if judgement.exact or mended is not None else DOES_NOT_HOLD
    floats = judge_in_floats(stated, networks, witness)
    return Entry(
        pair, judgement.kind, status, None, stated, judgement, mended, floats, mended=mended is not None
    )
