"""The layers of chapter 4.3.1: `python -m benchmarks.lstm`.

Training steps of one layer, batch 64, 128 features in, 128 units. Ratios of the
rival's time to ours: above 1, ours is faster. PyTorch takes part where it is installed.
"""

import keras

from utils.course import setup

setup()

from utils.layers.lstm import LSTM  # noqa: E402
from utils.layers.peepholes import PeepholeLSTM  # noqa: E402
from utils.timing import record, seconds, step_of_layer, step_of_torch  # noqa: E402

BATCH, STEPS, UNITS = 64, 100, 128


def step(kind, steps=STEPS):
    """One training step of a layer."""
    layer = kind(UNITS, return_sequences=True)
    return step_of_layer(layer, (BATCH, steps, UNITS))


def main():
    """Measure and record."""
    rivals = {
        "Keras": step(keras.layers.LSTM),
        "ours": step(LSTM),
        "peephole": step(PeepholeLSTM),
    }
    rivals |= step_of_torch("LSTM", UNITS, (BATCH, STEPS, UNITS))
    time = seconds(rivals, rounds=60)
    size = f"batch {BATCH}, {STEPS} steps, {UNITS} units"
    results = {f"{size}: keras.layers.LSTM / ours": time["Keras"] / time["ours"]}
    if "torch" in time:
        results[f"{size}: torch.nn.LSTM / ours"] = time["torch"] / time["ours"]
    results[f"{size}: PeepholeLSTM / LSTM"] = time["peephole"] / time["ours"]
    lengths = seconds({steps: step(LSTM, steps) for steps in (50, 100, 200, 400)})
    for steps, value in lengths.items():
        results[f"time at {steps} steps / at 50 steps"] = value / lengths[50]
    record("lstm", {name: round(value, 2) for name, value in results.items()})


if __name__ == "__main__":
    main()
