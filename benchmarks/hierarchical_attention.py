"""The layers of chapter 4.5.3: `python -m benchmarks.hierarchical_attention`.

Training steps on 50 documents of 6 sentences of 28 words, with 16 units a direction:
how many times as long as with plain means in the place of attention, and as a network
takes that reads the 168 words as one sentence.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.documents import COMPILE  # noqa: E402
from utils.layers.attention import attend  # noqa: E402
from utils.layers.hierarchical_attention import (  # noqa: E402
    AttentionPooling,
    HierarchicalAttentionNetwork,
)
from utils.timing import record, seconds, training_step  # noqa: E402

BATCH, SENTENCES, TIME, WORDS, WIDTH, UNITS = 50, 6, 28, 5000, 24, 16


class Mean(keras.layers.Layer):
    """Pooling with equal weights."""

    def call(self, h, mask=None):
        return attend(0 * h[..., 0], h, mask)


def both():
    """A GRU both ways."""
    gru = keras.layers.GRU(UNITS, return_sequences=True)
    return keras.layers.Bidirectional(gru)


def step(model, ids, jit):
    """One training step of a classifier of documents."""
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile("adam", loss, jit_compile=jit)
    return training_step(model, ids, np.zeros(len(ids), "int32"))


def hierarchical(ids, pooling, jit=COMPILE):
    """A training step with two levels."""
    parts = both(), pooling(), both(), pooling()
    model = HierarchicalAttentionNetwork(WORDS, WIDTH, 2, *parts)
    return step(model, ids, jit)


def flat(ids):
    """A training step with one level over all words."""
    inputs = keras.Input((SENTENCES * TIME,), dtype="int32")
    h = both()(keras.layers.Embedding(WORDS, WIDTH, mask_zero=True)(inputs))
    logits = keras.layers.Dense(2)(AttentionPooling(24)(h)[0])
    model = keras.Model(inputs, logits)
    return step(model, ids.reshape(len(ids), -1), COMPILE)


def main():
    """Measure and record."""
    ids = np.random.default_rng(0).integers(1, WORDS, (BATCH, SENTENCES, TIME))
    rivals = {
        "attention": hierarchical(ids, lambda: AttentionPooling(24)),
        "means": hierarchical(ids, Mean),
        "one level": flat(ids),
        "attention, XLA": hierarchical(ids, lambda: AttentionPooling(24), True),
    }
    time = seconds(rivals)
    size = f"{BATCH} documents of {SENTENCES} sentences of {TIME} words, {UNITS} units"
    results = {
        f"{size}: attention / means": time["attention"] / time["means"],
        f"{size}: two levels / one level": time["attention"] / time["one level"],
        f"{size}: XLA / graph": time["attention, XLA"] / time["attention"],
    }
    results = {name: round(value, 2) for name, value in results.items()}
    record("hierarchical_attention", results)


if __name__ == "__main__":
    main()
