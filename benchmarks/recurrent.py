"""Speed of `SimpleCell` against Keras's SimpleRNN, in one run.

python -m benchmarks.recurrent
"""

import keras
import numpy as np

from utils import timing
from utils.layers.recurrent import SimpleCell

# name → batch, steps, features, units
SIZES = {"M": (64, 100, 128, 128), "I": (128, 28, 28, 128)}


def step(layer, size):
    """A function that makes one training step of a network with this layer."""
    batch, steps, features, units = size
    rng = np.random.default_rng(0)
    x = rng.normal(size=(batch, steps, features)).astype("float32")
    y = rng.normal(size=(batch, units)).astype("float32")
    model = keras.Sequential([keras.Input((steps, features)), layer])
    model.compile("sgd", "mse")
    return timing.training_step(model, x, y)


def main():
    """Time all rivals and record the ratios."""
    results = {}
    for name, size in SIZES.items():
        units = size[-1]
        rivals = {
            "ours": step(keras.layers.RNN(SimpleCell(units)), size),
            "keras": step(keras.layers.SimpleRNN(units), size),
        }
        seconds = timing.seconds(rivals)
        key = f"{name} {'·'.join(map(str, size))}: SimpleRNN / ours"
        results[key] = round(seconds["keras"] / seconds["ours"], 2)
    timing.record("recurrent", results)


if __name__ == "__main__":
    main()
