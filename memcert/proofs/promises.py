"""What a claim promises beyond the samples (P9), examined by kind; a kind not listed here is refused.

`sign_outside` {sign, length, range}: the first layer is one ReLU neuron, of row u; outside finitely
many closed intervals of u, which may be points, of total length at most `length`, sgn F = `sign`
for every input; `range` is the largest value of u at a sample less the smallest. The intervals are
found from weights and contracts: pieces of the line are cut where a statement of a case changes,
until what is lost is short enough. How they are cut does not matter for the truth: each piece that
counts is proved as it is.

`margin` {margin}: the rule holds with that margin on every box; shown with the rule (margins.py).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress, pairwise
from math import ceil

from memcert.contracts.terms import exact
from memcert.kernel.certificate import Certificate, Promise
from memcert.kernel.rational import text
from memcert.kernel.verdict import Malformed, Unsupported, Words
from memcert.proofs import margins
from memcert.proofs.binding import Bound
from memcert.proofs.columns import Space
from memcert.proofs.links import Linked
from memcert.proofs.matching import Difference
from memcert.proofs.outline import Outline
from memcert.proofs.pieces import Piece, PieceChain, PieceSpace, Projection
from memcert.proofs.region_proof import network_outputs
from memcert.proofs.regions import ends
from memcert.proofs.result import Refutation

ROUNDS = 8
"""So often the pieces that are lost are cut."""
FURTHER = (0, 8, 32, 128)
"""Where the sign may hold from on: beyond twice the largest sample, or so many doublings of that."""
MAX_PIECES = 200_000
"""Most pieces of one round; with more, what is lost stays lost."""


def check_kinds(certificate: Certificate) -> None:
    """Refuse promises that are none, before anything is proved.

    Raises:
        Unsupported: a kind that is not known here, or a network that it cannot be about.
        Malformed: values that the kind does not have.
    """
    for k, promise in enumerate(certificate.claim.promises):
        at = f"claim.promises[{k}]"
        if promise.kind not in KINDS:
            known = ", ".join(KINDS)
            raise Unsupported("promise", at, f"a promise that this version can prove: {known}", promise.kind)
        KINDS[promise.kind].check(certificate, promise, at)


def examined(
    certificate: Certificate, bound: Bound, outline: Outline, blocks: Sequence[Linked]
) -> Refutation | None:
    """Prove every promise; return the first that was not shown.

    Args:
        certificate: whose kinds `check_kinds` has let through.
        bound: the samples.
        outline: of the network.
        blocks: matched and linked, in layer order.

    Cost: a run of the chain a round, with pieces in place of samples.

    Raises:
        LimitReached: a number grew beyond the bound.
    """
    for k, promise in enumerate(certificate.claim.promises):
        line = _Line(certificate, outline, blocks, f"claim.promises[{k}]")
        found = KINDS[promise.kind].examine(line, bound, promise)
        if found is not None:
            return found
    return None


@dataclass(frozen=True, slots=True, eq=False)
class _Line:
    """A network as a function of the row of its first neuron."""

    certificate: Certificate
    outline: Outline
    blocks: Sequence[Linked]
    at: str

    @property
    def projection(self) -> Projection:
        """The row u. Raises: never, for a network that was let through."""
        layer = self.certificate.network.layers[0]
        return Projection(dict(zip(layer.indices, layer.data, strict=True)), layer.bias[0])

    def lost(self, pieces: Sequence[Piece], sense: int, *, as_bounds: bool) -> tuple[list[bool], PieceChain]:
        """Run the chain; return which pieces do not show the sign, and the chain."""
        chain = PieceChain(PieceSpace(self.projection, pieces, as_bounds=as_bounds))
        chain.run(self.blocks)
        outputs = network_outputs(self.certificate, self.outline, chain)
        if isinstance(outputs, Difference):
            return [True] * len(pieces), chain
        return chain.lost_pieces(outputs[0], sense).tolist(), chain

    def refuted(self, expected: str, got: str, **values: Fraction) -> Refutation:
        """Return why the promise does not stand."""
        shown = tuple((name, exact(value)) for name, value in values.items())
        return Refutation("promise", self.at, expected, got, values=shown)


def _check_sign(certificate: Certificate, promise: Promise, at: str) -> None:
    if set(promise.values) != {"sign", "length", "range"}:
        names = ", ".join(sorted(promise.values)) or "nothing"
        raise Malformed("promise", f"{at}.values", "length, range, sign", Words(names))
    if promise.values["sign"] not in (1, -1):
        raise Malformed("promise", f"{at}.values.sign", "1 or -1", promise.values["sign"])
    if promise.values["length"] < 0:
        raise Malformed("promise", f"{at}.values.length", "at least 0", promise.values["length"])
    layers = certificate.network.layers
    first, last = layers[0], layers[-1]
    shape = (first.shape[0], last.shape[0])
    if shape != (1, 1) or not first.relu or not first.data or len(layers) < 2:
        expected = "a first layer of one ReLU neuron that reads the input, and one output"
        raise Unsupported("promise", at, expected, Words(f"layers of {shape[0]} and {shape[1]}"))


def _sign_outside(line: _Line, bound: Bound, promise: Promise) -> Refutation | None:
    sense = int(promise.values["sign"])
    allowed = Fraction(promise.values["length"])
    low, high = _values(line.projection, bound)
    if high - low != promise.values["range"]:
        stated = f"the range of the samples, {text(promise.values['range'])}"
        return line.refuted(stated, text(exact(high - low)), range=high - low)
    sign = "F > 0" if sense > 0 else "F < 0"
    expected = f"{sign} outside intervals of total length {text(exact(allowed))} along the projection"
    # At 0, which stands for all below, and far beyond all samples nothing may be left out: what is
    # left out would have no end.
    zero = Fraction(0)
    if line.lost([(zero, zero)], sense, as_bounds=True)[0][0]:
        return line.refuted(expected, "not shown at 0, hence nowhere below")
    nearest = 2 * ceil(max(abs(low), abs(high))) + 1
    tails = (Fraction(nearest << shift) for shift in FURTHER)
    far = next((f for f in tails if not line.lost([(f, None)], sense, as_bounds=True)[0][0]), None)
    if far is None:
        beyond = Fraction(nearest << FURTHER[-1])
        return line.refuted(expected, f"not shown beyond {text(exact(beyond))}", beyond=beyond)
    total = _length(_left(line, [(zero, far)], sense, allowed))
    if total > allowed:
        got = f"shown outside intervals of total length {text(exact(total))} only"
        return line.refuted(expected, got, length=total)
    return None


def _left(line: _Line, pieces: list[Piece], sense: int, allowed: Fraction) -> list[Piece]:
    """Return pieces outside of which the sign is shown: of length `allowed`, or as short as is found."""
    settled: list[Piece] = []
    for _ in range(ROUNDS):
        lost, _ = line.lost(pieces, sense, as_bounds=True)
        pieces = list(compress(pieces, lost))
        if _length(settled) + _length(pieces) <= allowed:
            break
        lost, chain = line.lost(pieces, sense, as_bounds=False) if pieces else ([], None)
        if chain is None:
            break
        cut = [
            (piece, sorted(cuts)) for piece, cuts, kept in zip(pieces, chain.cuts, lost, strict=True) if kept
        ]
        settled += [piece for piece, cuts in cut if not cuts]
        pieces = [part for piece, cuts in cut for part in _parts(piece, cuts) if cuts]
        if not pieces or len(pieces) > MAX_PIECES:
            break
    return settled + pieces


def _parts(piece: Piece, cuts: Sequence[Fraction]) -> list[Piece]:
    low, high = piece
    return list(pairwise([low, *cuts, *([] if high is None else [high])]))


def _length(pieces: Sequence[Piece]) -> Fraction:
    return sum((high - low for low, high in pieces if high is not None), Fraction(0))


def _values(projection: Projection, bound: Bound) -> tuple[Fraction, Fraction]:
    """Return the smallest and the largest value of u at a sample."""
    space = Space(bound.points, 0)
    column = space.of_input(projection.weights, projection.bias)
    value = space.input_value(projection.weights, projection.bias)
    direction = space.directions[column.directions[0]]
    rows = (int(direction.values.values.argmin()), int(direction.values.values.argmax()))
    found = sorted(Fraction(end) for row in rows if (end := ends(space, value, row).least) is not None)
    return found[0], found[-1]


@dataclass(frozen=True, slots=True)
class _Kind:
    """How a kind of promise is looked at: its form first, its truth after the samples'."""

    check: Callable[[Certificate, Promise, str], None]
    examine: Callable[[_Line, Bound, Promise], Refutation | None]


KINDS: Mapping[str, _Kind] = {
    "sign_outside": _Kind(_check_sign, _sign_outside),
    margins.KIND: _Kind(margins.check_margin, lambda *_: None),
}
"""The kinds that this version can prove."""
