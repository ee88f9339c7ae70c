"""Two processes against one, for appendix B: `python -m benchmarks.several_devices`.

Needs JAX: `.venv-jax/bin/python`. A training step of a tagger with an LSTM of 128 units
on words of 12 letters. One process with both cores is the rival of two processes, each
with one core and half of the batch, and of one process with two devices. The two
processes also train the LSTM of appendix A, whose gradient is not exchanged at every
step of a word. Each repeat starts fresh processes, which take turns. Ratios of the one
process's time to the others': above 1, the others are faster. An idle machine, please:
the load on it before the run is recorded too.
"""

import importlib.util
import os
import time

import numpy as np

os.environ["KERAS_BACKEND"] = "jax"  # the record then says so
if not importlib.util.find_spec("jax"):  # as under `make bench`
    print(
        "several_devices needs JAX: .venv-jax/bin/python -m benchmarks.several_devices"
    )
    raise SystemExit

from utils.course import setup

setup()

from data import cmudict  # noqa: E402
from utils.processes import together  # noqa: E402
from utils.timing import record  # noqa: E402

BATCHES = {64: 30, 512: 15, 4096: 8}  # how many steps are timed
UNITS, REPEATS = 128, 5
WAYS = {
    "one process": {"processes": 1},
    "two devices": {"processes": 1, "devices": 2},
    "two processes": {"processes": 2},
    "two processes, by hand": {"processes": 2, "layer": "CustomGradientLSTM"},
}


def times(x, y, tags, units, batches, layer="LSTM"):
    """Batch size → median time of a training step here."""
    import os
    import statistics
    import time

    import keras

    number, processes = (
        int(os.environ[f"KERAS_DISTRIBUTION_{name}"])
        for name in ("PROCESS_ID", "NUM_PROCESSES")
    )
    if processes > 1:
        cores = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(0, {cores[number % len(cores)]})
        keras.distribution.initialize()
    if len(keras.distribution.list_devices()) > 1:
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)
    from utils.layers.backpropagation import CustomGradientLSTM
    from utils.layers.lstm import LSTM

    layer = {"LSTM": LSTM, "CustomGradientLSTM": CustomGradientLSTM}[layer]
    found = {}
    for batch, steps in batches.items():
        keras.utils.set_random_seed(0)
        layers = [
            keras.layers.Embedding(27, 16, mask_zero=True),
            layer(units, return_sequences=True),
            keras.layers.Dense(tags, activation="softmax"),
        ]
        model = keras.Sequential([keras.Input((12,), dtype="int32"), *layers])
        model.compile("adam", "sparse_categorical_crossentropy")
        mine = slice(number * batch // processes, (number + 1) * batch // processes)
        spent = []
        for _ in range(steps + 2):
            start = time.perf_counter()
            float(model.train_on_batch(x[mine], y[mine]))
            spent.append(time.perf_counter() - start)
        found[batch] = statistics.median(spent[2:])
    return found


def main():
    """Measure and record."""
    load = os.getloadavg()[0]
    words = cmudict.tagging(words=10_000)
    given = {"x": words.train.letters[:4096], "y": words.train.tags[:4096]}
    given |= {"tags": len(words.tag_names), "units": UNITS, "batches": BATCHES}
    took = {way: [] for way in WAYS}
    for repeat in range(REPEATS):
        for way, how in WAYS.items():
            start = time.perf_counter()
            found = together(times, limit=600, **how, **given)
            took[way].append({b: max(one[b] for one in found) for b in BATCHES})
            print(repeat, way, f"{time.perf_counter() - start:.0f} s", flush=True)
    results = {"load before": round(load, 1)}
    for way in WAYS:
        for batch in BATCHES:
            values = [found[batch] for found in took[way]]
            middle = 1000 * np.median(values)
            results[f"batch {batch}, {way}: ms a step"] = float(f"{middle:.3g}")
    for way in list(WAYS)[1:]:
        for batch in BATCHES:
            ratios = [
                round(one[batch] / other[batch], 2)
                for one, other in zip(took["one process"], took[way], strict=True)
            ]
            results[f"batch {batch}: one process / {way}"] = ratios
    record("several_devices", results)


if __name__ == "__main__":
    main()
