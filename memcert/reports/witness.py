"""What `memcert witness` tells of a judged witness.

UNTRUSTED. All figures are exact; decimals stand beside them only to be read.
"""

from typing import Any

from memcert.kernel.rational import spell
from memcert.reports.words import rough
from memcert.witnesses.floats import ORDER, FloatJudgement
from memcert.witnesses.formula import Atom
from memcert.witnesses.judging import Judgement
from memcert.witnesses.measure import Miss
from memcert.witnesses.programs import available
from memcert.witnesses.repair import Repair
from memcert.witnesses.specification import Specification

SHOWN_OUTPUTS = 20
"""Exact outputs that a person is told; the JSON object has all."""


def as_data(
    stated: Specification,
    found: Judgement,
    mended: Repair | None = None,
    floats: FloatJudgement | None = None,
) -> dict[str, Any]:
    """Return the verdict's facts, and those of a repair and of the declared float type. Raises: never."""
    difference = found.difference
    return {
        "vnnlib": stated.version,
        "types": list(stated.types),
        "kind": found.kind,
        "outside": _missed(stated, found.outside),
        "unviolated": _missed(stated, found.unviolated),
        "outputs": {
            stated.label(variable): spell(found.values[variable])
            for network in stated.networks
            for variable in range(network.output.first, network.output.first + network.output.count)
        },
        "stored": None
        if difference is None
        else {
            "output": stated.label(difference.variable),
            "stored": spell(difference.stored),
            "exact": spell(difference.exact),
            "difference": spell(difference.amount),
        },
        "floats": None
        if floats is None
        else {
            "type": floats.type,
            "order": ORDER,
            "refused": floats.refused,
            "finite": floats.finite,
            "holds": floats.holds,
            "outside": _missed(stated, floats.outside),
            "unviolated": _missed(stated, floats.unviolated),
            "rounded_inputs": [stated.label(variable) for variable in floats.moved],
        },
        "repair": None
        if mended is None
        else {
            "how": mended.how,
            "distance": spell(mended.distance),
            "decimal": mended.decimal,
            "inputs": {stated.label(v): spell(x) for v, x in sorted(mended.witness.inputs.items())},
        },
    }


def _missed(stated: Specification, miss: Miss | None) -> dict[str, Any] | None:
    if miss is None:
        return None
    variables, alone = miss.atom.form.variables, miss.atom.form.alone
    return {
        "amount": spell(miss.amount),
        "at": None if alone is None else stated.label(alone),
        "variables": [stated.label(variable) for variable in variables[:SHOWN_OUTPUTS]],
        "relation": miss.atom.relation,
        "line": miss.atom.line or None,
    }


def lines(
    stated: Specification, found: Judgement, mended: Repair | None = None, *, asked: bool = False
) -> list[str]:
    """Return the facts for a person, the verdict first; `asked` is whether a repair was. Raises: never."""
    report = []
    if found.exact:
        report.append("exact: a counterexample; every assertion holds over the rationals")
    if found.outside is not None:
        report.append(f"not a counterexample: {_outside(stated, found.outside)}")
    if found.unviolated is not None:
        report.append(f"not a counterexample: {_unviolated(stated, found.unviolated)}")
    if not any(isinstance(step, Atom) and step.output for step in stated.formula):
        report.append("note: no assertion speaks of an output")
    if found.difference is not None:
        label = stated.label(found.difference.variable)
        report.append(
            f"stored outputs, which decide nothing: the largest difference to the exact ones is "
            f"{rough(found.difference.amount)} at {label}"
        )
    return [*report, *_repair(mended, asked=asked and not found.exact)]


def float_lines(stated: Specification, floats: FloatJudgement | None) -> list[str]:
    """Return what is told of the float type that a property declares. Raises: never."""
    if floats is None:
        return []
    head = f"{floats.type}, {ORDER}"
    if floats.refused is not None:
        return [f"{floats.type}: not judged: {floats.refused}; the verdict above is over the rationals"]
    if not floats.finite:
        return [f"{head}: not a counterexample: a number is not finite"]
    moved = _moved(stated, floats)
    if floats.holds:
        return [f"{head}: a counterexample", *moved]
    misses = []
    if floats.outside is not None:
        misses.append(_outside(stated, floats.outside))
    if floats.unviolated is not None:
        misses.append(_unviolated(stated, floats.unviolated))
    return [*(f"{head}: not a counterexample: {miss}" for miss in misses), *moved]


def _moved(stated: Specification, floats: FloatJudgement) -> list[str]:
    if not floats.moved:
        return []
    names = [stated.label(variable) for variable in floats.moved[:SHOWN_OUTPUTS]]
    more = "" if len(names) == len(floats.moved) else ", .."
    count = len(floats.moved)
    verb = "input is no number" if count == 1 else "inputs are no numbers"
    return [f"note: {count:,} {verb} of the type {floats.type}, and rounded for it: {', '.join(names)}{more}"]


def _repair(mended: Repair | None, *, asked: bool) -> list[str]:
    if mended is not None:
        change = f"the largest change of an input is {rough(mended.distance)}"
        report = [f"repaired: a counterexample, exactly, {mended.how}; {change}"]
        if not mended.decimal:
            report.append("note: an input of it has no finite decimal; it is written as p/q")
        return report
    if not asked:
        return []
    report = ["not repaired: no counterexample was found near it; there may be one"]
    if not available():
        report.append("note: no linear program was solved: pip install 'memcert[boxes]' (scipy)")
    return report


def _where(miss: Miss) -> str:
    return f" (the constraint in line {miss.atom.line})" if miss.atom.line else ""


def _outside(stated: Specification, miss: Miss) -> str:
    if miss.atom.form.alone is not None:
        place = f"at {stated.label(miss.atom.form.alone)}"
        if miss.amount == 0:
            return f"on the border of the box, which does not belong to it, {place}{_where(miss)}"
        return f"outside the box by {rough(miss.amount)} {place}{_where(miss)}"
    return f"the inputs miss a constraint by {rough(miss.amount)}{_where(miss)}"


def _unviolated(stated: Specification, miss: Miss) -> str:
    labels = ", ".join(stated.label(variable) for variable in miss.atom.form.variables[:4])
    named = f" on {labels}" if labels else ""
    if miss.amount == 0:
        return f"the outputs stand on the border{named}, which is no violation{_where(miss)}"
    return f"the property is not violated, by {rough(miss.amount)}{named}{_where(miss)}"
