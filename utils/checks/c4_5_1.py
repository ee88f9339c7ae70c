"""Checks of chapter 4.5.1, local attention."""

import numpy as np


def exercise_1(answer):
    if abs(answer - np.exp(-0.5)) < 1e-2:
        return "That is the factor at a distance of σ. The edge is D = 2σ away."
    if not abs(answer - np.exp(-2)) < 1e-3:
        return "At the edge |t − p| = D and σ = D/2: what is exp(−(t − p)² / 2σ²)?"


def exercise_2(window):
    cases = ((4.2, 2, 9), (0.4, 2, 9), (8.0, 3, 9), (2.5, 1, 9), (3.0, 5, 4))
    for p, D, S in cases:
        found = window(p, D, S)
        if found is ...:
            return ...
        centre = int(np.floor(p + 0.5))
        right = [t for t in range(S) if abs(t - centre) <= D]
        if list(found) != right:
            if any(t < 0 or t >= S for t in found):
                return (
                    f"With p = {p}, D = {D}, S = {S}, some are outside of the source."
                )
            if p == 2.5:
                return "p = 2.5 is rounded up: floor(p + 1/2)."
            return f"With p = {p}, D = {D}, S = {S} they are {right}."


def exercise_3(break_even):
    for n, m, k, k_p, D in ((128, 128, 128, 128, 10), (32, 64, 16, 8, 3)):
        found = break_even(n, m, k, k_p, D)
        if found is ...:
            return ...
        right = 2 * D + 1 + (n + 1) * k_p / (k + m)
        if abs(found - (2 * D + 1)) < 1e-9:
            return "Placing the window costs something too: W_p s and v_p · tanh(…)."
        if not abs(found - right) < 0.51:
            return (
                "Set τ_x (k + m) equal to (2 D + 1) (k + m) + n k_p + k_p, and solve "
                "for τ_x. (W_a s costs both the same.)"
            )


def exercise_4(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    right = sum_of_may(1)
    if abs(measured - sum_of_may(2)) < 5e-3:
        return "That is the sum with D = 2, as in the chapter."
    if not abs(measured - right) < 5e-3:
        return f"You measured {measured:.3f}. It is α.sum() of step 2 with D = 1."
    if not abs(guess - right) < 0.2:
        return (
            f"The measure is right, {measured:.2f}. For the guess: three letters share "
            "1, and those beside p keep e⁻² = 0.14 of it, roughly."
        )


def sum_of_may(D):
    """Σα of the second step of the example by hand."""
    match, miss = -8 * np.tanh(2), -16 * np.tanh(1)
    p = 11 / (1 + np.exp(0.74 * np.tanh(1)))
    t = np.arange(int(np.floor(p + 0.5)) - D, int(np.floor(p + 0.5)) + D + 1)
    e = np.where((t >= 3) & (t <= 5), match, miss)
    alpha = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
    return (alpha * np.exp(-((t - p) ** 2) / (2 * (D / 2) ** 2))).sum()


def exercise_5(backwards):
    for i, S, slope in ((0, 20, 1.5), (4, 20, 1.5), (3, 9, 1.0)):
        found = backwards(i, S, slope)
        if found is ...:
            return ...
        if abs(found - (S - slope * i)) < 1e-9:
            return "The source's last position is S − 1: we count from 0."
        if not abs(found - (S - 1 - slope * i)) < 1e-9:
            return "At i = 0 it stands on the last position, then falls by the slope."
