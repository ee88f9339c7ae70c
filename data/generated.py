"""Sequences made by a rule, for claims that need a lag as a dial."""

import numpy as np

from utils.course import few


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
    sequences = len(few(range(sequences)))
    rng = np.random.default_rng(seed)
    x = np.zeros((sequences, time, 2), "float32")
    x[..., 0] = rng.uniform(size=(sequences, time))
    rows = np.arange(sequences)
    first = rng.integers(0, time // 2, size=sequences)
    second = rng.integers(time // 2, time, size=sequences)
    x[rows, first, 1] = x[rows, second, 1] = 1
    return x, (x[rows, first, :1] + x[rows, second, :1])


def spikes(steps, periods):
    """Timed spikes (Gers & Schmidhuber 2000): a 1 at every multiple of a period.

    The network is told the period at every step and has nothing else to count with.

    Args:
        steps: how long each sequence is.
        periods: steps from spike to spike, one sequence each; at least 2.

    Returns:
        x (periods, steps, 1) float32: the period, divided by the largest one;
        y (periods, steps, 1) float32: 1 at the steps period, 2 period, …, else 0.

    Raises:
        ValueError: a period is less than 2.
    """
    if min(periods) < 2:
        raise ValueError(f"periods must be at least 2, got {list(periods)}.")
    period = np.array(periods, "float32")[:, None, None]
    x = np.repeat(period / max(periods), steps, axis=1)
    return x, (np.arange(1, steps + 1)[None, :, None] % period == 0).astype("float32")


def copying(sequences, longest, symbols=8, backwards=False, seed=0):
    """Strings to be written again, or backwards: the order is all there is to know.

    All lengths from 1 to `longest` are equally likely.

    Args:
        sequences: how many.
        longest: the most symbols of a string, at least 1.
        symbols: how many different ones, at least 1.
        backwards: whether the last symbol is to be written first.
        seed: of the strings.

    Returns:
        x (sequences, longest) int32: symbols from 1 on, 0 fills up; y (sequences,
        longest + 2) int32: 1 (START), the symbols plus 2, 2 (END), then 0.

    Raises:
        ValueError: `longest` or `symbols` is less than 1.
    """
    if longest < 1 or symbols < 1:
        raise ValueError(
            f"longest and symbols must be at least 1, got {longest} and {symbols}."
        )
    sequences = len(few(range(sequences)))
    rng = np.random.default_rng(seed)
    length = rng.integers(1, longest + 1, size=(sequences, 1))
    x = rng.integers(1, symbols + 1, size=(sequences, longest), dtype="int32")
    place = np.arange(longest)
    x[place >= length] = 0
    turned = np.take_along_axis(x, (length - 1 - place) % longest, axis=1)
    y = np.zeros((sequences, longest + 2), "int32")
    y[:, 0] = 1
    y[:, 1:-1] = np.where(place < length, (turned if backwards else x) + 2, 0)
    y[np.arange(sequences), length[:, 0] + 1] = 2
    return x, y
