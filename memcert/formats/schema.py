"""JSON Schemas of what memcert writes: `python -m memcert.formats.schema FOLDER` writes them all."""

import json
import sys
from collections.abc import Mapping
from pathlib import Path

from pydantic import BaseModel
from pydantic.json_schema import GenerateJsonSchema

from memcert.formats.box_models import BoxFileModel
from memcert.formats.evidence_models import EvidenceModel
from memcert.formats.models import CertificateModel
from memcert.formats.result_models import ProofResultModel

SCHEMAS: Mapping[str, type[BaseModel]] = {
    "boxes-1": BoxFileModel,
    "certificate-1": CertificateModel,
    "evidence-1": EvidenceModel,
    "result-1": ProofResultModel,
}
"""File name without `.schema.json`, and the model it is generated from."""


class _Untitled(GenerateJsonSchema):
    """JSON Schema without a title for every field, which only repeats its name."""

    def field_title_should_be_set(self, schema: object) -> bool:  # noqa: ARG002
        """Return False. Raises: never."""
        return False


def schema_text(name: str) -> str:
    """Return the text of a schema file. Raises: KeyError for a name that is none of SCHEMAS."""
    made = SCHEMAS[name].model_json_schema(schema_generator=_Untitled, mode="validation")
    head = {"$schema": GenerateJsonSchema.schema_dialect, "$id": f"urn:memcert:schema:{name}"}
    return json.dumps(head | made | {"title": f"memcert {name}"}, indent=1) + "\n"


def main(arguments: list[str]) -> int:
    """Write every schema to the folder that the arguments name. Raises: OSError."""
    if len(arguments) != 1:
        print("usage: python -m memcert.formats.schema FOLDER", file=sys.stderr)  # noqa: T201
        return 2
    for name in SCHEMAS:
        Path(arguments[0], f"{name}.schema.json").write_text(schema_text(name), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
