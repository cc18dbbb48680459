"""The cache: it spares work, and no entry turns a rejection into success."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from gate_tools import gate, replace

from memcert.findings import Finding, Step, to_json
from memcert.gate import cache as cache_module
from memcert.gate.cache import Cache, opened, state_folder
from memcert.gate.demands import Demands
from memcert.gate.rules import EVERYTHING, joined

PATH = "certificates/ramp.json"
DEMANDS = joined((EVERYTHING,), PATH)


@pytest.fixture
def kept(sample: Path, tmp_path: Path) -> Cache:
    """Return a cache that holds a finding that passed."""
    found = made(tmp_path / "state", sample)
    found.keep(finding(found), DEMANDS)
    assert found.found(PATH, DEMANDS) is not None
    return found


def made(folder: Path, root: Path, policy: str = "sha256:p") -> Cache:
    """Return the cache of a folder, which must be usable."""
    found = opened(folder, root, policy)
    assert isinstance(found, Cache), found
    return found


def finding(cache: Cache, status: int = 0) -> Finding:
    """A finding on the certificate as it is."""
    files = cache._digests(PATH, DEMANDS)
    return Finding(PATH, "certificate", (Step("check", status, "accepted", "by hand"),), files)


def entry(cache: Cache) -> Path:
    """The one entry of a cache."""
    (found,) = cache.folder.iterdir()
    return found


def test_what_passed_is_found_again_and_marked(kept: Cache) -> None:
    found = kept.found(PATH, DEMANDS)
    assert found is not None
    assert (found.cached, found.status, found.subject) == (True, 0, PATH)


@pytest.mark.parametrize("status", [1, 2, 3, 4, 5, 6, 70, 130])
def test_what_did_not_pass_is_not_kept(sample: Path, tmp_path: Path, status: int) -> None:
    cache = made(tmp_path / "state", sample)
    cache.keep(finding(cache, status), DEMANDS)
    assert list(cache.folder.iterdir()) == []


def _truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-20])


def _flipped(path: Path) -> None:
    replace(path, '"by hand"', '"by hanD"')


def _unsigned(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    del value["mac"]
    path.write_text(json.dumps(value), encoding="utf-8")


def _other_mac(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**value, "mac": "0" * 64}), encoding="utf-8")


def _no_text_mac(path: Path) -> None:
    value = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps({**value, "mac": None}), encoding="utf-8")


def _empty(path: Path) -> None:
    path.write_bytes(b"")


def _random(path: Path) -> None:
    path.write_bytes(os.urandom(2000))


def _deep(path: Path) -> None:
    path.write_bytes(b"[" * 100_000)


def _long(path: Path) -> None:
    path.write_bytes(path.read_bytes() + b" " * cache_module.MAX_ENTRY)


def _pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


@pytest.mark.parametrize(
    "damage",
    [_truncated, _flipped, _unsigned, _other_mac, _no_text_mac, _empty, _random, _deep, _long, _pipe],
)
def test_a_damaged_or_forged_entry_is_none(kept: Cache, damage: Callable[[Path], None]) -> None:
    damage(entry(kept))
    assert kept.found(PATH, DEMANDS) is None


def test_an_entry_under_another_name_is_none(kept: Cache) -> None:
    other = joined((EVERYTHING.model_copy(update={"max_width": 1}),), PATH)
    shutil.copy(entry(kept), kept.folder / f"{kept.name(PATH, other)}.json")
    assert kept.found(PATH, other) is None


def test_an_entry_of_another_user_is_none(kept: Cache, sample: Path, tmp_path: Path) -> None:
    mine = made(tmp_path / "mine", sample)
    shutil.copy(entry(kept), mine.folder)
    assert mine.found(PATH, DEMANDS) is None


def test_an_authentic_entry_that_did_not_pass_is_none(kept: Cache) -> None:
    # As if an older memcert had kept rejections.
    name, value = kept.name(PATH, DEMANDS), to_json(finding(kept, 1))
    entry(kept).write_text(json.dumps({"finding": value, "mac": kept._mac(name, value)}), encoding="utf-8")
    assert kept.found(PATH, DEMANDS) is None


def test_another_certificate_demand_policy_or_memcert_has_another_entry(
    kept: Cache, sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stricter = joined((EVERYTHING.model_copy(update={"max_width": 1}),), PATH)
    assert kept.found(PATH, stricter) is None
    assert made(tmp_path / "state", sample, "sha256:q").found(PATH, DEMANDS) is None
    with monkeypatch.context() as patch:
        patch.setattr(cache_module, "installation", lambda: {"memcert": "9.9.9"})
        assert kept.found(PATH, DEMANDS) is None
    replace(sample / PATH, '"annotations": {}', '"annotations": {"a": "b"}')
    assert kept.found(PATH, DEMANDS) is None


def test_another_byte_of_the_data_has_another_entry(sample: Path, tmp_path: Path) -> None:
    demands: Demands = joined((EVERYTHING.model_copy(update={"data": "data/ramp.csv"}),), PATH)
    cache = made(tmp_path / "state", sample)
    cache.keep(Finding(PATH, "certificate", finding(cache).steps, cache._digests(PATH, demands)), demands)
    assert cache.found(PATH, demands) is not None
    replace(sample / "data/ramp.csv", "5,1", "5,0")
    assert cache.found(PATH, demands) is None


def test_a_file_that_a_model_brought_counts_too(sample: Path, tmp_path: Path) -> None:
    cache = made(tmp_path / "state", sample)
    weights = sample / "models/weights.bin"
    weights.write_bytes(b"1")
    from memcert.gate.read import digest_of_file

    whole = finding(cache)
    more = {**whole.files, "models/weights.bin": digest_of_file(weights)}
    cache.keep(Finding(PATH, "certificate", whole.steps, more), DEMANDS)
    assert cache.found(PATH, DEMANDS) is not None
    weights.write_bytes(b"2")
    assert cache.found(PATH, DEMANDS) is None


def test_the_key_is_random_and_its_owners_alone(kept: Cache, sample: Path, tmp_path: Path) -> None:
    key = tmp_path / "state/gate.key"
    assert key.stat().st_mode & 0o777 == 0o600
    assert (len(kept.key), kept.folder.stat().st_mode & 0o077) == (32, 0)
    assert made(tmp_path / "other", sample).key != kept.key
    assert made(tmp_path / "state", sample).key == kept.key


def test_a_key_that_two_make_at_once_is_one(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = made(tmp_path / "state", sample)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as it was when the second looked
    second = made(tmp_path / "state", sample)
    assert first.key == second.key
    assert [path.name for path in (tmp_path / "state").iterdir() if path.name.startswith(".key")] == []


def _readable(key: Path) -> None:
    key.chmod(0o644)


def _linked(key: Path) -> None:
    key.rename(key.with_name("elsewhere"))
    key.symlink_to("elsewhere")


def _short(key: Path) -> None:
    key.write_bytes(b"")


@pytest.mark.parametrize("damage", [_readable, _linked, _short])
def test_a_key_that_others_may_know_is_not_used(
    kept: Cache, sample: Path, tmp_path: Path, damage: Callable[[Path], None]
) -> None:
    damage(tmp_path / "state/gate.key")
    found = opened(tmp_path / "state", sample, "sha256:p")
    assert isinstance(found, str)
    assert found.startswith("no cache: the key")
    assert kept.folder.is_dir()


def test_a_cache_in_the_repository_is_not_used(sample: Path) -> None:
    assert opened(sample / "state", sample, "sha256:p") == "no cache: the state folder lies in the repository"
    assert not (sample / "state").exists()


def test_old_entries_go(kept: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(5):
        (kept.folder / f"{number}.json").write_bytes(b"")
        os.utime(kept.folder / f"{number}.json", (number, number))
    monkeypatch.setattr(cache_module, "MOST_ENTRIES", 2)
    kept.prune()
    assert len(list(kept.folder.iterdir())) == 2
    assert kept.found(PATH, DEMANDS) is not None


def test_the_state_folder_follows_the_platform(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/home/a")
    assert state_folder({"XDG_STATE_HOME": "/s"}, home) == Path("/s/memcert")
    assert state_folder({"XDG_STATE_HOME": "relative"}, home).is_relative_to(home)
    for platform, part in {"linux": ".local/state", "darwin": "Library/Application Support"}.items():
        monkeypatch.setattr("sys.platform", platform)
        assert state_folder({}, home) == home / part / "memcert"
    monkeypatch.setattr("sys.platform", "win32")
    assert state_folder({"LOCALAPPDATA": "/l"}, home) == Path("/l/memcert")


def test_the_command_uses_the_cache_but_not_in_ci_unless_it_is_asked_to(
    sample: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = "certificates/no-interval.json"

    def cached(*words: str) -> list[bool]:
        run = gate("--json", quick, *words)
        assert run.status == 0, run.out
        return [found["cached"] for found in run.data["findings"]]

    assert cached("--no-cache") == [False]
    assert not (tmp_path / "state").exists()
    assert [cached(), cached(), cached("--no-cache")] == [[False], [True], [False]]
    monkeypatch.setenv("CI", "true")
    assert [cached(), cached("--cache")] == [[False], [True]]
    # What passed before the damage does not pass after it.
    replace(sample / "data/steps.csv", "2,0", "2,1")
    assert gate("--cache", quick).status in (1, 4)


def test_a_cache_file_committed_to_the_repository_is_no_certificate_and_no_verdict(sample: Path) -> None:
    cache = made(sample.parent / "state/memcert", sample)
    cache.keep(finding(cache), DEMANDS)
    forged = sample / "state/memcert/gate"
    forged.mkdir(parents=True)
    shutil.copy(entry(cache), forged)
    assert entry(cache).read_bytes() == next(forged.iterdir()).read_bytes()
    replace(sample / "data/steps.csv", "2,0", "2,1")
    run = gate("--json", "state", "certificates/no-interval.json")
    assert run.status in (1, 4)
    assert [f["subject"] for f in run.data["findings"]] == ["certificates/no-interval.json"]
