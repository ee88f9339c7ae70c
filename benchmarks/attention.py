"""The layers of chapter 4.5: `python -m benchmarks.attention`.

Training steps of one decoder: batch 64, 50 steps of target and of source, 128 features
and units. How many times as long as a decoder without attention takes, and what it
costs to compute the keys U_a h inside the loop.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.attention import (  # noqa: E402
    AdditiveAttention,
    AttentionDecoder,
    MultiplicativeAttention,
)
from utils.layers.encoder_decoder import Decoder  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402

BATCH, STEPS, UNITS = 64, 50, 128


class KeysInside(AttentionDecoder):
    """Without keys, the attention computes them at every step."""

    def keys(self, h):
        return None


def step(decode):
    """One training step of `decode(y, h)` on random sequences."""
    y, h = (keras.Input((STEPS, UNITS)) for _ in range(2))
    model = keras.Model([y, h], decode(y, h))
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    shape = BATCH, STEPS, UNITS
    x = [rng.normal(size=shape).astype("float32") for _ in range(2)]
    return training_step(model, x, np.zeros(shape, "float32"))


def plain():
    """A decoder that is given the last state at every step."""
    decoder = Decoder(keras.layers.GRUCell(UNITS), "every_step")
    return step(lambda y, h: decoder(y, h[:, -1]))


def with_attention(attention, kind=AttentionDecoder, **options):
    """A decoder with attention, in the order of Bahdanau et al. unless told."""
    decoder = kind(keras.layers.GRUCell(UNITS), attention, **options)
    return step(lambda y, h: decoder(y, h)[0])


def main():
    """Measure and record."""
    rivals = {
        "none": plain(),
        "additive": with_attention(AdditiveAttention(UNITS)),
        "scaled dot": with_attention(MultiplicativeAttention()),
        "additive, keys inside": with_attention(AdditiveAttention(UNITS), KeysInside),
        "general, keys inside": with_attention(
            MultiplicativeAttention("general"), KeysInside
        ),
        "general": with_attention(MultiplicativeAttention("general")),
    }
    time = seconds(rivals, rounds=30)
    size = f"batch {BATCH}, {STEPS} steps, {UNITS} units"
    results = {
        f"{size}: {name} attention / no attention": time[name] / time["none"]
        for name in ("additive", "scaled dot", "general")
    }
    for name in ("additive", "general"):
        ratio = time[f"{name}, keys inside"] / time[name]
        results[f"{size}: {name}, keys inside / outside of the loop"] = ratio
    record("attention", {name: round(value, 2) for name, value in results.items()})


if __name__ == "__main__":
    main()
