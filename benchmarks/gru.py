"""The layers of chapter 4.3.2: `python -m benchmarks.gru`.

Training steps of one layer, batch 64, 128 features in, 128 units. Ratios of the
rival's time to ours: above 1, ours is faster. PyTorch takes part where it is installed;
it has the form with the reset after the product only.
"""

import importlib.util

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.gru import GRU, GRUCell  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402

BATCH, STEPS, UNITS = 64, 100, 128
FORMS = {"before": False, "after": True}


def step(layer, steps=STEPS):
    """One training step of a layer on random sequences."""
    inputs = keras.Input((steps, UNITS))
    model = keras.Model(inputs, layer(inputs))
    model.compile("adam", "mse")
    x = np.random.default_rng(0).normal(size=(BATCH, steps, UNITS)).astype("float32")
    return training_step(model, x, np.zeros((BATCH, steps, UNITS), "float32"))


def layer_step(kind, after, steps=STEPS):
    """One training step of a layer in one of the two forms."""
    return step(kind(UNITS, reset_after=after, return_sequences=True), steps)


def torch_step():
    """The same step in PyTorch."""
    import torch

    layer = torch.nn.GRU(UNITS, UNITS, batch_first=True)
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
    rivals = {}
    for name, after in FORMS.items():
        rivals[f"Keras, {name}"] = layer_step(keras.layers.GRU, after)
        rivals[f"ours, {name}"] = layer_step(GRU, after)
    cell = keras.layers.RNN(GRUCell(UNITS), return_sequences=True)
    rivals["cut at every step"] = step(cell)  # the weights are sliced inside the loop
    if importlib.util.find_spec("torch"):
        rivals["torch"] = torch_step()
    time = seconds(rivals, rounds=60)
    size = f"batch {BATCH}, {STEPS} steps, {UNITS} units"
    results = {}
    for name in FORMS:
        ratio = time[f"Keras, {name}"] / time[f"ours, {name}"]
        results[f"{size}: keras.layers.GRU / ours, reset {name}"] = ratio
    both = time["Keras, after"] / time["ours, before"]
    results[f"{size}: keras.layers.GRU (after) / ours (before)"] = both
    cut = time["cut at every step"] / time["ours, before"]
    results[f"{size}: RNN(GRUCell) / GRU"] = cut
    if "torch" in time:
        for name in FORMS:
            ratio = time["torch"] / time[f"ours, {name}"]
            results[f"{size}: torch.nn.GRU / ours, reset {name}"] = ratio
    for name, after in FORMS.items():
        longer = {steps: layer_step(GRU, after, steps) for steps in (50, 100, 200)}
        lengths = seconds(longer)
        for steps, value in lengths.items():
            row = f"reset {name}: time at {steps} steps / at 50 steps"
            results[row] = value / lengths[50]
    record("gru", {name: round(value, 2) for name, value in results.items()})


if __name__ == "__main__":
    main()
