"""The formula as a float type has it: inputs, outputs and the numbers of the constraints are floats.

UNTRUSTED. Beside the exact verdict, never instead of it. Sums inside a constraint are taken exactly.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass, replace

from memcert.errors import UnsupportedError
from memcert.kernel.certificate import Number
from memcert.witnesses.formula import Atom, Form, Formula, Step
from memcert.witnesses.judging import Networks
from memcert.witnesses.measure import Miss, measures
from memcert.witnesses.prepared import Runner
from memcert.witnesses.specification import Specification
from memcert.witnesses.witness_files import Witness

ORDER = "memcert's sequential order"
"""Which order of sums the float verdict is about; a runtime may take another one."""


@dataclass(frozen=True, slots=True)
class FloatJudgement:
    """What floats make of a witness.

    Args:
        type: such as `float32`.
        refused: why it was not judged; None: it was.
        finite: whether every number that was met is one.
        outside: as in `Judgement`; None too where it was not judged or is not finite.
        unviolated: the same.
        moved: the inputs of the witness that are no numbers of the type, and were rounded.
    """

    type: str
    refused: str | None = None
    finite: bool = False
    outside: Miss | None = None
    unviolated: Miss | None = None
    moved: tuple[int, ...] = ()

    @property
    def holds(self) -> bool:
        """Whether the witness is a counterexample in these floats. Raises: never."""
        return self.finite and self.outside is None and self.unviolated is None


def judge_in_floats(stated: Specification, networks: Networks, witness: Witness) -> FloatJudgement | None:
    """Return what a witness is worth in the float type that the property declares.

    Args:
        stated: the property.
        networks: of its names.
        witness: its inputs are rounded to the type; those of integer types stay what they are.

    Returns:
        None: the types are real or integers. Cost: one pass of the model's graph.

    Raises:
        never.
    """
    kinds = tuple(dict.fromkeys(part.type for part in stated.declared if part.whole is None))
    if kinds in {(), ("real",)}:
        return None
    wholes = stated.wholes
    if len(kinds) > 1 or any(map(stated.is_output, wholes)):
        return FloatJudgement(" and ".join(stated.types), refused="the property mixes types")
    try:
        runners = {part.name: networks[part.name].runner(kinds[0]) for part in stated.networks}
    except UnsupportedError as error:
        return FloatJudgement(kinds[0], refused=str(error))
    values = _values(stated, runners, witness)
    formula = _rounded(stated.formula, wholes, runners[stated.networks[0].name])
    if values is None or formula is None:
        return FloatJudgement(kinds[0])
    measure = measures(formula, values)[-1]
    if any(values[variable] != witness.inputs[variable] for variable in wholes):
        return FloatJudgement(kinds[0], refused="an integer of the witness is no number of the type")
    moved = tuple(variable for variable, x in sorted(witness.inputs.items()) if values[variable] != x)
    return FloatJudgement(kinds[0], None, True, measure.inputs, measure.outputs, moved)


def _values(stated: Specification, runners: dict[str, Runner], witness: Witness) -> list[Number] | None:
    values: list[Number] = [0] * stated.size
    for signature in stated.networks:
        runner, part, made = runners[signature.name], signature.input, signature.output
        point = _finite(runner.rounded([witness.inputs[part.first + k] for k in range(part.count)]))
        found = None if point is None else _finite(runner.outputs(point))
        if point is None or found is None:
            return None
        values[part.first : part.first + part.count] = point
        values[made.first : made.first + made.count] = found
    return values


def _finite(numbers: Sequence[Number | None]) -> list[Number] | None:
    kept = [number for number in numbers if number is not None]
    return kept if len(kept) == len(numbers) else None


def _rounded(formula: Formula, wholes: Container[int], runner: Runner) -> Formula | None:
    # Literals of a strictly typed language are numbers of the type: beside integers they are integers.
    def kept(step: Step) -> bool:
        return not isinstance(step, Atom) or any(variable in wholes for variable in step.form.variables)

    atoms = [step for step in formula if isinstance(step, Atom) and not kept(step)]
    flat = _finite(runner.rounded([x for atom in atoms for x in _numbers(atom.form)]))
    if flat is None:
        return None
    numbers = iter(flat)
    return tuple(
        replace(step, form=_form(step.form, next(numbers), numbers))
        if isinstance(step, Atom) and not kept(step)
        else step
        for step in formula
    )


def _numbers(form: Form) -> tuple[Number, ...]:
    return (form.constant, *form.terms.values(), *form.products.values())


def _form(form: Form, constant: Number, rest: Iterator[Number]) -> Form:
    rounded = {variable: next(rest) for variable in form.terms}
    products = {product: next(rest) for product in form.products}
    return Form(
        {variable: factor for variable, factor in rounded.items() if factor},
        constant,
        {product: factor for product, factor in products.items() if factor},
    )
