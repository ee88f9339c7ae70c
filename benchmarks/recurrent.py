"""The cell of chapter 4.0: `python -m benchmarks.recurrent`.

Training steps of one layer. Ratios of the time of Keras's SimpleRNN to ours: above 1,
ours is faster.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.recurrent import SimpleCell  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402

# batch, steps, features, units
SIZES = (64, 100, 128, 128), (128, 28, 28, 128)


def step(layer, size):
    """One training step of a network with this layer, on random sequences."""
    batch, steps, features, units = size
    inputs = keras.Input((steps, features))
    model = keras.Model(inputs, layer(inputs))
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(batch, steps, features))
    return training_step(model, x.astype("float32"), np.zeros((batch, units)))


def main():
    """Measure and record."""
    results = {}
    for size in SIZES:
        batch, steps, _, units = size
        rivals = {
            "ours": step(keras.layers.RNN(SimpleCell(units)), size),
            "Keras": step(keras.layers.SimpleRNN(units), size),
        }
        time = seconds(rivals, rounds=60)
        name = f"batch {batch}, {steps} steps, {units} units: SimpleRNN / ours"
        results[name] = round(time["Keras"] / time["ours"], 2)
    record("recurrent", results)


if __name__ == "__main__":
    main()
