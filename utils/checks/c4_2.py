"""Checks of chapter 4.2, deep RNNs."""

import math


def exercise_1(answer):
    if abs(answer - math.tanh(1)) < 6e-4:
        return "That is the first step. What is added at the second?"
    if not abs(answer - 10 * math.tanh(1)) < 6e-4:
        return "With W = 0 every step adds the same number to h: which one?"


def exercise_2(path_length):
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


def exercise_3(alpha):
    if not 0 < alpha < 1:
        return "α lies between 0 and 1."
    left = (1 - alpha) ** 50
    if not abs(alpha - (1 - 0.1 ** (1 / 50))) < 6e-4:
        return f"With α = {alpha}, the shortcut leaves {left:.3g} after 50 steps."


def exercise_4(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not LOW < measured < HIGH:
        return (
            f"You measured {measured:.2g}. Are there five layers, and is the gain 1.4? "
            "The gain is the second argument of in_order."
        )
    if abs(guess - math.log10(measured)) > 1:
        return (
            f"The measure is right, {measured:.2g}. For the guess: in Figure 7 each "
            "layer more multiplies what is left at gain 1.4. By how much?"
        )


LOW, HIGH = 0.3, 300  # around what one seed leaves
