"""The command line as a process: stdout, stderr and exit status of every outcome."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from command_line import inside

from memcert.cli import experiment
from memcert.kernel.rational import parse
from memcert.kernel.verdict import shown

Cli = Callable[..., subprocess.CompletedProcess[str]]
COMMANDS = (
    "demo",
    "build",
    "check",
    "prove",
    "show",
    "explain",
    "bounds",
    "evaluate",
    "inspect",
    "convert",
    "experiment",
    "verify",
    "report",
    "plot",
    "gate",
    "diff",
)
EXPERIMENTS = tuple(f"experiment {name}" for name in experiment.EXPERIMENTS)
HEAVY = ("numpy", "pydantic", "z3", "flint", "joblib", "sklearn", "rich")
HOSTILE = "[/red][green]accepted[/green]\x1b[2J\u202e::error::x"
"""Rich markup that closes nothing, markup that opens, an escape code, a direction mark."""


def changed(five: Path, target: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """Write the certificate with one thing changed and its digests left out."""
    value = json.loads(five.read_text(encoding="utf-8"))
    value["digests"] = {"dataset": None, "network": None}
    change(value)
    target.write_text(json.dumps(value), encoding="utf-8")
    return target


def result(done: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    """Return the one JSON object on stdout."""
    assert done.stdout.count("\n") == 1, done.stdout + done.stderr
    value = json.loads(done.stdout)
    assert value["status"] == done.returncode
    return dict(value)


def test_the_version_is_printed(cli: Cli) -> None:
    from memcert import __version__

    done = cli("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"memcert {__version__}\n", "")


@pytest.mark.parametrize("command", [*(c for c in COMMANDS if c != "experiment"), *EXPERIMENTS])
def test_help_has_an_example_and_the_options_that_all_share(command: str) -> None:
    done = inside(*command.split(), "--help")
    assert done.returncode == 0
    for word in (f"Example: memcert {command}", "--json", "--quiet"):
        assert word in done.stdout


def test_the_help_of_memcert_lists_every_command_and_the_exit_statuses(cli: Cli) -> None:
    done = cli("--help")
    assert done.returncode == 0
    told = " ".join(done.stdout.split())
    for word in (*COMMANDS, "--version", "--install-completion", "130 interrupted"):
        assert word in told


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_shells_complete_the_commands(cli: Cli, shell: str) -> None:
    env = {
        "_MEMCERT_COMPLETE": f"complete_{shell}",
        "COMP_WORDS": "memcert ch",
        "COMP_CWORD": "1",
        "_TYPER_COMPLETE_ARGS": "memcert ch",
        "_TYPER_COMPLETE_FISH_ACTION": "get-args",
    }
    done = cli(env=env)
    assert "check" in done.stdout
    assert "build" not in done.stdout


def test_build_writes_a_checked_certificate_and_says_so(cli: Cli, five_csv: Path, tmp_path: Path) -> None:
    done = cli("build", five_csv, "-o", tmp_path / "c.json", "--sizing", "literal", "--seed", "3")
    assert done.returncode == 0
    assert "accepted (fast engine): rule equal, tolerance none, N = 5 samples, 3 classes" in done.stdout
    assert "read '" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["c.json"]
    options = json.loads((tmp_path / "c.json").read_text(encoding="utf-8"))["construction"]["options"]
    assert options["sizing"] == "literal"
    assert options["seed"] == 3


def test_an_option_of_a_construction_is_a_flag_and_a_pair(cli: Cli, five_csv: Path, tmp_path: Path) -> None:
    flag = cli("build", five_csv, "-o", tmp_path / "a.json", "--sizing", "literal")
    pair = cli("build", five_csv, "-o", tmp_path / "b.json", "--option", "sizing=literal")
    assert flag.returncode == pair.returncode == 0
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_a_name_that_ends_in_gz_is_packed(cli: Cli, five_csv: Path, tmp_path: Path) -> None:
    path = tmp_path / "c.json.gz"
    assert cli("build", five_csv, "-o", path, "--quiet").returncode == 0
    assert path.read_bytes()[:2] == b"\x1f\x8b"
    assert cli("check", path).returncode == 0


@pytest.mark.parametrize("engine", ["kernel", "fast"])
def test_check_names_rule_tolerance_size_classes_digests_and_engine(
    cli: Cli, five: Path, five_csv: Path, engine: str
) -> None:
    done = cli("check", five, "--dataset", five_csv, "--engine", engine)
    digests = json.loads(five.read_text(encoding="utf-8"))["digests"]
    name = {"kernel": "kernel", "fast": "fast engine"}[engine]
    assert done.stdout.splitlines() == [
        f"accepted ({name}): rule equal, tolerance none, N = 5 samples, 3 classes, "
        f"data {digests['dataset']}, network {digests['network']}",
        "not examined: box_radius, contracts, blocks",
    ]
    assert (done.returncode, done.stderr) == (0, "")


def test_small_work_goes_to_the_kernel(cli: Cli, five: Path) -> None:
    assert result(cli("check", five, "--json"))["engine"] == "kernel"


def test_the_plain_check_and_the_parsed_one_say_the_same(cli: Cli, five: Path) -> None:
    plain, parsed = cli("check", five), cli("check", five, "--allow-except")
    assert plain.stdout == parsed.stdout
    assert plain.returncode == parsed.returncode == 0


def test_some_samples_are_never_a_whole_check(cli: Cli, five: Path) -> None:
    done = cli("check", five, "--samples", "0,2-3")
    assert done.returncode == 6
    assert done.stdout.startswith("accepted for 3 of 5 samples (kernel): ")
    value = result(cli("check", five, "--samples", "0,2-3", "--json"))
    assert (value["whole"], value["examined"], value["samples"]) == (False, 3, 5)


@pytest.mark.parametrize("rows", ["", "5", "0-5", "x"])
def test_rows_that_are_not_there_are_a_usage_error(five: Path, rows: str) -> None:
    done = inside("check", five, "--samples", rows)
    assert (done.returncode, done.stdout) == (2, "")
    assert "--samples: expected rows" in done.stderr


def test_how_to_read_data_that_are_not_given_is_a_usage_error(five: Path) -> None:
    for words in (("check",), ("prove",), ("explain", "--sample", "0")):
        done = inside(words[0], five, *words[1:], "--label", "kind")
        assert (done.returncode, done.stdout) == (2, "")
        assert "--label: says how to read --dataset, which is not given" in done.stderr


@pytest.mark.parametrize("seconds", ["0", "-1", "nan", "inf"])
def test_a_time_limit_that_is_none_is_a_usage_error(five: Path, seconds: str) -> None:
    done = inside("prove", five, f"--obligation-timeout={seconds}")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--obligation-timeout: expected more than 0 and at most 1000000 seconds" in done.stderr


def test_a_changed_weight_is_rejected_with_place_and_both_values(
    cli: Cli, five: Path, tmp_path: Path
) -> None:
    def change(value: dict[str, Any]) -> None:
        value["network"]["layers"][-1]["bias"] = [1]
        value["claim"]["parameters"] += 1

    path = changed(five, tmp_path / "c.json", change)
    done = cli("check", path)
    assert done.returncode == 1
    assert done.stdout == "rejected: equal at samples[0]: expected 2, got 3\n"
    value = result(cli("check", path, "--json", "--engine", "fast"))
    assert [value[key] for key in ("rule", "at", "expected", "got")] == ["equal", "samples[0]", "2", "3"]


def test_a_weaker_claim_than_expected_is_rejected(cli: Cli, five: Path) -> None:
    done = cli("check", five, "--expect-rule", "argmax")
    assert done.returncode == 1
    assert done.stdout == "rejected: expected_rule at claim.rule: expected argmax, got equal\n"
    done = cli("check", five, "--expect-tolerance", "1/2")
    assert done.returncode == 1
    assert "expected_tolerance at claim.tolerance: expected at most 1/2, got null" in done.stdout
    assert cli("check", five, "--expect-rule", "equal").returncode == 0


def test_rows_that_fail_by_admission_fail_unless_allowed(cli: Cli, five: Path, tmp_path: Path) -> None:
    def change(value: dict[str, Any]) -> None:
        value["network"]["layers"][-1]["bias"] = [1]
        value["claim"]["parameters"] += 1
        value["dataset"]["labels"] = [
            label if row else 0 for row, label in enumerate(value["dataset"]["labels"])
        ]
        value["claim"]["except"] = [0, 1, 2, 3, 4]
        value["claim"]["margin"] = None

    def all_but_row_one(value: dict[str, Any]) -> None:
        # Row 1 (green, 1) is called red (2); the network still says 1.
        value["dataset"]["labels"][1] = 2
        value["claim"]["except"] = [1]

    path = changed(five, tmp_path / "c.json", all_but_row_one)
    done = cli("check", path)
    assert done.returncode == 1
    assert done.stdout.startswith("accepted (kernel): holds on 4 of 5 rows, rule equal")
    assert cli("check", path, "--allow-except").returncode == 0
    assert cli("check", path, "--min-accuracy", "4/5").returncode == 0
    assert cli("check", path, "--min-accuracy", "0.81").returncode == 1
    path = changed(five, tmp_path / "d.json", change)
    assert cli("check", path, "--min-accuracy", "0").returncode == 0


@pytest.mark.parametrize("command", ["check", "show", "prove", "explain"])
@pytest.mark.parametrize("kind", ["missing", "folder", "device", "pipe"])
def test_a_path_that_is_no_file_is_a_usage_error(tmp_path: Path, command: str, kind: str) -> None:
    path = {"missing": tmp_path / "none.json", "folder": tmp_path, "device": Path("/dev/zero")}.get(kind)
    if path is None:
        path = tmp_path / "pipe"
        os.mkfifo(path)
    done = inside(command, path, *(["--sample", "0"] if command == "explain" else []))
    assert (done.returncode, done.stdout) == (2, "")
    assert "usage error" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "a", "b"),
        ("check", "a", "--no-such-option"),
        ("check", "a", "--engine", "abacus"),
        ("frobnicate",),
        ("explain", "a"),
        ("explain", "a", "--sample", "-1"),
        ("build", "a"),
        ("build", "a", "-o", "b", "--seed", "-1"),
        ("prove", "a", "--jobs", "0"),
        ("--quiet",),
    ],
)
def test_wrong_words_are_usage_errors(words: tuple[str, ...]) -> None:
    done = inside(*words)
    assert (done.returncode, done.stdout) == (2, "")
    assert "Usage: memcert" in done.stderr


def test_memcert_alone_shows_its_help_and_counts_as_a_usage_error(cli: Cli) -> None:
    done = cli()
    assert (done.returncode, done.stderr) == (2, "")
    assert "Usage: memcert" in done.stdout


def test_a_usage_error_with_json_is_one_object_too(cli: Cli) -> None:
    value = result(cli("check", "a", "--engine", "abacus", "--json"))
    assert (value["command"], value["verdict"]) == ("check", "usage error")
    assert "abacus" in value["message"]


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--construction", "nobody"), "no construction 'nobody'; there are:"),
        (("--option", "colour=red"), "has no option 'colour'; its options:"),
        (("--option", "sizing"), "expected NAME=VALUE, got 'sizing'"),
        (("--option", "sizing=literal", "--sizing", "balanced"), "sizing is given as a flag, too"),
        (("--sizing", "huge"), "expected one of balanced, literal, got 'huge'"),
        (("--option", "separation=near"), "expected exact or direction, got 'near'"),
        (("--tolerance", "x"), "expected a number such as 3, 0.25, 1e-3 or 1/3, got 'x'"),
        (("--rule", "within"), "rule"),
    ],
)
def test_a_wrong_option_of_build_is_a_usage_error_and_leaves_no_file(
    five_csv: Path, tmp_path: Path, words: tuple[str, ...], told: str
) -> None:
    done = inside("build", five_csv, "-o", tmp_path / "c.json", *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_build_needs_a_folder_that_exists_before_it_starts(five_csv: Path, tmp_path: Path) -> None:
    for output in (tmp_path, tmp_path / "none" / "c.json"):
        done = inside("build", five_csv, "-o", output)
        assert done.returncode == 2
        assert "--output: expected a file in a folder that exists" in done.stderr
        assert "read '" not in done.stderr


@pytest.mark.parametrize(
    "text",
    ["", "a,label\n", "a,label\n1,x\n1,y\n", "a,label\nnan,x\n", "a,label\n1,x\n1\n", "\x00\x01\x02\xff"],
)
def test_data_that_are_no_data_exit_3_and_leave_no_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "d.csv").write_text(text, encoding="latin-1")
    done = inside("build", tmp_path / "d.csv", "-o", tmp_path / "c.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert "d.csv" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["d.csv"]


@pytest.mark.parametrize("command", ["check", "show", "prove"])
@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 1}', "\ufeff{}", "\x00"])
def test_what_is_no_certificate_exits_3(tmp_path: Path, command: str, text: str) -> None:
    (tmp_path / "c.json").write_text(text, encoding="utf-8")
    done = inside(command, tmp_path / "c.json")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"memcert {command}: malformed: ")


def test_other_data_are_a_mismatch(cli: Cli, five: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_text(
        "width,height,label\n0,1,red\n2,3,green\n4,5,red\n6,7,blue\n8,9,green\n", encoding="utf-8"
    )
    for command in ("check", "prove"):
        done = cli(command, five, "--dataset", other)
        assert done.returncode == 4, done.stdout + done.stderr
        assert done.stdout.startswith("mismatch: digest at digests.dataset: expected sha256:")
    assert cli("explain", five, "--sample", "0", "--dataset", other).returncode == 4


def test_a_later_format_is_unsupported(cli: Cli, five: Path, tmp_path: Path) -> None:
    path = changed(five, tmp_path / "c.json", lambda value: value.update(format="memcert/9"))
    done = cli("check", path)
    assert (done.returncode, done.stdout) == (5, "")
    assert "memcert/9" in done.stderr


def test_data_that_a_construction_refuses_are_unsupported(cli: Cli, tmp_path: Path) -> None:
    (tmp_path / "d.csv").write_text("a,label\n1,x\n2,x\n", encoding="utf-8")
    done = cli("build", tmp_path / "d.csv", "-o", tmp_path / "c.json", "--rule", "argmax")
    assert (done.returncode, done.stdout) == (5, "")
    assert "the data have one class" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["d.csv"]


def test_a_proof_without_an_outline_is_unsupported_and_never_success(
    cli: Cli, five: Path, tmp_path: Path
) -> None:
    path = changed(five, tmp_path / "c.json", lambda value: value.update(blocks=[], contracts=[]))
    assert cli("check", path).returncode == 0
    done = cli("prove", path)
    assert (done.returncode, done.stdout) == (5, "")


def test_an_internal_error_exits_70_and_asks_for_a_report(five: Path) -> None:
    script = (
        "import sys, memcert.api, memcert.cli\n"
        "def boom(*a, **k): raise ZeroDivisionError('z')\n"
        "memcert.api.check = boom\n"
        f"sys.exit(memcert.cli.main(['check', {str(five)!r}]))\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (70, "")
    assert "please report it" in done.stderr
    assert "Traceback" not in done.stderr


def test_quiet_says_nothing_but_by_the_status(cli: Cli, five: Path, five_csv: Path, tmp_path: Path) -> None:
    for words in (
        ("build", five_csv, "-o", tmp_path / "c.json"),
        ("check", five),
        ("prove", five),
        ("show", five),
        ("explain", five, "--sample", "1"),
        ("inspect", five_csv),
        ("convert", five_csv, "-o", tmp_path / "d"),
    ):
        done = cli(*words, "--quiet")
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), words


def test_json_of_every_command_is_one_object(cli: Cli, five: Path, five_csv: Path, tmp_path: Path) -> None:
    for command, *words in (
        ("build", five_csv, "-o", tmp_path / "c.json"),
        ("check", five),
        ("prove", five),
        ("show", five),
        ("explain", five, "--sample", "1"),
        ("inspect", five_csv),
        ("convert", five_csv, "-o", tmp_path / "d"),
    ):
        value = result(cli(command, *words, "--json"))
        assert (value["command"], value["status"]) == (command, 0)


def test_convert_writes_the_text_whose_digest_is_the_data_sets(
    cli: Cli, five: Path, five_csv: Path, tmp_path: Path
) -> None:
    import hashlib

    value = result(cli("convert", five_csv, "-o", tmp_path / "five.data", "--json"))
    content = (tmp_path / "five.data").read_bytes()
    assert content.splitlines()[:3] == [
        b"memcert-data/1 5 2",
        b'columns ["width", "height"]',
        b'1/10 1/3 "red"',
    ]
    assert value["digest"] == "sha256:" + hashlib.sha256(content).hexdigest()
    assert cli("check", five, "--dataset", tmp_path / "five.data").returncode == 0


def test_show_says_that_it_checked_nothing(cli: Cli, five: Path, tmp_path: Path) -> None:
    path = changed(five, tmp_path / "c.json", lambda value: value["claim"].update(width=7))
    done = cli("show", path)
    assert done.returncode == 0
    assert "Nothing of it was checked" in done.stdout
    assert "width 7" in done.stdout
    assert "5 points of Q^2, 3 classes: ['blue', 'green', 'red']" in done.stdout
    assert result(cli("show", path, "--json"))["checked"] is False


def test_show_lists_every_block_when_asked(cli: Cli, five: Path) -> None:
    blocks = json.loads(five.read_text(encoding="utf-8"))["blocks"]
    done = cli("show", five, "--blocks")
    assert all(f" {block['name']} " in done.stdout for block in blocks)


def test_strings_of_a_certificate_are_quoted_and_do_nothing(cli: Cli, five: Path, tmp_path: Path) -> None:
    def change(value: dict[str, Any]) -> None:
        value["dataset"]["name"] = HOSTILE
        value["dataset"]["columns"] = [HOSTILE, "b"]
        value["dataset"]["classes"][2] = "red" + HOSTILE
        value["annotations"] = {HOSTILE: "\n" + HOSTILE}
        value["construction"]["name"] = HOSTILE
        value["witness"]["probes"][0]["name"] = HOSTILE

    path = changed(five, tmp_path / "c.json", change)
    outputs = [
        cli("check", path),
        cli("show", path),
        cli("explain", path, "--sample", "0"),
        cli("prove", path),
    ]
    for done in outputs:
        assert done.returncode in (0, 3), done.stderr
        assert "\x1b" not in done.stdout + done.stderr
        assert "\u202e" not in done.stdout + done.stderr
    assert "[/red][green]accepted[/green]\\x1b[2J" in outputs[1].stdout.replace("\n", "")


def test_strings_of_a_data_file_are_quoted_and_do_nothing(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "d[bold].csv"
    path.write_text(f"a,label\n1,{HOSTILE}\n2,b\n", encoding="utf-8")
    for words in (("inspect", path), ("build", path, "-o", tmp_path / "c.json")):
        done = cli(*words)
        assert done.returncode == 0, done.stderr
        assert "\x1b" not in done.stdout + done.stderr
    path.write_text(f"a,label\n{HOSTILE},x\n", encoding="utf-8")
    done = cli("build", path, "-o", tmp_path / "e.json")
    assert done.returncode == 3
    assert "\x1b" not in done.stderr


def test_explain_shows_the_exact_way_of_one_sample(cli: Cli, five: Path) -> None:
    certificate = json.loads(five.read_text(encoding="utf-8"))
    projected = next(p for p in certificate["witness"]["probes"] if p["name"] == "projected")
    done = cli("explain", five, "--sample", "1")
    assert done.returncode == 0
    text = " ".join(done.stdout.split())
    assert f"projected = {shown(parse(projected['values'][1]))}" in text
    for word in ("key_words", "label_words", "<= projected <=", "gate_", "match", "inside", "interval"):
        assert word in text
    assert "output 1; label 'green', compared as 1: rule equal holds here" in text
    value = result(cli("explain", five, "--sample", "1", "--json"))
    assert [block["name"] for block in value["blocks"]].sort() == [
        b["name"] for b in certificate["blocks"]
    ].sort()
    assert value["outputs"] == [1]


def test_explain_tells_where_the_witness_lies(cli: Cli, five: Path, tmp_path: Path) -> None:
    def change(value: dict[str, Any]) -> None:
        value["witness"]["probes"][0]["values"][3] = 12345

    done = cli("explain", changed(five, tmp_path / "c.json", change), "--sample", "3")
    assert done.returncode == 1
    assert "(the witness says 12345)" in " ".join(done.stdout.split())


def test_prove_writes_its_result_and_the_obligations(cli: Cli, five: Path, tmp_path: Path) -> None:
    done = cli("prove", five, "-o", tmp_path / "r.json", "--emit-smt2", tmp_path / "smt")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("proved (z3 ")
    assert "rule equal, tolerance none, N = 5 samples, 3 classes, data sha256:" in done.stdout
    written = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (written["format"], written["verdict"]) == ("memcert-result/1", "proved")
    files = sorted(path.name for path in (tmp_path / "smt").iterdir())
    assert files == [f"{k:03}.smt2" for k in range(1, written["outline"]["obligations"] + 1)]
    for name in files:
        text = (tmp_path / "smt" / name).read_text(encoding="ascii")
        assert text.endswith("(check-sat)\n(exit)\n")
    again = cli("prove", five, "--emit-smt2", tmp_path / "smt")
    assert again.returncode == 2
    assert "expected an empty folder" in again.stderr


def test_a_false_promise_is_refuted(cli: Cli, five: Path, tmp_path: Path) -> None:
    def change(value: dict[str, Any]) -> None:
        value["claim"]["box_radius"] = 10**9

    done = cli("prove", changed(five, tmp_path / "c.json", change), "-o", tmp_path / "r.json")
    assert done.returncode == 1
    assert done.stdout.startswith("refuted (z3 ")
    assert json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))["verdict"] == "refuted"


def test_ctrl_c_during_build_leaves_nothing_and_exits_130(tmp_path: Path) -> None:
    rows = "".join(f"{i * i % 100003},{i},{i % 7}\n" for i in range(30000))
    (tmp_path / "d.csv").write_text("a,b,label\n" + rows, encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "memcert",
        "build",
        str(tmp_path / "d.csv"),
        "-o",
        str(tmp_path / "c.json"),
    ]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A job in the background is born deaf to Ctrl-C, and the tests may run in one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("read '")
        time.sleep(0.2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted" in err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["d.csv"]


@pytest.mark.parametrize("command", ["check", "prove"])
def test_ctrl_c_ends_any_command_with_130_and_no_result(
    five: Path, tmp_path: Path, command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(f"memcert.api.{command}", interrupted)
    extra = ("-o", str(tmp_path / "r.json")) if command == "prove" else ()
    done = inside(command, five, *extra)
    assert (done.returncode, done.stdout) == (130, "")
    assert done.stderr == f"memcert {command}: interrupted: what was not finished was not written\n"
    assert list(tmp_path.iterdir()) == []


def test_a_terminated_build_leaves_nothing(tmp_path: Path) -> None:
    rows = "".join(f"{i * i % 100003},{i},{i % 7}\n" for i in range(30000))
    (tmp_path / "d.csv").write_text("a,b,label\n" + rows, encoding="utf-8")
    words = [
        sys.executable,
        "-m",
        "memcert",
        "build",
        str(tmp_path / "d.csv"),
        "-o",
        str(tmp_path / "c.json"),
    ]
    with subprocess.Popen(
        words,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A job in the background is born deaf to Ctrl-C, and the tests may run in one.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline().startswith("read '")
        assert process.stderr.readline().startswith("built a network")
        process.terminate()
        out, err = process.communicate(timeout=60)
    assert (process.returncode, out) == (130, "")
    assert "interrupted: what was not finished was not written" in err
    assert [path.name for path in tmp_path.iterdir()] == ["d.csv"]


def test_a_reader_that_leaves_early_is_no_failure(five: Path) -> None:
    words = [sys.executable, "-m", "memcert", "explain", str(five), "--sample", "0", "--blocks"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr is not None
        assert "Traceback" not in process.stderr.read()


def test_an_ascii_terminal_gets_escapes_instead_of_a_crash(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "d.csv"
    path.write_text("größe,label\n1,ä\n2,b\n", encoding="utf-8")
    done = cli("inspect", path, env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("words", [("--version",), ("check", "CERT"), ("check", "CERT", "--json")])
def test_the_front_door_loads_no_library(five: Path, words: tuple[str, ...]) -> None:
    words = tuple(str(five) if word == "CERT" else word for word in words)
    script = (
        "import sys\nfrom memcert.cli import main\n"
        f"status = main({list(words)!r})\n"
        f"found = [name for name in {HEAVY!r} if name in sys.modules]\n"
        "sys.exit(f'status {status}, loaded {found}' if status or found else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_importing_memcert_loads_nothing_of_it() -> None:
    script = (
        "import sys, memcert\n"
        "loaded = [m for m in sys.modules if m.startswith('memcert.') or m in ('numpy', 'typer')]\n"
        "sys.exit(str(loaded) if loaded else 0)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_a_ten_point_certificate_is_checked_in_less_than_four_tenths_of_a_second(
    cli: Cli, tmp_path: Path
) -> None:
    rows = "".join(f"{i * 37 % 101},{i * 53 % 89},{i % 3}\n" for i in range(10))
    (tmp_path / "d.csv").write_text("a,b,label\n" + rows, encoding="utf-8")
    assert cli("build", tmp_path / "d.csv", "-o", tmp_path / "c.json").returncode == 0
    # Processor time of the whole process: the machine may be busy with something else.
    before = os.times()
    assert cli("check", tmp_path / "c.json").returncode == 0
    after = os.times()
    used = after.children_user + after.children_system - before.children_user - before.children_system
    assert used < 0.4


def test_the_demo_builds_checks_and_proves_the_shipped_digits(cli: Cli, tmp_path: Path) -> None:
    done = cli("demo", cwd=tmp_path)
    assert done.returncode == 0, done.stdout + done.stderr
    lines = done.stdout.splitlines()
    assert any(
        line.startswith("accepted (fast engine): rule equal, tolerance none, N = 1,797") for line in lines
    )
    assert any(line.startswith("proved (z3 ") for line in lines)
    assert "  memcert explain memcert-demo.json --sample 7" in done.stdout
    assert "UCI Machine Learning Repository" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["memcert-demo.json"]
    value = result(cli("explain", "memcert-demo.json", "--sample", "7", "--json", cwd=tmp_path))
    assert value["holds"] is True


def test_one_digit_changed_is_told_with_the_sample_that_it_spoils(
    cli: Cli, five: Path, tmp_path: Path
) -> None:
    value = json.loads(five.read_text(encoding="utf-8"))
    value["network"]["layers"][-1]["bias"][0] += 1
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(value), encoding="utf-8")
    done = cli("check", changed)
    assert done.returncode == 1
    first, second = done.stdout.splitlines()
    assert first.startswith("rejected: digest at digests.network: expected sha256:")
    assert second.endswith(
        "and the change shows: parameters at claim.parameters: expected "
        f"{value['claim']['parameters'] + 1}, got {value['claim']['parameters']}"
    )


def test_a_changed_digest_alone_is_told_as_such(cli: Cli, five: Path, tmp_path: Path) -> None:
    value = json.loads(five.read_text(encoding="utf-8"))
    value["digests"]["network"] = "sha256:" + 64 * "0"
    changed = tmp_path / "changed.json"
    changed.write_text(json.dumps(value), encoding="utf-8")
    done = cli("check", changed)
    assert done.returncode == 1
    assert "what a check examines is true all the same" in done.stdout


def test_bounds_are_told_beside_the_sizes_and_as_data(five: Path) -> None:
    done = inside("bounds", five)
    assert done.returncode == 0
    for word in ("Goldberg, Jerrum", "Theorem 3.1", "every labelling", "Hypotheses, each examined"):
        assert word in done.stdout
    told = result(inside("bounds", five, "--json"))
    assert (told["verdict"], told["points"], told["labels"]) == ("compared", 5, 3)
    assert {"lower", "capacity", "promised"} == {bound["kind"] for bound in told["bounds"]}


def test_a_rejected_certificate_has_no_bounds(five: Path, tmp_path: Path) -> None:
    wrong = changed(five, tmp_path / "wrong.json", lambda value: value["claim"].update(width=11))
    done = inside("bounds", wrong)
    assert done.returncode == 1
    assert "ratio" not in done.stdout


def test_build_tells_the_table_of_smallest_on_stderr_and_as_data(tmp_path: Path) -> None:
    source = tmp_path / "data.csv"
    source.write_text("x,label\n1,0\n2,1\n4,0\n9,1\n", encoding="utf-8")
    words = (
        "build",
        source,
        "-o",
        tmp_path / "made.json",
        "--construction",
        "smallest",
        "--measure",
        "depth",
    )
    done = inside(*words)
    assert done.returncode == 0
    assert "smallest_by: depth" in done.stderr
    assert "candidate_01: " in done.stderr
    told = result(inside(*words, "--json", "--quiet"))
    assert told["annotations"]["smallest_by"] == "depth"
    assert told["construction"] != "smallest"
