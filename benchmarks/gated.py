"""The layer of chapter 4.3.3: `python -m benchmarks.gated`.

Training steps of one layer, batch 64, 128 features in, 128 units. Ratios of the
rival's time to ours: above 1, ours is faster.
"""

import keras

from utils.course import setup

setup()

from utils.layers.gated import Gated  # noqa: E402
from utils.layers.lstm import LSTM  # noqa: E402
from utils.timing import record, seconds, step_of_layer  # noqa: E402

BATCH, STEPS, UNITS = 64, 100, 128


def step(kind, **functions):
    """One training step of a layer."""
    layer = kind(UNITS, return_sequences=True, **functions)
    return step_of_layer(layer, (BATCH, STEPS, UNITS))


def main():
    """Measure and record."""
    slow = {"recurrent_activation": "hard_sigmoid", "activation": "relu"}
    rivals = {
        "keras.layers.LSTM": step(keras.layers.LSTM),
        "LSTM of chapter 4.3.1": step(LSTM),
        "ours": step(Gated),
        "keras.layers.LSTM, hard sigmoid and relu": step(keras.layers.LSTM, **slow),
        "ours, hard sigmoid and relu": step(
            Gated, gate="hard_sigmoid", activation="relu"
        ),
        "ours, gates alone": step(Gated, without=("W_c", "q")),
    }
    time = seconds(rivals, rounds=40)
    pairs = [
        ("keras.layers.LSTM", "ours"),
        ("LSTM of chapter 4.3.1", "ours"),
        ("keras.layers.LSTM, hard sigmoid and relu", "ours, hard sigmoid and relu"),
        ("ours", "ours, gates alone"),
    ]
    results = {"size": f"batch {BATCH}, {STEPS} steps, {UNITS} units"}
    for one, other in pairs:
        results[f"{one} / {other}"] = round(time[one] / time[other], 2)
    record("gated", results)


if __name__ == "__main__":
    main()
