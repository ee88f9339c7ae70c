"""Train and question networks that read ids (documents, sentences, words)."""

import functools

import keras
import numpy as np

from utils.training import fit

BATCH = 50  # documents of a training step
MANY = 500  # documents that are questioned at once
# XLA needs six to eight times as long for recurrent layers over many short rows on a
# CPU; JAX has no other way.
COMPILE = "auto" if keras.backend.backend() == "jax" else False


def ready(model, rate, *inputs):
    """The model with its weights made, compiled with AdamW and the cross-entropy.

    Args:
        model: of `inputs`, arrays of documents; it returns logits.
        rate: of learning.
    """
    few = [rows[:2] for rows in inputs]
    model(few[0] if len(few) == 1 else few)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    optimizer = keras.optimizers.AdamW(rate, weight_decay=0.05, clipnorm=1.0)
    model.compile(optimizer, loss, jit_compile=COMPILE)
    return model


def practise(model, train, validation, epochs, steps, patience=2):
    """Fit a model; keep the epoch that is best on validation documents.

    Args:
        model: of `ready`.
        train, validation: (x, labels).
        epochs: the most; steps: of 50 documents, in each of them.
        patience: stop when the loss has not fallen for so many.

    Returns:
        The validation loss of each epoch.
    """
    stop = keras.callbacks.EarlyStopping(patience=patience, restore_best_weights=True)
    options = {"callbacks": [stop], "batch_size": BATCH, "steps_per_epoch": steps}
    options |= {"validation_data": validation, "validation_batch_size": MANY}
    return fit(model, *train, epochs=epochs, **options)["val_loss"]


def look(model, ids):
    """Logits, sentence weights and word weights for all documents, as arrays.

    Args:
        model: a `HierarchicalAttentionNetwork`.
        ids: (documents, sentences, words).
    """
    return _with_attention(model).predict(ids, batch_size=MANY, verbose=0)


@functools.lru_cache(4)
def _with_attention(model):
    """The model with its weights put out too, traced once for all its seeds."""
    ids = keras.Input((None, None), dtype="int32")
    whole = keras.Model(ids, model(ids, attention=True))
    whole.compile(jit_compile=COMPILE)
    return whole


def without(ids, place):
    """The documents with one sentence each made empty: place (documents,)."""
    gone = np.arange(ids.shape[1]) == place[:, None]
    return np.where(gone[..., None], 0, ids)


def p_of(logits, labels):
    """The probability of one label a document: (documents,)."""
    logits = logits.astype("float64")
    p = np.exp(logits - np.logaddexp.reduce(logits, axis=-1, keepdims=True))
    return p[np.arange(len(p)), labels]


def shuffled(alpha, ids, seed=0):
    """The sentence weights of each document, dealt out anew among its sentences."""
    rng, out = np.random.default_rng(seed), np.zeros_like(alpha)
    for i, real in enumerate((ids > 0).any(axis=-1)):
        out[i, real] = rng.permutation(alpha[i, real])
    return out


def distance(alpha, other):
    """Half the sum of absolute differences, the mean over documents: 0 to 1."""
    return np.abs(alpha - other).sum(axis=-1).mean() / 2


class PlaceRule:
    """The place that was decisive most often in training, by number of sentences.

    Args:
        ids, decisive: of the training documents.
    """

    def __init__(self, ids, decisive):
        self.counts = np.zeros((ids.shape[1] + 1, ids.shape[1]))
        np.add.at(self.counts, (_sentences(ids), decisive), 1)

    def __call__(self, ids):
        """The place in each of other documents."""
        return self.counts[_sentences(ids)].argmax(axis=-1)


def _sentences(ids):
    return (ids > 0).any(axis=-1).sum(axis=-1)


def heaviest_words(ids, alpha, names, least=5):
    """Words by their mean weight, in multiples of an equal share of their sentence.

    Args:
        ids: (sentences, words). alpha: of that shape, the weights.
        names: what the ids stand for.
        least: a word that occurs more rarely is left out.

    Returns:
        List of (word, multiple, occurrences), the heaviest first.
    """
    times = alpha * (ids > 0).sum(axis=-1, keepdims=True)
    count = np.bincount(ids.ravel(), minlength=len(names))
    total = np.bincount(ids.ravel(), times.ravel(), minlength=len(names))
    kept = [i for i in range(2, len(names)) if count[i] >= least]
    rows = [(names[i], total[i] / count[i], int(count[i])) for i in kept]
    return sorted(rows, key=lambda row: -row[1])
