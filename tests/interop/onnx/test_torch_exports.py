"""What PyTorch's two exporters write of real modules: the network computes what the module does."""

import logging
import warnings
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from naive_evaluator import evaluate as naive_value

pytest.importorskip("onnx", reason="onnx is not installed")

from memcert.errors import UnsupportedError
from memcert.interop.models import ImportOptions, read_model

torch: Any = pytest.importorskip("torch", reason="PyTorch is not installed")
nn = torch.nn
Module: Any = nn.Module
network_value: Any = naive_value
IMAGE = (2, 6, 6)


class Residual(Module):  # type: ignore[misc]  # torch is Any
    """Two normalized convolutions, the second beside a way around it; the mean of every channel."""

    def __init__(self) -> None:
        """Draw weights and statistics."""
        super().__init__()
        self.first, self.second = nn.Conv2d(2, 4, 3, padding=1), nn.Conv2d(4, 4, 3, padding=1)
        self.norms = nn.ModuleList([nn.BatchNorm2d(4), nn.BatchNorm2d(4)])
        self.last = nn.Linear(4, 3)
        for norm in self.norms:
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 2)

    def forward(self, x: Any) -> Any:
        """Return three outputs."""
        h = torch.relu(self.norms[0](self.first(x)))
        h = torch.relu(self.norms[1](self.second(h)) + h)
        return self.last(nn.functional.adaptive_avg_pool2d(h, 1).flatten(1))


class By(Module):  # type: ignore[misc]  # torch is Any
    """A function of the input and one linear layer."""

    def __init__(self, act: Callable[[Any, Any], Any], *sizes: int) -> None:
        """Draw the layer."""
        super().__init__()
        self.act, self.layer = act, nn.Linear(*sizes)

    def forward(self, x: Any) -> Any:
        """Apply the function."""
        return self.act(self.layer, x)


MODULES: dict[str, tuple[Callable[[], Any], tuple[int, ...]]] = {
    "MLP": (
        lambda: nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 4), nn.ReLU(), nn.Linear(4, 2)),
        (3,),
    ),
    "float64": (lambda: nn.Sequential(nn.Linear(3, 6), nn.ReLU(), nn.Linear(6, 2)).double(), (3,)),
    "activations": (
        lambda: nn.Sequential(
            *(
                nn.Linear(3, 4),
                nn.LeakyReLU(0.1),
                nn.Linear(4, 4),
                nn.ReLU6(),
                nn.Linear(4, 4),
                nn.Hardtanh(),
            ),
            *(nn.Linear(4, 4), nn.Hardsigmoid(), nn.Linear(4, 4), nn.PReLU(4), nn.Dropout(), nn.Linear(4, 2)),
        ),
        (3,),
    ),
    "convolutions and pools": (
        lambda: nn.Sequential(
            *(
                nn.Conv2d(2, 4, 3, groups=2, padding="same", dilation=2),
                nn.ReLU(),
                nn.MaxPool2d(3, 2, padding=1),
            ),
            *(nn.AvgPool2d(2, 1), nn.Flatten(), nn.Linear(16, 2)),
        ),
        IMAGE,
    ),
    "padding with values": (
        lambda: nn.Sequential(
            nn.Conv2d(2, 2, 3, padding=2, padding_mode="reflect"),
            nn.Conv2d(2, 2, 3, padding=1, padding_mode="replicate"),
            *(
                nn.Conv2d(2, 1, 3, stride=3, padding=1, padding_mode="circular"),
                nn.Flatten(),
                nn.Linear(9, 2),
            ),
        ),
        IMAGE,
    ),
    "residual": (Residual, IMAGE),
    "a view": (lambda: By(lambda layer, x: layer(x.view(x.size(0), -1)), 72, 2), IMAGE),
    "maxout": (lambda: By(lambda layer, x: layer(x).view(-1, 2, 2).amax(2), 3, 4), (3,)),
    "chunks": (lambda: By(lambda layer, x: torch.maximum(*layer(x).abs().chunk(2, 1)), 3, 4), (3,)),
    "normalized": (
        lambda: By(lambda layer, x: 1 - layer((x - 0.5) / torch.tensor([0.3, 0.4, 2])), 3, 2),
        (3,),
    ),
    "joined": (lambda: By(lambda layer, x: torch.cat([layer(x).clamp(-0.5, 1.0), x.flip(1)], 1), 3, 2), (3,)),
}


def exported(module: Any, example: Any, path: Path, *, dynamo: bool, batch: bool = True) -> str:
    """Write the module by one of the exporters, its batch open or of one, and return the path."""
    options: dict[str, Any] = {"dynamo": dynamo, "input_names": ["x"]}
    if dynamo:
        pytest.importorskip("onnxscript", reason="onnxscript is not installed")
        options["verbose"] = False
    if batch and dynamo:
        options["dynamic_shapes"] = ({0: torch.export.Dim.DYNAMIC},)
    elif batch:
        options["dynamic_axes"] = {"x": {0: "N"}}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        logging.disable(logging.WARNING)
        try:
            torch.onnx.export(module, (example if batch else example[:1],), str(path), **options)
        finally:
            logging.disable(logging.NOTSET)
    return str(path)


@pytest.mark.parametrize("dynamo", [False, True], ids=["by tracing", "by dynamo"])
@pytest.mark.parametrize("name", MODULES)
def test_an_exported_module_computes_what_pytorch_does(name: str, *, dynamo: bool, tmp_path: Path) -> None:
    make, shape = MODULES[name]
    torch.manual_seed(3)
    module = make().eval()
    kind = next(module.parameters()).dtype
    points = (torch.randint(-8, 9, (3, *shape), generator=torch.Generator().manual_seed(7)) / 4).to(kind)
    path = exported(module, points, tmp_path / "m.onnx", dynamo=dynamo)
    found = read_model(path, None, ImportOptions(fold_batchnorm="float32")).network
    expected = module(points).detach().double().reshape(3, -1)
    for point, wanted in zip(points.double(), expected, strict=True):
        values = network_value(found, [Fraction(x) for x in point.flatten().tolist()])
        assert [float(v) for v in values] == pytest.approx(wanted.tolist(), rel=1e-4, abs=1e-4)


@pytest.mark.parametrize("dynamo", [False, True], ids=["by tracing", "by dynamo"])
def test_what_mixes_samples_is_read_where_the_batch_is_one(*, dynamo: bool, tmp_path: Path) -> None:
    module = By(lambda layer, x: layer(x.reshape(-1)).sum(), 72, 2)
    point = torch.arange(72).reshape(1, *IMAGE) / 8
    path = exported(module, point, tmp_path / "m.onnx", dynamo=dynamo, batch=False)
    found = read_model(path, None, ImportOptions()).network
    (value,) = network_value(found, [Fraction(x) for x in point.flatten().tolist()])
    assert float(value) == pytest.approx(float(module(point).detach()), rel=1e-4)


def test_a_module_that_no_network_computes_is_refused(tmp_path: Path) -> None:
    for module, reason in {
        nn.LayerNorm(3): "'LayerNormalization'.*divides by what it measures on the input",
        nn.Hardswish(): "'HardSwish'.*not piecewise linear",
        nn.Hardshrink(): "'Greater'.*input 0 depends on the model's input, and only a constant",
    }.items():
        path = exported(module, torch.ones(2, 3), tmp_path / "m.onnx", dynamo=False)
        with pytest.raises(UnsupportedError, match=reason):
            read_model(path, None, ImportOptions())
