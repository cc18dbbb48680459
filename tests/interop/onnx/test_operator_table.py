"""The document of the operators is the code's."""

import pytest

pytest.importorskip("onnx", reason="onnx is not installed")

import operator_table
from onnx_models import onnx

from memcert.interop.onnx.operators import LAST, TABLE


def test_the_table_in_the_docs_is_that_of_the_code() -> None:
    document = operator_table.DOCUMENT.read_text(encoding="utf-8")
    assert document == operator_table.with_table(document), "run: python tests/operator_table.py"
    for name in (*TABLE, *LAST, "Constant"):
        assert f"\n| `{name}`" in document


def test_the_attributes_that_are_known_are_attributes_of_the_operator() -> None:
    known = {(op.domain, name): op.attributes for name, op in TABLE.items()}
    known |= {("", name): attributes for name, (_, attributes, _) in LAST.items()}
    defined: dict[tuple[str, str], set[str]] = {}
    for schema in onnx.defs.get_all_schemas_with_history():
        defined.setdefault((schema.domain, schema.name), set()).update(schema.attributes)
    for key, attributes in known.items():
        assert set(attributes) <= defined[key], key
