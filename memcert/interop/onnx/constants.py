"""The constants of a graph: stored tensors, and what the operator Constant makes.

UNTRUSTED.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.onnx.attributes import Value, plain
from memcert.interop.onnx.functions import OURS, Step
from memcert.interop.refusals import ModelError
from memcert.interop.stored_tensors import Store
from memcert.interop.tensors import Tensor, array
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_SINGLE, _INT64 = 1, 7


class Constants(Mapping[str, Tensor]):
    """Tensors by name, exact; what is stored is decoded when it is first asked for."""

    def __init__(self, store: Store, stored: Mapping[str, Any], sparse: frozenset[str]) -> None:
        """Keep TensorProtos and Tensors by name, and the names of sparse ones; nothing is decoded."""
        self._store, self._stored, self._sparse = store, dict(stored), sparse

    def __getitem__(self, name: str) -> Tensor:
        """Return a tensor. Raises: KeyError, ModelError, UnsupportedError, UndecidedError."""
        if name in self._sparse:
            raise UnsupportedError(f"tensor {shown(name)}: sparse initializers are not supported")
        found = self._stored[name]
        if not isinstance(found, Tensor):
            found = self._stored[name] = self._store.decode(found, name)
        return found

    def __contains__(self, name: object) -> bool:
        """Say whether there is such a tensor, whatever it holds."""
        return name in self._stored or name in self._sparse

    def __iter__(self) -> Iterator[str]:
        """Yield the names."""
        return iter([*self._stored, *self._sparse])

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._stored) + len(self._sparse)


def without_constants(steps: Sequence[Step], store: Store) -> tuple[list[Step], dict[str, Tensor]]:
    """Return the steps that are no Constant, and the tensors that the others make, by name.

    Args:
        steps: of a graph.
        store: decodes tensors.

    Raises:
        ModelError: a Constant without one value, or a damaged one.
        UnsupportedError: a value of another kind (text, sparse).
        UndecidedError: a value is too large.
    """
    rest: list[Step] = []
    made: dict[str, Tensor] = {}
    for step in steps:
        if step.proto.op_type == "Constant" and step.proto.domain in OURS:
            made[step.outputs[0]] = _value(step, store)
        else:
            rest.append(step)
    return rest, made


def _value(step: Step, store: Store) -> Tensor:
    where = f"operator 'Constant', node {shown(step.name)}, opset {step.versions.get('', 0)}"
    given = plain(step.proto.attribute, step.bound, store, where)
    if len(given) != 1 or len(step.outputs) != 1:
        raise ModelError(f"{where}: expected one value, got {len(given)}")
    ((key, value),) = given.items()
    kind = _KINDS.get(key)
    if key == "value" and isinstance(value, Tensor):
        return value
    if kind is None or not _numbers(value):
        raise UnsupportedError(f"{where}: attribute {shown(key)} is not supported")
    numbers: Sequence[Number] = value if isinstance(value, tuple) else (value,)  # type: ignore[assignment]
    return Tensor(array(numbers, (len(numbers),) if isinstance(value, tuple) else ()), False, kind)


_KINDS = {"value_float": _SINGLE, "value_floats": _SINGLE, "value_int": _INT64, "value_ints": _INT64}


def _numbers(value: Value) -> bool:
    return isinstance(value, tuple) or not isinstance(value, str | Tensor)
