"""In-toto statements: what holds is said, what does not is never said to hold."""

import json
from typing import Any

import pytest
from finding_samples import HOSTILE, ended, passed, rejected

from memcert.errors import UsageError
from memcert.findings import Finding
from memcert.reports.attestation import Policy, names_of, now, statements

POLICY = Policy("memcert.toml", "sha256:" + "ef" * 32)
TIME = "2026-01-02T03:04:05Z"


def made(finding: Finding) -> dict[str, dict[str, Any]]:
    """Return the statements by the last part of their type."""
    read = (json.loads(text) for _, text in statements(finding, POLICY, TIME))
    return {value["predicateType"].rsplit("/", 2)[1]: value for value in read}


def test_a_certificate_that_passed_has_verified_properties() -> None:
    finding = passed(
        digests={"dataset": "sha256:1", "network": "sha256:2"},
        rule="equal",
        samples=2**60,
        margin=None,
        proof={"box_radius": "1/3"},
    )
    svr = made(finding)["svr"]
    assert svr["predicateType"] == "https://in-toto.io/attestation/svr/v0.2"
    assert svr["predicate"]["timeCreated"] == TIME
    assert svr["predicate"]["verifier"]["policies"] == [
        {"name": "memcert.toml", "digest": {"sha256": "ef" * 32}}
    ]
    assert svr["predicate"]["properties"] == [
        "MEMCERT_CERTIFICATE",
        "MEMCERT_CHECK",
        "MEMCERT_DATASET_DIGEST=sha256:1",
        "MEMCERT_NETWORK_DIGEST=sha256:2",
        "MEMCERT_RULE=equal",
        # Above 2^53, where readers that hold numbers as doubles round: text.
        "MEMCERT_SAMPLES=1152921504606846976",
        "MEMCERT_BOX_RADIUS=1/3",
    ]


def test_subjects_are_the_digests_of_the_bytes_of_files() -> None:
    for statement in made(passed()).values():
        assert statement["_type"] == "https://in-toto.io/Statement/v1"
        assert statement["subject"] == [
            {"name": "certificates/a.json", "digest": {"sha256": "ab" * 32}},
            {"name": "data/a.csv", "digest": {"sha256": "cd" * 32}},
        ]


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 6, 70, 130])
def test_what_does_not_hold_has_no_verified_property_and_failed(status: int) -> None:
    found = made(ended(status, "undecided"))
    assert set(found) == {"test-result"}
    predicate = found["test-result"]["predicate"]
    assert predicate["result"] == "FAILED"
    assert predicate["passedTests"] == ["certificate"]
    assert predicate["failedTests"] == ["check", "prove"]


def test_of_a_file_that_could_not_be_read_nothing_is_said() -> None:
    finding = passed()
    unread = Finding(finding.subject, finding.kind, finding.steps, {finding.subject: ""})
    assert made(unread) == {}
    assert made(Finding("rule", "rule", finding.steps)) == {}


def test_the_names_of_the_files_are_plain_and_different() -> None:
    names = [*names_of(rejected(subject=HOSTILE)), *names_of(rejected(subject=HOSTILE + "x"))]
    names += [*names_of(rejected(subject="a/b")), *names_of(rejected(subject="a_b"))]
    assert len(set(names)) == 8
    for name in names:
        assert name.isascii()
        assert name.isprintable()
        assert not set(name) & set('/\\:<>|"*?')


def test_no_number_of_a_statement_is_one_that_json_readers_round() -> None:
    def numbers(value: object) -> list[object]:
        if isinstance(value, dict):
            return [n for part in value.values() for n in numbers(part)]
        if isinstance(value, list):
            return [n for part in value for n in numbers(part)]
        return [value] if isinstance(value, int | float) else []

    assert numbers(made(passed(samples=2**60, excepted=3))["svr"]) == []


def test_the_time_is_that_of_source_date_epoch() -> None:
    assert now("0") == "1970-01-01T00:00:00Z"
    assert now("1700000000") == "2023-11-14T22:13:20Z"
    assert now(None) > "2024"


@pytest.mark.parametrize("epoch", ["", "-1", "1e9", "tomorrow", "٣"])
def test_a_time_that_is_none_is_refused(epoch: str) -> None:
    with pytest.raises(UsageError, match="SOURCE_DATE_EPOCH"):
        now(epoch)


def test_another_reader_reads_the_statements() -> None:
    pytest.importorskip("in_toto_attestation")
    from google.protobuf import json_format
    from in_toto_attestation.predicates.test_result.v0 import test_result_pb2
    from in_toto_attestation.v1 import statement_pb2
    from in_toto_attestation.v1.statement import Statement

    for finding in (passed(rule="equal"), rejected(subject=HOSTILE)):
        for _, text in statements(finding, POLICY, TIME):
            read = json_format.Parse(text, statement_pb2.Statement())
            Statement.copy_from_pb(read).validate()
            if read.predicate_type.endswith("test-result/v0.1"):
                fields = json.loads(text)["predicate"]
                result = json_format.ParseDict(fields, test_result_pb2.TestResult())
                assert result.result == ("PASSED" if finding.status == 0 else "FAILED")
