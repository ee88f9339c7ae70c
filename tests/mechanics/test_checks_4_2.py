"""The checks of chapter 4.2 know right answers from wrong ones."""

import pytest

from utils.checks import check

WRONG = {
    "4.2-1": [lambda d, n, L: d * n + L * n * n + n, lambda d, n, L: 0, None],
    "4.2-2": [0.762, 10, "tanh"],
    "4.2-3": [lambda k, L, shortcut: k * L, lambda k, L, shortcut: k, 7],
    "4.2-4": [lambda d, k, n: n, lambda d, k, n: 1, None],
    "4.2-5": [0.5, 0, 0.955, "small"],
}
STUBS = {
    "4.2-1": lambda d, n, L: ...,
    "4.2-2": ...,
    "4.2-3": lambda k, L, shortcut: ...,
    "4.2-4": lambda d, k, n: ...,
    "4.2-5": ...,
}


def said(capsys, exercise, answer):
    check(exercise, answer)
    return capsys.readouterr().out.strip().removeprefix(f"Exercise {exercise}: ")


@pytest.mark.parametrize(
    "exercise, answer", [(name, a) for name, answers in WRONG.items() for a in answers]
)
def test_a_wrong_answer_gets_a_hint(capsys, exercise, answer):
    assert said(capsys, exercise, answer).startswith("not yet. ")


@pytest.mark.parametrize("exercise, stub", STUBS.items())
def test_a_stub_is_not_done(capsys, exercise, stub):
    assert said(capsys, exercise, stub) == "not done yet."


def test_right_answers_are_right(capsys):
    assert said(capsys, "4.2-2", 7.616) == "right."
    assert said(capsys, "4.2-5", 0.045) == "right."
