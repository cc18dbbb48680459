import copy
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from schemas.random_certificates import certificates

from memcert.formats.certificates import encode
from memcert.formats.models import CertificateModel
from memcert.formats.schema import SCHEMAS, main, schema_text
from memcert.kernel.certificate import Certificate
from memcert.kernel.decode import decode
from memcert.kernel.files import read_bytes
from memcert.kernel.verdict import Failure

ROOT = Path(__file__).parents[2]
VALIDATOR = jsonschema.Draft202012Validator(json.loads(schema_text("certificate-1")))


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_committed_schema_is_the_generated_one(name: str) -> None:
    committed = (ROOT / "schemas" / f"{name}.schema.json").read_text(encoding="utf-8")
    assert committed == schema_text(name), "run: python -m memcert.formats.schema schemas"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_a_schema_is_itself_valid(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(schema_text(name)))


def test_the_generator_writes_every_schema_and_says_how_it_is_called(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(tmp_path)]) == 0
    assert {p.name for p in tmp_path.iterdir()} == {f"{name}.schema.json" for name in SCHEMAS}
    assert main([]) == 2
    assert capsys.readouterr().err.startswith("usage: ")


@given(certificates())
@settings(max_examples=80, deadline=None)
def test_what_the_kernel_decodes_schema_and_models_accept(certificate: Certificate) -> None:
    text = encode(certificate)
    assert decode(text.encode()) == certificate
    VALIDATOR.validate(json.loads(text))
    CertificateModel.model_validate_json(text)


TINY: dict[str, Any] = {
    "format": "memcert/1",
    "construction": {"name": "by hand", "statement": "-", "source": "-", "options": {"seed": 0}},
    "model": None,
    "dataset": {
        "name": "two",
        "size": 2,
        "dimension": 1,
        "columns": ["x"],
        "classes": ["a", "b"],
        "points": [[0], ["3/2"]],
        "labels": [0, 1],
    },
    "network": {
        "input_size": 1,
        "layers": [
            {"shape": [1, 1], "indptr": [0, 1], "indices": [0], "data": ["2/3"], "bias": [0], "relu": False}
        ],
    },
    "claim": {
        "rule": "equal",
        "tolerance": None,
        "except": [],
        "separation_squared": "9/4",
        "separation_direction": None,
        "data_radius_squared": "9/4",
        "margin": None,
        "box_radius": None,
        "promises": [],
        "width": 0,
        "depth": 1,
        "parameters": 1,
        "edges": 1,
        "bit_complexity": 4,
    },
    "contracts": [
        {
            "id": "scale",
            "parameters": [{"name": "k", "neuron": "y", "input": "x"}],
            "assumes": [[">", [[1, "k"]]]],
            "inputs": [{"name": "x", "is": [["3/2", "y"]], "dropped": False}],
            "layers": [{"relu": False, "neurons": [["y", [[1, "k", "x"]]]]}],
            "outputs": [{"name": "y", "is": [[1, "y"]]}],
            "cases": [{"name": "all", "requires": [], "ensures": [["y", "=", [[1, "k", "x"]]]]}],
        }
    ],
    "blocks": [
        {
            "name": "read",
            "stage": "read",
            "first_layer": 0,
            "last_layer": 0,
            "contract": "scale",
            "neurons": [[[0, 1]]],
            "with": {"k": "2/3"},
        }
    ],
    "witness": {
        "partitions": {"all": [0, 0]},
        "probes": [
            {
                "name": "x",
                "after_layer": 0,
                "neurons": [0],
                "coefficients": [1],
                "partition": None,
                "values": [0, "3/2"],
            }
        ],
    },
    "digests": {"dataset": None, "network": None},
    "annotations": {"note": "hand-made"},
}
LONG = "0x" + "f" * 20
MALFORMED: list[tuple[str, Any]] = [
    ("format", "memcert/2"),
    ("format", 1),
    ("extra", None),
    ("construction.options.seed", []),
    ("construction.name", None),
    ("model", {}),
    ("dataset.name", 3),
    ("dataset.size", 0),
    ("dataset.size", "2"),
    ("dataset.size", True),
    ("dataset.columns", []),
    ("dataset.classes", []),
    ("dataset.classes", ["a", 1]),
    ("dataset.points", []),
    ("dataset.points.1", []),
    ("dataset.points.0.0", 0.5),
    ("dataset.points.0.0", None),
    ("dataset.points.0.0", 2**53),
    ("dataset.points.0.0", -(2**53)),
    ("dataset.points.0.0", "3/1"),
    ("dataset.points.0.0", "1/0"),
    ("dataset.points.0.0", "1/-2"),
    ("dataset.points.0.0", "+1/2"),
    ("dataset.points.0.0", "-0/2"),
    ("dataset.points.0.0", "01/2"),
    ("dataset.points.0.0", " 1/2"),
    ("dataset.points.0.0", "1_0/3"),
    ("dataset.points.0.0", "1/٣"),
    ("dataset.points.0.0", "7"),
    ("dataset.points.0.0", "1e2"),
    ("dataset.points.0.0", "0x1"),
    ("dataset.points.0.0", LONG.upper()),
    ("dataset.points.0.0", "0x" + "0" + "f" * 20),
    ("dataset.points.0.0", "0x" + "f" * 19 + "e"),
    ("dataset.points.0.0", "0x2p+60"),
    ("dataset.points.0.0", "0x1p-0"),
    ("dataset.points.0.0", "0x1p+060"),
    ("dataset.points.0.0", "0x1p60"),
    ("dataset.labels", [0]),
    ("dataset.labels.0", "a"),
    ("network.layers", []),
    ("network.input_size", -1),
    ("network.layers.0.shape", [1, 1, 1]),
    ("network.layers.0.shape", [0, 1]),
    ("network.layers.0.indptr", [0]),
    ("network.layers.0.indptr.1", -1),
    ("network.layers.0.indices.0", "0"),
    ("network.layers.0.data.0", 0),
    ("network.layers.0.bias", []),
    ("network.layers.0.relu", 1),
    ("claim.rule", "near"),
    ("claim.tolerance", -1),
    ("claim.except", [-1]),
    ("claim.excepted", []),
    ("claim.separation_squared", 0),
    ("claim.separation_squared", "-1/2"),
    ("claim.box_radius", "-1/2"),
    ("claim.box_radius", "infinite"),
    ("claim.promises", [{"kind": "k"}]),
    ("claim.width", -1),
    ("claim.depth", None),
    ("contracts.0.id", None),
    ("contracts.0.assumes.0.0", "<"),
    ("contracts.0.assumes.0.1.0", []),
    ("contracts.0.assumes.0.1.0", ["k", 1]),
    ("contracts.0.assumes.0.1.0", [1, 2]),
    ("contracts.0.inputs.0.dropped", 0),
    ("contracts.0.layers.0.neurons.0", ["y"]),
    ("contracts.0.cases.0.ensures.0.1", ">"),
    ("contracts.0.cases.0.ensures.0", ["y", "="]),
    ("blocks.0.first_layer", -1),
    ("blocks.0.neurons.0.0", [0, 1, 2]),
    ("blocks.0.with.k", 0.5),
    ("witness.partitions.all.0", -1),
    ("witness.probes.0.neurons", []),
    ("witness.probes.0.partition", 0),
    ("digests.dataset", "md5:" + "0" * 32),
    ("digests.network", "sha256:" + "A" * 64),
    ("annotations.note", 1),
]
"""A place in the tiny certificate, and what to put there."""


def _changed(place: str, value: Any) -> dict[str, Any]:
    document = copy.deepcopy(TINY)
    *way, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    at: Any = document
    for key in way:
        at = at[key]
    at[last] = value
    return document


def test_the_tiny_certificate_is_accepted_by_all() -> None:
    decode(json.dumps(TINY).encode())
    VALIDATOR.validate(TINY)
    CertificateModel.model_validate_json(json.dumps(TINY))


@pytest.mark.parametrize(("place", "value"), MALFORMED, ids=[f"{p}={json.dumps(v)}" for p, v in MALFORMED])
def test_malformed_is_refused_by_kernel_and_what_one_value_shows_by_the_schema(
    place: str, value: Any
) -> None:
    document = _changed(place, value)
    with pytest.raises(Failure):
        decode(json.dumps(document).encode())
    if place == "dataset.labels":  # one label for two samples: no schema compares lengths
        return
    assert not VALIDATOR.is_valid(document)
    with pytest.raises(ValueError, match="validation error"):
        CertificateModel.model_validate_json(json.dumps(document))


def _paths(value: Any, way: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(*way, key) for key, _ in pairs] if isinstance(value, dict) else []
    for key, item in pairs:
        found += _paths(item, (*way, key))
    return found


FREE = {("annotations",), ("construction", "options"), ("blocks", 0, "with"), ("witness", "partitions")}
"""Objects with keys of the author's own choice."""
KEYS = [path for path in _paths(TINY) if path[:-1] not in FREE]


@pytest.mark.parametrize("path", KEYS, ids=[".".join(map(str, p)) for p in KEYS])
def test_no_key_may_be_missing_and_none_added(path: tuple[str | int, ...]) -> None:
    for change in ("removed", "added"):
        document = copy.deepcopy(TINY)
        at: Any = document
        for key in path[:-1]:
            at = at[key]
        if change == "removed":
            del at[path[-1]]
        else:
            at["another"] = None
        with pytest.raises(Failure):
            decode(json.dumps(document).encode())
        assert not VALIDATOR.is_valid(document), change


PUBLISHED = sorted((ROOT / "certificates").glob("*.json*"))


@pytest.mark.parametrize("path", PUBLISHED, ids=lambda path: str(path.name))
def test_published_certificates_meet_the_schema(path: Path) -> None:
    content = read_bytes(str(path))
    VALIDATOR.validate(json.loads(content))
    CertificateModel.model_validate_json(content)


def test_corrupted_certificates_that_decode_meet_the_schema() -> None:
    decoded = 0
    for path in sorted((ROOT / "tests" / "corrupted").glob("*/*.json*")):
        try:
            content = read_bytes(str(path))
            decode(content)
        except Failure:
            continue
        VALIDATOR.validate(json.loads(content))
        decoded += 1
    assert decoded >= 40


def test_there_are_published_certificates() -> None:
    assert {path.name for path in PUBLISHED} >= {"five.json", "iris.json", "wine.json"}


@pytest.mark.parametrize("name", ["five.json", "wine.json"])
def test_a_plain_check_does_not_load_pydantic(name: str) -> None:
    code = (
        "import sys; from memcert.cli import main\n"
        "status = main(['check', sys.argv[1]])\n"
        "print(status, 'pydantic' in sys.modules)"
    )
    command = [sys.executable, "-c", code, str(ROOT / "certificates" / name)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    lines = done.stdout.splitlines()
    assert lines[0].startswith("accepted")
    assert lines[-1] == "0 False"
