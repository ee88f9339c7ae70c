"""The layers of chapter 4.4: `python -m benchmarks.encoder_decoder`.

Words of 12 letters to 16 phones, 128 units. Ratios of the rival's time to ours: above
1, ours is faster. Training is held against the same network put together from
`keras.layers.GRU`; compiled decoding against a Python loop that calls `model.step`.
Nothing is trained, so no word ends early: all 16 steps are made.
"""

import keras
import numpy as np

from utils.course import setup

setup()

from utils.layers.encoder_decoder import (  # noqa: E402
    END,
    START,
    BeamSearch,
    Decoder,
    Encoder,
    EncoderDecoder,
    Greedy,
)
from utils.timing import record, seconds, training_step  # noqa: E402

WORDS, SOURCE, TARGET = 64, 27, 42
LETTERS, LONGEST, UNITS, WIDTH, BEAM = 12, 16, 128, 32, 4
WAYS = "every_step", "initial_state", "both"
LOSS = keras.losses.SparseCategoricalCrossentropy(from_logits=True, ignore_class=0)


def ours(context):
    """The chapter's model."""
    options = {"return_sequences": True, "return_state": True}
    encoder = Encoder(keras.layers.GRU(UNITS, **options))
    decoder = Decoder(keras.layers.GRUCell(UNITS), context)
    model = EncoderDecoder(SOURCE, TARGET, WIDTH, encoder, decoder)
    model([np.ones((1, 2), "int32"), np.ones((1, 2), "int32")])  # makes the weights
    return model


def chain(context):
    """The same network of Keras's layers alone."""
    x, y = (keras.Input((None,), dtype="int32") for _ in "xy")
    embedded = keras.layers.Embedding(SOURCE, WIDTH, mask_zero=True)(x)
    C = keras.layers.GRU(UNITS)(embedded)
    seen, start = keras.layers.Embedding(TARGET, WIDTH)(y), None
    if context != "every_step":
        start = keras.layers.Dense(UNITS, "tanh")(C)
    if context != "initial_state":
        repeated = keras.layers.Lambda(
            lambda pair: keras.ops.repeat(
                pair[0][:, None], keras.ops.shape(pair[1])[1], axis=1
            ),
            output_shape=(None, UNITS),
        )([C, seen])
        seen = keras.layers.Concatenate()([seen, repeated])
    S = keras.layers.GRU(UNITS, return_sequences=True)(seen, initial_state=start)
    return keras.Model([x, y], keras.layers.Dense(TARGET)(S))


def step(model):
    """One training step with teacher forcing."""
    rng = np.random.default_rng(0)
    x = rng.integers(1, SOURCE, (WORDS, LETTERS)).astype("int32")
    y = rng.integers(3, TARGET, (WORDS, LONGEST + 1)).astype("int32")
    model.compile("adam", LOSS)
    return training_step(model, [x, y[:, :-1]], y[:, 1:])


def array(x):
    return keras.ops.convert_to_numpy(x)


def greedy_loop(model, x):
    """All words at once, a step at a time: ids (words, LONGEST)."""
    memory, states = model.begin(x)
    y, said = np.full(len(x), START, "int32"), []
    for _ in range(LONGEST):
        log_p, states = model.step(y, states, memory)
        best = array(log_p)[:, END:].argmax(axis=1) + END
        y = np.where((y == END) | (y == 0), 0, best).astype("int32")
        said.append(y)
    return np.stack(said, axis=1)


def beam_loop(model, x):
    """All beginnings of all words, a step at a time: ids (words, LONGEST)."""
    memory, states = keras.tree.map_structure(
        lambda z: np.repeat(array(z), BEAM, axis=0), model.begin(x)
    )
    row = BEAM * np.arange(len(x))[:, None]
    score = np.full((len(x), BEAM), -np.inf)
    score[:, 0] = 0
    y = np.full(row.size * BEAM, START, "int32")
    said = np.zeros((row.size * BEAM, LONGEST), "int32")
    for t in range(LONGEST):
        log_p, states = model.step(y, states, memory)
        log_p = array(log_p).copy()
        log_p[:, :END] = -np.inf
        ended = (y == END) | (y == 0)
        log_p[ended] = np.where(np.arange(TARGET) == 0, 0, -np.inf)
        total = (score.reshape(-1, 1) + log_p).reshape(len(x), -1)
        best = np.argsort(-total, axis=1)[:, :BEAM]
        score = np.take_along_axis(total, best, axis=1)
        parent = (row + best // TARGET).ravel()
        y = (best % TARGET).ravel().astype("int32")
        states = [array(state)[parent] for state in states]
        said = said[parent]
        said[:, t] = y
    return said[row[:, 0]]


def main():
    """Measure and record."""
    rivals = {}
    for context in WAYS:
        rivals["ours", context] = step(ours(context))
        rivals["chain", context] = step(chain(context))
    time = seconds(rivals, rounds=30)
    size = f"{WORDS} words, {LETTERS} letters, {LONGEST} phones, {UNITS} units"
    results = {}
    for context in WAYS:
        row = f"training, {size}: keras.layers.GRU chain / ours, {context}"
        results[row] = time["chain", context] / time["ours", context]

    x = np.random.default_rng(0).integers(1, SOURCE, (WORDS, LETTERS)).astype("int32")
    model = ours("both")
    model.V.bias.assign(np.where(np.arange(TARGET) == END, -1e4, 0))  # no word ends
    greedy, beam = Greedy(model, LONGEST), BeamSearch(model, LONGEST, BEAM)
    rivals = {
        "greedy": lambda: greedy.predict(x, WORDS, verbose=0),
        "greedy loop": lambda: greedy_loop(model, x),
        "beam": lambda: beam.predict(x, WORDS, verbose=0)[0],
        "beam loop": lambda: beam_loop(model, x),
    }
    for name in ("greedy", "beam"):
        assert (rivals[name]() == rivals[f"{name} loop"]()).all(), name
    time = seconds(rivals, rounds=20)
    for row, rival, own in (
        ("NumPy loop / compiled, greedy", "greedy loop", "greedy"),
        (f"NumPy loop / compiled, beam {BEAM}", "beam loop", "beam"),
        (f"beam {BEAM} / greedy, both compiled", "beam", "greedy"),
    ):
        results[f"decoding, {size}: {row}"] = time[rival] / time[own]
    record(
        "encoder_decoder", {name: round(value, 2) for name, value in results.items()}
    )


if __name__ == "__main__":
    main()
