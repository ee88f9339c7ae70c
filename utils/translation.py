"""Train and question models from symbols to symbols, as `AttentionModel` is one.

A text is a row of ids x (time,), filled up with 0, and a row y that begins with START
and ends with END. A model maps [x, y without its last id] to logits of the next ids.
"""

import keras
import numpy as np
from keras import ops

from utils.training import fit, widest

BATCH = 500  # texts that are questioned at once


def lesson(x, y, *more):
    """What `fit` is given: [x, y so far, …] and the next y."""
    return {"x": [x, y[:, :-1], *more], "y": y[:, 1:]}


def ready(model, rate, inputs=2):
    """The model with its weights made, compiled with Adam and the cross-entropy.

    Filling (0) does not count in the loss.

    Args:
        model: of [x, y], or of [x, y, weights (texts, target time, source time)].
        rate: of learning.
        inputs: 2 or 3.
    """
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)
    model.compile(keras.optimizers.Adam(rate, global_clipnorm=1.0), loss)
    ids = np.ones((2, 3), "int32")
    model([ids, ids, np.ones((2, 3, 3), "float32")][:inputs])
    return model


def of_equal_size(makers, budget, most):
    """name → function from a rate to the widest such model that the budget allows.

    Prints what is in it.

    Args:
        makers: name → function from n and a rate to a model.
        budget: the most weights.
        most: the largest n.
    """
    found = {}
    for name, make in makers.items():
        n = widest(lambda n, make=make: make(n, 1e-3), budget, most)
        found[name] = lambda rate, make=make, n=n: make(n, rate)
        print(f"{name}: n = {n}, {make(n, 1e-3).count_params()} weights")
    return found


def practise(model, train, validation, epochs, patience=None):
    """Fit a model; keep the epoch that is best on validation texts.

    Args:
        model: compiled.
        train, validation: (x, y), or (x, y, weights).
        epochs: the most.
        patience: stop when the loss has not fallen for so many; by default never.

    Returns:
        The validation loss of each epoch.
    """
    stop = keras.callbacks.EarlyStopping(
        patience=patience or epochs, restore_best_weights=True
    )
    options = {"callbacks": [stop], "batch_size": 32, "validation_batch_size": BATCH}
    options["validation_data"] = tuple(lesson(*validation).values())
    return fit(model, epochs=epochs, **lesson(*train), **options)["val_loss"]


def look(model, x, y):
    """α of an `AttentionModel` for all texts: (texts, target time, source time)."""
    found = []
    for i in range(0, len(x), BATCH):
        rows = [x[i : i + BATCH], y[i : i + BATCH, :-1]]
        found.append(ops.convert_to_numpy(model(rows, attention=True)[1]))
    return np.concatenate(found)


def errors(model, x, y, *more):
    """The share of wrong symbols, given the right ones before: (texts,)."""
    said = model.predict([x, y[:, :-1], *more], batch_size=BATCH, verbose=0).argmax(-1)
    real = y[:, 1:] > 0
    return ((said != y[:, 1:]) & real).sum(axis=1) / real.sum(axis=1)


def drops(model, x, y, alpha, asked, width=3, seed=0):
    """By how much p(right symbol) falls when some of the source is hidden.

    For each target position that is asked about, `width` source positions in a row
    become filling: those that get the most attention, or others, chosen at random.

    Args:
        model: compiled or not, of [x, y].
        x, y: (texts, time); each source has at least 3 times `width` symbols.
        alpha: (texts, target time, source time), of the model.
        asked: bools (texts, target time); at least one a text.

    Returns:
        Two arrays (texts,): the mean drop where the attended were hidden, or others.
    """
    i, j = np.nonzero(asked)
    source, target = x[i], y[i]
    starts = np.arange(x.shape[1] - width + 1)
    weight = sum(alpha[i, j, k : k + len(starts)] for k in range(width))
    inside = starts + width <= (source > 0).sum(axis=1)[:, None]
    most = np.where(inside, weight, -1).argmax(axis=1)
    free = inside & (np.abs(starts - most[:, None]) >= width)
    other = (np.random.default_rng(seed).random(free.shape) * free).argmax(axis=1)
    place, rows, p = np.arange(x.shape[1]), np.arange(len(i)), []
    for start in (None, most, other):
        shown = source
        if start is not None:
            begin = start[:, None]
            shown = np.where((place >= begin) & (place < begin + width), 0, source)
        said = model.predict([shown, target[:, :-1]], batch_size=BATCH, verbose=0)
        logits = said[rows, j].astype("float64")
        right = logits[rows, target[rows, j + 1]]
        p.append(np.exp(right - np.logaddexp.reduce(logits, axis=-1)))
    fell = [np.bincount(i, p[0] - hidden) / np.bincount(i) for hidden in p[1:]]
    return tuple(fell)
