"""Chapter 4.5.2's network against chapter 4.5's: `python -m benchmarks.self_attention`.

Training steps of an encoder–decoder of self-attention and of a recurrent one with
attention, with as many weights, at the sizes of the dates and at several lengths of
source and target; and the time to write texts, symbol by symbol.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.attention import (  # noqa: E402
    AdditiveAttention,
    AttentionDecoder,
    AttentionModel,
)
from utils.layers.encoder_decoder import Encoder, Greedy  # noqa: E402
from utils.layers.self_attention import (  # noqa: E402
    SelfAttentionDecoder,
    SelfAttentionEncoder,
    SelfAttentionModel,
)
from utils.timing import record, seconds, training_step  # noqa: E402
from utils.training import widest  # noqa: E402
from utils.translation import lesson, ready  # noqa: E402

BATCH, SYMBOLS, WIDTH, LENGTHS = 32, (40, 30), 24, (16, 32, 64, 128, 256)


def without_recurrence(longest):
    """The chapter's network, for texts of at most so many symbols."""
    encoder = SelfAttentionEncoder(longest, WIDTH)
    decoder = SelfAttentionDecoder(longest, WIDTH)
    return ready(SelfAttentionModel(*SYMBOLS, WIDTH, encoder, decoder), 1e-3)


def recurrent(n):
    """The translator of chapter 4.5."""
    gru = keras.layers.GRU(n, return_sequences=True, return_state=True)
    encoder = Encoder(keras.layers.Bidirectional(gru))
    decoder = AttentionDecoder(keras.layers.GRUCell(2 * n), AdditiveAttention(2 * n))
    return ready(AttentionModel(*SYMBOLS, 16, encoder, decoder), 1e-3)


def texts(tau_x, tau_y):
    """Random sources and targets without END, so that nothing is filling."""
    rng = np.random.default_rng(0)
    return [
        rng.integers(3, size, (BATCH, tau)).astype("int32")
        for size, tau in zip(SYMBOLS, (tau_x, tau_y), strict=True)
    ]


def step(model, tau_x, tau_y):
    """A training step on such texts."""
    data = lesson(*texts(tau_x, tau_y + 1))
    return training_step(model, data["x"], data["y"])


def write(model, tau_x, tau_y):
    """Writing as many symbols as a target has, each read again at the next step."""
    search, (x, _) = Greedy(model, tau_y), texts(tau_x, tau_y)
    return lambda: search.predict(x, batch_size=BATCH, verbose=0)


def main():
    """Measure and record."""
    budget = without_recurrence(29).count_params()
    n = widest(recurrent, budget, 64)
    results = {}
    for size in ((29, 15), *((length, length) for length in LENGTHS)):
        models = {"self": without_recurrence(max(size)), "recurrent": recurrent(n)}
        for what, make in (("training step", step), ("writing", write)):
            if what == "writing" and size != (29, 15):
                continue
            rivals = {name: make(model, *size) for name, model in models.items()}
            time = seconds(rivals)
            name = f"{what}, {size[0]} to {size[1]} symbols"
            ratio = time["recurrent"] / time["self"]
            results[f"{name}: recurrent / self-attention"] = round(ratio, 2)
    record("self_attention", results)


if __name__ == "__main__":
    main()
