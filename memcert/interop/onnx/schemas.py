"""What the onnx package says of an operator: its version, how many inputs, which attributes.

UNTRUSTED. So an operator that a newer onnx defines anew is refused, never misread.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from memcert.errors import UnsupportedError
from memcert.interop.onnx.functions import Step
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown


@dataclass(frozen=True, slots=True)
class Schema:
    """One version of an operator.

    Args:
        version: the opset that defined it.
        inputs: least and most inputs.
        outputs: least and most outputs.
        attributes: the type of each, as ONNX numbers them.
        types: what the definition calls the type of each input; those of one name are of one type.
        several: whether any number of inputs have the last one's type.
    """

    version: int
    inputs: tuple[int, int]
    outputs: tuple[int, int]
    attributes: Mapping[str, int]
    types: tuple[str, ...]
    several: bool

    def types_of(self, inputs: int) -> tuple[str, ...]:
        """Return what the types of so many inputs are called; empty where nothing is said. Raises: never."""
        rest = inputs - len(self.types)
        return (self.types + (self.types[-1:] if self.several else ("",)) * rest)[:inputs]


@dataclass(slots=True)
class Schemas:
    """Versions of operators, looked up once each; `onnx` is the package."""

    onnx: Any
    _known: dict[tuple[str, str, int], Schema | None] = field(default_factory=dict)

    def of(self, domain: str, operator: str, opset: int) -> Schema | None:
        """Return the version of an operator in an opset of its domain; None: there is none. Raises: never."""
        key = (domain, operator, opset)
        if key not in self._known:
            self._known[key] = self._looked_up(*key)
        return self._known[key]

    def _looked_up(self, domain: str, operator: str, opset: int) -> Schema | None:
        defs = self.onnx.defs
        try:
            found = defs.get_schema(operator, max_inclusive_version=opset, domain=domain)
        except defs.SchemaError:
            return None
        if found.deprecated:
            return None
        return Schema(
            int(found.since_version),
            (int(found.min_input), int(found.max_input)),
            (int(found.min_output), int(found.max_output)),
            {name: int(attribute.type.value) for name, attribute in found.attributes.items()},
            tuple(str(given.type_str) for given in found.inputs),
            bool(found.inputs) and bool(found.inputs[-1].is_homogeneous),
        )


def fits(step: Step, schema: Schema, where: str) -> None:
    """Refuse a node that its operator's definition does not allow.

    Args:
        step: the node.
        schema: of its operator.
        where: what messages call the node.

    Raises:
        ModelError: too few or too many inputs or outputs, or an attribute of another type.
        UnsupportedError: an attribute that the definition does not have.
    """
    for word, count, (least, most) in (
        ("inputs", len(step.inputs), schema.inputs),
        ("outputs", len(step.outputs), schema.outputs),
    ):
        if not least <= count <= most:
            wanted = f"{least}" if least == most else f"{least} to {most}"
            wanted += f" {word}" if most > 1 else f" {word.removesuffix('s')}"
            raise ModelError(f"{where}: expected {wanted}, got {count}")
    for proto in step.proto.attribute:
        expected = schema.attributes.get(proto.name)
        if expected is None:
            raise UnsupportedError(f"{where}: attribute {shown(proto.name)} is not supported")
        if proto.type != expected:
            raise ModelError(
                f"{where}: attribute {shown(proto.name)}: expected type {expected}, got {int(proto.type)}"
            )
