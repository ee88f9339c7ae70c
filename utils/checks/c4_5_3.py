"""Checks of chapter 4.5.3, hierarchical attention."""

import warnings

import numpy as np


def pooled(h, real, W, b, u):
    """s and α, filling left out."""
    alpha = np.zeros(len(h))
    if real.any():
        e = np.tanh(h[real] @ W.T + b) @ u
        alpha[real] = np.exp(e - e.max()) / np.exp(e - e.max()).sum()
    return alpha @ h, alpha


def exercise_1(answer):
    if abs(answer - 0.4) < 1e-6:
        return "That is its weight in its sentence. What does the sentence weigh?"
    if not abs(answer - 0.3) < 1e-6:
        return "v = Σ_i α_i s_i, and s_i = Σ_t α_it h_it: the two weights multiply."


def exercise_2(pool_masked):
    rng = np.random.default_rng(0)
    h, W, b, u = (rng.normal(size=s) for s in ((5, 3), (4, 3), 4, 4))
    h[2] = 1000.0
    real = np.array([True, True, False, True, False])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        found = pool_masked(h.copy(), real.copy(), W, b, u)
        if found is ...:
            return ...
        s, alpha = found
        if np.shape(s) != (3,) or np.shape(alpha) != (5,):
            return f"The shapes are {np.shape(s)}, {np.shape(alpha)}, not (3,), (5,)."
        if np.allclose(alpha, pooled(h, np.ones(5, bool), W, b, u)[1]):
            return "Filling has weight yet: leave it out of the softmax."
        right = pooled(h, real, W, b, u)
        if not np.allclose(alpha, right[1]):
            return "e_t = tanh(W h_t + b) · u, then a softmax over the real steps only."
        if not np.allclose(s, right[0]):
            return "α is right. s is the sum of α_t h_t."
        empty = pool_masked(h.copy(), np.zeros(5, bool), W, b, u)
        if np.any(empty[0]) or np.any(empty[1]):
            return "A sentence of filling gives zeros, for s and for α."


def exercise_3(masks):
    ids = np.array([[[3, 0], [0, 0], [0, 4]], [[1, 2], [0, 0], [0, 0]]])
    found = masks(ids.copy())
    if found is ...:
        return ...
    words, sentences = found
    if np.shape(words) != (2, 3, 2) or np.shape(sentences) != (2, 3):
        return f"The shapes are {np.shape(words)} and {np.shape(sentences)}."
    if not np.array_equal(words, ids > 0):
        return "A word is real where its id is not 0."
    if not np.array_equal(sentences, [[True, False, True], [True, False, False]]):
        return "A sentence is real if any of its words is, also in the middle."


def exercise_4(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not abs(measured - SHARE) < 0.005:
        return f"You measured {measured:.3f}. It is the second entry of `of_sentences`."
    if not abs(guess - SHARE) < 0.1:
        return (
            f"The measure is right, {measured:.2f}. For the guess: s_2 is nearly the "
            "vector of *loved*, so its score is nearly 6 tanh 1 = 4.6."
        )


def exercise_5(buckets):
    lengths = np.array([3, 9, 1, 4, 8, 2, 7])
    found = buckets(lengths.copy(), 2)
    if found is ...:
        return ...
    found = [np.asarray(batch, int) for batch in found]
    if sorted(np.concatenate(found).tolist()) != list(range(7)):
        return "Each document must be in one batch, and in one only."
    if max(map(len, found)) > 2:
        return "A batch has more than `size` documents."
    if len(found) > 4:
        return "There are more batches than needed: seven documents make four."
    filling = sum((lengths[b].max() - lengths[b]).sum() for b in found)
    if filling > LEAST:
        return f"The filling is {filling}, and {LEAST} is possible: sort first."


_scores = np.tanh(1.0) * 6
_loved = np.exp(_scores) / (np.exp(_scores) + 3)
_second = 6 * np.tanh(_loved)
SHARE = np.exp(_second) / (np.exp(_second) + 1)
LEAST = 3  # (1, 2), (3, 4), (7, 8), 9
