import os
import signal
import time

import pytest

from memcert.proofs.child import answers, can_fork

pytestmark = pytest.mark.skipif(not can_fork(), reason="this system does not fork")


def asked(place: int, question: str) -> object:
    if question == "die":
        os.kill(os.getpid(), signal.SIGKILL)
    if question == "wait":
        time.sleep(600)
    if question == "raise":
        raise ValueError(question)
    return place, question, os.getpid()


def test_answers_come_in_order_from_one_child_that_is_not_this_process() -> None:
    found = list(answers(asked, ["a", "b", "c"], 60))
    assert [place for place, _ in found] == [0, 1, 2]
    assert [answer[:2] for _, answer in found] == [(0, "a"), (1, "b"), (2, "c")]  # type: ignore[index]
    pids = {answer[2] for _, answer in found}  # type: ignore[index]
    assert len(pids) == 1
    assert os.getpid() not in pids


@pytest.mark.parametrize("end", ["die", "raise"])
def test_a_question_that_ends_its_child_is_left_out_and_the_next_one_is_asked(
    end: str, capfd: pytest.CaptureFixture[str]
) -> None:
    found = list(answers(asked, [end, "a", end, end, "b", end], 60))
    assert [place for place, _ in found] == [1, 4]
    assert capfd.readouterr() == ("", "")


def test_a_question_that_takes_too_long_is_left_out_and_its_child_is_ended() -> None:
    start = time.monotonic()
    found = list(answers(asked, ["a", "wait", "b"], 2))
    assert [place for place, _ in found] == [0, 2]
    assert time.monotonic() - start < 60


def test_a_caller_that_goes_away_leaves_no_child() -> None:
    running = answers(asked, ["a", "wait"], 600)
    _, first = next(running)
    running.close()  # type: ignore[attr-defined]
    pid = first[2]  # type: ignore[index]
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


def test_no_question_starts_no_child() -> None:
    assert list(answers(asked, [], 60)) == []
