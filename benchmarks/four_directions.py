"""The layers of chapter 4.1 in two dimensions: `python -m benchmarks.four_directions`.

Training steps, ratios of the rival's time to ours: above 1, ours is faster.
"""

import os

import keras
import numpy as np
from keras import ops

from utils.course import setup

setup()

from utils.layers.four_directions import MultiDimensionalRNN, ReNet  # noqa: E402
from utils.layers.recurrent import SimpleCell  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402


def compiled(inputs, outputs):
    """A model that can be trained on zeros."""
    model = keras.Model(inputs, outputs)
    model.compile("adam", "mse")
    return model


def step(model, batch):
    """One training step on random images."""
    x = np.random.default_rng(0).normal(size=(batch, *model.input_shape[1:]))
    y = np.zeros((batch, *model.output_shape[1:]), "float32")
    return training_step(model, x.astype("float32"), y)


def two_bidirectionals(n, rows=28, columns=28, d=1):
    """ReNet's two sweeps with the layers built into Keras."""
    sweeps = [
        keras.layers.Bidirectional(keras.layers.SimpleRNN(n, return_sequences=True))
        for _ in range(2)
    ]
    x = inputs = keras.Input((rows, columns, d))
    for sweep, length in zip(sweeps, (rows, columns), strict=True):
        x = ops.transpose(x, (0, 2, 1, 3))
        y = sweep(ops.reshape(x, (-1, length, x.shape[-1])))
        x = ops.reshape(y, (-1, *x.shape[1:3], 2 * n))
    return compiled(inputs, x)


class PixelLoop(keras.layers.Layer):
    """`MultiDimensionalRNN` as a loop over pixels, the way its equation is written."""

    def __init__(self, units):
        super().__init__()
        self.units = units

    def build(self, input_shape):
        n, d = self.units, input_shape[-1]
        self.U = self.add_weight(shape=(4, d, n))
        self.W = self.add_weight(shape=(4, 2 * n, n))

    def call(self, x):
        _, rows, columns, _ = x.shape
        corners = []
        for corner, axes in enumerate(MultiDimensionalRNN.CORNERS):
            seen = ops.flip(x, axes) if axes else x
            a = ops.matmul(seen, self.U[corner])
            zero, h = ops.zeros_like(a[:, 0, 0]), {}
            for i in range(rows):
                for j in range(columns):
                    before = [h.get((i - 1, j), zero), h.get((i, j - 1), zero)]
                    into = ops.matmul(ops.concatenate(before, -1), self.W[corner])
                    h[i, j] = ops.tanh(a[:, i, j] + into)
            y = ops.reshape(
                ops.stack(list(h.values()), 1), (-1, rows, columns, self.units)
            )
            corners.append(ops.flip(y, axes) if axes else y)
        return ops.concatenate(corners, -1)


def ours(layer, shape):
    """A model of one of our layers."""
    inputs = keras.Input(shape)
    return compiled(inputs, layer(inputs))


WIDTHS = (4, 6, 9, 12, 18, 26, 36)  # of the CNNs of the chapter's cost experiment


def patches(units):
    """The first layer of most networks of that experiment."""
    return keras.layers.Conv2D(units, 2, strides=2, activation="relu")


def dilated(units):
    """The chapter's dilated CNN, on pictures of 14 × 56."""
    options = {"padding": "same", "activation": "relu"}
    x = inputs = keras.Input((14, 56, 1))
    x = patches(units)(x)
    for i in range(5):
        x = keras.layers.Conv2D(units, 3, dilation_rate=(1, 2**i), **options)(x)
    return compiled(inputs, x[:, 3, 3])


def rnns():
    """The chapter's two RNNs in that experiment: name → model."""
    inputs = keras.Input((14, 56, 1))
    layers = {
        "ReNet": lambda x: ReNet(SimpleCell(40), (2, 2))(x),
        "multi-dimensional": lambda x: MultiDimensionalRNN(34)(patches(16)(x)),
    }
    return {n: compiled(inputs, f(inputs)[:, 3, 3]) for n, f in layers.items()}


def main():
    """Measure and record."""
    square = seconds(
        {
            "Keras": step(two_bidirectionals(32), 128),
            "ours": step(ours(ReNet(SimpleCell(32)), (28, 28, 1)), 128),
        }
    )
    pixels = seconds(
        {
            "pixels": step(ours(PixelLoop(16), (14, 14, 2)), 32),
            "ours": step(ours(MultiDimensionalRNN(16), (14, 14, 2)), 32),
        }
    )
    race = {name: step(model, 32) for name, model in rnns().items()}
    race |= {f"dilated, {n} units": step(dilated(n), 32) for n in WIDTHS}
    cost = seconds(race)
    record(
        "four_directions",
        {
            "threads": int(os.environ.get("TF_NUM_INTRAOP_THREADS", os.cpu_count())),
            "ReNet 28×28, batch 128: two keras Bidirectional / ours": round(
                square["Keras"] / square["ours"], 2
            ),
            "MultiDimensionalRNN 14×14, batch 32: loop over pixels / ours": round(
                pixels["pixels"] / pixels["ours"], 2
            ),
            # pictures of 14 × 56 in batches of 32
            **{
                f"{name} / dilated, {n} units": round(
                    cost[name] / cost[f"dilated, {n} units"], 2
                )
                for name in ("ReNet", "multi-dimensional")
                for n in WIDTHS
            },
        },
    )


if __name__ == "__main__":
    main()
