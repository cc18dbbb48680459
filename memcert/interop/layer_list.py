"""Which layers named weights belong to: a list such as `linear,relu,linear`, or a Sequential's own names.

UNTRUSTED. What a state_dict does not hold, activations above all, is never guessed where two readings exist.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from memcert.datasets.numbers import number
from memcert.errors import UnsupportedError, UsageError
from memcert.interop.chain import Chain, Clipped, Layer, LeakyRelu, Linear, Relu, Same
from memcert.interop.named_tensors import NamedTensor
from memcert.interop.refusals import ModelError
from memcert.kernel.certificate import Number
from memcert.kernel.verdict import shown

_ITEM = re.compile(r"([a-z_0-9]+)(?:\(([^()]*)\))?")
_INDEXED = re.compile(r"(.*?)([0-9]+)", re.ASCII)
MAX_ITEMS = 10_000
WAY_OUT = "say what the layers are with --layers 'linear,relu,linear', or export the model to ONNX"


def _leaky(argument: str) -> Layer:
    slope = None if "/" in argument else number(argument)
    if slope is None or not 0 <= slope <= 1:
        raise UsageError(
            f"--layers: leaky_relu(SLOPE): expected a decimal from 0 to 1, got {shown(argument)}"
        )
    return LeakyRelu(slope)


ACTIVATIONS: dict[str, Callable[[str], Layer]] = {
    "relu": lambda _: Relu(),
    "relu6": lambda _: Clipped([(0, 6)]),
    "hardtanh": lambda _: Clipped([(-1, 1)]),
    "leaky_relu": _leaky,
    "identity": lambda _: Same(),
    "dropout": lambda _: Same(),
    "flatten": lambda _: Same(),
}
"""Items of a list that have no weights; the slope of `leaky_relu(0.01)` is that decimal, exactly."""
LAST = {"softmax": "argmax", "log_softmax": "argmax", "sigmoid": "sign"}
"""Last items, and the one rule whose decisions they leave as they are."""


def chain_of(
    tensors: Mapping[str, NamedTensor], layers: str | None, rule: str | None, *, ordered: bool
) -> Chain:
    """Return the chain that named weights form.

    Args:
        tensors: `NAME.weight` of shape (outputs, inputs) and perhaps `NAME.bias`, for each linear layer.
        layers: items separated by commas: `linear` (the next weights), `linear(NAME)`, activations; None:
            the names are those of a Sequential, with a ReLU where one module without weights stands.
        rule: what the outputs are compared by, for a last softmax or sigmoid.
        ordered: whether the order of the names is that of the layers.

    Raises:
        UsageError: the list does not fit the weights.
        UnsupportedError: weights that are not those of linear layers; names that can be read in two ways.
        ModelError: shapes that contradict each other, NaN or infinite weights.
    """
    names = _modules(tensors)
    if layers is None:
        items, notes = _sequential(names)
    else:
        items, notes = _parsed(layers), ()
    return _joined(tensors, names if ordered else _sorted(names), items, rule, notes)


def _modules(tensors: Mapping[str, NamedTensor]) -> list[str]:
    found: dict[str, None] = {}
    for name, tensor in tensors.items():
        module, _, kind = name.rpartition(".")
        rank = {"weight": 2, "bias": 1}.get(kind)
        if rank is None or len(tensor.shape) != rank:
            raise UnsupportedError(
                f"tensor {shown(name)} of shape {list(tensor.shape)}: expected NAME.weight and NAME.bias of "
                "linear layers alone; export the model to ONNX"
            )
        found[module] = None
    for module in found:
        if _named(module, "weight") not in tensors:
            bias, weight = (shown(_named(module, part)) for part in ("bias", "weight"))
            raise UnsupportedError(f"tensor {bias} has no {weight}")
    return list(found)


def _named(module: str, part: str) -> str:
    # A linear layer alone, in no module, has the names `weight` and `bias`.
    return f"{module}.{part}" if module else part


def _sorted(names: Sequence[str]) -> list[str] | None:
    # safetensors keeps no order: only one number in otherwise equal names tells it.
    parts = [_INDEXED.fullmatch(name) for name in names]
    known = [(part[1], int(part[2])) for part in parts if part is not None and len(part[2]) < 10]
    if len(names) == 1:
        return list(names)
    if len(known) != len(names) or len({head for head, _ in known}) != 1:
        return None
    return [name for _, name in sorted(zip(known, names, strict=True))]


def _sequential(names: Sequence[str]) -> tuple[list[tuple[str, str]], tuple[str, ...]]:
    if names == [""]:
        return [("linear", "")], ("read as one linear layer, by the names of its weights",)
    ordered = _sorted(names)
    indices = [int(found[2]) for name in ordered or () if (found := _INDEXED.fullmatch(name))]
    gaps = [after - before for before, after in pairwise(indices)]
    if ordered is None or len(indices) != len(names) or indices[0] != 0 or any(gap > 2 for gap in gaps):
        raise UnsupportedError(
            f"the names {shown(list(names))} do not say where activations are: expected those of a "
            "Sequential whose first module is linear, and at most one module without weights between two; "
            f"{WAY_OUT}"
        )
    items = [("linear", ordered[0])]
    for name, gap in zip(ordered[1:], gaps, strict=True):
        items += [("relu", "")] * (gap - 1) + [("linear", name)]
    between = [before + 1 for before, after in pairwise(indices) if after - before == 2]
    told = (
        f"module {', '.join(map(str, between))} taken for ReLU" if between else "no activation between them"
    )
    return items, (
        f"read as a Sequential by the names of its weights: {told[:300]}; nothing follows the last weights",
    )


def _parsed(text: str) -> list[tuple[str, str]]:
    items = []
    for part in text.split(","):
        found = _ITEM.fullmatch(part.strip())
        known = found is not None and (found[1] == "linear" or found[1] in ACTIVATIONS or found[1] in LAST)
        if found is None or not known or (found[2] is not None and found[1] not in ("linear", "leaky_relu")):
            expected = ", ".join(["linear", "linear(NAME)", *ACTIVATIONS, *LAST])
            raise UsageError(f"--layers: expected items of {expected}, got {shown(part.strip())}")
        items.append((found[1], found[2] or ""))
    if len(items) > MAX_ITEMS:
        raise UsageError(f"--layers: expected at most {MAX_ITEMS:,} items, got {len(items):,}")
    return items


def _joined(
    tensors: Mapping[str, NamedTensor],
    names: Sequence[str] | None,
    items: Sequence[tuple[str, str]],
    rule: str | None,
    notes: tuple[str, ...],
) -> Chain:
    layers: list[Layer] = []
    size, used = 0, list[str]()
    for place, (kind, argument) in enumerate(items):
        if kind == "linear":
            name = argument or _next(names, used)
            if _named(name, "weight") not in tensors or name in used:
                raise UsageError(f"--layers: expected the name of weights not used yet, got {shown(name)}")
            used.append(name)
            weight, bias = _weights(tensors, name)
            size = size or len(weight[0])
            layers.append(Linear(name, weight, bias))
        elif kind in LAST:
            if place != len(items) - 1 or rule != LAST[kind]:
                raise UnsupportedError(
                    f"--layers: {kind} is exact only as the last item, with the rule {LAST[kind]}"
                )
            notes += (f"dropped, as it changes no decision of {rule}: {kind}; a tie fails",)
        else:
            layers.append(ACTIVATIONS[kind](argument))
    left = [name for name in (names or ()) if name not in used]
    left += [key for key in tensors if names is None and key.rpartition(".")[0] not in used]
    if left or not used:
        raise UsageError(f"--layers: expected an item for every weight, none uses {shown(left)}")
    stored = tuple(sorted({tensor.kind for tensor in tensors.values()}))
    return Chain(size, tuple(layers), stored, notes)


def _next(names: Sequence[str] | None, used: Sequence[str]) -> str:
    if names is None:
        raise UsageError("--layers: the file keeps no order of its weights: name each one, as linear(NAME)")
    name = next((name for name in names if name not in used), None)
    if name is None:
        raise UsageError(f"--layers: expected {len(names)} linear layers, as there are weights, got more")
    return name


def _weights(tensors: Mapping[str, NamedTensor], name: str) -> tuple[list[list[Number]], Sequence[Number]]:
    weight, bias = tensors[_named(name, "weight")], tensors.get(_named(name, "bias"))
    rows, columns = weight.shape
    if not rows or not columns or (bias is not None and bias.shape != (rows,)):
        raise ModelError(
            f"layer {shown(name)}: expected a weight of at least one row and column and a bias of {rows} "
            f"numbers, got {list(weight.shape)} and {None if bias is None else list(bias.shape)}"
        )
    flat = weight.numbers(_named(name, "weight"))
    rows_of = [flat[i * columns : (i + 1) * columns] for i in range(rows)]
    return rows_of, [0] * rows if bias is None else bias.numbers(_named(name, "bias"))
