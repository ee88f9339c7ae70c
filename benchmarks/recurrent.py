"""The cell of chapter 4.0: `python -m benchmarks.recurrent`.

Training steps of one layer. Ratios of the time of Keras's SimpleRNN to ours: above 1,
ours is faster.
"""

import keras

from utils.course import setup

setup()

from utils.layers.recurrent import SimpleCell  # noqa: E402
from utils.timing import record, seconds, step_of_layer  # noqa: E402

# batch, steps, features, units
SIZES = (64, 100, 128, 128), (128, 28, 28, 128)


def main():
    """Measure and record."""
    results = {}
    for size in SIZES:
        *shape, units = size
        rivals = {
            "ours": step_of_layer(keras.layers.RNN(SimpleCell(units)), shape),
            "Keras": step_of_layer(keras.layers.SimpleRNN(units), shape),
        }
        time = seconds(rivals, rounds=60)
        name = f"batch {shape[0]}, {shape[1]} steps, {units} units: SimpleRNN / ours"
        results[name] = round(time["Keras"] / time["ours"], 2)
    record("recurrent", results)


if __name__ == "__main__":
    main()
