"""Networks of scikit-learn: MLPClassifier and MLPRegressor, alone or after scalers, from Python or skops.

UNTRUSTED. Coefficients are the binary numbers that the arrays hold; (x - mean) / scale is exact.
"""

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from memcert.errors import UnsupportedError
from memcert.interop.chain import Chain, Layer, Linear, Relu, Same, Scaled, network_of
from memcert.interop.imported import Imported
from memcert.interop.lowering import LOWERING
from memcert.interop.named_tensors import NamedTensor
from memcert.interop.preprocessing import Affine
from memcert.interop.refusals import ModelError
from memcert.kernel.certificate import Model, ModelFile, Number
from memcert.kernel.verdict import shown

TRUSTED = [
    "sklearn.neural_network._stochastic_optimizers.AdamOptimizer",
    "sklearn.neural_network._stochastic_optimizers.SGDOptimizer",
]
"""Types that a fitted network holds beside those that skops trusts; nothing else is loaded."""


@dataclass(frozen=True, slots=True)
class Fitted:
    """A fitted network as a chain of layers.

    Args:
        kind: `MLPClassifier` or `MLPRegressor`, and what stands before it.
        chain: its layers, scalers first, without the last activation.
        classes: what the outputs stand for, in order; for one output the negative one first; None: values.
    """

    kind: str
    chain: Chain
    classes: tuple[int | str, ...] | None


def imported(
    model: Any,
    rule: str | None,
    preprocess: Affine | None = None,
    *,
    file: ModelFile | None = None,
    lowering: int = LOWERING,
) -> Imported:
    """Return a fitted scikit-learn network as an exact network.

    Args:
        model: an MLPClassifier or MLPRegressor with activation relu or identity, or a Pipeline that ends in
            one after StandardScaler and MinMaxScaler steps.
        rule: argmax for three classes or more, sign for two, within or equal for a regressor of one output.
        preprocess: of every coordinate first.
        file: where the model was read from, if from a file.
        lowering: the version that makes the network.

    Raises:
        UnsupportedError: another estimator, activation or output.
        UsageError: the rule does not suit the number of outputs.
        ModelError: a coefficient is NaN or infinite.
        UndecidedError: it is too large.
    """
    fitted = fitted_of(model)
    chain = fitted.chain
    network = network_of(chain.size, chain.layers, preprocess, rule, lowering)
    files = () if file is None else (file,)
    name = fitted.kind if file is None else file.name
    record = Model(name, f"scikit-learn {fitted.kind}", files, lowering, {}, chain.notes)
    return Imported(network, record, fitted.classes)


def read_skops(content: bytes) -> Any:
    """Return the estimator of a skops file.

    Raises:
        UnsupportedError: the extra is not installed.
        ModelError: the file is damaged, or holds types that no fitted network needs: nothing is loaded.
    """
    try:
        skops: Any = importlib.import_module("skops.io")
        refused: Any = importlib.import_module("skops.io.exceptions").UntrustedTypesFoundException
    except ImportError:
        raise UnsupportedError("skops files need the package skops: pip install 'memcert[skops]'") from None
    try:
        return skops.loads(content, trusted=TRUSTED)
    except refused as error:
        raise ModelError(f"expected a scikit-learn network alone, got {shown(str(error), 300)}") from None
    except Exception as error:
        # Whatever a damaged file makes skops raise: KeyError, BadZipFile, ValueError and more.
        raise ModelError(
            f"expected a skops file, got {shown(f'{type(error).__name__}: {error}', 200)}"
        ) from None


def fitted_of(model: Any) -> Fitted:
    """Return a fitted network of scikit-learn as a chain of layers. Raises: as `imported`."""
    kind = type(model).__name__
    before: list[Layer] = []
    scalers: list[Any] = []
    if kind == "Pipeline":
        *others, (_, model) = model.steps
        scalers = [step for _, step in others if step is not None and step != "passthrough"]
        before = [_scaler(step) for step in scalers]
        kind = " after ".join(type(step).__name__ for step in [model, *reversed(scalers)])
    if type(model).__name__ not in ("MLPClassifier", "MLPRegressor") or not hasattr(model, "coefs_"):
        raise UnsupportedError(
            "expected a fitted MLPClassifier or MLPRegressor, alone or last of a Pipeline, got "
            f"{shown(type(model).__name__)}{', not fitted' if hasattr(model, 'fit') else ''}"
        )
    if model.activation not in ("relu", "identity"):
        raise UnsupportedError(
            f"activation {shown(model.activation)} is not piecewise linear: expected relu or identity"
        )
    size = int(model.coefs_[0].shape[0])
    layers = (*before, *_layers(model.coefs_, model.intercepts_, model.activation))
    classes, notes = _outputs(model)
    arrays = [getattr(step, name, None) for step in scalers for name in ("mean_", "scale_", "min_")]
    kinds = {
        str(array.dtype.name) for array in (*model.coefs_, *model.intercepts_, *arrays) if array is not None
    }
    return Fitted(kind, Chain(size, layers, tuple(sorted(kinds)), notes), classes)


def _layers(coefs: Sequence[Any], intercepts: Sequence[Any], activation: str) -> list[Layer]:
    layers: list[Layer] = []
    for place, (weight, bias) in enumerate(zip(coefs, intercepts, strict=True)):
        flat, rows = _numbers(weight, f"coefs_[{place}]"), int(weight.shape[1])
        table = [flat[i::rows] for i in range(rows)]
        layers += [Relu()] if place and activation == "relu" else []
        layers.append(Linear(f"coefs_[{place}]", table, _numbers(bias, f"intercepts_[{place}]")))
    return layers


def _outputs(model: Any) -> tuple[tuple[int | str, ...] | None, tuple[str, ...]]:
    last = str(model.out_activation_)
    if type(model).__name__ == "MLPRegressor":
        if last != "identity":
            raise UnsupportedError(f"output activation {shown(last)}: expected identity")
        return None, ()
    outputs = int(model.coefs_[-1].shape[1])
    if last not in ("softmax", "logistic") or (last == "logistic" and outputs != 1):
        raise UnsupportedError(
            f"output activation {shown(last)} of {outputs} outputs: expected one class a row"
        )
    rule = "argmax" if last == "softmax" else "sign"
    return _classes(model.classes_), (f"dropped, as it changes no decision of {rule}: {last}; a tie fails",)


def _classes(found: Any) -> tuple[int | str, ...] | None:
    values = found.tolist()
    if all(isinstance(value, str) for value in values):
        return tuple(values)
    if any(isinstance(value, bool) for value in values):
        # A data file may spell them True or 1; both sort alike.
        return None
    if all(isinstance(value, int) or value == int(value) for value in values):
        return tuple(int(value) for value in values)
    return None


def _scaler(step: Any) -> Layer:
    kind = type(step).__name__
    if kind == "StandardScaler":
        operations: list[tuple[str, Sequence[Number]]] = []
        if step.mean_ is not None:
            operations.append(("-", _numbers(step.mean_, "mean_")))
        if step.scale_ is not None:
            operations.append(("/", _confirmed(_numbers(step.scale_, "scale_"))))
        return Scaled(tuple(operations)) if operations else Same()
    if kind == "MinMaxScaler" and not step.clip:
        return Scaled((("*", _numbers(step.scale_, "scale_")), ("+", _numbers(step.min_, "min_"))))
    raise UnsupportedError(
        f"step {shown(kind)} of the Pipeline: expected StandardScaler or MinMaxScaler without clip; "
        "put what it does into the data"
    )


def _confirmed(scales: list[Number]) -> list[Number]:
    if 0 in scales:
        raise ModelError("scale_: expected numbers that are not 0, got 0")
    return scales


def _numbers(array: Any, name: str) -> list[Number]:
    array = np.ascontiguousarray(array)
    stored = array.astype(array.dtype.newbyteorder("<"))
    return NamedTensor(str(array.dtype.name), tuple(array.shape), stored.tobytes()).numbers(name)
