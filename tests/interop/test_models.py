"""Every kind of model file against a naive value of its layers, and each refusal with its reason."""

import struct
import sys
import zipfile
from fractions import Fraction
from itertools import pairwise, takewhile
from pathlib import Path
from typing import Any

import model_files as files
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive_evaluator import evaluate as naive_value

from memcert.errors import MemcertError, UndecidedError, UnsupportedError, UsageError
from memcert.interop.models import KINDS, ImportOptions, Kind, read_model
from memcert.interop.refusals import ModelError
from memcert.kernel.data import network_digest

network_value: Any = naive_value
PLAIN = ImportOptions()
POINTS: list[tuple[Any, Any]] = [(0, 0), (1, 2), (Fraction(-7, 3), Fraction(1, 5)), (Fraction(10**9), -1)]
WEIGHTS = st.sampled_from([0.0, 1.0, -2.5, 0.1, 1e-45, 3e38, -1 / 3])


def _layers(kind: str, seed: int = 0) -> list[tuple[Any, Any]]:
    generator = np.random.default_rng(seed)
    sizes = [2, 3, 3, 2]
    return [
        (generator.normal(size=(b, a)).astype(kind), generator.normal(size=b).astype(kind))
        for a, b in pairwise(sizes)
    ]


def _state(layers: list[tuple[Any, Any]], names: tuple[str, ...] = ("0", "2", "4")) -> dict[str, Any]:
    return {
        f"{name}.{part}": array
        for name, pair in zip(names, layers, strict=True)
        for part, array in zip(("weight", "bias"), pair, strict=True)
    }


def _same(found: Any, layers: list[tuple[Any, Any]]) -> None:
    exact = [(files.exact(weight), files.exact(bias)) for weight, bias in layers]
    for point in POINTS:
        assert list(network_value(found.network, point)) == files.dense(exact, point)


@pytest.mark.parametrize("kind", ["float32", "float64", "float16"])
def test_a_state_dict_of_a_sequential_is_its_exact_network(kind: str, tmp_path: Path) -> None:
    layers = _layers(kind)
    found = read_model(files.torch_file(tmp_path / "m.pt", _state(layers)), "argmax", PLAIN)
    _same(found, layers)
    assert found.model.format == "PyTorch state_dict"
    assert "module 1, 3 taken for ReLU" in found.model.notes[0]
    assert found.model.options == {}


@given(st.lists(WEIGHTS, min_size=9, max_size=9), st.tuples(WEIGHTS, WEIGHTS))
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_weights_down_to_subnormals_are_the_binary_numbers_they_are(
    tmp_path: Path, weights: list[float], point: tuple[float, float]
) -> None:
    first, last = np.array(weights[:6], "f4"), np.array(weights[6:], "f4")
    layers = [(first[:4].reshape(2, 2), first[4:]), (last[:2].reshape(1, 2), last[2:])]
    found = read_model(files.torch_file(tmp_path / "m.pt", _state(layers, ("0", "2"))), "sign", PLAIN)
    at = [Fraction(x) for x in point]
    exact = [(files.exact(weight), files.exact(bias)) for weight, bias in layers]
    assert list(network_value(found.network, at)) == files.dense(exact, at)


def test_a_transposed_view_of_a_shared_storage_is_read_by_its_strides(tmp_path: Path) -> None:
    data = struct.pack("<7f", 9, 1, 2, 3, 4, 5, 6)
    entries = {
        "0.weight": files.tensor("k", (2, 3), "FloatStorage", offset=1, strides=(1, 2)),
        "0.bias": files.tensor("k", (2,), "FloatStorage", offset=5, strides=(1,)),
    }
    path = files.archive(tmp_path / "m.pt", {"data.pkl": files.state_pickle(entries), "data/k": data})
    network = read_model(path, "argmax", PLAIN).network
    assert network.layers[0].data == (1, 3, 5, 2, 4, 6)
    assert network.layers[0].bias == (5, 6)


def test_bfloat16_and_big_endian_storages_are_decoded_from_their_bits(tmp_path: Path) -> None:
    # 1.5 is 0x3fc0, -2 is 0xc000 as bfloat16; 1.5 is 0x3fc00000 as float32.
    entries = {"0.weight": files.tensor("k", (1, 2), "BFloat16Storage")}
    data = {"data.pkl": files.state_pickle(entries), "data/k": b"\xc0\x3f\x00\xc0"}
    assert read_model(files.archive(tmp_path / "b.pt", data), "sign", PLAIN).network.layers[0].data == (
        Fraction(3, 2),
        -2,
    )
    entries = {"0.weight": files.tensor("k", (1, 1), "FloatStorage")}
    data = {"data.pkl": files.state_pickle(entries), "data/k": b"\x3f\xc0\x00\x00", "byteorder": b"big"}
    assert read_model(files.archive(tmp_path / "e.pt", data), "sign", PLAIN).network.layers[0].data == (
        Fraction(3, 2),
    )


MALICIOUS = {
    "os.system": b"\x80\x02cposix\nsystem\n" + files.text("touch PWNED") + b"\x85R.",
    "builtins.eval": b"\x80\x02cbuiltins\neval\n" + files.text("open('PWNED', 'w')") + b"\x85R.",
    "STACK_GLOBAL": b"\x80\x04"
    + files.text("os")
    + files.text("system")
    + b"\x93"
    + files.text("touch PWNED")
    + b"\x85R.",
    "INST": b"\x80\x02(" + files.text("touch PWNED") + b"ios\nsystem\n.",
    "OBJ": b"\x80\x02(cos\nsystem\n" + files.text("touch PWNED") + b"o.",
    "NEWOBJ": b"\x80\x02ccollections\nOrderedDict\n)\x81.",
    "EXT1": b"\x80\x02\x82\x01.",
    "BUILD of a global": b"\x80\x02ccollections\nOrderedDict\n}b.",
    "REDUCE of a result": b"\x80\x02ccollections\nOrderedDict\n)R)R.",
    "numpy": b"\x80\x02cnumpy.core.multiarray\n_reconstruct\n)R.",
    "getattr": b"\x80\x02c__builtin__\ngetattr\n.",
}


@pytest.mark.parametrize("name", MALICIOUS)
def test_a_pickle_that_asks_for_more_than_tensors_is_malformed_and_not_run(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = files.archive(tmp_path / "m.pt", {"data.pkl": MALICIOUS[name]})
    with pytest.raises(ModelError, match="pickle: "):
        read_model(path, "argmax", PLAIN)
    assert [entry.name for entry in tmp_path.iterdir()] == ["m.pt"]


PICKLES = {
    "empty": (b"", "expected a whole one"),
    "cut": (files.state_pickle({})[:-3], "expected a whole one"),
    "underflow": (b"\x80\x02\x86.", "too few values"),
    "no mark": (b"\x80\x02t.", "pop from empty list"),
    "memo": (b"\x80\x02h\x07.", "7"),
    "huge memo": (b"\x80\x02}r\xff\xff\xff\x7f0.", "opcode POP at byte 8"),
    "declared 4 GB": (b"\x80\x02X\xff\xff\xff\xff.", "expected 4294967295 bytes"),
    "two values": (b"\x80\x02}}.", "one value at its end, got 2"),
    "key twice": (b"\x80\x02}(" + files.text("a") + b"N" + files.text("a") + b"Nu.", "'a' of a dictionary"),
    "negative stride": (
        files.state_pickle({"0.weight": files.tensor("0", (1, 1), "FloatStorage", strides=(-1, 1))}),
        "shape and strides",
    ),
}


@pytest.mark.parametrize("name", PICKLES)
def test_a_damaged_pickle_is_malformed_with_the_reason(name: str, tmp_path: Path) -> None:
    content, reason = PICKLES[name]
    with pytest.raises(ModelError, match=reason) as caught:
        read_model(files.archive(tmp_path / "m.pt", {"data.pkl": content}), "argmax", PLAIN)
    assert caught.value.status == 3


def _torch(tmp_path: Path, tensors: dict[str, Any], *, name: str = "m.pt") -> str:
    return files.torch_file(tmp_path / name, tensors)


def test_nan_and_infinite_weights_are_named_with_their_index(tmp_path: Path) -> None:
    layers = _layers("float32")
    layers[1][0][2, 1] = np.nan
    with pytest.raises(ModelError, match=r"tensor '2.weight': expected finite numbers, got NaN at index 7"):
        read_model(_torch(tmp_path, _state(layers)), "argmax", PLAIN)
    layers[1][0][2, 1] = 0
    layers[2][1][1] = -np.inf
    with pytest.raises(
        ModelError, match=r"tensor '4.bias': expected finite numbers, got -infinity at index 1"
    ):
        read_model(_torch(tmp_path, _state(layers)), "argmax", PLAIN)


@pytest.mark.parametrize(
    ("names", "layers", "error", "reason"),
    [
        (("0", "2", "5"), None, UnsupportedError, "do not say where activations are"),
        (("1", "3", "5"), None, UnsupportedError, "first module is linear"),
        (("fc1", "fc2", "out"), None, UnsupportedError, "do not say where activations are"),
        (("0", "2", "4"), "linear,relu,linear", UsageError, r"none uses \['4'\]"),
        (("0", "2", "4"), "linear,linear,linear,linear", UsageError, "expected 3 linear layers"),
        (("0", "2", "4"), "linear,tanh,linear,linear", UsageError, "got 'tanh'"),
        (("0", "2", "4"), "linear,relu(3),linear,linear", UsageError, r"got 'relu\(3\)'"),
        (("0", "2", "4"), "linear(0),linear(0)", UsageError, "not used yet, got '0'"),
        (("0", "2", "4"), "linear,linear,linear,sigmoid", UnsupportedError, "with the rule sign"),
        (("0", "2", "4"), "linear,leaky_relu(2),linear,linear", UsageError, "a decimal from 0 to 1"),
        (("0", "2", "4"), "linear(2),linear(0),linear(4)", UsageError, None),
    ],
)
def test_a_reading_that_is_not_the_only_one_is_refused(
    names: tuple[str, ...], layers: str | None, error: type[MemcertError], reason: str | None, tmp_path: Path
) -> None:
    path = _torch(tmp_path, _state(_layers("float32"), names))
    if reason is None:
        error, reason = ModelError, r"layer '0': expected weights for 3 inputs"
    with pytest.raises(error, match=reason):
        read_model(path, "argmax", ImportOptions(layers=layers))


def test_a_layer_list_names_activations_and_the_order(tmp_path: Path) -> None:
    layers = _layers("float32")
    path = _torch(tmp_path, dict(reversed(_state(layers, ("in", "mid", "out")).items())))
    options = ImportOptions(
        layers="flatten, linear(in), relu, dropout, linear(mid), relu, linear(out), softmax"
    )
    found = read_model(path, "argmax", options)
    _same(found, layers)
    assert found.model.options == {"layers": options.layers}
    assert found.model.notes == ("dropped, as it changes no decision of argmax: softmax; a tie fails",)
    direct = [(np.eye(1, dtype="f4"), np.zeros(1, "f4"))] * 2
    path = _torch(tmp_path, _state(direct, ("0", "2")))
    expected = {
        "linear,leaky_relu(0.25),linear": [-1, 0, 3],
        "linear,relu6,linear": [0, 0, 3],
        "linear,hardtanh,linear": [-1, 0, 1],
        "linear,identity,linear": [-4, 0, 3],
        "linear,relu,linear,sigmoid": [0, 0, 3],
    }
    for text, values in expected.items():
        network = read_model(path, "sign", ImportOptions(layers=text)).network
        assert [network_value(network, [x])[0] for x in (-4, 0, 3)] == values, text
    relu6 = read_model(path, "sign", ImportOptions(layers="linear,relu6,linear")).network
    assert network_value(relu6, [Fraction(13, 2)]) == (6,)


def test_preprocessing_comes_first_and_is_exact(tmp_path: Path) -> None:
    path = _torch(tmp_path, {"0.weight": np.array([[1, 2]], "f4")})
    network = read_model(path, "sign", ImportOptions(preprocess="x/255")).network
    assert network_value(network, [1, 1]) == (Fraction(3, 255),)


@pytest.mark.parametrize(
    ("entries", "error", "reason"),
    [
        ({"0.weight": b"ctorch.nn.modules.linear\nLinear\n)R"}, UnsupportedError, "save the weights alone"),
        ({"epoch": b"K\x05"}, UnsupportedError, "a tensor for each name, got another value for 'epoch'"),
        ({}, UnsupportedError, "a state_dict with a tensor"),
        ({"0.weight": files.tensor("0", (1, 1), "LongStorage")}, UnsupportedError, "got 'LongStorage'"),
        ({"0.weight": files.tensor("0", (1, 2), "FloatStorage")}, ModelError, "inside of its storage"),
        (
            {"0.weight": files.tensor("0", (1, 1), "FloatStorage", offset=1)},
            ModelError,
            "inside of its storage",
        ),
        ({"0.weight": files.tensor("0", (1, 1), "DoubleStorage")}, ModelError, "inside of its storage"),
        ({"0.weight": files.tensor("9", (1, 1), "FloatStorage")}, ModelError, "no entry 'data/9'"),
        ({"0.weight": files.tensor("0", (1, 1, 1), "FloatStorage")}, UnsupportedError, "linear layers alone"),
        ({"0.weight": files.tensor("0", (0, 1), "FloatStorage")}, ModelError, "at least one row and column"),
        ({"0.bias": files.tensor("0", (1,), "FloatStorage")}, UnsupportedError, "has no '0.weight'"),
        (
            {"1.running_mean": files.tensor("0", (1,), "FloatStorage")},
            UnsupportedError,
            "linear layers alone",
        ),
        ({"0.weight": files.tensor("0", (1 << 20, 1 << 20), "FloatStorage")}, MemcertError, "has more than"),
    ],
)
def test_what_is_no_state_dict_of_linear_layers_is_refused(
    entries: dict[str, bytes], error: type[MemcertError], reason: str, tmp_path: Path
) -> None:
    path = files.archive(
        tmp_path / "m.pt", {"data.pkl": files.state_pickle(entries), "data/0": b"\0\0\x80\x3f"}
    )
    with pytest.raises(error, match=reason):
        read_model(path, "sign", PLAIN)


def test_archives_that_could_unfold_or_are_something_else_are_refused(tmp_path: Path) -> None:
    entries = {"data.pkl": files.state_pickle({}), "data/0": b"\0" * 4096}
    packed = files.archive(tmp_path / "c.pt", entries, zipfile.ZIP_DEFLATED)
    with pytest.raises(ModelError, match="expected it stored"):
        read_model(packed, "sign", PLAIN)
    script = files.archive(tmp_path / "s.pt", {**entries, "constants.pkl": b"."})
    with pytest.raises(UnsupportedError, match="TorchScript"):
        read_model(script, "sign", PLAIN)
    cut = tmp_path / "cut.pt"
    cut.write_bytes(Path(script).read_bytes()[:-30])
    with pytest.raises(ModelError, match="undamaged zip"):
        read_model(str(cut), "sign", PLAIN)
    flipped = bytearray(Path(_torch(tmp_path, {"0.weight": np.array([[1, 2]], "f4")})).read_bytes())
    flipped[flipped.index(struct.pack("<2f", 1, 2))] ^= 1
    (tmp_path / "crc.pt").write_bytes(flipped)
    with pytest.raises(ModelError, match="CRC"):
        read_model(str(tmp_path / "crc.pt"), "sign", PLAIN)
    for content, reason in {
        b"\x80\x02}q\x00.": "runs code when it is loaded",
        b"\x89HDF\r\n\x1a\n": "export the model to ONNX",
    }.items():
        (tmp_path / "x.bin").write_bytes(content)
        with pytest.raises(UnsupportedError, match=reason):
            read_model(str(tmp_path / "x.bin"), "sign", PLAIN)
    with zipfile.ZipFile(tmp_path / "z.zip", "w") as other:
        other.writestr("weights.npy", b"")
    with pytest.raises(UnsupportedError, match=r"weights\.npy"):
        read_model(str(tmp_path / "z.zip"), "sign", PLAIN)


def test_an_option_of_another_kind_of_model_is_a_usage_error(tmp_path: Path) -> None:
    path = _torch(tmp_path, {"0.weight": np.array([[1, 2]], "f4")})
    with pytest.raises(UsageError, match="--output: is an option for ONNX, not for PyTorch state_dict"):
        read_model(path, "sign", ImportOptions(output="y"))
    with pytest.raises(UsageError, match=r"--no-clip: is an option for .nnet"):
        read_model(path, "sign", ImportOptions(clip=False))


def test_recorded_options_come_back_as_they_were_and_unknown_ones_are_unsupported() -> None:
    options = ImportOptions(preprocess="x/2", layers="linear", clip=False)
    assert ImportOptions.of(options.recorded()) == options
    for wrong in ({"colour": "red"}, {"clip": "no"}, {"preprocess": True}, {"normalize": 1}):
        with pytest.raises(UnsupportedError, match="not known to this version"):
            ImportOptions.of(wrong)


def test_a_lowering_that_this_version_does_not_know_is_unsupported(tmp_path: Path) -> None:
    path = _torch(tmp_path, {"0.weight": np.array([[1, 2]], "f4")})
    with pytest.raises(UnsupportedError, match="lowering 999"):
        read_model(path, "sign", PLAIN, lowering=999)


RAW = [([["1e0", "-.5"], ["0.1", "+2"]], ["0", "-1E-2"]), ([["1", "1"]], ["0.3333333333333333333333333333"])]


def _nnet(folder: Path, text: str) -> str:
    path = folder / "m.nnet"
    path.write_text(text, encoding="utf-8")
    return str(path)


def _scaled(folder: Path) -> str:
    return _nnet(
        folder, files.nnet_text(RAW, ["-1", "0"], ["1", "5"], ["0.1", "2", "7"], ["3", "1e-1", "-2"])
    )


def _bare(x: Fraction, y: Fraction) -> Fraction:
    first = max(Fraction(0), x - Fraction(1, 2) * y)
    second = max(Fraction(0), Fraction(1, 10) * x + 2 * y - Fraction(1, 100))
    return first + second + Fraction(int("3" * 28), 10**28)


@pytest.mark.parametrize(
    ("normalize", "clip", "options"),
    [(True, True, {}), (True, False, {"clip": False}), (False, True, {"normalize": False})],
)
def test_a_nnet_file_is_clipped_and_normalized_exactly_or_not_at_all(
    normalize: bool, clip: bool, options: dict[str, bool], tmp_path: Path
) -> None:
    found = read_model(_scaled(tmp_path), "sign", ImportOptions(normalize=normalize, clip=clip))
    assert found.model.options == options
    third, half = Fraction(1, 3), Fraction(7, 2)
    for x, y in [(third, third), (Fraction(1), Fraction(5)), (-third, 5 * half), (half, -half)]:
        a, b = x, y
        if normalize and clip:
            a, b = min(max(a, Fraction(-1)), Fraction(1)), min(max(b, Fraction(0)), Fraction(5))
        if normalize:
            a, b = (a - Fraction(1, 10)) / 3, (b - 2) * 10
        value = _bare(a, b)
        assert network_value(found.network, [x, y]) == (7 - 2 * value if normalize else value,)


def _lines(change: dict[int, str]) -> str:
    lines = files.nnet_text(RAW, ["-1", "0"], ["1", "5"], ["0", "0", "0"], ["1", "1", "1"]).splitlines()
    made = [change.get(number, line) for number, line in enumerate(lines, start=1)]
    return "\n".join(line for line in made if line != "gone")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({2: "2,2,1,"}, "line 2: expected the counts of layers, .*: 4 numbers, got 3"),
        ({2: "0,2,1,2,"}, "line 2: expected at least one layer, got 0"),
        ({2: "2.5,2,1,2,"}, "line 2: expected .* whole numbers"),
        ({3: "2,2,2,"}, "line 3: expected sizes of at least 1 from 2 inputs to 1 outputs"),
        ({5: "2,0,"}, "line 6: expected maxima not below the minima"),
        ({8: "1,0,1,"}, "line 8: expected ranges that are not 0"),
        (
            {9: "1,nan,"},
            "line 9: expected weights of layer 0, row 0: a finite decimal number at index 1, got 'nan'",
        ),
        ({11: "inf,"}, "line 11: expected biases of layer 0, row 0: .* at index 0, got 'inf'"),
        ({9: "1,1/2,"}, "line 9: .* got '1/2'"),
        ({9: "1,1_0,"}, "line 9: .* got '1_0'"),
        ({9: "1,,"}, "line 9: .* got ''"),
        ({14: "gone"}, "expected a line with biases of layer 1, row 0, got the end"),
        ({14: "1,\n7,"}, "line 15: expected the end of the file, got '7,'"),
    ],
)
def test_a_damaged_nnet_file_is_malformed_at_its_line(
    change: dict[int, str], reason: str, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=reason):
        read_model(_nnet(tmp_path, _lines(change)), "sign", PLAIN)


def test_sizes_beyond_the_limits_are_undecided(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for counts in ("10001,2,1,2,", "2,1048577,1,2,", "2,2,1048577,2,"):
        with pytest.raises(UndecidedError, match="expected at most 10,000 layers of 1,048,576 neurons"):
            read_model(_nnet(tmp_path, _lines({2: counts})), "sign", PLAIN)
    path = _torch(tmp_path, {"0.weight": np.array([[1, 2]], "f4")})
    for name, limit, reason in [
        ("torch_file.MAX_PICKLE", 10, "entry 'data.pkl': expected at most 10 bytes"),
        ("state_pickle.MAX_OPCODES", 5, "expected at most 5 opcodes"),
        ("models.MAX_BYTES", 50, "unpacks to [0-9]+ bytes, more than 50"),
    ]:
        with monkeypatch.context() as patch, pytest.raises(UndecidedError, match=reason):
            patch.setattr(f"memcert.interop.{name}", limit)
            read_model(path, "sign", PLAIN)


def test_bytes_that_are_no_text_and_empty_nnet_files_are_malformed(tmp_path: Path) -> None:
    for content in (b"\xff\xfe1,2", b"", b"// only a comment\n"):
        (tmp_path / "m.nnet").write_bytes(content)
        with pytest.raises(ModelError, match="expected a"):
            read_model(str(tmp_path / "m.nnet"), "sign", PLAIN)


def test_the_rule_must_suit_the_outputs_of_a_nnet_file(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="the model has 1; the rule for one output"):
        read_model(_scaled(tmp_path), "argmax", PLAIN)
    assert read_model(_scaled(tmp_path), None, PLAIN).network.layers[-1].shape[0] == 1


def test_safetensors_hold_the_same_network(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    layers = _layers("float32")
    coded = {name: files.coded(array) for name, array in _state(layers, ("0", "2", "10")).items()}
    path = files.safetensors_file(tmp_path / "m.safetensors", coded)
    # By number, not by letter: 2 comes before 10.
    found = read_model(path, "argmax", ImportOptions(layers="linear,relu,linear,relu,linear"))
    _same(found, layers)
    with pytest.raises(UnsupportedError, match="do not say where activations are"):
        read_model(path, "argmax", PLAIN)
    coded = {name: files.coded(array) for name, array in _state(layers, ("in", "mid", "out")).items()}
    path = files.safetensors_file(tmp_path / "n.safetensors", coded)
    with pytest.raises(UsageError, match="name each one"):
        read_model(path, "argmax", ImportOptions(layers="linear,relu,linear,relu,linear"))
    _same(
        read_model(path, "argmax", ImportOptions(layers="linear(in),relu,linear(mid),relu,linear(out)")),
        layers,
    )


def test_safetensors_of_brain_floats_and_damaged_ones(tmp_path: Path) -> None:
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    path = files.safetensors_file(
        tmp_path / "b.safetensors", {"0.weight": ("BF16", (1, 2), b"\xc0\x3f\x00\xc0")}
    )
    assert read_model(path, "sign", PLAIN).network.layers[0].data == (Fraction(3, 2), -2)
    path = files.safetensors_file(tmp_path / "b.safetensors", {"0.weight": ("I32", (1, 1), b"\0" * 4)})
    with pytest.raises(UnsupportedError, match="got 'I32'"):
        read_model(path, "sign", PLAIN)
    for content in (b"", b"\xff" * 40, Path(path).read_bytes()[:-1], struct.pack("<Q", 2) + b"{}"):
        (tmp_path / "d.safetensors").write_bytes(content)
        with pytest.raises(ModelError, match="expected a safetensors file"):
            read_model(str(tmp_path / "d.safetensors"), "sign", PLAIN)


def _row(kind: Kind) -> str:
    negated = ("normalize", "clip")
    flags = ["--no-" + name if name in negated else "--" + name.replace("_", "-") for name in kind.options]
    cells = [", ".join(f"`{text}`" for text in texts) for texts in (kind.suffixes, flags)]
    return f"| {kind.name} | {cells[0]} | {cells[1]} | {f'`{kind.needs}`' if kind.needs else ''} |"


def test_the_document_has_a_row_for_every_kind_with_its_suffixes_options_and_extra() -> None:
    lines = (Path(__file__).parents[2] / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    start = lines.index("| kind | suffixes | options | extra |")
    rows = list(takewhile(lambda line: line.startswith("|"), lines[start + 2 :]))
    assert rows == [_row(kind) for kind in KINDS.values()]


@pytest.mark.parametrize(
    ("name", "library", "content"),
    [
        ("m.safetensors", "safetensors", b"\0" * 16),
        ("m.skops", "skops.io", None),
        ("m.onnx", "onnx", b"\x08\x08"),
    ],
)
def test_a_missing_extra_says_how_to_get_it(
    name: str, library: str, content: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / name
    if content is None:
        with zipfile.ZipFile(path, "w") as made:
            made.writestr("schema.json", "{}")
    else:
        path.write_bytes(content)
    # None in sys.modules makes an import fail, as if the library were not there.
    monkeypatch.setitem(sys.modules, library, None)
    extra = library.split(".")[0]
    with pytest.raises(UnsupportedError, match=rf"pip install 'memcert\[{extra}\]'") as caught:
        read_model(str(path), "argmax", PLAIN)
    assert caught.value.status == 5


@given(st.lists(st.integers(-12, 12), min_size=15, max_size=15))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_same_layers_are_the_same_network_in_every_format(tmp_path: Path, quarters: list[int]) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    pytest.importorskip("safetensors", reason="safetensors is not installed")
    from memcert.interop.export.onnx_file import onnx_bytes

    numbers = np.array(quarters, "f4") / 4
    layers = [(numbers[:6].reshape(3, 2), numbers[6:9]), (numbers[9:15].reshape(2, 3), np.zeros(2, "f4"))]
    state = _state(layers, ("0", "2"))
    rows = [([[str(x) for x in row] for row in w.tolist()], [str(x) for x in b.tolist()]) for w, b in layers]
    paths = [
        files.torch_file(tmp_path / "m.pt", state),
        files.safetensors_file(tmp_path / "m.safetensors", {k: files.coded(v) for k, v in state.items()}),
        _nnet(tmp_path, files.nnet_text(rows, ["0", "0"], ["9", "9"], ["0", "0", "0"], ["1", "1", "1"])),
    ]
    options = [PLAIN, PLAIN, ImportOptions(normalize=False)]
    found = [read_model(path, "argmax", given).network for path, given in zip(paths, options, strict=True)]
    (tmp_path / "m.onnx").write_bytes(onnx_bytes(found[0], "float32"))
    found.append(read_model(str(tmp_path / "m.onnx"), "argmax", PLAIN).network)
    assert len({network_digest(network) for network in found}) == 1
