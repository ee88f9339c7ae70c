"""Linear probes: how much of a property can be read from a network's states."""

import numpy as np


def unexplained(states, wanted, new_states, new_wanted, lengths):
    """The share of a property's variance that least squares misses, piece by piece.

    Args:
        states, wanted: (frames, units), (frames, columns): what the probe learns from.
        new_states, new_wanted: the same for the frames it is tested on.
        lengths: frames of each piece among those, in order.

    Returns:
        (pieces,): 0 where all is explained, 1 where the mean is as good a guess.
    """
    ones = np.ones((len(states), 1))
    fit = np.linalg.lstsq(np.hstack([states, ones]), wanted, rcond=None)[0]
    guess = new_states @ fit[:-1] + fit[-1]
    variance = ((new_wanted - wanted.mean(axis=0)) ** 2).sum(axis=1).mean()
    missed = ((guess - new_wanted) ** 2).sum(axis=1) / variance
    pieces = np.split(missed, np.cumsum(lengths)[:-1])
    return np.array([piece.mean() for piece in pieces])
