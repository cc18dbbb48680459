"""The pickle inside a PyTorch file, read by a machine that knows tensors and nothing else.

UNTRUSTED, and so is what it reads: no object is made and no function is called that the pickle names. The
opcodes are split by the standard library's `pickletools`; what is not needed for tensors is refused.
"""

import pickletools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from memcert.errors import UndecidedError, UnsupportedError
from memcert.interop.refusals import ModelError
from memcert.kernel.verdict import shown

WAY_OUT = "save the weights alone with torch.save(model.state_dict(), PATH)"
_TENSORS = {
    "_rebuild_tensor_v3": "a tensor of a type such as float8; save model.float().state_dict()",
    "_rebuild_meta_tensor": "a tensor without data, of the device meta; load its weights first",
    "UninitializedParameter": "the sizes of a lazy module; run it once before its weights are saved",
    "_rebuild_sparse": "a sparse tensor; save its to_dense()",
    "_rebuild_qtensor": "a quantized tensor; save the weights that it was quantized from",
    "q": "a quantized tensor; save the weights that it was quantized from",
}
"""The start of the name of what is no plain tensor, and the way out."""
MAX_OPCODES = 1 << 20
"""Most opcodes of a pickle: a tensor takes about forty."""


class Global(NamedTuple):
    """A name that the pickle asks for; it stays a name."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}"


@dataclass(frozen=True, slots=True)
class Storage:
    """Bytes of the archive, by their key: `kind` is the storage's class, such as FloatStorage."""

    kind: str
    key: str


@dataclass(frozen=True, slots=True)
class Reference:
    """A tensor: a strided view of a storage.

    Args:
        storage: where its elements are.
        offset: of the first element, in elements.
        shape: its dimensions.
        strides: steps along each dimension, in elements.
        marks: what PyTorch does to the elements when it reads them, such as `neg`: it flips their signs.
    """

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    marks: tuple[str, ...] = ()


class _Mark:
    """Where a group on the stack begins."""


_MARK = _Mark()
_CONSTANTS: dict[str, object] = {"NONE": None, "NEWTRUE": True, "NEWFALSE": False}
_PUSHED = frozenset(
    {
        *("BININT", "BININT1", "BININT2", "LONG1", "BINFLOAT"),
        *("BINUNICODE", "SHORT_BINUNICODE", "SHORT_BINSTRING"),
    }
)


def read_pickle(content: bytes) -> object:
    """Return what a pickle holds: dictionaries, lists, tuples, numbers, strings, tensors.

    Args:
        content: of protocol 2 to 5.

    Cost: about a microsecond an opcode.

    Raises:
        ModelError: it is damaged, or names what is no part of a tensor: nothing of that is run.
        UnsupportedError: it holds an object of PyTorch that is no tensor, such as a whole module.
        UndecidedError: it is too long.
    """
    machine = _Machine()
    try:
        for count, (opcode, argument, at) in enumerate(pickletools.genops(content)):
            if count >= MAX_OPCODES:
                raise UndecidedError(f"pickle: expected at most {MAX_OPCODES:,} opcodes, got more")
            machine.step(opcode.name, argument, at or 0)
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise ModelError(f"pickle: expected a whole one, got {shown(str(error), 120)}") from None
    if len(machine.stack) != 1:
        raise ModelError(f"pickle: expected one value at its end, got {len(machine.stack)}")
    return machine.stack[0]


class _Machine:
    """The stack and the memo of one pickle."""

    def __init__(self) -> None:
        self.stack: list[Any] = []
        self._memo: dict[int, Any] = {}
        self._acts: dict[str, Callable[[Any], None]] = {
            "MARK": lambda _: self.stack.append(_MARK),
            "EMPTY_TUPLE": lambda _: self.stack.append(()),
            "EMPTY_DICT": lambda _: self.stack.append({}),
            "EMPTY_LIST": lambda _: self.stack.append([]),
            "TUPLE": lambda _: self.stack.append(tuple(self._group())),
            "TUPLE1": lambda _: self._tuple(1),
            "TUPLE2": lambda _: self._tuple(2),
            "TUPLE3": lambda _: self._tuple(3),
            "APPEND": lambda _: self._append([self.stack.pop()]),
            "APPENDS": lambda _: self._append(self._group()),
            "SETITEM": lambda _: self._set(self._popped(2)),
            "SETITEMS": lambda _: self._set(self._group()),
            "BINGET": lambda key: self.stack.append(self._memo[key]),
            "LONG_BINGET": lambda key: self.stack.append(self._memo[key]),
            "BINPUT": self._remember,
            "LONG_BINPUT": self._remember,
            "MEMOIZE": lambda _: self._remember(len(self._memo)),
            "GLOBAL": lambda text: self.stack.append(_known(*text.split(" ", 1))),
            "STACK_GLOBAL": lambda _: self.stack.append(_known(*self._popped(2))),
            "BINPERSID": lambda _: self.stack.append(_storage(self.stack.pop())),
            "REDUCE": lambda _: self.stack.append(_made(*self._popped(2))),
            "BUILD": lambda _: self._build(),
        }

    def step(self, name: str, argument: Any, at: int) -> None:
        """Carry out one opcode.

        Raises:
            ModelError: it is none that tensors need. IndexError, KeyError, TypeError, ValueError: damage.
        """
        if name in _PUSHED:
            self.stack.append(argument)
        elif name in _CONSTANTS:
            self.stack.append(_CONSTANTS[name])
        elif name in self._acts:
            self._acts[name](argument)
        elif name not in ("PROTO", "FRAME", "STOP"):
            raise ModelError(f"pickle: opcode {name} at byte {at} is no part of a file of tensors")

    def _popped(self, count: int) -> list[Any]:
        if len(self.stack) < count:
            raise IndexError("too few values on its stack")
        found = self.stack[-count:]
        del self.stack[-count:]
        return found

    def _group(self) -> list[Any]:
        found: list[Any] = []
        while (value := self.stack.pop()) is not _MARK:
            found.append(value)
        return found[::-1]

    def _tuple(self, count: int) -> None:
        self.stack.append(tuple(self._popped(count)))

    def _remember(self, key: Any) -> None:
        self._memo[key] = self.stack[-1]

    def _append(self, values: list[Any]) -> None:
        if type(self.stack[-1]) is not list:
            raise TypeError("values for a list that is none")
        self.stack[-1].extend(values)

    def _set(self, values: list[Any]) -> None:
        target = self.stack[-1]
        if type(target) is not dict or len(values) % 2:
            raise TypeError("entries for a dictionary that is none")
        for key, value in zip(values[::2], values[1::2], strict=True):
            if type(key) not in (str, int) or key in target:
                raise TypeError(f"the key {shown(key)} of a dictionary, which is no name or is there already")
            target[key] = value

    def _build(self) -> None:
        # An ordered dictionary of weights carries `_metadata`, its modules' versions: left out.
        _, target = self.stack.pop(), self.stack[-1]
        if type(target) is not dict:
            raise TypeError("a state for an object that is no dictionary")


def _known(module: object, name: object) -> Global:
    found = Global(str(module), str(name))
    if str(found) in _MAKERS or (found.module == "torch" and found.name.endswith("Storage")):
        return found
    if found.module.split(".")[0] == "torch":
        way = next((way for name, way in _TENSORS.items() if found.name.startswith(name)), WAY_OUT)
        raise UnsupportedError(f"expected a state_dict, got one that holds {shown(str(found))}: {way}")
    raise ModelError(
        f"pickle: expected tensors alone, got one that asks for {shown(str(found))}; nothing of it was run; "
        f"of a whole module or a checkpoint, {WAY_OUT}"
    )


def _storage(identity: object) -> Storage:
    if not (
        isinstance(identity, tuple)
        and len(identity) == 5
        and identity[0] == "storage"
        and isinstance(identity[1], Global)
        and isinstance(identity[2], str)
    ):
        raise TypeError(f"a reference {shown(identity)} that is no storage")
    return Storage(identity[1].name, identity[2])


def _made(what: object, arguments: object) -> object:
    if not isinstance(what, Global) or str(what) not in _MAKERS or type(arguments) is not tuple:
        raise TypeError(f"a call of {shown(str(what))}, which makes no tensor")
    return _MAKERS[str(what)](arguments)


def _dictionary(arguments: tuple[Any, ...]) -> dict[Any, Any]:
    if arguments:
        raise TypeError("an ordered dictionary with arguments")
    return {}


def _tensor(arguments: tuple[Any, ...]) -> Reference:
    # Behind them: whether it takes gradients, its hooks, and since PyTorch 1.13 what it is marked as.
    storage, offset, shape, strides = arguments[:4]
    marks = arguments[6] if len(arguments) > 6 else None
    whole = isinstance(shape, tuple) and isinstance(strides, tuple) and len(shape) == len(strides)
    numbers = (offset, *shape, *strides) if whole else ()
    if not isinstance(storage, Storage) or not whole or any(type(n) is not int or n < 0 for n in numbers):
        raise TypeError("a tensor whose storage, offset, shape and strides are none")
    if marks is not None and type(marks) is not dict:
        raise TypeError("a tensor whose marks are none")
    return Reference(storage, offset, shape, strides, tuple(map(str, marks or ())))


def _parameter(arguments: tuple[Any, ...]) -> Reference:
    if not arguments or not isinstance(arguments[0], Reference):
        raise TypeError("a parameter that is no tensor")
    return arguments[0]


_MAKERS: dict[str, Callable[[tuple[Any, ...]], object]] = {
    "collections.OrderedDict": _dictionary,
    "torch._utils._rebuild_tensor_v2": _tensor,
    "torch._utils._rebuild_parameter": _parameter,
    "torch._utils._rebuild_parameter_with_state": _parameter,
}
"""The only calls that are carried out, each by memcert's own code."""
