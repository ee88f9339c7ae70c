"""Time rivals in one run, and keep the result as a dated file in benchmarks/results."""

import datetime
import importlib.util
import json
import statistics
import time

import keras
import numpy as np

from utils import course

RESULTS = course.ROOT / "benchmarks/results"


def seconds(rivals, rounds=15):
    """Median time of each rival; they take turns, so that a busy moment hits all.

    Args:
        rivals: name → a function without arguments that waits for its result.
        rounds: how often each runs, after two runs that are not counted.

    Returns:
        name → seconds.
    """
    times = {name: [] for name in rivals}
    for turn in range(rounds + 2):
        for name, run in rivals.items():
            start = time.perf_counter()
            run()
            if turn >= 2:
                times[name].append(time.perf_counter() - start)
    return {name: statistics.median(values) for name, values in times.items()}


def training_step(model, x, y):
    """A function that makes one training step of a compiled model and waits for it."""
    return lambda: model.train_on_batch(x, y)


def step_of_layer(layer, size, jit_compile="auto"):
    """`training_step` of a network of one recurrent layer, on random sequences.

    Args:
        layer: takes sequences.
        size: (batch, steps, features) of the sequences.
        jit_compile: as of `keras.Model.compile`; True is XLA.
    """
    inputs = keras.Input(size[1:])
    model = keras.Model(inputs, layer(inputs))
    model.compile("adam", "mse", jit_compile=jit_compile)
    x = np.random.default_rng(0).normal(size=size).astype("float32")
    return training_step(model, x, np.zeros((len(x), *model.output_shape[1:])))


def step_of_torch(name, units, size):
    """The same step with a layer of `torch.nn`, such as "LSTM".

    Returns:
        {"torch": function}; nothing in it where PyTorch is not installed.
    """
    if not importlib.util.find_spec("torch"):
        return {}
    import torch

    layer = getattr(torch.nn, name)(size[2], units, batch_first=True)
    optimizer = torch.optim.Adam(layer.parameters())
    x = np.random.default_rng(0).normal(size=size).astype("float32")

    def run():
        optimizer.zero_grad()
        y, _ = layer(torch.tensor(x))
        loss = (y**2).mean()
        loss.backward()
        optimizer.step()
        return loss.item()

    return {"torch": run}


def record(name, results):
    """Print the results and write them, with date and device, to `<name>.json`."""
    RESULTS.mkdir(parents=True, exist_ok=True)
    today = datetime.date.today().isoformat()
    whole = {"date": today, "device": course.device(), **results}
    text = json.dumps(whole, indent=1, ensure_ascii=False)
    (RESULTS / f"{name}.json").write_text(text + "\n", encoding="utf-8")
    print(text)


def recorded(name):
    """The results that `record` wrote."""
    return json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
