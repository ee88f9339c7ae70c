"""Sequences made by a rule, for claims that need a lag as a dial."""

import numpy as np


def adding(sequences, time, seed=0):
    """The adding problem (Hochreiter & Schmidhuber 1997): add the two marked numbers.

    One mark stands in the first half of the sequence, one in the second. Who always
    answers 1 has a mean squared error of 1/6.

    Args:
        sequences: how many.
        time: steps, at least 2.
        seed: of the numbers.

    Returns:
        x (sequences, time, 2) float32: a number from 0 to 1, and 1 where it is marked;
        y (sequences, 1) float32: the sum of the two marked numbers.

    Raises:
        ValueError: `time` is less than 2.
    """
    if time < 2:
        raise ValueError(f"time must be at least 2, got {time}.")
    rng = np.random.default_rng(seed)
    x = np.zeros((sequences, time, 2), "float32")
    x[..., 0] = rng.uniform(size=(sequences, time))
    rows = np.arange(sequences)
    first = rng.integers(0, time // 2, size=sequences)
    second = rng.integers(time // 2, time, size=sequences)
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, (x[rows, first, :1] + x[rows, second, :1])


def spikes(sequences, time, periods, seed=0):
    """Generate timed spikes (Gers & Schmidhuber 2000): a 1 after every `period` steps.

    The network is told the period at every step and has nothing else to count with.

    Args:
        sequences: how many.
        time: steps.
        periods: each sequence gets one of these at random.
        seed: of the choice.

    Returns:
        x (sequences, time, 1) float32: the period, divided by the largest one;
        y (sequences, time, 1) float32: 1 at the steps period, 2 period, …, else 0.

    Raises:
        ValueError: a period is less than 2.
    """
    if min(periods) < 2:
        raise ValueError(f"periods must be at least 2, got {list(periods)}.")
    chosen = np.random.default_rng(seed).choice(periods, size=(sequences, 1, 1))
    x = np.repeat(chosen / max(periods), time, axis=1).astype("float32")
    steps = np.arange(1, time + 1)[None, :, None]
    return x, (steps % chosen == 0).astype("float32")
