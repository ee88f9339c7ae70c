"""Checks of chapter 4.3.1, LSTM."""

import math

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def exercise_1(forget_bias):
    if forget_bias(0.5, 100) is ...:
        return ...
    for share, steps in (0.5, 100), (0.1, 50), (0.9, 1000):
        left = sigmoid(forget_bias(share, steps)) ** steps
        if not abs(left - share) < 1e-6 * share:
            return f"Over {steps} steps your bias leaves {left:.3g}, not {share}."


def exercise_2(coupled_step):
    rng = np.random.default_rng(0)
    x, h, C = (rng.normal(size=(3, size)) for size in (2, 4, 4))
    weights = [rng.normal(size=shape) for shape in ((2, 12), (4, 12), (12,))]
    found = coupled_step(x, h, C, *weights)
    if found is ...:
        return ...
    a = x @ weights[0] + h @ weights[1] + weights[2]
    f, a, q = np.split(a, 3, axis=-1)
    f, a, q = sigmoid(f), np.tanh(a), sigmoid(q)
    new = f * C + (1 - f) * a
    if not np.allclose(found[1], new):
        if np.allclose(found[1], (1 - f) * C + f * a):
            return "f is what stays, 1 − f is what enters."
        return "C is f ⊙ C + (1 − f) ⊙ candidate; yours differs."
    if np.allclose(found[0], q * np.tanh(C)):
        return "The output shows the new cell."
    if not np.allclose(found[0], q * np.tanh(new)):
        return "C is right. The output is q ⊙ tanh(C), and yours differs."


def exercise_3(clip):
    small, large = [np.array([0.3, 0.4])], [np.array([3.0]), np.array([[0.0, 4.0]])]
    found = clip([a.copy() for a in large], 1.0)
    if found is ...:
        return ...
    if np.allclose(found[0], 1) and np.allclose(found[1], [[0, 1]]):
        return "Each array was clipped by itself, so the direction has changed."
    if not all(np.allclose(f, a / 5) for f, a in zip(found, large, strict=True)):
        return "The arrays [3] and [[0, 4]] have norm 5: divide both by 5 for limit 1."
    if not np.allclose(clip([a.copy() for a in large], 2.0)[0], 1.2):
        return "With limit 2 the norm must become 2."
    if not np.allclose(clip([np.array([0.8]), np.array([0.8])], 1.0)[0], 0.5**0.5):
        return "The norm of all numbers together counts, not that of one array."
    if not np.allclose(clip([a.copy() for a in small], 1.0)[0], small[0]):
        return "Gradients below the limit stay as they are."


def exercise_4(answer):
    f = 1 / (1 + math.exp(-2))
    if abs(answer - math.tanh(f**3)) < 6e-4:
        return "That is tanh of the cell. What does the output gate do to it?"
    if not abs(answer - 0.5 * math.tanh(f**3)) < 6e-4:
        return "The candidate is tanh(0) = 0, so only f acts on C: three times."


def exercise_5(answer):
    guess, measured = answer
    if guess is ...:
        return ...
    if guess not in ("larger", "smaller", "same"):
        return 'Write "larger", "smaller" or "same" as your guess.'
    if not measured > 1.4:
        return f"You measured {measured:.3g}. Is the last tanh gone, and nothing else?"
    if guess != "larger":
        return f"It is larger, {measured:.3g}. Which slope is gone from *shown*?"
