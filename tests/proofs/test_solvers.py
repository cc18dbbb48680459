import os
import signal
import sys
import time
from dataclasses import replace
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import z3
from contract_samples import BIT, COMPARISON, GATE, SELECT, SIMPLE

from memcert.contracts.mechanisms import carry, linear, neuron, ramp
from memcert.contracts.notation import case
from memcert.errors import UnsupportedError, UsageError
from memcert.proofs import solver_cvc5, solver_z3, solvers
from memcert.proofs.answers import Answer, checked, undecided
from memcert.proofs.obligations import Obligation, obligations
from memcert.proofs.solvers import Solver, complete, discharge, emit, solver_version

STANDARD = (carry(), carry(3), linear(), neuron(), ramp(), BIT, SELECT, COMPARISON, GATE, SIMPLE)
NAMES = [
    "z3",
    pytest.param("cvc5", marks=pytest.mark.skipif(find_spec("cvc5") is None, reason="needs the extra cvc5")),
]


def question(*lines: str, free: int, logic: str = "QF_LRA") -> Obligation:
    declared = [f"(declare-const v{k} Real)" for k in range(free)]
    return Obligation("\n".join([f"(set-logic {logic})", *declared, *lines, ""]), "", logic, free, ())


TRUE = question("(assert (> v0 0.0))", "(assert (< v0 0.0))", free=1)
FALSE = question("(assert (> (* 3.0 v0) 1.0))", "(assert (< (* 3.0 v0) 2.0))", free=1)


def asked_of(monkeypatch: pytest.MonkeyPatch, solve: object, isolated: bool = False) -> None:
    made = Solver("z3", lambda: "0", solve, isolated, "")  # type: ignore[arg-type]
    monkeypatch.setattr(solvers, "SOLVERS", {"z3": made})


@pytest.mark.parametrize("solver", NAMES)
def test_standard_contracts_are_proved(solver: str) -> None:
    found = discharge(obligations(STANDARD), solver)
    assert {(one.status, one.reason) for one in found} == {("unsat", "")}
    assert {(one.solver, one.version) for one in found} == {(solver, solver_version(solver))}


@pytest.mark.parametrize("solver", NAMES)
def test_two_jobs_give_the_same_answers_in_the_same_order(solver: str) -> None:
    asked = [TRUE, FALSE, *obligations((BIT,)), FALSE, TRUE]
    found = discharge(asked, solver, jobs=2)
    assert [one.status for one in found] == ["unsat", "sat", *["unsat"] * 4, "sat", "unsat"]


@pytest.mark.parametrize("solver", NAMES)
def test_a_model_is_exact(solver: str) -> None:
    asked = question("(assert (= (* 3.0 v0) 1.0))", "(assert (= v1 (* (- 4.0) v0)))", free=3)
    (found,) = discharge([asked], solver)
    assert found.status == "sat"
    assert found.model is not None
    assert found.model[:2] == (Fraction(1, 3), Fraction(-4, 3))
    assert all(type(value) is int or value.denominator > 1 for value in found.model)


@pytest.mark.parametrize("solver", NAMES)
def test_a_model_of_very_long_numbers_is_exact(solver: str) -> None:
    digits = "7" * 9000
    (found,) = discharge([question(f"(assert (= (* {digits}.0 v0) (- 1.0)))", free=1)], solver)
    value = sum(7 * 10**k for k in range(9000))
    assert found.status == "sat"
    assert found.model == (Fraction(-1, value),)


@pytest.mark.parametrize("solver", NAMES)
def test_a_counterexample_that_is_only_irrational_is_undecided(solver: str) -> None:
    asked = question("(assert (= (* v0 v0) 2.0))", free=1, logic="QF_NRA")
    (found,) = discharge([asked], solver)
    assert (found.status, found.model) == ("undecided", None)
    assert "no rational one" in found.reason


def test_an_irrational_model_gives_way_to_a_rational_one_near_it() -> None:
    asked = question(
        "(assert (>= (* v0 v0) 2.0))",
        "(assert (<= (* v0 v0) 2.0))",
        "(assert (> v1 v0))",
        free=2,
        logic="QF_NRA",
    )
    assert discharge([asked])[0].status == "undecided"
    loose = question("(assert (> (* v0 v0) 2.0))", "(assert (< (* v0 v0) 2.0001))", free=1, logic="QF_NRA")
    (found,) = discharge([loose])
    assert found.model is not None
    assert 2 < found.model[0] ** 2 < Fraction(20001, 10000)


@pytest.mark.parametrize("solver", NAMES)
@pytest.mark.parametrize(
    "text", ["(assert (= v0 unknown))", "(assert (= v0", "(assert (= v0 1.0))\n)", "(assert (maybe v0))"]
)
def test_a_text_that_the_solver_cannot_read_is_undecided(solver: str, text: str) -> None:
    assert discharge([question(text, free=1)], solver)[0].status == "undecided"


@pytest.mark.parametrize("solver", NAMES)
def test_a_statement_that_the_solver_did_not_read_makes_it_undecided(solver: str) -> None:
    # Popped again: the solver reads fewer statements than were written.
    asked = question("(push 1)", "(assert (> v0 0.0))", "(pop 1)", "(assert (< v0 0.0))", free=1)
    assert discharge([asked], solver)[0].status == "undecided"


HARD = question(
    *(
        f"(assert (> (+ (* v{a} v{a} v{b}) (* (- 3.0) v{b} v{c} v{c})) 1.0))"
        for a, b, c in ((0, 1, 2), (3, 4, 5))
    ),
    "(assert (= (+ (* v0 v0 v0) (* v1 v1 v1) (* v2 v2 v2) (* v3 v3 v3) (* v4 v4 v4) (* v5 v5 v5)) 7.0))",
    "(assert (= (* v0 v1 v2) (+ v3 (* v4 v5))))",
    "(assert (< (+ (* v0 v0) (* v1 v1) (* v2 v2)) (* v3 v5)))",
    "(assert (= (* v3 v4) (+ v5 (* v0 v1))))",
    free=6,
    logic="QF_NRA",
)


def test_a_time_out_is_undecided_and_takes_no_longer_than_it_says() -> None:
    start = time.monotonic()
    (found,) = discharge([HARD], timeout=0.02)
    assert (found.status, found.model) == ("undecided", None)
    assert found.reason
    assert time.monotonic() - start < 5


def test_a_false_contract_is_sat_in_its_false_case_only() -> None:
    wider = case("left", "v >= 0, lab >= 0, lab <= g", "gate = 0")
    false = replace(GATE, cases=(*GATE.cases[:2], wider))
    assert [one.status for one in discharge(obligations((false,)))] == ["unsat", "unsat", "sat"]


NO_ANSWERS: list[object] = [None, "unsat", "", (), ("unsat",), z3.unsat]
NO_STATUS: list[Any] = ["proved", "", None]


@pytest.mark.parametrize("answer", [*NO_ANSWERS, *map(Answer, NO_STATUS)])
def test_an_answer_that_is_none_is_undecided(monkeypatch: pytest.MonkeyPatch, answer: object) -> None:
    asked_of(monkeypatch, lambda *_: answer)
    (found,) = discharge([TRUE])
    assert (found.status, found.reason) == ("undecided", "the solver gave no answer")


@pytest.mark.parametrize("model", [None, (), (1, 2)])
def test_a_model_of_another_length_is_undecided(
    monkeypatch: pytest.MonkeyPatch, model: tuple[int, ...] | None
) -> None:
    asked_of(monkeypatch, lambda *_: Answer("sat", model))
    assert discharge([FALSE])[0].status == "undecided"


def test_unknown_is_undecided_with_the_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver_z3, "_check", lambda *_: z3.unknown)
    (found,) = discharge([TRUE])
    assert found.status == "undecided"
    assert found.reason.startswith("z3: ")


@pytest.mark.parametrize("jobs", [1, 2])
@pytest.mark.parametrize("error", [RuntimeError("out [red]of\nmemory"), MemoryError(), RecursionError()])
def test_an_exception_is_undecided_and_the_others_are_answered(
    monkeypatch: pytest.MonkeyPatch, jobs: int, error: Exception
) -> None:
    def solve(text: str, *_: object) -> Answer:
        if text == FALSE.text:
            raise error
        return Answer("unsat")

    asked_of(monkeypatch, solve)
    found = discharge([TRUE, FALSE, TRUE], jobs=jobs)
    assert [one.status for one in found] == ["unsat", "undecided", "unsat"]
    assert type(error).__name__ in found[1].reason
    assert "\n" not in found[1].reason


def test_a_killed_worker_is_undecided_and_the_others_are_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(text: str, *_: object) -> Answer:
        if text == FALSE.text:
            os._exit(9)
        return Answer("unsat")

    asked_of(monkeypatch, solve, isolated=True)
    found = discharge([TRUE, FALSE, TRUE], jobs=2)
    assert [one.status for one in found] == ["unsat", "undecided", "unsat"]
    assert "died or hung" in found[1].reason


def test_a_worker_that_hangs_is_ended_and_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(text: str, *_: object) -> Answer:
        if text == FALSE.text:
            time.sleep(600)
        return Answer("unsat")

    monkeypatch.setattr(solvers, "GRACE", 1.0)
    asked_of(monkeypatch, solve, isolated=True)
    start = time.monotonic()
    found = discharge([TRUE, FALSE, TRUE], timeout=1.0)
    assert [one.status for one in found] == ["unsat", "undecided", "unsat"]
    assert time.monotonic() - start < 60


def test_a_crash_inside_the_solver_ends_neither_this_process_nor_the_next_question(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    def solve(text: str, *_: object) -> Answer:
        if text == FALSE.text:
            os.kill(os.getpid(), signal.SIGKILL)
        return Answer("unsat")

    asked_of(monkeypatch, solve)
    found = discharge([FALSE, TRUE, FALSE, FALSE, TRUE])
    assert [one.status for one in found] == ["undecided", "unsat", "undecided", "undecided", "unsat"]
    assert "died or hung" in found[0].reason
    assert capfd.readouterr().err == ""


def test_an_answer_that_cannot_be_sent_is_undecided_and_prints_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    asked_of(monkeypatch, lambda *_: lambda: None)
    assert [one.status for one in discharge([TRUE, TRUE])] == ["undecided"] * 2
    assert capfd.readouterr().err == ""


def test_a_system_that_does_not_fork_is_asked_in_new_processes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "can_fork", lambda: False)
    assert [one.status for one in discharge([TRUE, FALSE])] == ["unsat", "sat"]


def test_questions_that_each_take_their_time_end_with_the_time_of_some(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def solve(*_: object) -> Answer:
        time.sleep(0.05)
        return Answer("unsat")

    monkeypatch.setattr(solvers, "QUESTIONS", 2)
    monkeypatch.setattr(solvers, "START", 0.0)
    asked_of(monkeypatch, solve)
    found = discharge([TRUE] * 200, timeout=0.1)
    statuses = [one.status for one in found]
    assert 0 < statuses.count("unsat") < 200
    assert statuses == sorted(statuses, reverse=True)
    assert found[-1].reason == "not asked: the time of 2 questions was used up"


def test_a_solver_that_hangs_in_a_child_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    def solve(text: str, *_: object) -> Answer:
        if text == FALSE.text:
            time.sleep(20)
        return Answer("unsat")

    monkeypatch.setattr(solvers, "GRACE", 0.1)
    asked_of(monkeypatch, solve)
    found = discharge([TRUE, FALSE, TRUE], timeout=0.1)
    assert [one.status for one in found] == ["unsat", "undecided", "unsat"]
    assert "died or hung" in found[1].reason


def test_one_answer_fewer_than_obligations_is_undecided(monkeypatch: pytest.MonkeyPatch) -> None:
    replies = [(0, Answer("unsat"), 0.0), (2, Answer("unsat"), 0.0)]
    monkeypatch.setattr(solvers, "_in_child", lambda *_: iter(replies))
    assert [one.status for one in discharge([TRUE, FALSE, TRUE])] == ["unsat", "undecided", "unsat"]


def test_replies_that_are_none_do_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "_ask", _strange)
    asked_of(monkeypatch, lambda *_: Answer("unsat"), isolated=True)
    found = discharge([TRUE, TRUE])
    assert {one.status for one in found} == {"undecided"}


def _strange(*_: object) -> object:
    return (7, "unsat", 0.0)


def test_no_obligation_has_no_outcome() -> None:
    assert discharge([]) == ()
    assert discharge([], jobs=2) == ()


def test_progress_counts_every_answer() -> None:
    seen: list[tuple[int, int]] = []
    discharge([TRUE, FALSE, TRUE], on_progress=lambda done, whole: seen.append((done, whole)))
    assert seen == [(1, 3), (2, 3), (3, 3)]


def test_equal_questions_are_asked_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = iter([Answer("unsat"), undecided("tired")])
    asked_of(monkeypatch, lambda *_: next(answers))
    assert [one.status for one in discharge([TRUE, TRUE])] == ["unsat", "undecided"]


def test_an_unknown_solver_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="expected one of z3, cvc5, got 'yices'"):
        discharge([TRUE], "yices")


@pytest.mark.parametrize("timeout", [0.0, -1.0, float("nan"), float("inf")])
def test_a_time_out_of_range_is_a_usage_error(timeout: float) -> None:
    with pytest.raises(UsageError, match="timeout: expected more than 0"):
        discharge([TRUE], timeout=timeout)


def test_no_jobs_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="jobs: expected at least 1, got 0"):
        discharge([TRUE], jobs=0)


def test_a_missing_extra_says_how_to_install_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solvers, "find_spec", lambda _: None)
    with pytest.raises(UnsupportedError, match=r"pip install 'memcert\[cvc5\]'"):
        discharge([TRUE], "cvc5")


def test_the_module_loads_no_solver() -> None:
    import subprocess

    code = "import sys, memcert.proofs.solvers; print({'z3', 'cvc5', 'joblib'} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_checked_keeps_a_good_answer() -> None:
    for answer in (Answer("unsat"), Answer("sat", (1, 2)), undecided("why")):
        assert checked(answer, 2) is answer


@pytest.mark.parametrize("solver", NAMES)
def test_versions_are_words(solver: str) -> None:
    version = solver_version(solver)
    assert version[0].isdigit()
    assert not version.startswith("b'")


def test_emitted_files_are_whole_scripts_named_by_number(tmp_path: Path) -> None:
    asked = obligations((SIMPLE, ramp()))
    folder = tmp_path / "out" / "smt2"
    paths = emit(asked, folder)
    assert [path.name for path in paths] == [f"00{k}.smt2" for k in range(1, 7)]
    assert sorted(folder.iterdir()) == list(paths)
    for path, one in zip(paths, asked, strict=True):
        text = path.read_text(encoding="utf-8")
        assert text == complete(one)
        assert text.startswith(one.text)
        assert text.endswith("(check-sat)\n(exit)\n")
        solver = z3.Solver()
        solver.from_string(text)
        assert solver.check() == z3.unsat


def test_a_folder_with_files_in_it_is_refused_and_left_alone(tmp_path: Path) -> None:
    (tmp_path / "001.smt2").write_text("mine")
    with pytest.raises(UsageError, match="expected an empty folder"):
        emit(obligations((SIMPLE,)), tmp_path)
    assert (tmp_path / "001.smt2").read_text() == "mine"
    assert len(list(tmp_path.iterdir())) == 1


def test_a_path_that_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="cannot make the folder"):
        emit(obligations((SIMPLE,)), tmp_path / "file")


@pytest.mark.skipif(find_spec("cvc5") is None, reason="needs the extra cvc5")
def test_cvc5_reports_what_it_could_not_do() -> None:
    answer = solver_cvc5.solve(TRUE.text + "(get-model)\n", "QF_LRA", 1, 5.0)
    assert answer.status == "undecided"
