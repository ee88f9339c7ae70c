"""`check` prints and never raises, and knows right answers from wrong ones."""

from collections import Counter

import numpy as np
import pytest

from utils import checks
from utils.checks import c4_1_2d, check
from utils.verdicts import FALSE, HOLDS, NO_GAIN, NOT_SHOWN


def said(capsys, exercise, answer, hint=False):
    check(exercise, answer, hint)
    return capsys.readouterr().out.strip().removeprefix(f"Exercise {exercise}: ")


def a_step(x, h, kernel, recurrent_kernel, bias):
    return np.tanh(bias + h @ recurrent_kernel + x @ kernel)


def late_without_bias(x, h, kernel, recurrent_kernel, bias):
    """A GRU step with the reset before the product, and the biases added up."""
    a_z, a_r, a_c = np.split(x @ kernel + bias.sum(axis=0), 3)
    W_z, W_r, W = np.split(recurrent_kernel, 3, axis=1)
    z, r = (1 / (1 + np.exp(-a)) for a in (a_z + h @ W_z, a_r + h @ W_r))
    return z * h + (1 - z) * np.tanh(a_c + (r * h) @ W)


WRONG = {
    "4.0-1": [lambda d, n: d * n + n * n, lambda d, n: 0, None],
    "4.0-2": [0.762, "half", None],
    "4.0-3": [a_step, lambda *weights: 0, 3],
    "4.0-4": [0.9, "w"],
    "4.0-5": [[HOLDS, FALSE, NOT_SHOWN, FALSE], [HOLDS], None, "HOLDS"],
    "4.0-6": [(1, 0.5), (0.5, 1.0), 1],
    "4.1-1": [0.762, None],
    "4.1-2": [
        lambda x, lengths: x,
        lambda x, lengths: x[:, ::-1],
        lambda x, lengths: x[:, :2],
    ],
    "4.1-3": [(8, 8), (1, 8), 8],
    "4.1_2d-1": [(13, 13), (13, 49), (49, 25), 49],
    "4.1_2d-2": [
        lambda x, vertical, horizontal: x,
        lambda x, vertical, horizontal: np.zeros((3, 5, 8)),
        lambda x, vertical, horizontal: c4_1_2d._both(
            c4_1_2d._both(x, vertical), horizontal
        ),
        lambda x: x,
    ],
    "4.1_2d-3": [0.858, 0.762, None],
    "4.1_2d-4": [lambda H, W: (H + W, H + W, H * W), lambda H, W: H],
    "4.2-1": [0.762, 10, "tanh"],
    "4.2-2": [lambda k, L, shortcut: k * L, lambda k, L, shortcut: k, 7],
    "4.2-3": [0.5, 0, 0.955, "small"],
    "4.2-4": [(1, 0.1), (1, 1e5), (-3, 8), 1],
    "4.3.1-1": [lambda share, T: 5.0, lambda share, T: share, 1],
    "4.3.1-2": [lambda x, h, C, *weights: (h, C), lambda *inputs: 0],
    "4.3.1-3": [
        lambda arrays, limit: arrays,
        lambda arrays, limit: [a / np.linalg.norm(a) for a in arrays],
        lambda arrays, limit: [a / 5 for a in arrays],
        lambda arrays, limit: (
            arrays
            if max(np.linalg.norm(a) for a in arrays) <= limit
            else [a * limit / np.hypot(3, 4) for a in arrays]
        ),
    ],
    "4.3.1-4": [0.593, 1, None],
    "4.3.1-5": [("larger", 0.7), ("same", 8.0), ("bigger", 8.0), 3],
    "4.3.2-1": [0.0156, 0.75, 1, None],
    "4.3.2-2": [lambda *weights: weights, lambda *weights: [-w for w in weights], 0],
    "4.3.2-3": [lambda x, h, *weights: h, late_without_bias, lambda *inputs: 0],
    "4.3.2-4": [
        (np.zeros((3, 2)), np.zeros((3, 3)), np.zeros(3)),
        (np.eye(3)[:, :2], np.eye(3), np.zeros(3)),
        (np.ones((3, 2)), np.ones((3, 3)), np.full(3, 99)),
        (np.ones(3), np.ones(3), np.ones(3)),
    ],
    "4.3.2-5": [(0.36, 1e-9), (1e-6, 0.4), 1],
    "4.3.3-1": [0.2, 0.25, None],
    "4.3.3-2": [2.2, 0.9, "open"],
    "4.3.3-3": [
        lambda U, W, b: (U, W, b),
        lambda U, W, b: (2 * U, 4 * W, 2 * b),
        lambda U, W, b: (2 * U, 4 * W),
        lambda U, W, b: 4,
    ],
    "4.3.3-4": [(1e4, 34), (34, 5.6e4), 1],
    "4.1-4": [lambda t, s, r: s > t, lambda t, s, r: s >= t + r],
    "4.1-5": [(0, 0), (12, 28), (12, 56), 12],
}


WRONG |= {
    "4.3.1_p-1": [(5, 0.197), (6, 0.762), (6, 0.5), None],
    "4.3.1_p-2": [
        lambda k: (1 / k, 1.0),
        lambda k: (0.2, 0.9),
        lambda k: (2.0, 2 * k - 1),
        lambda k: 3,
    ],
    "4.3.1_p-3": [0.534, 0.731, "half"],
    "4.3.1_p-4": [
        lambda C, f, g, c, p_f, p_g: f,
        lambda C, f, g, c, p_f, p_g: f + C * p_f + c * p_g,
        lambda C, f: f,
    ],
}

WRONG |= {
    "4.4-1": ["box", "typewriter", "", 4],
    "4.4-2": [
        lambda log_p, lengths, alpha: 2,
        lambda log_p, lengths, alpha: np.argmax(log_p),
        lambda log_p, lengths, alpha: np.argmax(log_p / lengths if alpha else log_p),
        lambda log_p, lengths, alpha: 1,
    ],
    "4.4-3": [
        lambda step, state, longest: [1, 3, 3, 2],
        lambda step, state, longest: [3, 3],
        lambda step, state, longest: [3, 2],
        lambda step, state, longest: [3, 3, 2],
        lambda step, state, longest: 3,
    ],
    "4.4-4": [lambda k, n: 8 * n, lambda k, n: k**n, 36],
    "4.4-5": [(0.5, 0.02), (0.02, 0.6), 1],
}

WRONG |= {
    "4.5_i-1": [4, 1.5, 0.7, None],
    "4.5_i-2": [
        lambda kernels, strides: (sum(kernels), 8),
        lambda kernels, strides: (1, np.prod(strides)),
        lambda kernels, strides: 16,
    ],
    "4.5_i-3": [
        lambda alpha, real, goal: ((goal - alpha.sum(axis=0)) ** 2).sum(),
        lambda alpha, real, goal: ((goal - alpha[real].sum(axis=1)) ** 2).sum(),
        lambda alpha, real, goal: 0,
        3,
    ],
    "4.5_i-4": [
        lambda alpha, middles, box: True,
        lambda alpha, middles, box: (middles[alpha.argmax()] <= box[2:]).all(),
        lambda alpha, middles, box: 1 / 0,
    ],
    "4.5_i-5": [(0.35, 0.9), (0.9, 0.35), 1],
}

WRONG |= {
    "B-1": [
        lambda gradients, letters: sum(gradients) / len(gradients),
        lambda gradients, letters: sum(
            n * g for n, g in zip(letters, gradients, strict=True)
        ),
        lambda gradients, letters: gradients[0],
        3,
    ],
    "B-2": [
        lambda rows, batch, number, P: rows[number * len(rows) // P :],
        lambda rows, batch, number, P: rows[number::P],
        lambda rows, batch, number, P: rows,
        lambda rows, batch, number, P: (
            rows.reshape(-1, P, batch // P)[:, number].ravel()
            if len(rows) == 24
            else rows
        ),
    ],
    "B-3": [
        lambda weights, P: 4 * weights * P,
        lambda weights, P: 4 * weights * P * (P > 1),
        lambda weights, P: 4 * weights * (P - 1) / P,
        lambda weights, P: 4 * weights * (P > 1),
        8000,
    ],
    "B-4": [(0.1, 100), (0.8, 800), (8, 100), 0.8],
    "B-5": [("same", 0.05), ("smaller", 1.0), ("less", 0.05), 1],
}

STUBS = {
    "B-1": lambda gradients, letters: ...,
    "B-2": lambda rows, batch, number, P: ...,
    "B-3": lambda weights, P: ...,
    "B-4": (..., ...),
    "B-5": (..., ...),
    "4.1_2d-1": (13, ...),
    "4.1_2d-2": lambda x, vertical, horizontal: ...,
    "4.1_2d-4": lambda H, W: ...,
    "4.5_i-2": lambda kernels, strides: ...,
    "4.5_i-3": lambda alpha, real, goal: ...,
    "4.5_i-4": lambda alpha, middles, box: ...,
    "4.5_i-5": (..., ...),
    "4.3.1_p-1": (6, ...),
    "4.3.1_p-2": lambda k: ...,
    "4.3.1_p-4": lambda C, f, g, c, p_f, p_g: ...,
    "4.3.3-3": lambda U, W, b: ...,
    "4.3.3-4": (..., ...),
    "4.4-2": lambda log_p, lengths, alpha: ...,
    "4.4-3": lambda step, state, longest: ...,
    "4.4-4": lambda symbols, length: ...,
    "4.4-5": (..., ...),
    "4.0-2": ...,
    "4.0-1": lambda d, n: ...,
    "4.0-6": (..., ...),
    "4.3.1-5": (..., ...),
    "4.1-2": lambda x, lengths: ...,
    "4.1-5": (..., ...),
    "4.2-2": lambda k, L, shortcut: ...,
    "4.2-4": (1, ...),
}


@pytest.mark.parametrize(
    "exercise, answer", [(name, a) for name, answers in WRONG.items() for a in answers]
)
def test_a_wrong_answer_gets_a_hint_when_asked_for(capsys, exercise, answer):
    hinted = said(capsys, exercise, answer, hint=True)
    assert hinted.startswith("not yet. ") and "ask for a hint" not in hinted


def test_the_hint_comes_unasked_at_the_second_try(capsys, monkeypatch):
    monkeypatch.setattr(checks, "_tries", Counter())
    assert "hint=True" in said(capsys, "4.0-2", 0.762)
    assert "Compute h(1)" in said(capsys, "4.0-2", 0.762)


RIGHT = {
    "4.1_2d-1": (49, 49),
    "4.1_2d-3": -0.858,
    "4.5_i-1": 2,
    "4.5_i-5": (0.3, 0.35),
    "4.3.1_p-1": (6, 0.197),
    "4.3.1_p-3": 0.493,
    "4.0-5": [HOLDS, NO_GAIN, NOT_SHOWN, FALSE],
    "4.0-6": (1, 1.0),
    "4.1-5": (28, 12),
    "4.2-1": 7.616,
    "4.4-1": "foxes",
    "4.4-5": (0.05, 0.02),
    "4.3.1-5": ("larger", 8.0),
    "4.2-3": 0.045,
    "4.2-4": (1, 25.0),
    "B-4": (0.8, 100),
    "B-5": ("smaller", 0.07),
}


@pytest.mark.parametrize("exercise, answer", RIGHT.items())
def test_a_right_answer_is_right(capsys, exercise, answer):
    assert said(capsys, exercise, answer) == "right."


def test_a_verdict_may_be_written_small_or_as_the_constant_is_named(capsys):
    words = ["holds", "no gain", "NOT_SHOWN", "false"]
    assert said(capsys, "4.0-5", words) == "right."


@pytest.mark.parametrize("exercise, stub", STUBS.items())
def test_a_stub_is_not_done(capsys, exercise, stub):
    assert said(capsys, exercise, stub) == "not done yet."


def test_code_that_stops_is_reported_and_not_raised(capsys):
    assert "ZeroDivisionError" in said(capsys, "4.0-1", lambda d, n: 1 / 0)
