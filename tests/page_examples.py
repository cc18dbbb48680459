"""Certificates whose pages tests look at, as JSON values, and the command that writes a page."""

import io
import json
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

from honest import certificate
from proof_tools import net

from memcert.cli import main
from memcert.contracts.neurons import neuron_outline
from memcert.formats.certificates import to_json
from memcert.kernel.certificate import Model, ModelFile

ROOT = Path(__file__).resolve().parents[1]
HOSTILE = "</script><script>x<img src=x onerror=alert(1)>[red]\x1b[2J\x00'\">&lt;" + "long" * 20


def report(*words: str | Path) -> tuple[int, str]:
    """Run `memcert report WORDS` in this process; return its status and what it printed."""
    return command("report", *words)


def command(*words: str | Path) -> tuple[int, str]:
    """Run `memcert WORDS` in this process; return its status and what it printed."""
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        status = main(list(map(str, words)))
    return status, out.getvalue() + err.getvalue()


def five() -> dict[str, Any]:
    """Return the published certificate of five points, without digests, so that it may be changed."""
    value: dict[str, Any] = json.loads((ROOT / "certificates" / "five.json").read_text(encoding="utf-8"))
    value["digests"] = {"dataset": None, "network": None}
    return value


def hostile(name: str) -> dict[str, Any]:
    """Return a true certificate that bears the name wherever a name is free."""
    value = five()
    value["dataset"] |= {"name": name, "columns": [name, "y"], "classes": sorted([name, "zzz"])}
    value["construction"] |= {"name": name, "statement": name, "source": name}
    value["annotations"] = {name: name}
    return value


def missing_rows() -> dict[str, Any]:
    """Return a network made elsewhere, |x0| against |x1| with three outputs, that errs on some rows."""
    network = net(2, ["x0", "-x0", "x1", "-x1"], ["x0 + x1", "x2 + x3", "1/3"])
    points = [(0, 0), (1, 0), (-2, 1), (0, 1), (1, 3), (3, 1), (-1, -2), (2, 5), (7, 1)]
    labels = [2, 0, 0, 1, 1, 1, 1, 0, 0]
    contracts, blocks = neuron_outline(network)
    made = replace(
        certificate(network, points, labels, "argmax", classes=("flat", "steep", "<neither>")),
        construction=None,
        model=Model("net.onnx", "ONNX, opset 17", (ModelFile("net.onnx", "sha256:" + "0" * 64),), 1, {}, ()),
        contracts=contracts,
        blocks=blocks,
    )
    value: dict[str, Any] = to_json(made)
    return value
