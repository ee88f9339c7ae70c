"""The layers of chapter 4.3.1: `python -m benchmarks.lstm`.

Training steps of one layer, batch 64, 128 features in, 128 units. Ratios of the
rival's time to ours: above 1, ours is faster. PyTorch takes part where it is installed.
"""

import importlib.util

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.lstm import LSTM  # noqa: E402
from utils.layers.peepholes import PeepholeLSTM  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402

BATCH, STEPS, UNITS = 64, 100, 128


def step(layer, steps=STEPS):
    """One training step of a layer on random sequences."""
    inputs = keras.Input((steps, UNITS))
    model = keras.Model(inputs, layer(inputs))
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(BATCH, steps, UNITS)).astype("float32")
    return training_step(model, x, np.zeros((BATCH, steps, UNITS), "float32"))


def ours(kind, steps=STEPS):
    """One training step of our layer."""
    return step(kind(UNITS, return_sequences=True), steps)


def torch_step():
    """The same step in PyTorch."""
    import torch

    layer = torch.nn.LSTM(UNITS, UNITS, batch_first=True)
    optimizer = torch.optim.Adam(layer.parameters())
    x = np.random.default_rng(0).normal(size=(BATCH, STEPS, UNITS)).astype("float32")

    def run():
        optimizer.zero_grad()
        y, _ = layer(torch.tensor(x))
        loss = (y**2).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return run


def main():
    """Measure and record."""
    rivals = {
        "Keras": step(keras.layers.LSTM(UNITS, return_sequences=True)),
        "ours": ours(LSTM),
        "peephole": ours(PeepholeLSTM),
    }
    if importlib.util.find_spec("torch"):
        rivals["torch"] = torch_step()
    time = seconds(rivals, rounds=60)
    size = f"batch {BATCH}, {STEPS} steps, {UNITS} units"
    results = {f"{size}: keras.layers.LSTM / ours": time["Keras"] / time["ours"]}
    if "torch" in time:
        results[f"{size}: torch.nn.LSTM / ours"] = time["torch"] / time["ours"]
    results[f"{size}: PeepholeLSTM / LSTM"] = time["peephole"] / time["ours"]
    lengths = seconds({steps: ours(LSTM, steps) for steps in (50, 100, 200, 400)})
    for steps, value in lengths.items():
        results[f"time at {steps} steps / at 50 steps"] = value / lengths[50]
    record("lstm", {name: round(value, 2) for name, value in results.items()})


if __name__ == "__main__":
    main()
