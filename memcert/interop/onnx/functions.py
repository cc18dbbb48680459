"""Functions of a model, inlined: their nodes stand where they are called, under names of their own.

UNTRUSTED. No recursion: a call is a frame on a stack, and the number of nodes is bounded.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from memcert.errors import UndecidedError, UnsupportedError
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown

MAX_NODES = 1 << 20
"""Most nodes of a graph once its functions are inlined."""
OURS = ("", "ai.onnx")
"""The two names of the standard operators' domain."""
Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class Step:
    """A node of the file, or of a function at one of its calls, reading and making named values.

    Args:
        proto: the NodeProto.
        name: what messages call it.
        inputs: names of values; empty where one is left out.
        outputs: names of values; empty where nobody wants one.
        versions: of the sets of operators by domain.
        bound: AttributeProtos of the call that it belongs to.
    """

    proto: Any
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    versions: Mapping[str, int]
    bound: Mapping[str, Any]


def steps_of(nodes: Any, versions: Mapping[str, int]) -> list[Step]:
    """Return the nodes of a graph as steps. Raises: never."""
    return [
        Step(proto, label(proto), tuple(proto.input), tuple(proto.output), versions, {}) for proto in nodes
    ]


def label(proto: Any) -> str:
    """Return a node's name, else its first output's. Raises: never."""
    return str(proto.name or next(iter(proto.output), ""))


def versions_of(imports: Any) -> dict[str, int]:
    """Return the versions of operators by domain. Raises: ModelError (a domain has two)."""
    found: dict[str, int] = {}
    for entry in imports:
        domain = "" if entry.domain in OURS else str(entry.domain)
        if found.get(domain, entry.version) != entry.version:
            raise ModelError(f"expected one version of the operators of domain {shown(domain)}, got two")
        found[domain] = int(entry.version)
    return found


def inlined(steps: Sequence[Step], functions: Any) -> list[Step]:
    """Return steps that call no function of the model.

    Args:
        steps: of the graph.
        functions: the model's FunctionProtos.

    Raises:
        ModelError: two functions have one name, or a function calls itself.
        UnsupportedError: a function takes the name of an operator.
        UndecidedError: more than MAX_NODES.
    """
    known = _by_key(functions)
    made: list[Step] = []
    frames: list[tuple[Key | None, Iterator[Step]]] = [(None, iter(steps))]
    active: set[Key | None] = set()
    calls = 0
    while frames:
        key, rest = frames[-1]
        step = next(rest, None)
        if step is None:
            frames.pop()
            active.discard(key)
        elif (called := _key(step.proto)) not in known:
            made.append(step)
        else:
            _callable(step, called, active)
            calls += 1
            active.add(called)
            frames.append((called, _body(step, known[called], calls)))
        if len(made) + calls > MAX_NODES:
            raise UndecidedError(f"the model has more than {MAX_NODES:,} nodes, the most that are read")
    return made


def _by_key(functions: Any) -> dict[Key, Any]:
    known: dict[Key, Any] = {}
    for function in functions:
        key = (str(function.domain), str(function.name), str(function.overload))
        if key in known:
            raise ModelError(f"two functions have the name {shown(key)}")
        known[key] = function
    return known


def _callable(step: Step, called: Key, active: Collection[Key | None]) -> None:
    if called[0] in OURS:
        raise UnsupportedError(
            f"operator {shown(called[1])}, node {shown(step.name)}: functions of the model that take the "
            "names of operators are not supported"
        )
    if called in active:
        raise ModelError(f"the function {shown(called[1])} calls itself")


def _key(proto: Any) -> Key:
    return str(proto.domain), str(proto.op_type), str(proto.overload)


def _body(call: Step, function: Any, count: int) -> Iterator[Step]:
    missing = [""] * len(function.input)
    given: dict[str, str] = dict(zip(function.input, (*call.inputs, *missing), strict=False))
    results: list[tuple[str, str]] = list(zip(function.output, call.outputs, strict=False))
    wanted = dict(results)
    bound, versions = _bound(call, function), {**call.versions, **versions_of(function.opset_import)}

    def named(name: str) -> str:
        if not name or name in given:
            return given.get(name, "")
        return wanted.get(name) or f"{call.name}#{count}/{name}"

    for proto in function.node:
        if any(name in given for name in proto.output if name):
            raise ModelError(f"the function {shown(function.name)}: a node makes one of its inputs anew")
        inputs, outputs = tuple(map(named, proto.input)), tuple(map(named, proto.output))
        # Names are cut, so that deep calls do not make them long.
        yield Step(proto, f"{call.name}/{label(proto)}"[-200:], inputs, outputs, versions, bound)
    for name, made in results:
        if name in given or made != wanted[name]:
            # An input that is handed back, or one value under two names.
            identity = type(call.proto)(op_type="Identity")
            yield Step(identity, call.name, (named(name),), (made,), call.versions, {})


def _bound(call: Step, function: Any) -> dict[str, Any]:
    # Defaults of the function, then what the call says; the call may refer to a call around it.
    found = {str(proto.name): proto for proto in function.attribute_proto}
    for proto in call.proto.attribute:
        given = call.bound.get(proto.ref_attr_name) if proto.ref_attr_name else proto
        if given is not None:
            found[str(proto.name)] = given
    return found
