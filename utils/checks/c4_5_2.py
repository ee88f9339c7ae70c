"""Checks of chapter 4.5.2, self-attention."""

import warnings

import numpy as np


def softmax(e):
    weights = np.exp(e - e.max(axis=-1, keepdims=True))
    return weights / weights.sum(axis=-1, keepdims=True)


def exercise_1(answer):
    first, second = answer
    if abs(first - 6) < 1e-6:
        return "The first step may not look at the second: it is masked."
    if abs(second - 7) < 1e-6:
        return "The weights 1/4 and 3/4 belong to the first and the second step."
    if not (abs(first - 8) < 1e-6 and abs(second - 5) < 1e-6):
        return "Step 1 sees itself only. Step 2 has exp(0) = 1 and exp(ln 3) = 3."


def exercise_2(causal):
    e = np.random.default_rng(0).normal(size=(5, 5))
    e[1, 3] = 900.0
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = causal(e.copy())
    if found is ...:
        return ...
    if np.shape(found) != (5, 5):
        return f"α must be (5, 5), and it is {np.shape(found)}."
    if not np.isfinite(found).all():
        return "There is a NaN: one of the scores ahead is 900."
    if np.triu(found, 1).any():
        return "Row i must be exactly 0 in the columns after i."
    right = [np.pad(softmax(row[: i + 1]), (0, 4 - i)) for i, row in enumerate(e)]
    if not np.allclose(found, right):
        return "Row i shares 1 among the columns 0 … i, by the exponentials there."


def exercise_3(with_values):
    rng = np.random.default_rng(0)
    x, alpha = rng.normal(size=(5, 3)), softmax(rng.normal(size=(5, 5)))
    W_v = rng.normal(size=(2, 3))
    found = with_values(alpha @ x, W_v)
    if found is ...:
        return ...
    if np.shape(found) != (5, 2):
        return f"c must be (5, 2), and it is {np.shape(found)}: each row is W_v c_i."
    if not np.allclose(found, alpha @ (x @ W_v.T)):
        return "Σ α_ij W_v x_j = W_v Σ α_ij x_j: the map may come after the mean."


def exercise_4(heads):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(5, 4))
    maps = [[rng.normal(size=(k, 4)) for k in (3, 3, 2)] for _ in range(2)]
    found = heads(x.copy(), maps)
    if found is ...:
        return ...
    right = []
    for W_q, W_k, W_v in maps:
        e = (x @ W_q.T) @ (x @ W_k.T).T
        right.append(softmax(e / np.sqrt(3)) @ x @ W_v.T)
    if np.shape(found) != (5, 4):
        return f"Two heads of size 2 side by side are (5, 4), not {np.shape(found)}."
    if np.allclose(found, np.concatenate(right[::-1], axis=-1)):
        return "The heads stand in the wrong order."
    if not np.allclose(found, np.concatenate(right, axis=-1)):
        return "Of each head: q = W_q x, k = W_k x, v = W_v x, and e = q · k / √3."


def exercise_5(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not abs(measured - SHARE) < 0.01:
        return f"You measured {measured:.3f}. It is alpha[1, 0] with W_q / 3."
    if not abs(guess - SHARE) < 0.15:
        return (
            f"The measure is right, {measured:.2f}. For the guess: the score of the "
            "step before is 2/√4 = 1, those of the three others are 0."
        )


SHARE = np.e / (np.e + 3)  # one score of 1 among three of 0
