"""Checks of chapter 4.3.3, gates and activations."""

import numpy as np


def exercise_1(answer):
    if abs(answer - 0.2) < 1e-3:
        return "That is the hard sigmoid of older versions of Keras, 0.2 a + 0.5."
    if not abs(answer - 1 / 6) < 1e-3:
        return "The line climbs from 0 to 1. How wide is the way from −3 to 3?"


def exercise_2(answer):
    if abs(answer - np.log(9)) < 0.05:
        return "That leaves 90 % after one step. After 100 it must be 90 %."
    f = 0.9**0.01
    if not abs(answer - np.log(f / (1 - f))) < 0.02:
        return "First find f with f¹⁰⁰ = 0.9, then the bias with σ(b) = f."


def exercise_3(convert):
    rng, d, n = np.random.default_rng(0), 3, 4
    U, W, b = rng.normal(size=(n, d)), rng.normal(size=(n, n)), rng.normal(size=n)
    found = convert(U.copy(), W.copy(), b.copy())
    if found is ...:
        return ...
    shapes = [np.shape(w) for w in found]
    if shapes != [(n, d), (n, n), (n,)]:
        return f"Return U, W and b of the old shapes, not {shapes}."
    h, y = np.zeros(n), np.full(n, 0.5)
    for x in rng.normal(size=(6, d)):
        h = np.tanh(b + W @ h + U @ x)
        y = 1 / (1 + np.exp(-(found[2] + found[1] @ y + found[0] @ x)))
        if not np.allclose(y, (1 + h) / 2):
            return (
                "σ(a) = (1 + tanh(a / 2)) / 2, so a must be twice as large as for "
                "tanh. And 2 W h = 2 W (2 y − 1): what does that leave for b?"
            )


def exercise_4(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not LOW < measured < HIGH:
        return f"You measured {measured:.2g}. Is W the identity times 1.1?"
    if not measured / 30 < guess < 30 * measured:
        return (
            f"The measure is right, {measured:.2g}. For the guess: what is there after "
            "the first steps grows by 1.1 a step, and 1.1¹⁰⁰ is 14,000."
        )


LOW, HIGH = 2e3, 1e6  # around what one seed reaches
