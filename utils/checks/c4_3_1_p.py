"""Checks of the notebook on peepholes, beside chapter 4.3.1."""

import math

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def exercise_1(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if abs(measured - math.tanh(1)) < 1e-2:
        return "That is the spike as it was. Let q see the cell before it is rewritten."
    if not abs(measured - math.tanh(0.2)) < 1e-2:
        return "Give h at the first step at which it is above 0.1."
    if guess != 6:
        return f"You predicted step {guess}. When does the old cell reach the level?"


def exercise_2(settings):
    if settings(5) is ...:
        return ...
    for k in 3, 5, 12, 40:
        g, level = settings(k)
        C, fired = 0.0, []
        for step in range(1, 4 * k + 1):
            C = (C < level) * C + g
            if level <= C:
                fired.append(step)
        if not 0 < g < 1:
            return f"For k = {k}: g comes from a sigmoid, so it lies between 0 and 1."
        if fired != [k, 2 * k, 3 * k, 4 * k]:
            return f"For k = {k} it fires at the steps {fired[:4]}."
        nearest = min(abs(i * g - level) for i in range(1, k + 1))
        if nearest < g / 4:
            return f"For k = {k} the cell nearly touches the level: put it in between."


def exercise_3(answer):
    once = sigmoid(1)
    if abs(answer - once**2) < 6e-4:
        return "At the second step the gate sees a cell that is no longer 1."
    if not abs(answer - sigmoid(once) * once) < 6e-4:
        return "f(1) is σ(1). The candidate is 0, so C(1) = f(1) C(0); then once more."


def exercise_4(factor):
    rng = np.random.default_rng(0)
    for _ in range(3):
        C, a_f, a_g, a_c, p_f, p_g = numbers = rng.normal(size=6)
        f, g, c = sigmoid(a_f + p_f * C), sigmoid(a_g + p_g * C), np.tanh(a_c)
        found = factor(C, f, g, c, p_f, p_g)
        if found is ...:
            return ...
        if abs(found - f) < 1e-6:
            return "That is the way of an LSTM. Both gates see C, too."
        right = (_cell(C + 1e-5, *numbers[1:]) - _cell(C - 1e-5, *numbers[1:])) / 2e-5
        if not abs(found - right) < 1e-6:
            return (
                "It differs from a numerical derivative. The slope of σ is σ (1 − σ)."
            )


def _cell(C, a_f, a_g, a_c, p_f, p_g):
    """One step of the cell of one unit."""
    return sigmoid(a_f + p_f * C) * C + sigmoid(a_g + p_g * C) * np.tanh(a_c)
