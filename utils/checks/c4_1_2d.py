"""Checks of chapter 4.1 in two dimensions, the RNN over an image."""

import math

import numpy as np


def exercise_1(answer):
    guess, measured = answer
    if guess is ... or measured is ...:
        return ...
    if measured == 13:
        return "That is one layer. Put a second one on top, with weights of its own."
    if measured != 49:
        return "Count the pixels of `field(…)` that are above 0, as for Figure 2."
    if guess != 49:
        return (
            f"You predicted {guess}, and it sees {measured}. Which outputs of the "
            "first layer does the middle see, and what have they seen?"
        )


def exercise_2(renet):
    rng = np.random.default_rng(0)
    rows, columns, d, n = 3, 5, 2, 4
    x = rng.normal(size=(rows, columns, d))
    vertical, horizontal = (
        [rng.normal(size=s) for s in 2 * [(k, n), (n, n), (n,)]] for k in (d, 2 * n)
    )
    found = renet(x, vertical, horizontal)
    if found is ...:
        return ...
    right = _both(_both(x.swapaxes(0, 1), vertical).swapaxes(0, 1), horizontal)
    if np.shape(found) != right.shape:
        return (
            f"H of a picture of {rows} × {columns} with 4 units is "
            f"{right.shape}, yours is {np.shape(found)}."
        )
    if np.allclose(found, _both(_both(x, vertical), horizontal)):
        return "Both of your sweeps run along the rows. The first is vertical."
    if not np.allclose(found, right):
        return "The vertical sweeps run over x, and the horizontal ones over [↓v; ↑v]."


def _both(x, weights):
    """Both sweeps along the rows of x, side by side."""
    found = []
    for way, (U, W, b) in zip((1, -1), (weights[:3], weights[3:]), strict=True):
        h, steps = np.zeros((len(x), len(b))), []
        for column in x.swapaxes(0, 1)[::way]:
            h = np.tanh(b + column @ U + h @ W)
            steps.append(h)
        found.append(np.stack(steps[::way], axis=1))
    return np.concatenate(found, axis=-1)


def exercise_3(answer):
    first = math.tanh(1)
    if abs(answer - math.tanh(2 * math.tanh(first))) < 6e-4:
        return "W₂ is −1. What comes from the left changes its sign, at each step."
    if not abs(answer + math.tanh(2 * math.tanh(first))) < 6e-4:
        return "Compute h(1,1) first, then its two neighbours; the last gets both."


def exercise_4(steps):
    if steps(2, 3) is ...:
        return ...
    for H, W in (2, 3), (28, 28), (14, 56):
        found = tuple(steps(H, W))
        right = H + W, H + W - 1, H * W
        for name, one, other in zip(
            ("ReNet", "the anti-diagonals", "the loop"), found, right, strict=True
        ):
            if one != other:
                return f"Count again for {name} on {H} × {W} pixels."
