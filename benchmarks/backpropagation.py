"""The layer of appendix A: `python -m benchmarks.backpropagation`.

Training steps of one layer, batch 32, 64 features, 64 units, on TensorFlow. Ratios of
the rival's time to ours under XLA: above 1, ours is faster. Everything is measured
nine times over.
"""

import keras

from utils.course import setup

setup()

from utils.layers.backpropagation import CustomGradientLSTM  # noqa: E402
from utils.layers.lstm import LSTM  # noqa: E402
from utils.timing import record, seconds, step_of_layer  # noqa: E402

BATCH, UNITS, REPEATS = 32, 64, 9


def step(kind, steps, xla):
    """One training step of a layer."""
    layer = kind(UNITS, return_sequences=True)
    return step_of_layer(layer, (BATCH, steps, UNITS), jit_compile=xla)


def main():
    """Measure and record."""
    results = {"size": f"batch {BATCH}, {UNITS} features, {UNITS} units"}
    for steps in (32, 128, 512):
        rivals = {
            f"{name}, {how}": step(kind, steps, xla)
            for name, kind in {
                "keras.layers.LSTM": keras.layers.LSTM,
                "LSTM of chapter 4.3.1": LSTM,
                "ours": CustomGradientLSTM,
            }.items()
            for how, xla in {"graph": False, "XLA": True}.items()
        }
        times = [seconds(rivals) for _ in range(REPEATS)]
        for name in rivals:
            ratios = [round(time[name] / time["ours, XLA"], 2) for time in times]
            if name != "ours, XLA":
                results[f"{steps} steps: {name} / ours, XLA"] = ratios
    record("backpropagation", results)


if __name__ == "__main__":
    main()
