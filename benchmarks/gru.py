"""The layers of chapter 4.3.2: `python -m benchmarks.gru`.

Training steps of one layer, batch 64, 128 features in, 128 units. Ratios of the
rival's time to ours: above 1, ours is faster. PyTorch takes part where it is installed;
it has the form with the reset after the product only.
"""

import keras

from utils.course import setup

setup()

from utils.layers.gru import GRU, GRUCell  # noqa: E402
from utils.timing import record, seconds, step_of_layer, step_of_torch  # noqa: E402

BATCH, STEPS, UNITS = 64, 100, 128
FORMS = {"before": False, "after": True}


def step(kind, after, steps=STEPS):
    """One training step of a layer in one of the two forms."""
    layer = kind(UNITS, reset_after=after, return_sequences=True)
    return step_of_layer(layer, (BATCH, steps, UNITS))


def main():
    """Measure and record."""
    rivals = {}
    for name, after in FORMS.items():
        rivals[f"Keras, {name}"] = step(keras.layers.GRU, after)
        rivals[f"ours, {name}"] = step(GRU, after)
    cell = keras.layers.RNN(GRUCell(UNITS), return_sequences=True)
    # the weights are sliced inside the loop
    rivals["cut at every step"] = step_of_layer(cell, (BATCH, STEPS, UNITS))
    rivals |= step_of_torch("GRU", UNITS, (BATCH, STEPS, UNITS))
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
        longer = {steps: step(GRU, after, steps) for steps in (50, 100, 200)}
        lengths = seconds(longer)
        for steps, value in lengths.items():
            row = f"reset {name}: time at {steps} steps / at 50 steps"
            results[row] = value / lengths[50]
    record("gru", {name: round(value, 2) for name, value in results.items()})


if __name__ == "__main__":
    main()
