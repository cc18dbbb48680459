"""The documents in schemas/ are true: their examples, digests, limits and field names."""

import dataclasses
import hashlib
import json
import re
from fractions import Fraction
from pathlib import Path

import jsonschema
import pytest
from schemas.second_checker import verdict

from memcert.contracts import smtlib
from memcert.formats.certificates import encode
from memcert.formats.result_models import ProofResultModel
from memcert.formats.schema import SCHEMAS, schema_text
from memcert.kernel import check as check_module
from memcert.kernel import data, files, network, rational, reading
from memcert.kernel.check import check
from memcert.kernel.data import network_lines, text_table
from memcert.kernel.decode import decode
from memcert.proofs import obligations
from memcert.proofs.prove import prove

FOLDER = Path(__file__).parents[2] / "schemas"
DOCUMENT = (FOLDER / "certificate-1.md").read_text(encoding="utf-8")


def _example(name: str, document: str = DOCUMENT) -> str:
    found = re.findall(rf"<!-- example: {name} -->\n```[a-z]*\n(.*?)```\n", document, re.DOTALL)
    assert len(found) == 1, name
    return str(found[0])


def _sha256(text: str) -> str:
    return f"sha256:{hashlib.sha256(text.encode('ascii')).hexdigest()}\n"


def test_the_digests_in_the_document_are_those_of_its_texts() -> None:
    assert _example("data digest") == _sha256(_example("data"))
    assert _example("network digest") == _sha256(_example("network"))


def test_the_example_is_accepted_with_the_digests_of_the_document() -> None:
    certificate = decode(_example("certificate").encode())
    accepted = check(certificate)
    assert accepted.dataset_digest == _example("data digest").strip()
    assert accepted.network_digest == _example("network digest").strip()
    assert accepted.excepted == 0
    assert verdict(_example("certificate").encode()) == "accepted"


def test_the_example_is_proved_on_the_boxes_that_the_document_names() -> None:
    certificate = decode(_example("certificate").encode())
    found = prove(certificate)
    assert found.verdict == "proved"
    assert found.radii == (Fraction(1, 2), Fraction(1, 2), Fraction(1, 4))
    larger = dataclasses.replace(certificate.claim, box_radius=Fraction(2501, 10000))
    assert prove(dataclasses.replace(certificate, claim=larger)).verdict == "refuted"


EDITS = {
    "proved": [],
    "refuted at the radius": [('"box_radius": "1/4"', '"box_radius": 1')],
    "refuted at a weight": [('"data": [1, -1]', '"data": [1, -2]'), ('"relu": false}', '"relu": true}')],
    "refuted at a label": [('"labels": [0, 1, 1]', '"labels": [0, 0, 1]')],
    "refuted at a contract": [('["step", "=", []]', '["step", "=", [[1, "w"]]]')],
}


@pytest.mark.parametrize("edit", EDITS)
def test_the_result_of_a_proof_meets_its_schema(edit: str) -> None:
    text = re.sub('"(dataset|network)": "sha256:[0-9a-f]+"', r'"\1": null', _example("certificate"))
    for old, new in EDITS[edit]:
        assert old in text
        text = text.replace(old, new)
    result = prove(decode(text.encode())).to_json()
    assert result["verdict"] == edit.split()[0]
    assert (result["refutation"] is None) == (edit == "proved")
    jsonschema.validate(result, json.loads(schema_text("result-1")))
    ProofResultModel.model_validate_json(json.dumps(result))


def test_the_texts_of_the_document_are_those_of_the_example() -> None:
    certificate = decode(_example("certificate").encode())
    assert "".join(network_lines(certificate.network)) == _example("network")
    table = text_table(iter(_example("data").splitlines(keepends=True)))
    assert check(certificate, table).dataset_digest == check(certificate).dataset_digest


def test_the_example_of_a_data_text_is_canonical() -> None:
    text = _example("data", (FOLDER / "data-1.md").read_text(encoding="utf-8"))
    table = text_table(iter(text.splitlines(keepends=True)))
    assert [label for _, label in table.rows] == ["Iris setosa", 'b"c']
    assert table.columns == ("width", "height", "Größe")


def test_the_example_is_canonical_and_meets_the_schema() -> None:
    text = _example("certificate")
    assert encode(decode(text.encode())) == text
    jsonschema.validate(json.loads(text), json.loads(schema_text("certificate-1")))


@pytest.mark.parametrize(
    "module", [files, reading, rational, data, network, check_module, obligations, smtlib]
)
def test_the_limits_in_the_document_are_the_ones_in_the_code(module: object) -> None:
    section = DOCUMENT.partition("\n## 9. Limits")[2].partition("\n## 10.")[0]
    for name, value in vars(module).items():
        if name.startswith("MAX_") and name != "MAX_BATCH_BITS":
            assert f"{value:,}" in section, f"{name} = {value:,}"


@pytest.mark.parametrize("name", sorted(SCHEMAS))
def test_the_document_names_every_field_of_the_schema(name: str) -> None:
    document = (FOLDER / f"{name}.md").read_text(encoding="utf-8")
    fields: set[str] = set()

    def collect(value: object) -> None:
        if isinstance(value, dict):
            fields.update(value.get("properties", {}))
            for item in value.values():
                collect(item)
        elif isinstance(value, list):
            for item in value:
                collect(item)

    collect(json.loads(schema_text(name)))
    assert len(fields) > 15
    for field in fields:
        assert re.search(rf'[`"{{ ]{field}[`"]', document), field


@pytest.mark.parametrize("name", ["certificate-1", "result-1", "data-1"])
def test_links_between_documents_lead_somewhere(name: str) -> None:
    for target in re.findall(r"\]\(([^)#]+)\)", (FOLDER / f"{name}.md").read_text(encoding="utf-8")):
        assert (FOLDER / target).exists(), target
