"""Work on a Dask cluster: the same verdicts, and the machines that gave them are named."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gate_tools import gate, replace

from memcert.cluster import code_identity
from memcert.endings import Ending
from memcert.gate.remote import _unpacked, examine_shipment
from memcert.gate.rules import EVERYTHING, joined
from memcert.gate.tasks import Task
from memcert.limits import Limits

distributed = pytest.importorskip("distributed")

QUICK = ("certificates/distance.json", "certificates/no-interval.json")
PATH = "certificates/ramp.json"


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Yield a cluster of one worker, a process of its own."""
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=2, dashboard_address=":0", processes=True
    ) as made:
        yield made


def test_a_cluster_gives_the_same_verdicts_and_is_named(sample: Path, cluster: Any) -> None:
    replace(sample / "data/distance.csv", "2,far", "2,near")
    here = gate("--json", "--no-cache", *QUICK)
    there = gate("--json", "--no-cache", "--scheduler", cluster.scheduler_address, *QUICK)
    assert here.status == there.status == 4, there.err
    (worker,) = cluster.scheduler_info["workers"]
    for ours, theirs in zip(here.data["findings"], there.data["findings"], strict=True):
        assert [(s["name"], s["status"], s["places"]) for s in ours["steps"]] == [
            (s["name"], s["status"], s["places"]) for s in theirs["steps"]
        ]
        assert ours["files"] == theirs["files"]
        assert theirs["rests_on"][-1].startswith(f"Dask worker {worker} on ")
    assert any(name.startswith("Dask worker") for name in there.data["rests_on"])


def test_a_worker_with_another_memcert_is_refused(sample: Path, cluster: Any) -> None:
    assert sample.is_dir()
    change = "import memcert.cluster as m; m.__version__ = {!r}"
    from memcert import __version__

    with distributed.Client(cluster.scheduler_address, set_as_default=False) as client:
        client.run(exec, change.format("0.0.1"))
        try:
            run = gate("--scheduler", cluster.scheduler_address, *QUICK)
        finally:
            client.run(exec, change.format(__version__))
    assert run.status == 5
    assert f"expected memcert {__version__}" in run.err
    assert "got memcert '0.0.1'" in run.err


@pytest.mark.usefixtures("sample")
def test_an_address_where_nobody_listens_is_a_usage_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("memcert.cluster.CONNECT_SECONDS", 1)
    run = gate("--scheduler", "tcp://127.0.0.1:9", *QUICK)
    assert run.status == 2
    assert "--scheduler: no answer" in run.err


@pytest.mark.usefixtures("sample")
def test_tls_options_need_an_address_with_tls() -> None:
    assert gate("--tls-ca-file", "ca.pem").status == 2
    assert gate("--tls-ca-file", "ca.pem", "--scheduler", "tcp://127.0.0.1:9").status == 2


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
def test_a_cluster_with_tls(sample: Path, tmp_path: Path) -> None:
    assert sample.is_dir()
    certificate, key = tmp_path / "tls.pem", tmp_path / "tls.key"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost"
    subprocess.run(
        ["openssl", *words.split(), "-out", str(certificate), "-keyout", str(key)],  # noqa: S607
        check=True,
        capture_output=True,
    )
    pair = {"tls_ca_file": str(certificate)}
    for role in ("client", "scheduler", "worker"):
        pair |= {f"tls_{role}_cert": str(certificate), f"tls_{role}_key": str(key)}
    security = distributed.Security(**pair, require_encryption=True)
    with distributed.LocalCluster(
        n_workers=1, processes=False, dashboard_address=":0", security=security, protocol="tls://"
    ) as made:
        address = made.scheduler_address
        assert address.startswith("tls://")
        tls = ("--tls-ca-file", certificate, "--tls-cert", certificate, "--tls-key", key)
        run = gate("--no-cache", "--scheduler", address, *tls, QUICK[1])
    assert run.status == 0, run.err


def task() -> Task:
    """A task about a small certificate."""
    return Task(PATH, joined((EVERYTHING,), PATH), Limits(60))


def shipment(sample: Path) -> dict[str, Any]:
    """What is sent for it."""
    files = {PATH: (sample / PATH).read_bytes()}
    limits = {"seconds": 60, "memory": None}
    return {"path": PATH, "request": task().request(sample), "files": files, "limits": limits}


def test_a_shipment_is_examined_in_a_folder_of_its_own(sample: Path) -> None:
    before = os.getcwd()  # noqa: PTH109 - is compared as it is
    answer = examine_shipment(shipment(sample))
    assert (answer["path"], answer["answer"]["subject"]) == (PATH, PATH)
    assert _unpacked(answer, {PATH: task()}, sample).status == 0
    assert os.getcwd() == before  # noqa: PTH109


def test_an_answer_about_other_bytes_is_not_believed(sample: Path) -> None:
    sent = shipment(sample)
    sent["files"][PATH] += b"\n"
    answer = examine_shipment(sent)
    assert answer["answer"]["steps"][0]["status"] == 0
    finding = _unpacked(answer, {PATH: task()}, sample)
    assert finding.status == 70
    assert "about other files" in finding.decisive.message


def test_an_answer_of_another_memcert_is_not_believed(sample: Path) -> None:
    answer = examine_shipment(shipment(sample))
    answer["by"]["code"] = "0" * 64
    assert _unpacked(answer, {PATH: task()}, sample).status == 5


@pytest.mark.parametrize("status", [2, 6, 70])
def test_what_broke_off_there_is_told_here(sample: Path, status: int) -> None:
    ended = {"status": status, "verdict": "undecided", "message": "timeout"}
    answer = {"path": PATH, "by": {"worker": "w", **code_identity()}, "ending": ended}
    finding = _unpacked(answer, {PATH: task()}, sample)
    assert finding.decisive.status == Ending(**ended).status  # type: ignore[arg-type]


def test_a_limit_holds_there_too(sample: Path) -> None:
    sent = shipment(sample)
    sent["limits"]["memory"] = 1 << 26
    answer = examine_shipment(sent)
    assert answer["ending"]["status"] == 6
