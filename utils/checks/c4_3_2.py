"""Checks of chapter 4.3.2, GRU."""

import numpy as np


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def packed(d=3, n=4, seed=0):
    """Random x, h and Keras's three arrays, and the size n."""
    rng = np.random.default_rng(seed)
    shapes = d, n, (d, 3 * n), (n, 3 * n), 3 * n
    return [rng.normal(size=shape) for shape in shapes], n


def step(x, h, kernel, recurrent_kernel, bias, after=None):
    """z, r, c of one step; `after` is the second bias of the other form."""
    a_z, a_r, a_c = np.split(x @ kernel + bias, 3)
    W_z, W_r, W = np.split(recurrent_kernel, 3, axis=1)
    b_z, b_r, b_c = np.split(0 * bias if after is None else after, 3)
    z, r = sigmoid(a_z + h @ W_z + b_z), sigmoid(a_r + h @ W_r + b_r)
    seen = (r * h) @ W if after is None else r * (h @ W + b_c)
    return z, r, np.tanh(a_c + seen)


def exercise_1(answer):
    if abs(answer - 0.25**3) < 6e-4:
        return "Which of z and 1 − z stands in front of the old state?"
    if abs(answer - 0.75) < 6e-4:
        return "That is the first step. Two more follow."
    if not abs(answer - 0.75**3) < 6e-4:
        return "The candidate is tanh 0 = 0, so only z ⊙ h is left at each step."


def exercise_2(convert):
    (x, h, *weights), n = packed()
    found = convert(*[w.copy() for w in weights])
    if found is ...:
        return ...
    shapes = [np.shape(w) for w in found]
    if shapes != [w.shape for w in weights]:
        return f"Return three arrays of the old shapes, not {shapes}."
    z, _, c = step(x, h, *weights)
    wanted = (1 - z) * h + z * c
    z, _, c = step(x, h, *found)
    if not np.allclose(z * h + (1 - z) * c, wanted):
        return "1 − σ(a) = σ(−a): whose sign must change, and whose must not?"


def exercise_3(late_step):
    (x, h, kernel, recurrent_kernel, bias), n = packed()
    both = np.stack([bias, np.random.default_rng(1).normal(size=3 * n)])
    found = late_step(x, h, kernel, recurrent_kernel, both)
    if found is ...:
        return ...
    z, _, c = step(x, h, kernel, recurrent_kernel, both[0], both[1])
    if np.allclose(found, z * h + (1 - z) * c):
        return None
    z, _, c = step(x, h, kernel, recurrent_kernel, both.sum(axis=0))
    if np.allclose(found, z * h + (1 - z) * c):
        return "That is the gate before the product, with the two biases added up."
    return (
        "The second bias of the candidate stands inside the bracket that r multiplies."
    )


def exercise_4(answer):
    U_r, W_r, b_r = map(np.asarray, answer)
    d, n = 2, 3
    if (U_r.shape, W_r.shape, b_r.shape) != ((n, d), (n, n), (n,)):
        return f"The shapes must be ({n}, {d}), ({n}, {n}) and ({n},)."
    if not (np.any(U_r) and np.any(W_r)):
        return "The gate must look at input and state: no matrix may be 0."
    (x, h, kernel, recurrent_kernel, bias), _ = packed(d, n)
    kernel[:, n : 2 * n], bias[n : 2 * n] = U_r.T, b_r
    recurrent_kernel[:, n : 2 * n] = W_r.T
    _, r, early = step(x, h, kernel, recurrent_kernel, bias)
    _, _, late = step(x, h, kernel, recurrent_kernel, bias, 0 * bias)
    if not (0.02 < r).all() or not (r < 0.98).all():
        return "Here the gate is open or shut; smaller weights leave it in between."
    if not np.allclose(early, late, atol=1e-9):
        return "W may be anything. What must r be, so that W (r ⊙ h) = r ⊙ (W h)?"


def exercise_5(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    kept = 0.98**50
    if not LOW < measured < HIGH:
        return f"You measured {measured:.2g}. Is z held at 0.98, and r at 1?"
    if not kept / 3 < guess < 3 * kept:
        return (
            f"The measure is right, {measured:.2f}. For the guess: each step keeps "
            "0.98 of the gradient, fifty times; the rest brings little."
        )


LOW, HIGH = 0.2, 0.9  # around what one seed leaves
