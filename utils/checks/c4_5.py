"""Checks of chapter 4.5, attention."""

import warnings

import numpy as np


def softmax(e):
    return np.exp(e - e.max()) / np.exp(e - e.max()).sum()


def exercise_1(answer):
    if abs(answer - (4 * np.log(2)) / np.log(10)) < 6e-3:
        return "Those are shares of the scores. The softmax takes shares of exp e."
    if abs(answer - 4) < 1e-6:
        return "That is the plain mean: the weights are not equal."
    if not abs(answer - 2) < 1e-6:
        return "exp of the scores is 1, 2, 5: what are the shares of 8, and c = Σ α h?"


def exercise_2(scaled_dot):
    rng = np.random.default_rng(0)
    s, h = rng.normal(size=4), rng.normal(size=(6, 4))
    found = scaled_dot(s.copy(), h.copy())
    if found is ...:
        return ...
    c, alpha = found
    if np.shape(c) != (4,) or np.shape(alpha) != (6,):
        return f"c must be (4,), α (6,), and they are {np.shape(c)}, {np.shape(alpha)}."
    if np.allclose(alpha, softmax(h @ s)):
        return "The scores are not divided by √n yet."
    if np.allclose(alpha, softmax(h @ s / 4)):
        return "Divide by the root of n, not by n."
    right = softmax(h @ s / 2)
    if not np.allclose(alpha, right):
        return "e_t = s · h_t / √n for each t, then a softmax over t."
    if not np.allclose(c, right @ h):
        return "α is right. c is the sum of α_t h_t."


def exercise_3(masked_softmax):
    e, real = np.array([1.0, 3.0, 700.0, 2.0]), np.array([True, True, False, True])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = masked_softmax(e.copy(), real.copy())
        if found is ...:
            return ...
        right = np.zeros(4)
        right[real] = softmax(e[real])
        if not np.isfinite(found).all():
            return "There is a NaN: which step has the largest score?"
        if not np.allclose(found, right):
            return "The real steps share 1 among them, and filling gets 0."
        if np.asarray(found)[2] != 0:
            return "Filling gets exactly 0, not a very small number."
        empty = masked_softmax(e.copy(), np.zeros(4, bool))
        if not np.array_equal(empty, np.zeros(4)):
            return "A row that is filling throughout gets zeros."


def exercise_4(convert):
    n, m, k = 3, 4, 5
    rng = np.random.default_rng(0)
    W_a, v_a = rng.normal(size=(n + m, k)), rng.normal(size=k)
    found = convert(W_a.copy(), v_a.copy(), n)
    if found is ...:
        return ...
    shapes = [np.shape(w) for w in found]
    if shapes != [(n, k), (m, k), (k,)]:
        return f"W_a, U_a, v_a must have the shapes (n, k), (m, k), (k,), not {shapes}."
    if not all(map(np.allclose, found, (W_a[:n], W_a[n:], v_a))):
        return "W_a [s; h] = (its first n columns) s + (the rest) h; here transposed."


def exercise_5(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not abs(measured - SHARE) < 0.01:
        return f"You measured {measured:.3f}. It is the sum over the year in row 1."
    if not abs(guess - SHARE) < 0.15:
        return (
            f"The measure is right, {measured:.2f}. For the guess: a match weighs "
            "exp(4 tanh 1 − 2 tanh 2) = 3.1 times a mismatch; there are 4 and 7."
        )


RATIO = np.exp(4 * np.tanh(1) - 2 * np.tanh(2))
SHARE = 4 * RATIO / (4 * RATIO + 7)  # four letters of the year among eleven
