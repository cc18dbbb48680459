"""Digits that a network reads off one by one: steps in which the case alone decides an output.

UNTRUSTED. Nothing of a construction is known here: an output that every case of a contract fixes to a
constant, not all to the same, is a digit.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from memcert.contracts.terms import names_of
from memcert.kernel.certificate import Contract, Number, Term
from memcert.reports.way import Passage, Way

_NUMBERED = re.compile(r"(.*?)_[0-9]+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Stream:
    """Digits that are read one after another, by blocks of one contract that differ in their last number.

    Args:
        name: of the blocks, without that number.
        stage: of the first block.
        contract: of all.
        first_layer: of the first block.
        last_layer: of the last.
        digits: in the order in which they are read.
        heads: the first input of each step: what the digit is read from.
    """

    name: str
    stage: str
    contract: str
    first_layer: int
    last_layer: int
    digits: tuple[Number, ...]
    heads: tuple[Number, ...]

    @property
    def word(self) -> str:
        """The digits as text: 0 and 1, a digit that is neither as 1. Raises: never."""
        return "".join("1" if digit else "0" for digit in self.digits)


def digit_outputs(contracts: Iterable[Contract]) -> Mapping[str, str]:
    """Return, by contract, the output that is a digit; contracts without one are left out. Raises: never."""
    found = {}
    for contract in contracts:
        inputs = {given.name for given in contract.inputs}
        for output in contract.outputs:
            fixed = [_fixed(case.ensures, output.name, inputs) for case in contract.cases]
            if None not in fixed and len(set(fixed)) > 1:
                found[contract.id] = output.name
    return found


def _fixed(ensures: Iterable[tuple[str, str, Term]], output: str, inputs: set[str]) -> Term | None:
    for name, relation, term in ensures:
        if name == output and relation == "=" and not names_of(term) & inputs:
            return term
    return None


def streams(way: Way, outputs: Mapping[str, str]) -> tuple[Stream, ...]:
    """Return the digits that a sample meets, in the order of the layers.

    Args:
        way: of the sample.
        outputs: of the certificate, by `digit_outputs`.

    Raises: never.
    """
    groups: dict[tuple[str, str], list[Passage]] = {}
    for passage in way.passages:
        if passage.contract in outputs:
            numbered = _NUMBERED.fullmatch(passage.block)
            name = numbered[1] if numbered else passage.block
            groups.setdefault((passage.contract, name), []).append(passage)
    found = [_stream(name, contract, outputs[contract], part) for (contract, name), part in groups.items()]
    return tuple(sorted(found, key=lambda stream: (stream.first_layer, stream.name)))


def _stream(name: str, contract: str, output: str, part: list[Passage]) -> Stream:
    return Stream(
        name,
        part[0].stage,
        contract,
        part[0].first_layer,
        max(passage.last_layer for passage in part),
        tuple(dict(passage.outputs)[output] for passage in part),
        tuple(value for passage in part for _, value in passage.inputs[:1]),
    )


def singled_out(way: Way, outputs: Mapping[str, str]) -> Iterator[Passage]:
    """Yield passages whose case none of many others of their contract meets: where it is decided.

    Digits and contracts with two blocks or fewer are left out. Raises: never.
    """
    met: dict[str, list[Passage]] = {}
    for passage in way.passages:
        if passage.alternatives > 1 and passage.contract not in outputs:
            met.setdefault(passage.contract, []).append(passage)
    for part in met.values():
        cases = [passage.case for passage in part]
        yield from (p for p in part if len(part) > 2 and cases.count(p.case) == 1)
