"""Operators at values that were worked out by hand, their traps, and each refusal with its reason."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

from onnx_models import model, node, onnx, outputs, saved, stored

from memcert.errors import MemcertError, UnsupportedError
from memcert.interop.onnx_model import read_onnx
from memcert.interop.refusals import ModelError

Q = Fraction


def whole(name: str, values: Any) -> Any:
    return stored(name, values, "i8")


def run(folder: Path, operator: str, point: list[Any], shape: Any = None, *weights: Any, **more: Any) -> Any:
    """Return the output of one node that reads x and then the weights, in order."""
    opset = more.pop("opset", 17)
    inputs = ["x", *(tensor.name for tensor in weights)]
    proto = model([node(operator, inputs, ["y"], **more)], weights, shape or len(point), opset=opset)
    return outputs(proto, point, folder)


WINDOW = {"kernel_shape": [3], "strides": [2], "pads": [1, 1]}


@pytest.mark.parametrize(
    ("attributes", "expected"),
    [
        ({"ceil_mode": 1}, [Q(3, 2), 3, 4]),
        ({"ceil_mode": 1, "count_include_pad": 1}, [1, 3, 2]),
        ({}, [Q(3, 2), 3]),
        ({"count_include_pad": 1}, [1, 3]),
    ],
)
def test_an_average_counts_padding_where_told_and_never_what_is_behind_it(
    attributes: Any, expected: Any, tmp_path: Path
) -> None:
    found = run(tmp_path, "AveragePool", [1, 2, 3, 4], (1, 4), **WINDOW, **attributes)
    assert found == expected


def test_with_ceil_mode_a_window_may_be_wider_than_what_it_looks_at(tmp_path: Path) -> None:
    wide = {"kernel_shape": [3], "strides": [3], "ceil_mode": 1}
    assert run(tmp_path, "MaxPool", [1, 2], (1, 2), **wide) == [2]
    assert run(tmp_path, "AveragePool", [1, 2], (1, 2), count_include_pad=1, **wide) == [Q(3, 2)]
    with pytest.raises(ModelError, match="a window of 3 does not fit into 2"):
        run(tmp_path, "MaxPool", [1, 2], (1, 2), **{**wide, "ceil_mode": 0})


@pytest.mark.parametrize(
    "given",
    [
        {"kernel_shape": [3], "strides": [2], "auto_pad": "VALID", "ceil_mode": 1},
        {"kernel_shape": [1], "strides": [3], "auto_pad": "SAME_UPPER"},
        {"kernel_shape": [2], "dilations": [2], "auto_pad": "SAME_LOWER"},
    ],
)
def test_a_pool_that_runtimes_pad_in_different_ways_is_refused(given: dict[str, Any], tmp_path: Path) -> None:
    for operator in ("AveragePool", "MaxPool"):
        with pytest.raises(UnsupportedError, match=r"auto_pad [A-Z_]+ with .*; export the model with pads"):
            run(tmp_path, operator, [1, 2, 3, 4, 5, 6], (1, 6), opset=22, **given)
    # Where rounding changes nothing, VALID is VALID.
    even = {"kernel_shape": [2], "strides": [2], "auto_pad": "VALID", "ceil_mode": 1}
    assert run(tmp_path, "MaxPool", [1, 2, 3, 4], (1, 4), opset=22, **even) == [2, 4]


def test_a_maximum_leaves_padding_out(tmp_path: Path) -> None:
    assert run(tmp_path, "MaxPool", [-1, -2, -3, -4], (1, 4), **WINDOW) == [-1, -2]
    assert run(tmp_path, "MaxPool", [-1, -2, -3, -4], (1, 4), kernel_shape=[2], auto_pad="SAME_UPPER") == [
        *[-1, -2, -3],
        -4,
    ]


def test_a_window_that_starts_in_the_padding_at_the_end_is_left_out_since_opset_22(tmp_path: Path) -> None:
    late = {"kernel_shape": [1], "strides": [3], "pads": [0, 1], "ceil_mode": 1}
    assert run(tmp_path, "MaxPool", [1, 2, 3, 4, 5, 6], (1, 6), opset=22, **late) == [1, 4]
    with pytest.raises(UnsupportedError, match="a window starts in the padding at the end"):
        run(tmp_path, "MaxPool", [1, 2, 3, 4, 5, 6], (1, 6), **late)


def test_gemm_scales_by_floats_and_lives_without_c(tmp_path: Path) -> None:
    w, c = stored("w", [[1, 2], [3, 4]]), stored("c", [10, 20])
    tenth = Q(13421773, 1 << 27)
    assert run(tmp_path, "Gemm", [1, 1], None, w, c, alpha=0.1, beta=0.5, transB=1) == [
        3 * tenth + 5,
        7 * tenth + 10,
    ]
    assert run(tmp_path, "Gemm", [1, 1], None, w, opset=11) == [4, 6]
    left_out = model([node("Gemm", ["x", "w", ""], ["y"])], [w], 2)
    assert outputs(left_out, [1, 1], tmp_path) == [4, 6]
    with pytest.raises(ModelError, match="expected 3 inputs, got 2"):
        run(tmp_path, "Gemm", [1, 1], None, w, opset=9)


def test_clip_with_min_above_max_is_max_and_its_bounds_may_be_left_out(tmp_path: Path) -> None:
    low, high = stored("l", 3.0), stored("h", 1.0)
    assert run(tmp_path, "Clip", [0, 2, 9], None, low, high) == [1, 1, 1]
    above = model([node("Clip", ["x", "", "h"], ["y"])], [high], 2)
    assert outputs(above, [0, 2], tmp_path) == [0, 1]
    assert run(tmp_path, "Clip", [0, 2], None) == [0, 2]
    assert run(tmp_path, "Clip", [0, 2], None, opset=7, max=1.0) == [0, 1]
    with pytest.raises(UnsupportedError, match="attribute 'max' is not supported"):
        run(tmp_path, "Clip", [0, 2], None, max=1.0)


def test_a_float_attribute_is_exactly_its_float32_for_double_tensors_too(tmp_path: Path) -> None:
    nodes = [node("Cast", ["x"], ["d"], to=11), node("LeakyRelu", ["d"], ["y"], alpha=0.01)]
    assert outputs(model(nodes, [], 1), [-1], tmp_path) == [Q(-5368709, 1 << 29)]


def test_hard_sigmoid_and_prelu(tmp_path: Path) -> None:
    assert run(tmp_path, "HardSigmoid", [-9, 0, 1, 9], None, alpha=0.25, beta=0.5) == [0, Q(1, 2), Q(3, 4), 1]
    slopes = stored("s", [[0.5], [-2.0]])
    assert run(tmp_path, "PRelu", [-1, 1, -1, 1], (2, 2), slopes) == [Q(-1, 2), 1, 2, 1]
    with pytest.raises(ModelError, match=r"slopes of shape \[2, 3\] do not fit \[1, 2, 1\]"):
        run(tmp_path, "PRelu", [1, 1], (2, 1), stored("s", np.ones((2, 3))))


def test_a_weight_stands_on_either_side(tmp_path: Path) -> None:
    w = stored("w", [[1, 2]])
    left = model([node("MatMul", ["w", "x"], ["y"])], [w], (2, 2))
    assert outputs(left, [1, 10, 100, 1000], tmp_path) == [201, 2010]
    assert run(tmp_path, "MatMul", [1, 10], None, stored("w", [3, 4])) == [43]
    stack = stored("w", [[[1, 0], [0, 2]]])
    assert run(tmp_path, "MatMul", [1, 2, 3, 4], (2, 2), stack) == [1, 4, 3, 8]


def test_a_slice_backwards_clamps_as_the_definition_says_not_as_python_does(tmp_path: Path) -> None:
    bounds = [whole("s", [-10]), whole("e", [-100]), whole("a", [1]), whole("t", [-1])]
    assert run(tmp_path, "Slice", [1, 2, 3, 4], None, *bounds) == [1]
    assert run(tmp_path, "Slice", [1, 2, 3, 4], None, whole("s", [0, 1]), whole("e", [2**62, -1])) == [2, 3]


def test_split_gives_several_outputs_the_last_one_smaller(tmp_path: Path) -> None:
    nodes = [
        node("Split", ["x"], ["a", "b"], axis=1, num_outputs=2),
        node("ReduceSum", ["b", "axes"], ["s"]),
        node("Sub", ["a", "s"], ["y"]),
    ]
    proto = model(nodes, [whole("axes", [1])], 5, opset=18)
    assert outputs(proto, [1, 2, 3, 10, 20], tmp_path) == [-29, -28, -27]


@pytest.mark.parametrize(
    ("mode", "pads", "expected"),
    [
        ("reflect", [2, 1], [3, 2, 1, 2, 3, 4, 3]),
        ("reflect", [-1, 2], [2, 3, 4, 3, 2]),
        ("edge", [2, 1], [1, 1, 1, 2, 3, 4, 4]),
        ("edge", [1, -3], [1, 1]),
        ("wrap", [2, 5], [3, 4, 1, 2, 3, 4, 1, 2, 3, 4, 1]),
        ("wrap", [-1, 2], [2, 3, 4, 2, 3]),
    ],
)
def test_padding_repeats_values_as_its_mode_says(
    mode: str, pads: list[int], expected: list[int], tmp_path: Path
) -> None:
    weights = whole("p", [0, pads[0], 0, pads[1]])
    assert run(tmp_path, "Pad", [1, 2, 3, 4], None, weights, mode=mode, opset=19) == expected


def test_pad_gather_and_where_by_constants(tmp_path: Path) -> None:
    assert run(tmp_path, "Pad", [1, 2, 3], None, whole("p", [0, 1, 0, -1]), stored("v", 9.0)) == [9, 1, 2]
    assert run(tmp_path, "Gather", [1, 2, 3], None, whole("i", [-1, 0, 0]), axis=1) == [3, 1, 1]
    flags, other = stored("c", [True, False], "bool"), stored("o", [7, 8])
    proto = model([node("Where", ["c", "x", "o"], ["y"])], [flags, other], 2)
    assert outputs(proto, [1, 2], tmp_path) == [1, 8]


def test_the_scaler_of_a_pipeline_is_affine(tmp_path: Path) -> None:
    nodes = [
        onnx.helper.make_node("Scaler", ["x"], ["y"], domain="ai.onnx.ml", offset=[1.0, 2.0], scale=[0.5])
    ]
    proto = model(nodes, [], 2)
    proto.opset_import.append(onnx.helper.make_opsetid("ai.onnx.ml", 1))
    assert outputs(proto, [5, 5], tmp_path) == [2, Q(3, 2)]


def of_pipelines(operator: str, inputs: list[str], **more: Any) -> Any:
    """Return a node of scikit-learn's pipelines."""
    return onnx.helper.make_node(operator, inputs, ["y"], domain="ai.onnx.ml", **more)


def pipeline(step: Any, *weights: Any) -> Any:
    """Return a model of one such node; like skl2onnx it names a domain twice, in the same version."""
    proto = model([step], weights, 3)
    proto.opset_import.extend([onnx.helper.make_opsetid("ai.onnx.ml", 1), onnx.helper.make_opsetid("", 17)])
    return proto


def test_features_are_chosen_by_constant_indices(tmp_path: Path) -> None:
    chosen = pipeline(of_pipelines("ArrayFeatureExtractor", ["x", "i"]), whole("i", [[2, 0]]))
    assert outputs(chosen, [5, 6, 7], tmp_path) == [7, 5]
    with pytest.raises(ModelError, match="an index outside of the last dimension"):
        outputs(
            pipeline(of_pipelines("ArrayFeatureExtractor", ["x", "i"]), whole("i", [3])), [0] * 3, tmp_path
        )


def test_steps_of_pipelines_that_no_network_computes_say_why(tmp_path: Path) -> None:
    nan = float("nan")
    for operator, attributes, reason in (
        ("Imputer", {"replaced_value_float": nan}, "'Imputer'.*leave it out of the pipeline"),
        ("Binarizer", {}, "'Binarizer'.*it jumps"),
        ("Normalizer", {}, "'Normalizer'.*divides by what it measures"),
        ("Scaler", {"offset": [nan]}, "'Scaler'.*attribute 'offset' is not supported"),
        ("SVMRegressor", {}, "'SVMRegressor'.*other domains are not supported"),
    ):
        step = of_pipelines(operator, ["x"], **attributes)
        with pytest.raises(UnsupportedError, match=reason):
            read_onnx(saved(pipeline(step), tmp_path), None)
    twice = pipeline(of_pipelines("Scaler", ["x"]))
    twice.opset_import.append(onnx.helper.make_opsetid("", 18))
    with pytest.raises(ModelError, match="expected one version of the operators of domain ''"):
        read_onnx(saved(twice, tmp_path), None)


def constants(nodes: list[Any], weights: list[Any], folder: Path, opset: int = 17) -> Any:
    """Return the constant that nodes make of weights, added to an input of zero."""
    steps = [
        *nodes,
        node("Cast", ["c"], ["t"], to=1),
        node("Constant", [], ["s"], value_ints=[1, -1]),
        node("Reshape", ["t", "s"], ["f"]),
        node("Add", ["x", "f"], ["y"]),
    ]
    return outputs(model(steps, weights, 1, opset=opset), [0], folder)


@pytest.mark.parametrize(
    ("operator", "values", "expected"),
    [
        ("Div", [whole("a", [-7]), whole("b", [2])], -3),
        ("Div", [whole("a", [7]), whole("b", [-2])], -3),
        ("Mod", [whole("a", [-7]), whole("b", [3])], 2),
        ("Add", [whole("a", [-7]), whole("b", [3])], -4),
        ("Mul", [whole("a", [-7]), whole("b", [3])], -21),
        ("Pow", [stored("a", [0.5]), whole("b", [3])], Q(1, 8)),
        ("Sqrt", [stored("a", [2.25])], Q(3, 2)),
        ("Reciprocal", [stored("a", [3.0])], Q(11184811, 1 << 25)),
        ("Floor", [stored("a", [-0.5])], -1),
        ("Ceil", [stored("a", [-0.5])], 0),
        ("Round", [stored("a", [2.5])], 2),
        ("Sign", [stored("a", [-2.5])], -1),
        ("Equal", [whole("a", [1]), whole("b", [1])], 1),
        ("Less", [whole("a", [1]), whole("b", [1])], 0),
        ("GreaterOrEqual", [whole("a", [1]), whole("b", [1])], 1),
        ("Xor", [stored("a", [True], "bool"), stored("b", [True], "bool")], 0),
        ("Not", [stored("a", [False], "bool")], 1),
        ("Max", [whole("a", [1]), whole("b", [2])], 2),
        ("ReduceProd", [whole("a", [2, 3, 4])], 24),
        ("NonZero", [stored("a", [0.0, 0.0, 2.0])], 2),
        ("Conv", [stored("a", [[[1, 2, 3]]]), stored("b", [[[1, 1, 1]]])], 6),
        ("Relu", [stored("a", [-3.0])], 0),
    ],
)
def test_any_operator_is_evaluated_on_constants(
    operator: str, values: list[Any], expected: Any, tmp_path: Path
) -> None:
    nodes = [node(operator, [tensor.name for tensor in values], ["c"])]
    assert constants(nodes, values, tmp_path) == [expected]


def test_fmod_has_the_sign_of_the_dividend(tmp_path: Path) -> None:
    for a, b, expected in ((-7, 3, -1), (7, -3, 1), (-6, 3, 0), (7, 3, 1)):
        values = [stored("a", [a]), stored("b", [b])]
        assert constants([node("Mod", ["a", "b"], ["c"], fmod=1)], values, tmp_path) == [expected]


def test_range_counts_up_and_down_and_may_be_empty(tmp_path: Path) -> None:
    def summed(*bounds: float) -> Any:
        nodes = [node("Range", list("abd"), ["r"]), node("ReduceSum", ["r"], ["c"], keepdims=0)]
        return constants(nodes, [stored(n, v) for n, v in zip("abd", bounds, strict=True)], tmp_path)

    assert summed(1, 10, 4) == [1 + 5 + 9]
    assert summed(3, 0, -2) == [3 + 1]
    assert summed(3, 0, 2) == [0]


NONSENSE: list[tuple[str, list[Any], type[MemcertError], str]] = [
    ("Sqrt", [stored("a", [2.0])], UnsupportedError, "the root of 2 is not a rational number"),
    (
        "Exp",
        [stored("a", [0.0])],
        UnsupportedError,
        "'Exp', node 'n_c', opset 17: it is not evaluated on constants; export the model with",
    ),
    ("Div", [whole("a", [1]), whole("b", [0])], ModelError, "the divisor holds a zero"),
    (
        "Add",
        [whole("a", [2**62]), whole("b", [2**62])],
        UnsupportedError,
        "9223372036854775808 is no integer",
    ),
    ("Neg", [stored("a", [1], "u1")], UnsupportedError, "-1 is no integer from 0 to 255"),
    ("Pow", [stored("a", [2.0]), stored("b", [0.5])], UnsupportedError, "the power 1/2"),
    ("Pow", [stored("a", [2.0]), stored("b", [1e9])], UnsupportedError, "expected a whole one up to 64"),
    ("Pow", [stored("a", [0.0]), stored("b", [-1.0])], ModelError, "zero to a negative power"),
    ("Mod", [whole("a", [1]), whole("b", [0])], ModelError, "the divisor holds a zero"),
    ("Reciprocal", [stored("a", [0.0])], ModelError, "the reciprocal of zero"),
    ("ReduceMean", [stored("a", np.zeros((1, 0)))], ModelError, "a mean of no element"),
    ("ReduceMax", [stored("a", np.zeros((1, 0)))], ModelError, "an extreme of no element"),
    ("Gather", [stored("a", [1.0]), whole("b", [5])], ModelError, "an index outside of 1"),
    ("Range", [whole(name, 0) for name in "abd"], ModelError, "expected a delta that is not 0"),
    ("ConstantOfShape", [whole("a", [-1])], ModelError, "has a negative dimension"),
]


@pytest.mark.parametrize("case", NONSENSE, ids=[f"{case[0]}: {case[3][:25]}" for case in NONSENSE])
def test_what_is_no_number_on_constants_is_refused(case: Any, tmp_path: Path) -> None:
    operator, weights, error, reason = case
    with pytest.raises(error) as caught:
        constants([node(operator, [tensor.name for tensor in weights], ["c"])], weights, tmp_path)
    assert reason in str(caught.value)


def test_dropout_in_training_and_its_mask_are_refused(tmp_path: Path) -> None:
    weights = [stored("r", 0.5), stored("t", True, "bool")]
    training = model([node("Dropout", ["x", "r", "t"], ["y"])], weights, 2)
    with pytest.raises(UnsupportedError, match="training_mode is not a constant false"):
        read_onnx(saved(training, tmp_path), None)
    mask = model([node("Dropout", ["x"], ["d", "m"]), node("Cast", ["m"], ["y"], to=1)], [], 2)
    with pytest.raises(UnsupportedError, match=r"its further outputs \['m'\] are not supported"):
        read_onnx(saved(mask, tmp_path), None)
    pooled = model([node("MaxPool", ["x"], ["p", "y"], kernel_shape=[1])], [], (1, 2))
    with pytest.raises(UnsupportedError, match="further outputs"):
        read_onnx(saved(pooled, tmp_path), None)


def test_functions_of_the_model_are_lowered_where_they_are_called(tmp_path: Path) -> None:
    slope = node("LeakyRelu", ["a"], ["t"])
    slope.attribute.append(onnx.AttributeProto(name="alpha", ref_attr_name="slope", type=1))
    body = [slope, node("Add", ["t", "b"], ["s"])]
    opsets = [onnx.helper.make_opsetid("", 17)]
    made = onnx.helper.make_function("own", "step", ["a", "b"], ["s"], body, opsets, attributes=["slope"])
    calls = [
        onnx.helper.make_node("step", ["x", "w"], ["p"], domain="own", slope=0.5),
        onnx.helper.make_node("step", ["p", "w"], ["y"], domain="own", slope=-1.0),
    ]
    proto = model(calls, [stored("w", [[1.0]])], 1)
    proto.functions.append(made)
    proto.opset_import.append(onnx.helper.make_opsetid("own", 1))
    assert outputs(proto, [-8], tmp_path) == [4]
    proto.functions[0].node[0].CopyFrom(node("Tanh", ["a"], ["t"]))
    with pytest.raises(UnsupportedError, match="'Tanh', node 'p/n_t', opset 17: it is not piecewise linear"):
        read_onnx(saved(proto, tmp_path), None)


@pytest.mark.parametrize(("kind", "pattern"), [(16, 0x3FC0), (10, 0x3E00)])
def test_halves_are_read_from_bytes_and_from_their_field(kind: int, pattern: int, tmp_path: Path) -> None:
    raw = onnx.TensorProto(name="w", data_type=kind, dims=[1], raw_data=pattern.to_bytes(2, "little"))
    field = onnx.TensorProto(name="w", data_type=kind, dims=[1])
    field.int32_data.append(pattern)
    for tensor in (raw, field):
        assert outputs(model([node("Mul", ["x", "w"], ["y"])], [tensor], 1), [2], tmp_path) == [3]


X = "x"
REFUSED: list[tuple[str, list[Any], Any]] = [
    ("its second factor depends", [stored("w", np.eye(2))], ("Gemm", ["w", X], {})),
    ("a quotient by a value that depends", [stored("w", [1.0, 2.0])], ("Div", ["w", X], {})),
    ("a condition that depends on the input jumps", [stored("w", [1.0, 2.0])], ("Where", ["b", X, "w"], {})),
    ("moves the batch", [], ("Transpose", [X], {"perm": [1, 0]})),
    ("it reduces over the batch", [], ("ReduceSum", [X], {})),
    ("it puts a dimension before the batch", [whole("w", [0])], ("Unsqueeze", [X, "w"], {})),
    ("it repeats the batch", [whole("w", [2, 1])], ("Tile", [X, "w"], {})),
    ("mixes the batch", [whole("w", [5, 2])], ("Expand", [X, "w"], {})),
    ("puts a dimension before the batch", [whole("w", [1, 1, 2])], ("Expand", [X, "w"], {})),
    ("axis 0 is the batch", [], ("Split", [X], {"axis": 0})),
    ("axis 0 is the batch", [whole("w", [0])], ("Gather", [X, "w"], {})),
    ("it cuts the batch", [whole("w", [0]), whole("v", [1])], ("Slice", [X, "w", "v"], {})),
    ("it pads the batch", [whole("w", [1, 0, 0, 0])], ("Pad", [X, "w"], {})),
    ("mode 'wrap': expected one of", [whole("w", [0, 1, 0, 0])], ("Pad", [X, "w"], {"mode": "wrap"})),
    ("mode 'near': expected one of", [whole("w", [0, 1, 0, 0])], ("Pad", [X, "w"], {"mode": "near"})),
    ("input 1 depends on the model's input", [stored("w", [[[1.0]]])], ("Conv", ["w", X], {})),
    ("it is not piecewise linear", [], ("Erf", [X], {})),
    ("this operator is not supported", [], ("Det", [X], {})),
    ("quantized operators round", [stored("s", 1.0)], ("QuantizeLinear", [X, "s"], {})),
]


@pytest.mark.parametrize("case", REFUSED, ids=[f"{case[2][0]}: {case[0][:30]}" for case in REFUSED])
def test_what_cannot_be_exact_or_mixes_the_batch_is_refused(case: Any, tmp_path: Path) -> None:
    reason, weights, (operator, inputs, attributes) = case
    nodes = [node("Cast", [X], ["b"], to=9)] if "b" in inputs else []
    proto = model([*nodes, node(operator, inputs, ["y"], **attributes)], weights, 2)
    with pytest.raises(UnsupportedError) as caught:
        read_onnx(saved(proto, tmp_path), None)
    if not nodes:
        assert any(part in str(caught.value) for part in reason.split("|"))
        assert f"operator '{operator}', node 'n_y', opset 17: " in str(caught.value)


def test_an_operator_of_a_version_that_is_not_known_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from memcert.interop.onnx import operators

    known = operators.TABLE["Relu"]
    monkeypatch.setitem(operators.TABLE, "Relu", known._replace(versions=known.versions[:-1]))
    with pytest.raises(UnsupportedError, match="its definition of opset 14 is not known"):
        run(tmp_path, "Relu", [1])


def test_an_operator_that_the_opset_does_not_define_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UnsupportedError, match="'Where', node 'n_y', opset 8: this opset does not define it"):
        run(tmp_path, "Where", [1], None, stored("a", 1.0), stored("b", 1.0), opset=8)


def test_every_version_that_the_installed_onnx_knows_is_known() -> None:
    from memcert.interop.onnx.operators import LAST, TABLE

    known = {name: (op.domain, op.versions) for name, op in TABLE.items()}
    known |= {name: ("", versions) for name, (versions, *_) in LAST.items()}
    for schema in onnx.defs.get_all_schemas_with_history():
        domain, versions = known.get(schema.name, (None, ()))
        later = [s for s in versions if s > schema.since_version]
        if schema.domain == domain and not (schema.since_version < 7 and later and min(later) <= 7):
            assert schema.since_version in versions, f"{schema.name} {schema.since_version}"


MALFORMED: list[tuple[str, list[Any], Any]] = [
    ("expected 2 inputs, got 1", [], ("Add", [X], {})),
    ("expected 1 input, got 2", [], ("Relu", [X, X], {})),
    ("expected 1 to 3 inputs, got 4", [], ("Dropout", [X, X, X, X], {})),
    ("attribute 'axis': expected type 2, got 1", [], ("Flatten", [X], {"axis": 1.5})),
    ("does not become", [whole("w", [0, 3])], ("Reshape", [X, "w"], {})),
    ("keeps a dimension that", [whole("w", [0, 2, 0])], ("Reshape", [X, "w"], {})),
    ("axis 5 of 2 dimensions", [], ("Concat", [X, X], {"axis": 5})),
    ("shapes [1, 2] and [3, 1] do not fit", [stored("w", [[1], [2], [3]])], ("MatMul", [X, "w"], {})),
    ("are not all 1", [whole("w", [1])], ("Squeeze", [X, "w"], {})),
    ("is no order of 2 dimensions", [], ("Transpose", [X], {"perm": [0, 0]})),
    ("does not split into", [whole("w", [1, 2])], ("Split", [X, "w"], {"axis": 1})),
    ("expected 2 repeats, got [1]", [whole("w", [1])], ("Tile", [X, "w"], {})),
    ("expected 4 pads", [whole("w", [1])], ("Pad", [X, "w"], {})),
    ("do not fit each other", [whole("w", [0]), whole("v", [1, 1])], ("Slice", [X, "w", "v"], {})),
    (
        "mode reflect: 2 values in front or behind do not come from 2",
        [whole("w", [0, 2, 0, 0])],
        ("Pad", [X, "w"], {"mode": "reflect"}),
    ),
    (
        "mode edge: 2 values in front or behind do not come from 0",
        [whole("w", [0, 2, 0, -2])],
        ("Pad", [X, "w"], {"mode": "edge"}),
    ),
    ("cut more than 2 values", [whole("w", [0, -2, 0, -2])], ("Pad", [X, "w"], {})),
    ("expected one bound, got 2", [stored("w", [1.0, 2.0])], ("Clip", [X, "w"], {})),
]


@pytest.mark.parametrize("case", MALFORMED, ids=[f"{case[2][0]}: {case[0][:30]}" for case in MALFORMED])
def test_a_node_that_contradicts_itself_is_malformed(case: Any, tmp_path: Path) -> None:
    reason, weights, (operator, inputs, attributes) = case
    names = ["y", "z"] if operator == "Split" else ["y"]
    proto = model([node(operator, inputs, names, **attributes)], weights, 2)
    with pytest.raises(ModelError) as caught:
        read_onnx(saved(proto, tmp_path), None)
    assert reason in str(caught.value)
    assert f"operator '{operator}', node 'n_y'" in str(caught.value)


CONV = {"kernel_shape": [2], "strides": [1]}


@pytest.mark.parametrize(
    ("attributes", "weights", "reason"),
    [
        ({"kernel_shape": [3]}, np.ones((1, 1, 2)), "is not that of the weights"),
        ({"group": 2}, np.ones((1, 1, 2)), "do not fit [1, 1, 3] in 2 groups"),
        ({}, np.ones((1, 2, 2)), "expected 2 channels, got 1"),
        ({}, np.ones((1, 1, 4)), "a window of 4 does not fit into 3"),
        ({"strides": [0]}, np.ones((1, 1, 2)), "strides and dilations of at least 1"),
        ({"pads": [1]}, np.ones((1, 1, 2)), "2 pads"),
        ({"auto_pad": "EVEN"}, np.ones((1, 1, 2)), "auto_pad 'EVEN' is none of"),
    ],
)
def test_a_convolution_that_does_not_fit_is_malformed(
    attributes: Any, weights: Any, reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError) as caught:
        run(tmp_path, "Conv", [1, 2, 3], (1, 3), stored("w", weights), **attributes)
    assert reason in str(caught.value)
