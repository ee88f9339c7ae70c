"""`check` prints and never raises, and knows right answers from wrong ones."""

import numpy as np
import pytest

from utils.checks import check
from utils.verdicts import FALSE, HOLDS, NOT_SHOWN


def said(capsys, exercise, answer):
    check(exercise, answer)
    return capsys.readouterr().out.strip().removeprefix(f"Exercise {exercise}: ")


def a_step(x, h, kernel, recurrent_kernel, bias):
    return np.tanh(bias + h @ recurrent_kernel + x @ kernel)


WRONG = {
    "4.0-1": [lambda d, n: d * n + n * n, lambda d, n: 0, None],
    "4.0-2": [0.762, "half", None],
    "4.0-3": [a_step, lambda *weights: 0, 3],
    "4.0-4": [0.9, "w"],
    "4.0-5": [[HOLDS, FALSE, FALSE], [HOLDS], None],
    "4.1-1": [lambda d, n: d * n + n * n + n, lambda d, n: 1],
    "4.1-2": [0.762, None],
    "4.1-3": [
        lambda x, lengths: x,
        lambda x, lengths: x[:, ::-1],
        lambda x, lengths: x[:, :2],
    ],
    "4.1-4": [(8, 8), (1, 8), 8],
    "4.1_2d-1": [lambda H, W: H + W, lambda H, W: H * W],
    "4.1_2d-2": [lambda k: k // 2 + 1, lambda k: k],
    "4.1_2d-3": [13, "all"],
    "4.1_2d-4": [lambda H, W: (H + W, H + W, H * W), lambda H, W: H],
    "4.1_2d-5": [0.762, None],
    "4.3.1-1": [lambda d, n: (4 * n, 4 * n), lambda d, n: (0, 3 * n), None],
    "4.3.1-2": [lambda share, T: 5.0, lambda share, T: share, 1],
    "4.3.1-3": [lambda x, h, C, *weights: (h, C), lambda *inputs: 0],
    "4.3.1-4": [
        lambda arrays, limit: arrays,
        lambda arrays, limit: [a / np.linalg.norm(a) for a in arrays],
        lambda arrays, limit: [a / 5 for a in arrays],
        lambda arrays, limit: (
            arrays
            if max(np.linalg.norm(a) for a in arrays) <= limit
            else [a * limit / np.hypot(3, 4) for a in arrays]
        ),
    ],
    "4.3.1-5": [0.593, 1, None],
    "4.1-5": [lambda t, s, r: s > t, lambda t, s, r: s >= t + r],
}


@pytest.mark.parametrize(
    "exercise, answer", [(name, a) for name, answers in WRONG.items() for a in answers]
)
def test_a_wrong_answer_gets_a_hint(capsys, exercise, answer):
    assert said(capsys, exercise, answer).startswith("not yet. ")


def test_a_right_answer_is_right(capsys):
    assert said(capsys, "4.0-5", [HOLDS, FALSE, NOT_SHOWN]) == "right."


def test_a_stub_is_not_done(capsys):
    assert said(capsys, "4.0-2", ...) == "not done yet."
    assert said(capsys, "4.0-1", lambda d, n: ...) == "not done yet."
    assert said(capsys, "4.1-3", lambda x, lengths: ...) == "not done yet."


def test_code_that_stops_is_reported_and_not_raised(capsys):
    assert "ZeroDivisionError" in said(capsys, "4.0-1", lambda d, n: 1 / 0)
