"""Checks of chapter 4.0, the recurrent layer."""

import math

import numpy as np

from utils.verdicts import Interval, worth


def exercise_1(count):
    if count(2, 3) is ...:
        return ...
    for d, n in (2, 3), (16, 64), (1, 1):
        if count(d, n) == d * n + n * n:
            return "That counts the two matrices. What else does `build` make?"
        if count(d, n) != d * n + n * n + n:
            return f"With d = {d} and n = {n}, `build` makes another number of weights."


def exercise_2(answer):
    right = math.tanh(1 - math.tanh(1))
    if not abs(answer - right) < 6e-4:
        return "Compute h(1) = tanh(1) first; then a(2) = W h(1) + U x(2)."


def exercise_3(step):
    def right(x, h, kernel, recurrent_kernel, bias):
        return np.tanh(bias + h @ recurrent_kernel + x @ kernel)

    rng = np.random.default_rng(0)
    x, h = rng.normal(size=(2, 3)), rng.normal(size=(2, 4))
    shapes = ((3, 4), (4, 4), (4,))
    constant = [
        np.full(shape, value)
        for shape, value in zip(shapes, (0.3, 0.2, 0.1), strict=True)
    ]
    mixed = [rng.normal(size=shape) for shape in shapes]
    if not np.allclose(step(x, h, *constant), right(x, h, *constant)):
        return "With constant weights your step gives other numbers: it is noticed."
    if np.allclose(step(x, h, *mixed), right(x, h, *mixed)):
        return "With random weights your step is still right: break it a little more."


def exercise_4(w):
    if not abs(w**10 - 0.5) < 5e-3:
        return f"With w = {w}, ten steps leave {w**10:.3g} of the gradient."


def exercise_5(verdicts):
    bounds = (0.025, 0.06), (-0.01, 0.015), (0.01, 0.03), (-0.05, -0.03)
    right = [worth(Interval(0, low, high), 0.02) for low, high in bounds]
    if isinstance(verdicts, str) or len(verdicts) != len(right):
        return f"Give a list of {len(right)} verdicts, one for each interval."
    said = [str(verdict).upper().replace("_", " ").strip() for verdict in verdicts]
    said = ["NO GAIN HERE" if word == "NO GAIN" else word for word in said]
    wrong = [i + 1 for i in range(len(right)) if said[i] != right[i]]
    if wrong:
        return f"Look again at number {wrong[0]}: where does it lie, seen from ±0.02?"


def exercise_6(answer):
    guess, measured = answer
    if guess is ...:
        return ...
    if not abs(measured - 1) < 1e-3:
        return "Without tanh a step back multiplies by W transposed, by nothing else."
    if not abs(guess - 1) < 1e-3:
        return (
            f"You predicted {guess} and measured {measured:.3g}. Which factor is gone?"
        )
