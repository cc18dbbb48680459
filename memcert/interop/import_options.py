"""How a model is to be read, and what a certificate records of it.

UNTRUSTED.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields

from memcert.errors import UnsupportedError
from memcert.kernel.verdict import shown

Recorded = Mapping[str, str | int | bool | None]
"""Options as a certificate holds them."""


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """How a model is to be read, as it was asked for; a certificate records what differs from these defaults.

    Args:
        output: the name of the output that is meant, where there are several (ONNX).
        preprocess: a formula such as `x/255`, applied to every coordinate first.
        input_shape: `N,3,32,32`: dimensions that the file leaves open, batch first (ONNX).
        fold_batchnorm: `float32` or `float64`: round what is irrational in BatchNormalization (ONNX).
        layers: `linear,relu,linear`: what the weights of a PyTorch or safetensors file belong to.
        normalize: scale inputs and outputs by the means and ranges of a `.nnet` file.
        clip: cut inputs to the minima and maxima of a `.nnet` file first; only with `normalize`.
    """

    output: str | None = None
    preprocess: str | None = None
    layers: str | None = None
    input_shape: str | None = None
    fold_batchnorm: str | None = None
    normalize: bool = True
    clip: bool = True

    def recorded(self) -> dict[str, str | int | bool | None]:
        """Return what differs from the defaults, by name. Raises: never."""
        given = ((entry.name, getattr(self, entry.name), entry.default) for entry in fields(self))
        return {name: value for name, value, default in given if value != default}

    @classmethod
    def of(cls, recorded: Recorded) -> "ImportOptions":
        """Return the options that a certificate records.

        Raises:
            UnsupportedError: one that this version does not know, or of another type.
        """
        types = {entry.name: (bool,) if entry.default is True else (str,) for entry in fields(cls)}
        for name, value in recorded.items():
            if type(value) not in types.get(name, ()):
                raise UnsupportedError(
                    f"model.options: {shown(name)}: {shown(value)} is not known to this version"
                )
        return cls(**dict(recorded))  # type: ignore[arg-type]  # each value's type was compared above
