"""Checks of chapter 4.5, image captions."""

import numpy as np


def exercise_1(answer):
    if abs(answer - 4) < 1e-6:
        return "That is the weighted mean. The gate has still to let it pass."
    if abs(answer - 1.5) < 1e-6:
        return "That is the plain mean, gated: the weights are not equal."
    if not abs(answer - 2) < 1e-6:
        return "exp of the scores is 3, 1, 1, 1. Then z = σ(0) Σ α a."


def exercise_2(window_of):
    for kernels, strides in (
        ([5], [2]),
        ([3, 3], [1, 1]),
        ([8, 3], [4, 2]),
        ([3, 2, 5], [2, 3, 1]),
    ):
        found = window_of(list(kernels), list(strides))
        if found is ...:
            return ...
        side, apart = 1, 1
        for kernel, stride in zip(kernels, strides, strict=True):
            side, apart = side + (kernel - 1) * apart, apart * stride
        if tuple(found)[1] != apart:
            return "Two neighbours are as far apart as the product of the strides."
        if tuple(found)[0] != side:
            return (
                "Each convolution widens the window by kernel − 1 steps, as long as "
                "the strides below it make them."
            )


def exercise_3(uneven):
    rng = np.random.default_rng(0)
    alpha = rng.random((5, 4))
    real = np.array([True, True, False, True, False])
    for goal in (1.0, 0.5):
        found = uneven(alpha.copy(), real.copy(), goal)
        if found is ...:
            return ...
        if np.isclose(found, ((goal - alpha.sum(axis=0)) ** 2).sum()):
            return "The filling counts: leave out the rows that are not real."
        if np.isclose(found, ((goal - alpha[real].sum(axis=1)) ** 2).sum()):
            return "Those are sums over windows. Sum over the words of each window."
        if not np.isclose(found, ((goal - alpha[real].sum(axis=0)) ** 2).sum()):
            return "Σ_i (goal − Σ_t α_{t,i})²: first over words, then over windows."


def exercise_4(points_at):
    middles = np.array([[8, 8], [8, 16], [16, 8], [16, 16]])
    cases = [
        ([0.1, 0.7, 0.1, 0.1], (0, 10, 12, 20), True),
        ([0.1, 0.7, 0.1, 0.1], (10, 0, 20, 12), False),
        ([0.1, 0.1, 0.7, 0.1], (10, 0, 20, 12), True),
        ([0.7, 0.1, 0.1, 0.1], (8, 8, 12, 12), True),
        ([0.1, 0.1, 0.1, 0.7], (4, 4, 16, 16), False),
    ]
    for alpha, box, right in cases:
        found = points_at(np.array(alpha), middles.copy(), box)
        if found is ...:
            return ...
        if bool(found) != right:
            return (
                f"The peak lies at {middles[np.argmax(alpha)].tolist()}, row and "
                f"column; the box is {box}: that is {'in' if right else 'out'}side."
            )


def exercise_5(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if not abs(measured - SHARE) < 0.01:
        return f"You measured {measured:.3f}. It is the apple's weight at word 1."
    if not abs(guess - SHARE) < 0.15:
        return (
            f"The measure is right, {measured:.2f}. For the guess: the apple scores "
            "0.48 and three empty windows 0, and a softmax gives everything away."
        )


SCORE = np.exp(2 * (np.tanh(4) - np.tanh(1)))
SHARE = SCORE / (SCORE + 3)
