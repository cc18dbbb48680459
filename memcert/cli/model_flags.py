"""How a model made elsewhere is to be read: flags that commands share, each defined once.

UNTRUSTED.
"""

from typing import Annotated

import typer

MODEL = "How the model is read"
"""The panel of `--help` for these options."""

Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="ONNX, .nnet, PyTorch state_dict, safetensors or skops.")
]
Preprocess = Annotated[
    str | None,
    typer.Option(
        metavar="FORMULA", help="Of every coordinate: x/255, (x - [1, 2])/[3, 4].", rich_help_panel=MODEL
    ),
]
Output = Annotated[
    str | None,
    typer.Option(
        "--output", metavar="NAME", help="The output that is meant, of several.", rich_help_panel=MODEL
    ),
]
InputShape = Annotated[
    str | None,
    typer.Option(
        metavar="N,C,H,W",
        help="Of an ONNX input, where the file leaves dimensions open.",
        rich_help_panel=MODEL,
    ),
]
FoldBatchnorm = Annotated[
    str | None,
    typer.Option(
        metavar="float32|float64",
        help="Round what is irrational in BatchNormalization to it.",
        rich_help_panel=MODEL,
    ),
]
Layers = Annotated[
    str | None,
    typer.Option(
        metavar="LIST", help="Of a PyTorch or safetensors file: linear,relu,linear.", rich_help_panel=MODEL
    ),
]
NoNormalize = Annotated[
    bool,
    typer.Option(
        "--no-normalize", help="Take the bare network of a .nnet file, nothing scaled.", rich_help_panel=MODEL
    ),
]
NoClip = Annotated[
    bool,
    typer.Option(
        "--no-clip",
        help="Do not clip inputs to the minima and maxima of a .nnet file.",
        rich_help_panel=MODEL,
    ),
]
