"""Linear probes: how much of a property can be read from a network's states."""

import numpy as np
from keras import ops


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


def properties(part):
    """What a probe may be asked for at each real frame of chorales.

    Args:
        part: as in `data.chorales.load`.

    Returns:
        "notes" → (frames, 46), what sounds; "key" → (frames, 9), the signature of the
        piece, from four flats to four sharps.
    """
    key = np.repeat(part.signature[:, None], part.rolls.shape[1], axis=1)[part.real]
    notes, key = part.rolls[part.real], key[:, None] == np.arange(-4, 5)
    return {"notes": notes.astype(float), "key": key.astype(float)}


def read_layers(stack, learn, test):
    """How well the frame itself, and each layer of a stack, tells the properties.

    Args:
        stack: from frames (pieces, time, 46) to the states of its two layers, of the
            same size, side by side.
        learn, test: the parts that the probe learns from, and is tested on.

    Returns:
        (property, layer, pieces of `test`): what `unexplained` says; layer 0 is the
        frame.
    """
    layers = [_layers(stack, part) for part in (learn, test)]
    wanted = [properties(part) for part in (learn, test)]
    return np.array(
        [
            [
                unexplained(x, wanted[0][name], new, wanted[1][name], test.lengths)
                for x, new in zip(*layers, strict=True)
            ]
            for name in wanted[0]
        ]
    )


def _layers(stack, part):
    states = ops.convert_to_numpy(stack(part.rolls.astype("float32")))[part.real]
    return part.rolls[part.real], *np.split(states, 2, axis=1)
