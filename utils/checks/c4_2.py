"""Checks of chapter 4.2, deep RNNs."""

import math


def exercise_1(count):
    if count(2, 3, 2) is ...:
        return ...
    for d, n, layers in (2, 3, 1), (2, 3, 4), (16, 64, 2):
        plain, extra = d * n + n * n + n, (layers - 1) * (n * n + n)
        if layers > 1 and count(d, n, layers) == plain + (layers - 1) * n * n:
            return "Each added layer has a bias too."
        if count(d, n, layers) != plain + extra:
            return f"With d = {d}, n = {n}, L = {layers} it has another number."


def exercise_2(answer):
    if abs(answer - math.tanh(1)) < 6e-4:
        return "That is the first step. What is added at the second?"
    if not abs(answer - 10 * math.tanh(1)) < 6e-4:
        return "With W = 0 every step adds the same number to h: which one?"


def exercise_3(path_length):
    if path_length(1, 2, None) is ...:
        return ...
    for k, layers in (1, 2), (50, 3):
        right = {None: k * layers, "weighted": k, "identity": 0}
        for shortcut, matrices in right.items():
            if path_length(k, layers, shortcut) != matrices:
                return (
                    f"Look again at k = {k}, L = {layers}, shortcut {shortcut!r}: the "
                    "shortest path may take the shortcut at every step."
                )


def exercise_4(stack_units):
    if stack_units(46, 46, 100) is ...:
        return ...
    for d, k, n in (46, 46, 100), (3, 2, 10), (100, 1, 40):
        m = stack_units(d, k, n)
        budget = d * n + n * n + n + n * k + k
        sizes = [(d * w + 3 * w * w + 2 * w) + w * k + k for w in (m, m + 1)]
        if sizes[0] > budget:
            return f"With d = {d}, k = {k}, n = {n} the stack is too large."
        if sizes[1] <= budget:
            return f"With d = {d}, k = {k}, n = {n} there is room for one unit more."


def exercise_5(alpha):
    if not 0 < alpha < 1:
        return "α lies between 0 and 1."
    left = (1 - alpha) ** 50
    if not abs(alpha - (1 - 0.1 ** (1 / 50))) < 6e-4:
        return f"With α = {alpha}, the shortcut leaves {left:.3g} after 50 steps."
