"""A verifier's counterexample, judged: exactly, and in the float type that its property declares.

UNTRUSTED.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from memcert.errors import UsageError
from memcert.interop.import_options import ImportOptions
from memcert.interop.imported import Imported
from memcert.questions.witness_models import prepared
from memcert.witnesses.floats import FloatJudgement, judge_in_floats
from memcert.witnesses.judging import Judgement, Networks, judge
from memcert.witnesses.models import Models
from memcert.witnesses.prepared import Prepared
from memcert.witnesses.properties import read_property
from memcert.witnesses.repair import Repair, repaired
from memcert.witnesses.specification import Specification, Wanted
from memcert.witnesses.witness_files import Witness, read_witness
from memcert.witnesses.writing import write_witness


@dataclass(frozen=True, slots=True)
class JudgedWitness:
    """What was found of a witness.

    Args:
        stated: the property.
        networks: of its names.
        given: the witness.
        judgement: of it, exactly: `outside` and `unviolated` say by how much it misses.
        floats: the same in the float type that the property declares; None: it declares none.
        repair: a counterexample near it, if one was looked for and found.
        notes: what the import of the model has to say.
    """

    stated: Specification
    networks: Networks
    given: Witness
    judgement: Judgement
    floats: FloatJudgement | None
    repair: Repair | None
    notes: tuple[str, ...]

    @property
    def verdict(self) -> str:
        """One of `exact`, `repaired` and `not a counterexample`. Raises: never."""
        if self.judgement.exact:
            return "exact"
        return "not a counterexample" if self.repair is None else "repaired"

    def write(self, path: str | Path) -> None:
        """Write the counterexample that was found near the witness, in the witness's layout.

        Args:
            path: where to; packed if it ends in `.gz`. The file appears only if it is a counterexample,
                exactly, when it is read again.

        Raises:
            UsageError: none was found, or the file cannot be written.
            OSError: writing failed.
        """
        if self.repair is None:
            raise UsageError("there is no repaired witness to write")
        write_witness(Path(path), self.stated, self.networks, self.repair.witness, self.repair.judgement)


def judged_witness(
    model: str,
    spec: str,
    found: str,
    options: ImportOptions,
    *,
    repair: bool = False,
    watch: Callable[[Imported, Witness], None] | None = None,
) -> JudgedWitness:
    """Read a property, a witness and a model, and judge.

    Args:
        model: path of the model.
        spec: path of the property.
        found: path of the witness.
        options: how the model is read.
        repair: where it is no counterexample, look for one near it.
        watch: told of the model before anything is evaluated; what it raises ends the work.

    Raises:
        MemcertError, LimitReached: as `memcert.witness` says.
    """
    stated = read_property(spec)
    given = read_witness(found, stated)
    notes: dict[str, None] = {}

    def network(path: Path, wanted: Wanted | None) -> Prepared:
        imported, made = prepared(str(path), options, wanted)
        if watch is not None:
            watch(imported, given)
        notes.update(dict.fromkeys(imported.model.notes))
        return made

    networks = Models(network).of(stated, {"": Path(model)})
    judgement = judge(stated, networks, given)
    floats = judge_in_floats(stated, networks, given)
    wanted = repair and not judgement.exact
    mended = repaired(stated, networks, given, judgement) if wanted else None
    return JudgedWitness(stated, networks, given, judgement, floats, mended, tuple(notes))
