"""How a model made elsewhere is to be read: flags that commands share, each defined once.

UNTRUSTED.
"""

from typing import Annotated

import typer

Model = Annotated[str, typer.Argument(metavar="MODEL", help="An ONNX file of a ReLU network (extra onnx).")]
Preprocess = Annotated[
    str | None,
    typer.Option(metavar="FORMULA", help="Of every coordinate: x/255, (x - 0.5)/0.25."),
]
Output = Annotated[
    str | None, typer.Option("--output", metavar="NAME", help="The output that is meant, of several.")
]
