"""What is shipped for GitHub, pre-commit and GitLab, step by step, on the sample repository."""

import os
import re
import shlex
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from gate_tools import git, line_of, replace

yaml = pytest.importorskip("yaml")

ROOT = Path(__file__).resolve().parents[2]
ACTION = yaml.safe_load((ROOT / "action.yml").read_text(encoding="utf-8"))
GITLAB = yaml.safe_load((ROOT / "docs/ci/gitlab.yml").read_text(encoding="utf-8"))["memcert-gate"]
(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
Done = subprocess.CompletedProcess[str]


def shell(script: str, folder: Path, env: Mapping[str, str], *flags: str) -> Done:
    """Run a script as GitHub runs `shell: bash`."""
    plain = {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "CI": "true", "COLUMNS": "200"}
    return subprocess.run(
        ["bash", "--noprofile", "--norc", *(flags or ("-eo", "pipefail")), "-c", script],  # noqa: S607
        cwd=folder,
        env={**plain, **env},
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=300,
    )


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a runner's temporary folder in which memcert is installed, from a wheel.

    Its dependencies are those of this interpreter: they are found by PYTHONPATH, and not loaded down again.
    """
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID")
    if run is None:
        return installed_in(tmp_path_factory.mktemp("runner"))
    # Of several processes that share the tests, one installs and the others wait for it.
    temp = tmp_path_factory.getbasetemp().parent / f"runner-{run}"
    try:
        temp.mkdir()
    except FileExistsError:
        deadline = time.monotonic() + 300
        while not (temp / "done").exists() and time.monotonic() < deadline:
            time.sleep(0.2)
        return temp
    installed_in(temp)
    (temp / "done").touch()
    return temp


def installed_in(temp: Path) -> Path:
    """Run the action's own step that installs memcert in a runner's temporary folder; return it."""
    words = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(temp), str(ROOT)]
    subprocess.run(words, check=True, capture_output=True, timeout=300)
    (wheel,) = temp.glob("*.whl")
    (step,) = (s for s in ACTION["runs"]["steps"] if s["name"] == "Install memcert")
    env = {
        "ACTION": str(wheel),
        "EXTRAS": "",
        "RUNNER_TEMP": str(temp),
        "PIP_NO_DEPS": "1",
        "HOME": str(temp),
    }
    assert set(step["env"]) <= set(env)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    done = shell(step["run"], temp, {**env, "PATH": path})
    assert done.returncode == 0, done.stderr
    assert (temp / "memcert/bin/memcert").is_file()
    return temp


def github(
    sample: Path, temp: Path, event: str = "pull_request", base: str = "HEAD", **inputs: str
) -> tuple[Done, Path]:
    """Run the steps of the action but the installing one; return the last and the summary."""
    given = {name: entry["default"] for name, entry in ACTION["inputs"].items()} | {
        name.replace("_", "-"): value for name, value in inputs.items()
    }
    sha = git(sample, "rev-parse", base).strip() if event == "pull_request" else ""
    known = {f"inputs.{name}": value for name, value in given.items()} | {
        "github.event_name": event,
        "github.event.pull_request.base.sha": sha,
        "github.event.merge_group.base_sha": "",
    }
    summary = sample.parent / "summary.md"
    runner = {
        "RUNNER_TEMP": str(temp),
        "GITHUB_STEP_SUMMARY": str(summary),
        "GITHUB_OUTPUT": str(sample.parent / "output"),
        "PYTHONPATH": sysconfig.get_paths()["purelib"],
        "HOME": str(temp),
    }
    done = Done([], 0, "", "")
    for step in ACTION["runs"]["steps"]:
        if step["name"] == "Install memcert":
            continue
        env = {name: _expression(text, known) for name, text in step["env"].items()}
        done = shell(step["run"], sample, {**runner, **env})
        if done.returncode:
            break
    return done, summary


def _expression(text: str, known: Mapping[str, str]) -> str:
    found = re.fullmatch(r"\$\{\{ (.*) \}\}", text)
    assert found is not None
    return next((known[part] for part in found[1].split(" || ") if known[part]), "")


def test_no_script_of_the_action_holds_an_expression() -> None:
    for step in ACTION["runs"]["steps"]:
        assert "${{" not in step["run"], step["name"]
        assert step["shell"] == "bash"


def test_python_never_looks_into_the_checkout_first() -> None:
    scripts = [step["run"] for step in ACTION["runs"]["steps"]]
    for script in (*scripts, *GITLAB["before_script"], *GITLAB["script"]):
        for use in re.findall(r"python3?\S* -\S+", script):
            assert use.endswith(" -I"), use


def test_the_action_passes_the_sample_repository(sample: Path, installed: Path) -> None:
    done, summary = github(sample, installed, attest="statements")
    assert done.returncode == 0, done.stderr + done.stdout
    assert "passed" in summary.read_text(encoding="utf-8")
    assert "policy: memcert.toml of" in done.stderr
    assert (sample.parent / "output").read_text(encoding="utf-8") == "status=0\n"
    assert (sample / "memcert-gate.xml").is_file()
    assert (sample / "memcert-gate.sarif").is_file()
    assert len(list((sample / "statements").iterdir())) == 8


def changed_label(sample: Path) -> tuple[int, str, str]:
    """A label of the data is another: status, place, and a text of the data."""
    replace(sample / "data/flowers.csv", "7,0.5,iris", "7,0.5,rose")
    return 4, "data/flowers.csv", "7,0.5,rose"


def changed_number(sample: Path) -> tuple[int, str, str]:
    """A cell of the data is no number."""
    replace(sample / "data/ramp.csv", "2,1", "two,1")
    return 3, "data/ramp.csv", "two,1"


def changed_claim(sample: Path) -> tuple[int, str, str]:
    """A claimed size is one too large."""
    replace(sample / "certificates/flowers.json", '"width": 12', '"width": 13')
    return 1, "certificates/flowers.json", '"width": 13'


def changed_syntax(sample: Path) -> tuple[int, str, str]:
    """A certificate is no JSON any more."""
    replace(sample / "certificates/distance.json", '"relu": true', '"relu": truth')
    return 3, "certificates/distance.json", "truth"


def changed_model(sample: Path) -> tuple[int, str, str]:
    """A weight of the model is another."""
    replace(sample / "models/distance.nnet", "1.0,\n-1.0,\n0.0", "1.5,\n-1.0,\n0.0")
    return 4, "models/distance.nnet", ""


def removed_certificate(sample: Path) -> tuple[int, str, str]:
    """A certificate is gone, and so is its rule."""
    (sample / "certificates/no-interval.json").unlink()
    text = (sample / "memcert.toml").read_text(encoding="utf-8")
    (sample / "memcert.toml").write_text(text.split('[[rules]]\nname = "impossible"')[0], encoding="utf-8")
    return 2, "certificates/no-interval.json", ""


def weakened_policy(sample: Path) -> tuple[int, str, str]:
    """Data are damaged, and the policy that would tell is cut in the same change."""
    status, place, text = changed_label(sample)
    replace(sample / "memcert.toml", 'data = "data/{stem}.csv"\nclaims', "claims")
    return status, place, text


DAMAGES = (
    changed_label,
    changed_number,
    changed_claim,
    changed_syntax,
    changed_model,
    removed_certificate,
    weakened_policy,
)
Damage = Callable[[Path], tuple[int, str, str]]


@pytest.mark.parametrize("damage", DAMAGES)
def test_the_action_fails_for_each_kind_of_damage_and_leads_to_the_line(
    sample: Path, installed: Path, damage: Damage
) -> None:
    status, path, text = damage(sample)
    git(sample, "commit", "-qam", "damage")
    done, summary = github(sample, installed, base="HEAD~1")
    assert done.returncode == status, done.stdout + done.stderr
    where = f"{path}:{line_of(sample / path, text)}" if text else path
    assert where in done.stdout
    marked = f"file={path},line={line_of(sample / path, text)}," if text else f"file={path},"
    assert f"::error {marked}" in done.stderr
    assert "passed: 4 of 4" not in done.stdout
    assert "&#46;" in summary.read_text(encoding="utf-8")


@pytest.mark.parametrize("event", ["pull_request_target", "workflow_run"])
def test_the_action_refuses_events_that_bring_secrets(sample: Path, event: str, tmp_path: Path) -> None:
    done, _ = github(sample, tmp_path, event)
    assert done.returncode == 2
    assert f"does not run on {event}" in done.stderr


def test_inputs_of_the_action_are_words_and_never_commands(sample: Path, installed: Path) -> None:
    mark = sample / "mark"
    evil = f"$(touch {mark})`touch {mark}`'; touch {mark}; \"; touch {mark} #"
    done, _ = github(
        sample, installed, "push", paths=evil, config=evil, junit="", sarif="", policy_from="checkout"
    )
    assert done.returncode == 2
    assert not mark.exists()
    done, _ = github(sample, installed, "push", policy_from=evil)
    assert done.returncode != 0
    assert not mark.exists()
    done, _ = github(sample, installed, "push", paths="--help\n-q")
    assert done.returncode == 2


def test_a_checkout_full_of_modules_takes_nothing_over(sample: Path, installed: Path) -> None:
    mark = sample / "mark"
    for name in ("json", "typer", "numpy", "memcert", "z3", "pydantic", "joblib", "sitecustomize", "rich"):
        (sample / f"{name}.py").write_text(f"open({str(mark)!r}, 'w')\n", encoding="utf-8")
    done, _ = github(sample, installed)
    assert done.returncode == 0, done.stderr
    assert not mark.exists()


def test_extras_of_the_action_are_names(sample: Path, tmp_path: Path) -> None:
    (step,) = (s for s in ACTION["runs"]["steps"] if s["name"] == "Install memcert")
    env = {"ACTION": "/nowhere", "RUNNER_TEMP": str(tmp_path), "EXTRAS": "onnx] evil["}
    assert shell(step["run"], sample, env).returncode == 2


def pre_commit(sample: Path, installed: Path) -> Done:
    """Run the hook's entry as pre-commit does: at the root, without names of files."""
    assert HOOK["pass_filenames"] is False
    assert HOOK["always_run"] is True
    env = {
        "PATH": f"{installed / 'memcert/bin'}{os.pathsep}{os.environ['PATH']}",
        "PYTHONPATH": sysconfig.get_paths()["purelib"],
        "HOME": str(installed),
    }
    return shell(shlex.join(shlex.split(HOOK["entry"])), sample, env)


def gitlab(sample: Path, installed: Path, target: str | None) -> Done:
    """Run the job's script as GitLab does in a merge request to a branch, memcert being installed."""
    env = {"HOME": str(installed), "PYTHONPATH": sysconfig.get_paths()["purelib"]}
    if target is not None:
        env["CI_MERGE_REQUEST_TARGET_BRANCH_NAME"] = target
    return shell("\n".join(GITLAB["script"]), sample, env)


def every_damage(sample: Path) -> list[str]:
    """Do all damages that can be done together; return the places."""
    damages: tuple[Damage, ...] = (changed_label, changed_number, changed_syntax, removed_certificate)
    told = [damage(sample) for damage in damages]
    git(sample, "commit", "-qam", "damage")
    return [f"{path}:{line_of(sample / path, text)}" if text else "" for _, path, text in told]


def test_the_hook_passes_and_then_names_every_damage(sample: Path, installed: Path) -> None:
    done = pre_commit(sample, installed)
    assert done.returncode == 0, done.stderr
    places = every_damage(sample)
    done = pre_commit(sample, installed)
    assert done.returncode == 3
    assert [place for place in places if place not in done.stdout] == []


def test_the_job_of_gitlab_passes_and_then_names_every_damage(sample: Path, installed: Path) -> None:
    origin = sample.parent / "origin.git"
    git(sample, "clone", "-q", "--bare", ".", str(origin))
    git(sample, "remote", "add", "origin", str(origin))
    done = gitlab(sample, installed, "main")
    assert done.returncode == 0, done.stderr
    assert "policy: memcert.toml of" in done.stderr
    places = every_damage(sample)
    assert gitlab(sample, installed, None).returncode == 3
    done = gitlab(sample, installed, "main")
    assert done.returncode == 2
    assert [place for place in places if place not in done.stdout] == []
    assert "certificates/no-interval.json" in done.stdout
    for name in (GITLAB["artifacts"]["reports"]["junit"], *GITLAB["artifacts"]["paths"]):
        assert (sample / name).is_file()


def test_the_job_of_gitlab_installs_what_it_runs() -> None:
    made: Any = "\n".join(GITLAB["before_script"])
    assert '"$HOME/memcert/bin/python" -I -m pip install' in made
    assert '"$MEMCERT_PACKAGE"' in made
