"""Chorales and networks: the loss, the error of each piece, a piece gone on with."""

import keras
import numpy as np
from keras import ops


class Nats(keras.losses.Loss):
    """−log p(frame), where the keys are independent given the past.

    Reads targets y of 0 and 1, and scores s before the sigmoid: (…, keys) both.
    """

    def call(self, y, s):
        return ops.sum(ops.softplus(s) - y * s, axis=-1)


def nats(model, part):
    """The error of a model of the next frame on each piece: (pieces,), nats a frame.

    Args:
        model: from frames (pieces, time, keys) to scores.
        part: as in `data.chorales.load`.
    """
    x, y, weight = part.next_frame()
    s = model.predict(x, batch_size=72, verbose=0)
    each = ((np.logaddexp(0, s) - y * s).sum(axis=-1) * weight).sum(axis=1)
    return each / weight.sum(axis=1)


def go_on(model, roll, frames, seed=0):
    """The roll (time, keys) with some frames more, each drawn as the model says."""
    rng = np.random.default_rng(seed)
    longer = np.pad(roll, ((0, frames), (0, 0)))
    for t in range(len(roll), len(longer)):
        s = ops.convert_to_numpy(model(longer[None, :t].astype("float32")))[0, -1]
        longer[t] = rng.random(len(s)) < 1 / (1 + np.exp(-s))
    return longer
