"""The layers of chapter 4.5.1: `python -m benchmarks.local_attention`.

A decoder with global attention, and one with a predicted window, at growing source
lengths; all of it, the keys included. Batch 16, 50 steps of target, 128 features and
units, a window of 21 positions. Times are shares of the time that global attention with
the same score takes at the shortest source, writing (forwards only) or training.
"""

import keras
import numpy as np
from keras import ops

from utils.course import setup

setup()

from utils.layers.attention import (  # noqa: E402
    AdditiveAttention,
    AttentionDecoder,
    MultiplicativeAttention,
)
from utils.layers.local_attention import PredictiveAttention  # noqa: E402
from utils.timing import record, seconds  # noqa: E402

BATCH, STEPS, UNITS, WINDOW = 16, 50, 128, 10
LENGTHS = (16, 32, 64, 128, 256, 512, 1024, 2048)
SCORES = {
    "additive": lambda: AdditiveAttention(UNITS),
    "dot": lambda: MultiplicativeAttention("dot"),
}


def rivals(score, length, reaches=("global", "local")):
    """(reach, what is done) → a function that does it once and waits."""
    sizes = (BATCH, STEPS, UNITS), (BATCH, length, UNITS)
    rng = np.random.default_rng(0)
    given = [ops.convert_to_tensor(rng.normal(size=s).astype("float32")) for s in sizes]
    wanted = ops.zeros(sizes[0])
    found = {}
    for reach in reaches:
        attention = SCORES[score]()
        if reach == "local":
            attention = PredictiveAttention(attention, WINDOW, UNITS)
        inputs = [keras.Input(size[1:]) for size in sizes]
        decoder = AttentionDecoder(keras.layers.GRUCell(UNITS), attention)
        model = keras.Model(inputs, decoder(*inputs)[0])
        model.compile("adam", "mse")
        found[reach, "writing"] = lambda model=model: model.predict_on_batch(given)
        found[reach, "training"] = lambda model=model: model.train_on_batch(
            given, wanted
        )
    return found


def main():
    """Measure and record."""
    time = {}
    for score in SCORES:
        base = rivals(score, LENGTHS[0], ["global"])
        base = {("base", what): run for (_, what), run in base.items()}
        for length in LENGTHS:
            # the shortest takes part each time, so that a busy minute hits both
            found = seconds(base | rivals(score, length), rounds=9)
            for (reach, what), taken in found.items():
                if reach != "base":
                    name = f"{score}, {what}, {length} source steps, {reach}"
                    time[name] = round(taken / found["base", what], 2)
    record("local_attention", time)


if __name__ == "__main__":
    main()
