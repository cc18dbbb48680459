"""What PyTorch itself saves: read weight by weight as PyTorch loads it, or refused with a way out."""

from collections import OrderedDict
from collections.abc import Callable
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import model_files as files
import pytest
from naive_evaluator import evaluate as naive_value

from memcert.errors import MemcertError, UnsupportedError
from memcert.interop.models import ImportOptions, read_model
from memcert.interop.refusals import ModelError
from memcert.interop.torch_file import read_torch

torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn
Module: Any = nn.Module
Make = Callable[[], Any]
network_value: Any = naive_value
DRAWN = torch.randn(7, 9, generator=torch.Generator().manual_seed(1))


def mlp(*sizes: int, activation: Make = nn.ReLU) -> Any:
    """Return a Sequential of linear layers of these sizes, activations between them, its weights drawn."""
    torch.manual_seed(sum(sizes))
    layers: list[Any] = [nn.Linear(sizes[0], sizes[1])]
    for before, after in pairwise(sizes[1:]):
        layers += [activation(), nn.Linear(before, after)]
    return nn.Sequential(*layers)


def tied() -> Any:
    """Return a Sequential in which one layer stands twice: two names, one storage."""
    layer = nn.Linear(3, 3)
    return nn.Sequential(layer, nn.ReLU(), layer, nn.ReLU(), nn.Linear(3, 2))


def with_attribute() -> Any:
    """Return a parameter that somebody gave an attribute."""
    parameter = nn.Parameter(torch.ones(2, 3))
    parameter.kept = 3
    return parameter


VIEWS = {
    "0.weight": DRAWN[1:4, 2:8:2].t(),
    "0.bias": DRAWN[6, :3],
    "2.weight": DRAWN.t()[::4, :3],
    "2.bias": DRAWN[0, ::3],
}
READ: dict[str, Make] = {
    "a Sequential": lambda: mlp(3, 5, 4, 2).state_dict(),
    "float64": lambda: mlp(3, 5, 2).double().state_dict(),
    "float16": lambda: mlp(3, 5, 2).half().state_dict(),
    "bfloat16": lambda: mlp(3, 5, 2).bfloat16().state_dict(),
    "several types": lambda: {**mlp(3, 5, 2).double().state_dict(), "2.bias": torch.ones(2).half()},
    "subnormal, largest and negative zero": lambda: {
        "0.weight": torch.tensor([[1e-45, -0.0, 3.4028234663852886e38]]),
    },
    "without biases": lambda: nn.Sequential(nn.Linear(3, 2, bias=False)).state_dict(),
    "one layer in no module": lambda: nn.Linear(3, 2).state_dict(),
    "a layer that stands twice": lambda: tied().state_dict(),
    "views, transposed and strided": lambda: VIEWS,
    "expanded": lambda: {"0.weight": DRAWN[:1, :3].expand(4, 3), "0.bias": DRAWN[0, :1].expand(4)},
    "parameters": lambda: dict(mlp(3, 5, 2).named_parameters()),
    "a parameter with an attribute": lambda: {"0.weight": with_attribute()},
    "nested": lambda: nn.Sequential(mlp(3, 5, 4), nn.ReLU(), mlp(4, 2)).state_dict(),
    "named": lambda: nn.Sequential(OrderedDict(a=nn.Linear(3, 4), b=nn.ReLU())).state_dict(),
    "data parallel": lambda: nn.DataParallel(mlp(3, 5, 2)).state_dict(),
    "with convolutions": lambda: nn.Sequential(nn.Conv2d(1, 2, 3), nn.PReLU()).state_dict(),
}


@pytest.mark.parametrize("name", READ)
def test_each_weight_is_the_one_that_pytorch_loads(name: str, tmp_path: Path) -> None:
    torch.save(READ[name](), tmp_path / "m.pt")
    loaded = torch.load(tmp_path / "m.pt", weights_only=True)
    found = read_torch((tmp_path / "m.pt").read_bytes())
    assert list(found) == list(loaded)
    for key, tensor in loaded.items():
        assert found[key].shape == tuple(tensor.shape)
        # Every element type that is read is exact as a double.
        assert found[key].numbers(key) == [Fraction(x) for x in tensor.double().flatten().tolist()]


@pytest.mark.parametrize("protocol", [2, 3, 4, 5])
def test_every_protocol_of_the_pickle_is_read(protocol: int, tmp_path: Path) -> None:
    state = mlp(3, 5, 2).state_dict()
    torch.save(state, tmp_path / "m.pt", pickle_protocol=protocol)
    found = read_torch((tmp_path / "m.pt").read_bytes())
    for key, tensor in state.items():
        assert found[key].numbers(key) == [Fraction(x) for x in tensor.double().flatten().tolist()]


LISTS: dict[str, tuple[Make, str | None]] = {
    "ReLU": (lambda: mlp(3, 6, 5, 2), None),
    "one layer": (lambda: nn.Linear(3, 2), None),
    "LeakyReLU": (
        lambda: mlp(3, 6, 2, activation=lambda: nn.LeakyReLU(0.25)),
        "linear,leaky_relu(0.25),linear",
    ),
    "ReLU6": (lambda: mlp(3, 6, 2, activation=nn.ReLU6), "linear,relu6,linear"),
    "Hardtanh": (lambda: mlp(3, 6, 2, activation=nn.Hardtanh), "linear,hardtanh,linear"),
    "Flatten and Dropout": (
        lambda: nn.Sequential(nn.Flatten(), *mlp(3, 6, 2)[:2], nn.Dropout(), *mlp(6, 2)),
        "flatten,linear,relu,dropout,linear",
    ),
    "nested, softmax": (
        lambda: nn.Sequential(mlp(3, 5, 4), nn.ReLU(), mlp(4, 2)),
        "linear,relu,linear,relu,linear,softmax",
    ),
}


@pytest.mark.parametrize("name", LISTS)
def test_the_network_computes_what_pytorch_does(name: str, tmp_path: Path) -> None:
    make, layers = LISTS[name]
    model = make().eval()
    torch.save(model.state_dict(), tmp_path / "m.pt")
    found = read_model(str(tmp_path / "m.pt"), "argmax", ImportOptions(layers=layers)).network
    # Quarters: inputs are exact, what PyTorch does in double precision is rounded by some 1e-16.
    points = torch.randint(-20, 21, (40, 3), generator=torch.Generator().manual_seed(5)) / 4
    expected = model.double()(points.double()).detach()
    for point, wanted in zip(points, expected, strict=True):
        values = network_value(found, [Fraction(x) for x in point.tolist()])
        assert [float(v) for v in values] == pytest.approx(wanted.tolist(), abs=1e-11)


def test_the_network_is_exact_by_a_naive_value_of_its_layers(tmp_path: Path) -> None:
    model = mlp(2, 6, 5, 3)
    torch.save(model.state_dict(), tmp_path / "m.pt")
    found = read_model(str(tmp_path / "m.pt"), "argmax", ImportOptions()).network
    arrays = [[files.exact(p.detach().numpy()) for p in (m.weight, m.bias)] for m in model[::2]]
    exact = [(weight, bias) for weight, bias in arrays]
    points: list[list[Fraction | int]] = [
        [0, 0],
        [Fraction(1, 3), Fraction(-7, 2)],
        [10**9, Fraction(1, 10**9)],
    ]
    for point in points:
        assert list(network_value(found, point)) == files.dense(exact, point)


OLD = {"_use_new_zipfile_serialization": False}
STATE = "save the weights alone with torch.save"
NAMES = "do not say where activations are.*--layers 'linear,relu,linear'"
ELSE = "expected NAME.weight and NAME.bias of linear layers alone; export the model to ONNX"
REFUSED: dict[str, tuple[Make, str, dict[str, Any]]] = {
    "the old format": (lambda: mlp(3, 2).state_dict(), r"before 1\.6: load it and save it again", OLD),
    "the old format, of protocol 4": (
        lambda: mlp(3, 2).state_dict(),
        r"before 1\.6: load it and save it again",
        {**OLD, "pickle_protocol": 4},
    ),
    "a whole module": (lambda: mlp(3, 5, 2), rf"holds 'torch\.nn\.modules.*{STATE}", {}),
    "a checkpoint": (
        lambda: {"model": mlp(3, 2).state_dict(), "epoch": 3},
        r"another value for 'model'; .*torch\.save\(checkpoint\['model'\], PATH\)",
        {},
    ),
    "a checkpoint, the number first": (
        lambda: {"epoch": 3, "net": mlp(3, 2).state_dict()},
        r"another value for 'epoch'; .*torch\.save\(checkpoint\['net'\], PATH\)",
        {},
    ),
    "an optimizer": (lambda: torch.optim.Adam(mlp(3, 2).parameters()).state_dict(), STATE, {}),
    "a tensor": (lambda: torch.ones(2, 3), f"a state_dict with a tensor.*{STATE}", {}),
    "a list of weights": (lambda: list(mlp(3, 2).parameters()), f"a state_dict with a tensor.*{STATE}", {}),
    "nothing": (dict, f"a state_dict with a tensor.*{STATE}", {}),
    # PyTorch flips the signs of such a view when it reads it: its bytes are not its weights.
    "a negative view": (
        lambda: {"0.weight": torch.ones(2, 3, dtype=torch.complex64).conj().imag},
        r"tensor '0\.weight': .*marked as \['neg'\]; save tensor\.resolve_neg\(\)",
        {},
    ),
    "float8": (
        lambda: {"0.weight": torch.ones(2, 3).to(torch.float8_e5m2)},
        r"such as float8.*model\.float\(\)",
        {},
    ),
    "complex": (lambda: {"0.weight": torch.ones(2, 3) * 1j}, "got 'ComplexFloatStorage'", {}),
    "integers": (lambda: {"0.weight": torch.ones(2, 3).int()}, "got 'IntStorage'", {}),
    "sparse": (lambda: {"0.weight": torch.eye(3).to_sparse()}, r"sparse tensor; save its to_dense\(\)", {}),
    "no data": (lambda: nn.Linear(3, 2, device="meta").state_dict(), "without data, of the device meta", {}),
    "dropout": (
        lambda: nn.Sequential(*mlp(3, 5), nn.ReLU(), nn.Dropout(), *mlp(5, 2)).state_dict(),
        NAMES,
        {},
    ),
    "flatten": (lambda: nn.Sequential(nn.Flatten(), *mlp(3, 2)).state_dict(), NAMES, {}),
    "nested": (lambda: nn.Sequential(mlp(3, 5, 4), nn.ReLU(), mlp(4, 2)).state_dict(), NAMES, {}),
    "names": (
        lambda: nn.Sequential(OrderedDict(a=nn.Linear(3, 4), b=nn.ReLU(), c=nn.Linear(4, 2))).state_dict(),
        NAMES,
        {},
    ),
    "convolution": (lambda: nn.Sequential(nn.Conv2d(1, 2, 3)).state_dict(), ELSE, {}),
    "batch normalization": (lambda: nn.Sequential(*mlp(3, 2), nn.BatchNorm1d(2)).state_dict(), ELSE, {}),
    "layer normalization": (lambda: nn.Sequential(*mlp(3, 2), nn.LayerNorm(2)).state_dict(), ELSE, {}),
    "recurrent": (lambda: nn.LSTM(3, 4).state_dict(), ELSE, {}),
    "PReLU": (lambda: mlp(3, 5, 2, activation=nn.PReLU).state_dict(), ELSE, {}),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_not_read_is_refused_with_a_way_out(name: str, tmp_path: Path) -> None:
    make, reason, options = REFUSED[name]
    torch.save(make(), tmp_path / "m.pt", **options)
    with pytest.raises(UnsupportedError, match=reason) as caught:
        read_model(str(tmp_path / "m.pt"), None, ImportOptions())
    assert caught.value.status == 5


class Net(Module):  # type: ignore[misc]  # torch is Any
    """A module of the user's own class."""


def test_objects_of_other_packages_are_malformed_and_the_message_says_what_to_save(tmp_path: Path) -> None:
    torch.save(Net(), tmp_path / "m.pt")
    with pytest.raises(
        ModelError, match=rf"Net'; nothing of it was run; of a whole module.*{STATE}"
    ) as caught:
        read_model(str(tmp_path / "m.pt"), None, ImportOptions())
    assert caught.value.status == 3


@pytest.mark.filterwarnings("ignore:`torch.jit:DeprecationWarning")
def test_programs_of_pytorch_are_refused_with_a_way_out(tmp_path: Path) -> None:
    model = mlp(3, 2)
    torch.jit.trace(model, torch.zeros(1, 3)).save(str(tmp_path / "script.pt"))
    with pytest.raises(UnsupportedError, match=f"got a TorchScript archive: {STATE}"):
        read_model(str(tmp_path / "script.pt"), None, ImportOptions())
    torch.export.save(torch.export.export(model, (torch.zeros(1, 3),)), tmp_path / "program.pt2")
    with pytest.raises(UnsupportedError, match=r"that torch\.export saved.*or export the model to ONNX"):
        read_model(str(tmp_path / "program.pt2"), None, ImportOptions())


def test_a_file_without_checksums_is_refused_with_the_option_that_writes_them(tmp_path: Path) -> None:
    torch.serialization.set_crc32_options(False)
    try:
        torch.save(mlp(3, 2).state_dict(), tmp_path / "m.pt")
    finally:
        torch.serialization.set_crc32_options(True)
    with pytest.raises(MemcertError, match=r"CRC-32.*set_crc32_options\(True\)"):
        read_model(str(tmp_path / "m.pt"), None, ImportOptions())
