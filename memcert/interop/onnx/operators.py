"""The operators that are lowered: versions, attributes, conditions, and how (docs/operators.md).

UNTRUSTED; tests/interop compares each with an independent evaluator. Batch is the first dimension.
"""

from collections.abc import Callable
from typing import NamedTuple

from memcert.interop.onnx import (
    activations,
    arithmetic,
    casts,
    constant_operators,
    convolution,
    normalization,
    pooling,
    products,
    reductions,
    selections,
    shape_values,
    shapes,
)
from memcert.interop.onnx.nodes import Node
from memcert.interop.refusals import ZIPMAP
from memcert.interop.tensors import Tensor


class Operator(NamedTuple):
    """How an operator is lowered.

    Args:
        act: on its node.
        versions: those of its definitions whose meaning this is.
        attributes: the names that it knows, of all versions.
        condition: when it is refused, in words.
        how: what it becomes, in words.
        domain: of the operator; empty for those of ONNX.
    """

    act: Callable[[Node], Tensor | tuple[Tensor, ...]]
    versions: tuple[int, ...]
    attributes: tuple[str, ...] = ()
    condition: str = ""
    how: str = ""
    domain: str = ""


_MOVES = (13, 21, 23, 24, 25)
_WINDOW = ("auto_pad", "dilations", "kernel_shape", "pads", "strides")
_WINDOWS = (
    "before version 22, no window starts in the padding at the end; auto_pad only where runtimes agree on it"
)
_REDUCED = ("axes", "keepdims", "noop_with_empty_axes")
_BATCH = "the batch stays the first dimension"
_ONE_CONSTANT = "one of the two is constant"
_AXES = "not along the batch"
_CONSTANTS = "of constants"
_AFFINE, _MOVED, _VALUE = "affine", "moved", "evaluated"

TABLE: dict[str, Operator] = {
    "Abs": Operator(activations.abs_, (6, 13), (), "", "relu(x) + relu(-x)"),
    "Add": Operator(arithmetic.add, (7, 13, 14), (), "", _AFFINE),
    "ArrayFeatureExtractor": Operator(
        selections.array_feature_extractor, (1,), (), "constant indices", _MOVED, "ai.onnx.ml"
    ),
    "AveragePool": Operator(
        pooling.average_pool,
        (7, 10, 11, 19, 22),
        (*_WINDOW, "ceil_mode", "count_include_pad"),
        _WINDOWS,
        _AFFINE,
    ),
    "BatchNormalization": Operator(
        normalization.batch_normalization,
        (7, 9, 14, 15),
        ("epsilon", "momentum", "spatial", "training_mode"),
        "inference; var + epsilon is the square of a rational or the scale 0, unless --fold-batchnorm",
        _AFFINE,
    ),
    "Cast": Operator(
        casts.cast,
        (6, 9, 13, 19, 21, 23, 24, 25, 28),
        ("to", "saturate", "round_mode"),
        "of data, to a type that holds every value of the first; of constants, between standard types",
        "nothing; of constants, rounded to nearest, ties to even",
    ),
    "CastLike": Operator(
        casts.cast_like, (15, 19, 21, 23, 24, 25), ("saturate", "round_mode"), "as Cast", "as Cast"
    ),
    "Clip": Operator(
        activations.clip,
        (6, 11, 12, 13),
        ("min", "max"),
        "constant bounds",
        "low + relu(x - low) - relu(x - high)",
    ),
    "Concat": Operator(selections.concat, (4, 11, 13), ("axis",), _AXES, _MOVED),
    "ConstantOfShape": Operator(
        shape_values.constant_of_shape, (9, 20, 21, 23, 24, 25), ("value",), _CONSTANTS, _VALUE
    ),
    "Conv": Operator(
        convolution.conv, (1, 11, 22), (*_WINDOW, "group"), "constant weights and biases", _AFFINE
    ),
    "Div": Operator(
        arithmetic.div,
        (7, 13, 14),
        (),
        "a constant divisor; integers only as constants, cut towards 0",
        _AFFINE,
    ),
    "Dropout": Operator(
        shapes.dropout, (7, 10, 12, 13, 22), ("ratio", "seed"), "inference; the mask is not read", "nothing"
    ),
    "Expand": Operator(shapes.expand, (8, 13), (), _BATCH, _MOVED),
    "Flatten": Operator(shapes.flatten, (1, 9, 11, 13, 21, 23, 24, 25), ("axis",), _BATCH, _MOVED),
    "Gather": Operator(selections.gather, (1, 11, 13), ("axis",), f"constant indices; {_AXES}", _MOVED),
    "Gemm": Operator(
        products.gemm,
        (7, 9, 11, 13),
        ("alpha", "beta", "transA", "transB"),
        "a constant second factor; transA of constants only",
        _AFFINE,
    ),
    "GlobalAveragePool": Operator(pooling.global_average_pool, (1, 22), (), "", _AFFINE),
    "GlobalMaxPool": Operator(pooling.global_max_pool, (1, 22), (), "", "as Max"),
    "HardSigmoid": Operator(
        activations.hard_sigmoid, (6, 22), ("alpha", "beta"), "", "relu(z) - relu(z - 1), z = alpha x + beta"
    ),
    "Identity": Operator(shapes.identity, (1, 13, 14, 16, 19, 21, 23, 24, 25), (), "", "nothing"),
    "LeakyRelu": Operator(activations.leaky_relu, (6, 16), ("alpha",), "", "relu(x) - alpha relu(-x)"),
    "MatMul": Operator(
        products.matmul, (1, 9, 13), (), "a constant factor, on either side; no sum over the batch", _AFFINE
    ),
    "Max": Operator(
        activations.max_,
        (6, 8, 12, 13),
        (),
        "",
        "a balanced tree of relu(a - b) + b; b is one neuron where it is one or its sign is known, else "
        "relu(b) - relu(-b)",
    ),
    "MaxPool": Operator(
        pooling.max_pool,
        (1, 8, 10, 11, 12, 22),
        (*_WINDOW, "ceil_mode", "storage_order"),
        f"the indices are not read; {_WINDOWS}",
        "as Max, a dimension at a time; padding is left out",
    ),
    "Mean": Operator(arithmetic.mean, (6, 8, 13), (), "", _AFFINE),
    "Min": Operator(activations.min_, (6, 8, 12, 13), (), "", "-max(-a, -b)"),
    "Mul": Operator(arithmetic.mul, (7, 13, 14), (), _ONE_CONSTANT, _AFFINE),
    "Neg": Operator(arithmetic.neg, (6, 13), (), "", _AFFINE),
    "NonZero": Operator(shape_values.non_zero, (9, 13), (), _CONSTANTS, _VALUE),
    "PRelu": Operator(activations.p_relu, (7, 9, 16), (), "constant slopes", "relu(x) - slope relu(-x)"),
    "Pad": Operator(
        selections.pad,
        (2, 11, 13, 18, 19, 21, 23, 24, 25),
        ("mode", "pads", "value"),
        f"no values reflected that are not there; {_AXES}",
        _MOVED,
    ),
    "Range": Operator(shape_values.range_, (11, 27), ("stash_type",), _CONSTANTS, _VALUE),
    "ReduceMax": Operator(reductions.reduce_max, (1, 11, 12, 13, 18, 20), _REDUCED, _AXES, "as Max"),
    "ReduceMean": Operator(reductions.reduce_mean, (1, 11, 13, 18), _REDUCED, _AXES, _AFFINE),
    "ReduceMin": Operator(reductions.reduce_min, (1, 11, 12, 13, 18, 20), _REDUCED, _AXES, "as Min"),
    "ReduceProd": Operator(reductions.reduce_prod, (1, 11, 13, 18), _REDUCED, _CONSTANTS, _VALUE),
    "ReduceSum": Operator(reductions.reduce_sum, (1, 11, 13), _REDUCED, _AXES, _AFFINE),
    "Relu": Operator(activations.relu, (6, 13, 14), (), "", "one neuron; none where the sign is known"),
    "Reshape": Operator(
        shapes.reshape, (5, 13, 14, 19, 21, 23, 24, 25), ("allowzero",), f"a constant shape; {_BATCH}", _MOVED
    ),
    "Scaler": Operator(arithmetic.scaler, (1,), ("offset", "scale"), "two dimensions", _AFFINE, "ai.onnx.ml"),
    "Shape": Operator(shape_values.shape, (1, 13, 15, 19, 21, 23, 24, 25), ("start", "end"), "", _VALUE),
    "Size": Operator(shape_values.size, (1, 13, 19, 21, 23, 24, 25), (), "", _VALUE),
    "Slice": Operator(
        selections.slice_,
        (1, 10, 11, 13),
        ("starts", "ends", "axes"),
        f"constant bounds; {_AXES}",
        _MOVED,
    ),
    "Split": Operator(
        selections.split,
        (2, 11, 13, 18),
        ("axis", "split", "num_outputs"),
        f"constant sizes; {_AXES}",
        _MOVED,
    ),
    "Squeeze": Operator(shapes.squeeze, (1, 11, *_MOVES), ("axes",), _BATCH, _MOVED),
    "Sub": Operator(arithmetic.sub, (7, 13, 14), (), "", _AFFINE),
    "Sum": Operator(arithmetic.sum_, (6, 8, 13), (), "", _AFFINE),
    "Tile": Operator(shapes.tile, (6, 13), (), "constant repeats; " + _AXES, _MOVED),
    "Transpose": Operator(shapes.transpose, (1, *_MOVES), ("perm",), _BATCH, _MOVED),
    "Unsqueeze": Operator(shapes.unsqueeze, (1, 11, *_MOVES), ("axes",), _BATCH, _MOVED),
    "Where": Operator(arithmetic.where, (9, 16), (), "a constant condition", _MOVED),
}
"""What is lowered; `Constant` is read with the graph, last nodes are in LAST."""
_VERSIONS_OF_CONSTANTS = {
    "And": (7,),
    "Ceil": (6, 13),
    "Equal": (7, 11, 13, 19),
    "Floor": (6, 13),
    "Greater": (7, 9, 13),
    "GreaterOrEqual": (12, 16),
    "Less": (7, 9, 13),
    "LessOrEqual": (12, 16),
    "Mod": (10, 13, 28),
    "Not": (1,),
    "Or": (7,),
    "Pow": (7, 12, 13, 15),
    "Reciprocal": (6, 13),
    "Round": (11, 22),
    "Sign": (9, 13),
    "Sqrt": (6, 13),
    "Xor": (7,),
}
_EXACTLY = {
    "Pow": "whole exponents up to 64, of constants",
    "Sqrt": "of constants whose root is rational",
}
TABLE |= {
    name: Operator(
        constant_operators.ACTS[name],
        versions,
        ("fmod",) if name == "Mod" else (),
        _EXACTLY.get(name, _CONSTANTS),
        _VALUE,
    )
    for name, versions in _VERSIONS_OF_CONSTANTS.items()
}
_CLASSES = "last, over the classes, for the rule argmax"
LAST: dict[str, tuple[tuple[int, ...], tuple[str, ...], str]] = {
    "ArgMax": ((1, 11, 12, 13), ("axis", "keepdims", "select_last_index"), _CLASSES),
    "LogSoftmax": ((1, 11, 13), ("axis",), _CLASSES),
    "Sigmoid": (
        (6, 13),
        (),
        "last, for the rule sign; 1 - p beside p, and their ArgMax, too; of several outputs for argmax",
    ),
    "Softmax": ((1, 11, 13), ("axis",), _CLASSES),
}
"""Nodes that are dropped: versions, attributes, and where."""
CONTROL_FLOW = ("If", "Loop", "Scan")
WAYS_OUT = {
    "ZipMap": ZIPMAP,
    "Imputer": "it jumps where it replaces a value; where none is missing, leave it out of the pipeline",
    **dict.fromkeys(("Binarizer", "OneHotEncoder", "LabelEncoder"), "it jumps, which no ReLU network does"),
    "Loop": "control flow is not supported; export the network unrolled",
    "If": "control flow is not supported; export the network for inference, with constants folded",
    "Scan": "control flow is not supported; export the network unrolled",
    **dict.fromkeys(("Softmax", "LogSoftmax", "ArgMax", "Sigmoid"), "it is exact only as the last node"),
    **dict.fromkeys(
        (
            "QuantizeLinear",
            "DequantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "MatMulInteger",
            "ConvInteger",
        ),
        "quantized operators round; export the network before it is quantized",
    ),
    **dict.fromkeys(
        (
            *("Tanh", "Elu", "Selu", "Celu", "Gelu", "Erf", "Exp", "Log", "Softplus", "Softsign", "Swish"),
            *("HardSwish", "Mish", "Sin", "Cos", "LSTM", "GRU", "RNN", "Attention"),
        ),
        "it is not piecewise linear, and no ReLU network computes it exactly",
    ),
    **dict.fromkeys(
        (
            *("LayerNormalization", "InstanceNormalization", "GroupNormalization", "RMSNormalization"),
            *("LpNormalization", "MeanVarianceNormalization", "LRN", "Normalizer"),
        ),
        "it divides by what it measures on the input, and no ReLU network computes that exactly",
    ),
    **dict.fromkeys(
        ("ThresholdedRelu", "Shrink", "Hardmax"),
        "in general it jumps, and no ReLU network computes that exactly",
    ),
}
"""What to do about an operator that is refused, where that is known."""
