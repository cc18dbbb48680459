"""The chain (P6): which case every sample meets in every block, on the whole of its region.

Blocks are taken in the order of their layers. Before each stand the values of its inputs, columns
over all samples; behind it stands what the chosen cases promise, and nothing else. The same
contract with the same parameters and inputs is computed once, so that carried values cost nothing.
"""

from collections.abc import Callable, Sequence

from memcert.kernel.certificate import Number
from memcert.proofs.columns import Column, Space, Value
from memcert.proofs.forms import Forms, of_inputs
from memcert.proofs.instances import Bounds, InstanceCase, instance
from memcert.proofs.links import Linked, Source
from memcert.proofs.masks import Mask, Masks
from memcert.proofs.partitions import Recent
from memcert.proofs.radius import Radius
from memcert.proofs.regions import Ends, ends
from memcert.proofs.selection import Selector

TURN = 6
"""Layers between two clearings of the caches."""
Chosen = list[tuple[int, Mask]]
"""Cases with the samples that chose them: together, every sample once (P10)."""


class NoCaseError(Exception):
    """A sample meets no case of a block on its whole region."""

    def __init__(self, linked: Linked, sample: int, inputs: Sequence[tuple[str, Ends]]) -> None:
        """Keep block, sample, and both ends of every input there."""
        super().__init__(linked.placed.block.name, sample)
        self.linked, self.sample, self.inputs = linked, sample, tuple(inputs)


class Chain:
    """One run: the values at the present cut, and what was found on the way."""

    def __init__(self, space: Space) -> None:
        """Start before the first layer."""
        self.space = space
        self.masks = Masks(space.partitions)
        self.forms = Forms(space, self.masks)
        self.radius = Radius(space, self.masks)
        self.used: set[tuple[str, int]] = set()
        self.selector = Selector(space, self.masks)
        self._noted: Recent[bool] = Recent()
        self._results: Recent[tuple[Value, ...]] = Recent()
        self._values: dict[Source, Value] = {}
        self._ending: dict[int, list[Source]] = {}

    def run(self, blocks: Sequence[Linked], report: Callable[[int, int], None] | None = None) -> None:
        """Take every sample through every block.

        Args:
            blocks: in the order of their first layers, each after those that it reads.
            report: called with (blocks done, blocks) after each.

        Cost: a block costs the classes of its inputs, and the samples where a case depends on a
        direction.

        Raises:
            NoCaseError: a sample meets no case of a block.
        """
        layer, turned = 0, 0
        for done, block in enumerate(blocks, start=1):
            first = block.placed.block.first_layer
            if first > layer:
                self._drop(layer, first)
                layer = first
            if layer >= turned + TURN:
                turned = layer
                self._turn()
            self._block(block)
            if report is not None:
                report(done, len(blocks))

    def output(self, source: Source) -> Value:
        """Return the value of an output at the present cut. Raises: KeyError."""
        return self._values[source]

    def _drop(self, old: int, new: int) -> None:
        """Free the values that ended before the cut in front of layer `new`."""
        for last in range(old - 1, new - 1):
            for source in self._ending.pop(last, ()):
                del self._values[source]

    def _turn(self) -> None:
        self.space.partitions.turn()
        self.masks.turn()
        self.forms.turn()
        self.selector.turn()
        self._noted.turn()
        self._results.turn()

    def _block(self, block: Linked) -> None:
        placed = block.placed
        inputs = [self._input(terms, number) for terms, number in block.inputs]
        key = (placed.block.contract, tuple(block.parameters.values()), tuple(v.uid for v in inputs))
        outputs = self._results.get(key)
        if outputs is None:
            outputs = self._results.put(key, self._met(block, inputs))
        kept = self._ending.setdefault(placed.block.last_layer, [])
        for k, value in enumerate(outputs):
            source = (placed.index, k)
            self._values[source] = value
            kept.append(source)

    def _input(self, terms: Sequence[tuple[Source, Number]], number: Number) -> Value:
        if terms and terms[0][0][0] < 0:
            return self.space.input_value({k: c for (_, k), c in terms}, number)
        return self.forms.sum([(self._values[source], c) for source, c in terms], number)

    def _met(self, block: Linked, inputs: Sequence[Value]) -> tuple[Value, ...]:
        """Choose the case of every sample and return the outputs that are promised."""
        cases = instance(block.placed.pattern, block.parameters)
        chosen, left = self._choose(cases, inputs)
        if left is not self.masks.empty:
            names = [u.name for u in block.placed.pattern.contract.inputs]
            sample = self.masks.first(left)
            shown = [(name, ends(self.space, v, sample)) for name, v in zip(names, inputs, strict=True)]
            raise NoCaseError(block, sample, shown)
        self.used.update((block.placed.block.contract, k) for k, _ in chosen)
        return self._behind(cases, chosen, inputs)

    def _behind(
        self, cases: Sequence[InstanceCase], chosen: Chosen, inputs: Sequence[Value]
    ) -> tuple[Value, ...]:
        """Return every output, as the chosen cases promise it."""
        return tuple(
            self._promised([(cases[k].bounds[o], mask) for k, mask in chosen], inputs)
            for o in range(len(cases[0].bounds))
        )

    def _choose(self, cases: Sequence[InstanceCase], inputs: Sequence[Value]) -> tuple[Chosen, Mask]:
        """Give every sample the first case that holds on its whole region; the rest has none."""
        left = self.masks.full
        chosen: Chosen = []
        for k, case in enumerate(cases):
            if not case.possible:
                continue
            guards = [self.forms.guard(statement, inputs) for statement in case.statements]
            mask = left
            for guard in guards:
                mask = self.masks.both(mask, guard.mask)
                if mask is self.masks.empty:
                    break
            else:
                chosen.append((k, mask))
                for guard in guards:
                    if guard.limit is not None and self._noted.get((guard.uid, mask.uid)) is None:
                        self._noted.put((guard.uid, mask.uid), True)
                        self.radius.note(guard.limit, mask)
                left = self.masks.without(left, mask)
            if left is self.masks.empty:
                break
        return chosen, left

    def _promised(self, said: Sequence[tuple[Bounds, Mask]], inputs: Sequence[Value]) -> Value:
        """Return one output: the forms of the chosen cases, those with equal forms together."""
        groups: dict[Bounds, list[Mask]] = {}
        for bounds, mask in said:
            groups.setdefault(bounds, []).append(mask)
        masks = list(groups.values())
        if all(bounds.exact for bounds in groups):
            values = [self._exactly(bounds, inputs) for bounds in groups]
            if len(values) == 1:
                return values[0]
            lower = self.selector.select([value.lower for value in values], masks)
            if all(value.exact for value in values):
                return Value(lower, lower)
            return Value(lower, self.selector.select([value.upper for value in values], masks))
        sides = [self._sides(bounds, inputs) for bounds in groups]
        return Value(
            self.selector.select([lower for lower, _ in sides], masks),
            self.selector.select([upper for _, upper in sides], masks),
        )

    def _exactly(self, bounds: Bounds, inputs: Sequence[Value]) -> Value:
        linear, number = bounds.lower or ((), 0)
        return self.forms.sum(of_inputs(linear, inputs), number)

    def _sides(self, bounds: Bounds, inputs: Sequence[Value]) -> tuple[Column, Column]:
        if bounds.exact:
            value = self._exactly(bounds, inputs)
            return value.lower, value.upper
        return self.forms.bound(bounds.lower, inputs, 1), self.forms.bound(bounds.upper, inputs, -1)
