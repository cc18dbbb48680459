"""The public functions: build, write, read, check, prove."""

from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from strategies import dataset

import memcert
from memcert.api import Engine
from memcert.errors import DatasetError, UsageError
from memcert.exact.check import FastAccepted
from memcert.kernel.certificate import Original
from memcert.kernel.verdict import Accepted, Mismatch, Rejected

POINTS: list[list[int | Fraction]] = [[0, 5], [Fraction(1, 3), -2], [7, 7], [7, 7], [10**9, 1]]
LABELS: list[Original] = ["a", "b", "a", "a", "c"]


def test_the_main_job_in_five_calls(tmp_path: Path) -> None:
    certificate = memcert.build(dataset(POINTS, LABELS), sizing="balanced")
    memcert.write(certificate, tmp_path / "c.json.gz")
    assert memcert.read(tmp_path / "c.json.gz") == certificate
    accepted = memcert.check(tmp_path / "c.json.gz", dataset(POINTS, LABELS))
    assert isinstance(accepted, Accepted)
    assert accepted.whole
    result = memcert.prove(tmp_path / "c.json.gz")
    assert result.verdict == "proved"
    assert len(result.radii) == 5


def test_a_data_file_may_stand_for_its_data(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("a;kind\n0.5;x\n1/3;y\n", encoding="utf-8")
    data = memcert.read_dataset(path, label="kind", delimiter=";")
    assert [point for point, _ in data.rows()] == [(Fraction(1, 2),), (Fraction(1, 3),)]
    certificate = memcert.build(path)
    assert memcert.check(certificate, str(path), engine="kernel").samples == 2


def test_rows_on_disk_may_stand_for_the_data_of_a_check(tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("kind;a\nx;0.5\ny;1/3\n", encoding="utf-8")
    rows = memcert.read_rows(path, label="kind", delimiter=";")
    assert (rows.size, rows.point(1), list(rows.labels)) == (2, (Fraction(1, 3),), ["x", "y"])
    certificate = memcert.build(memcert.read_dataset(path, label="kind", delimiter=";"))
    for engine in ("kernel", "fast"):
        assert memcert.check(certificate, rows, engine=engine).whole


def test_both_engines_say_the_same_of_the_same() -> None:
    certificate = memcert.build(dataset(POINTS, LABELS))
    kernel, fast = memcert.check(certificate, engine="kernel"), memcert.check(certificate, engine="fast")
    assert isinstance(fast, FastAccepted)
    for name in Accepted.__dataclass_fields__:
        assert getattr(kernel, name) == getattr(fast, name), name


@pytest.mark.parametrize("engine", ["kernel", "fast"])
def test_some_samples_make_a_check_that_is_not_whole(engine: Engine) -> None:
    certificate = memcert.build(dataset(POINTS, LABELS))
    accepted = memcert.check(certificate, samples=[4, 0, 0], engine=engine)
    assert (accepted.examined, accepted.whole) == (2, False)
    for rows in ([], [5], [-1, 0]):
        with pytest.raises(UsageError, match="expected rows from 0 to 4"):
            memcert.check(certificate, samples=rows, engine=engine)


@pytest.mark.parametrize("engine", ["kernel", "fast"])
def test_the_users_own_samples_are_run(engine: Engine) -> None:
    certificate = memcert.build(dataset(POINTS, LABELS))
    with pytest.raises(Mismatch):
        memcert.check(certificate, dataset(POINTS, ["a", "c", "a", "a", "b"]), engine=engine)
    with pytest.raises(Mismatch):
        memcert.prove(certificate, dataset(POINTS[::-1], LABELS[::-1]))


@pytest.mark.parametrize("engine", ["kernel", "fast"])
def test_a_false_label_is_rejected_at_its_sample(engine: Engine) -> None:
    certificate = memcert.build(dataset(POINTS, LABELS))
    assert certificate.dataset.labels is not None
    labels = (*certificate.dataset.labels[:4], 1)
    digests = replace(certificate.digests, dataset=None)
    false = replace(certificate, dataset=replace(certificate.dataset, labels=labels), digests=digests)
    with pytest.raises(Rejected) as caught:
        memcert.check(false, engine=engine)
    assert (caught.value.rule, caught.value.at) == ("equal", "samples[4]")


def test_detached_data_have_to_be_given() -> None:
    certificate = memcert.build(dataset(POINTS, LABELS))
    detached = replace(certificate, dataset=replace(certificate.dataset, points=None, labels=None))
    for examine in (memcert.check, memcert.prove):
        with pytest.raises(UsageError, match="does not hold its data"):
            examine(detached)
    assert memcert.check(detached, dataset(POINTS, LABELS)).whole
    assert memcert.prove(detached, dataset(POINTS, LABELS)).verdict == "proved"


def test_contradictions_and_unknown_options_are_refused() -> None:
    with pytest.raises(DatasetError):
        memcert.build(dataset([[1], [1]], ["a", "b"]))
    with pytest.raises(UsageError, match="has no option 'colour'"):
        memcert.build(dataset(POINTS, LABELS), colour="red")
    with pytest.raises(UsageError, match="no construction 'nobody'"):
        memcert.build(dataset(POINTS, LABELS), "nobody")


def test_the_package_lists_its_names_and_no_others() -> None:
    assert set(memcert.__all__) <= set(dir(memcert))
    with pytest.raises(AttributeError, match="no attribute 'chek'"):
        memcert.chek  # noqa: B018 # type: ignore[attr-defined]


def test_decimal_labels_of_a_file_are_numbers_for_the_rule_within(tmp_path: Path) -> None:
    path = tmp_path / "values.csv"
    path.write_text("x,y\n0,0.5\n1,-1e-1\n3,2/3\n", encoding="utf-8")
    certificate = memcert.build(path, rule="within", tolerance="1/100")
    assert certificate.dataset.labels == (Fraction(1, 2), Fraction(-1, 10), Fraction(2, 3))
    for engine in ("kernel", "fast"):
        found = memcert.check(certificate, path, engine=engine)
        assert (found.rule, found.tolerance, found.whole) == ("within", Fraction(1, 100), True)
    assert memcert.prove(certificate, path).verdict == "proved"


def test_a_model_is_verified_from_python(tmp_path: Path) -> None:
    pytest.importorskip("onnx", reason="onnx is not installed")
    from onnx_models import model, node, saved, stored

    path = saved(model([node("Gemm", ["x", "w"], ["y"])], [stored("w", [[1, -1], [-1, 1]])], 2), tmp_path)
    data = tmp_path / "d.csv"
    data.write_text("a,b,label\n3,0,0\n0,1,0\n", encoding="utf-8")
    found = memcert.verify(path, data, "argmax", preprocess="x/3")
    assert found.accuracy == Fraction(1, 2)
    assert list(found.rows.margins) == [2, Fraction(-2, 3)]
    memcert.write(found.certificate(), tmp_path / "c.json")
    accepted = memcert.check(tmp_path / "c.json")
    assert (accepted.examined, accepted.excepted) == (2, 1)
    assert found.certificate(detach=True).dataset.points is None
    for options in ({"tolerance": "1/x"}, {"tolerance": "1/2"}, {"preprocessing": "x/3"}):
        with pytest.raises(UsageError, match=r"tolerance|preprocessing"):
            memcert.verify(path, data, "argmax", **options)  # type: ignore[arg-type]
