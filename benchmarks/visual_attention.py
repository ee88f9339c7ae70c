"""The caption decoder of chapter 4.5: `python -m benchmarks.visual_attention`.

Training steps of one decoder: batch 64, 10 words, 49 windows, 64 features and 96 units.
How many times as long as a decoder without attention takes, and what it costs to
compute the keys U_a a_i inside the loop.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.encoder_decoder import Decoder  # noqa: E402
from utils.layers.visual_attention import CaptionDecoder, VisualAttention  # noqa: E402
from utils.timing import record, seconds, training_step  # noqa: E402

BATCH, WORDS, WINDOWS, FEATURES, UNITS = 64, 10, 49, 64, 96


class KeysInside(CaptionDecoder):
    """Without keys, the attention computes them at every step."""

    def keys(self, a):
        return None


def step(decode):
    """One training step of `decode(y, a)` on random words and pictures."""
    y, a = keras.Input((WORDS, FEATURES)), keras.Input((WINDOWS, FEATURES))
    output = decode(y, a)
    model = keras.Model([y, a], output)
    model.compile("adam", "mse")
    rng = np.random.default_rng(0)
    shapes = (BATCH, WORDS, FEATURES), (BATCH, WINDOWS, FEATURES)
    x = [rng.normal(size=shape).astype("float32") for shape in shapes]
    return training_step(model, x, np.zeros((BATCH, *output.shape[1:]), "float32"))


def plain():
    """A decoder that is given the mean of all windows at every step."""
    decoder = Decoder(keras.layers.GRUCell(UNITS), "every_step")
    mean = keras.layers.GlobalAveragePooling1D()
    return step(lambda y, a: decoder(y, mean(a)))


def with_attention(kind=CaptionDecoder):
    """A decoder that looks at the picture before every word."""
    decoder = kind(keras.layers.GRUCell(UNITS), VisualAttention(48))
    return step(lambda y, a: decoder(y, a)[0])


def main():
    """Measure and record."""
    rivals = {
        "none": plain(),
        "visual": with_attention(),
        "keys inside": with_attention(KeysInside),
    }
    time = seconds(rivals, rounds=30)
    size = f"batch {BATCH}, {WORDS} words, {WINDOWS} windows, {UNITS} units"
    results = {
        f"{size}: visual attention / no attention": time["visual"] / time["none"],
        f"{size}: keys inside / outside of the loop": time["keys inside"]
        / time["visual"],
    }
    record("visual_attention", {name: round(v, 2) for name, v in results.items()})


if __name__ == "__main__":
    main()
