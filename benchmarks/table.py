"""All layers in one table: `python -m benchmarks.table`, with either backend.

Each layer is held against the built-in that does the same, or the nearest to it. A
training step of a network of one layer is timed, in turns with its rival, compiled as a
graph and by XLA (JAX knows XLA only). A ratio is the rival's time by ours, of two steps
made one after the other: its median, and the middle half of all rounds. Above 1, ours
is the faster one. Then the growth of the time with steps and with units, and the share
of what the machine reaches in a plain product of matrices.

A layer that does what its rival does should hold the floor of `ASKED`, by its median.
Where the two differ in what they do, `WHY` says what ours saves or pays for.
"""

import time

import keras
import numpy as np
from keras import ops

from utils.course import setup

setup()

from utils.layers.attention import (  # noqa: E402
    AdditiveAttention,
    AttentionDecoder,
    MultiplicativeAttention,
)
from utils.layers.bidirectional import BidirectionalRNN  # noqa: E402
from utils.layers.deep import DeepTransitionCell, StackedRNN  # noqa: E402
from utils.layers.encoder_decoder import Decoder, Encoder  # noqa: E402
from utils.layers.four_directions import (  # noqa: E402
    FourDirectionRNN,
    MultiDimensionalRNN,
    ReNet,
)
from utils.layers.gated import Gated  # noqa: E402
from utils.layers.gru import GRU  # noqa: E402
from utils.layers.hierarchical_attention import AttentionPooling  # noqa: E402
from utils.layers.local_attention import CountingDecoder, LocalAttention  # noqa: E402
from utils.layers.lstm import LSTM  # noqa: E402
from utils.layers.peepholes import PeepholeLSTM  # noqa: E402
from utils.layers.recurrent import SimpleCell  # noqa: E402
from utils.layers.self_attention import SelfAttention  # noqa: E402
from utils.layers.visual_attention import CaptionDecoder, VisualAttention  # noqa: E402
from utils.timing import (  # noqa: E402
    RESULTS,
    record,
    recorded,
    rounds_of,
    training_step,
)

BATCH, STEPS, UNITS = 64, 100, 128
SEQUENCE, PICTURE = (STEPS, UNITS), (28, 28, 1)
TARGET, SOURCE, LONG = (50, UNITS), (50, UNITS), (512, UNITS)
LENGTHS, WIDTHS = (50, 100, 200, 500, 1000), (64, 128, 256, 512)
GRAPH = keras.backend.backend() == "tensorflow"
MODES = {"graph": False, "XLA": True} if GRAPH else {"XLA": True}


def every(kind, *arguments, units=UNITS, **options):
    """A layer that returns all its states."""
    return kind(units, *arguments, return_sequences=True, **options)


def run(cell):
    return keras.layers.RNN(cell, return_sequences=True)


def plain(units=UNITS):
    """Keras's plain RNN."""
    return every(keras.layers.SimpleRNN, units=units)


def stacked(*layers):
    """One layer over the other, as a function."""

    def call(x):
        for layer in layers:
            x = layer(x)
        return x

    return call


def swept(x):
    """Columns, then rows of a picture, each by Keras's bidirectional plain RNN."""
    for _ in range(2):
        x = ops.transpose(x, (0, 2, 1, 3))
        _, many, length, d = x.shape
        y = keras.layers.Bidirectional(plain(32))(ops.reshape(x, (-1, length, d)))
        x = ops.reshape(y, (-1, many, length, 64))
    return x


def decoder(attention, kind=AttentionDecoder):
    """A decoder of GRU cells that looks at a source."""
    made = kind(keras.layers.GRUCell(UNITS), attention)
    return lambda y, h: made(y, h)[0]


def built_in_decoder(y, h):
    """Keras's GRU, which is given the last state of the source at every step."""
    C = ops.repeat(h[:, -1:], y.shape[1], axis=1)
    return every(keras.layers.GRU)(ops.concatenate([y, C], axis=-1))


def own_decoder(y, h):
    return Decoder(keras.layers.GRUCell(UNITS), "every_step")(y, h[:, -1])


def attended(x):
    """Keras's attention of one head, with maps, and no value map."""
    options = {"value_dim": UNITS, "use_bias": False}
    return keras.layers.MultiHeadAttention(1, UNITS, **options)(x, x)


def encoded(x):
    return Encoder(every(keras.layers.GRU, return_state=True))(x)[0]


# name: what is timed, its rival's name, the rival, the shapes of their inputs
LAYERS = {
    "SimpleCell": (run(SimpleCell(UNITS)), "SimpleRNN", plain(), SEQUENCE),
    "BidirectionalRNN": (
        BidirectionalRNN(SimpleCell(UNITS)),
        "Bidirectional",
        keras.layers.Bidirectional(plain()),
        SEQUENCE,
    ),
    "StackedRNN": (
        StackedRNN([SimpleCell(UNITS) for _ in range(3)], return_sequences=True),
        "three SimpleRNN",
        stacked(plain(), plain(), plain()),
        SEQUENCE,
    ),
    "DeepTransitionCell": (
        run(DeepTransitionCell(UNITS, (1, 3, 1))),
        "three SimpleRNN",
        stacked(plain(), plain(), plain()),
        SEQUENCE,
    ),
    "FourDirectionRNN": (
        FourDirectionRNN(SimpleCell(32)),
        "two Bidirectional",
        swept,
        PICTURE,
    ),
    "ReNet": (ReNet(SimpleCell(32)), "two Bidirectional", swept, PICTURE),
    "MultiDimensionalRNN": (
        MultiDimensionalRNN(16),
        "two Bidirectional",
        swept,
        PICTURE,
    ),
    "LSTM": (every(LSTM), "LSTM", every(keras.layers.LSTM), SEQUENCE),
    "PeepholeLSTM": (every(PeepholeLSTM), "LSTM", every(keras.layers.LSTM), SEQUENCE),
    "Gated": (every(Gated), "LSTM", every(keras.layers.LSTM), SEQUENCE),
    "GRU, reset before": (
        every(GRU),
        "GRU, reset before",
        every(keras.layers.GRU, reset_after=False),
        SEQUENCE,
    ),
    "GRU, reset after": (
        every(GRU, True),
        "GRU",
        every(keras.layers.GRU),
        SEQUENCE,
    ),
    "Encoder": (encoded, "GRU", every(keras.layers.GRU), SEQUENCE),
    "Decoder": (own_decoder, "GRU", built_in_decoder, TARGET, SOURCE),
    "AttentionDecoder, additive": (
        decoder(AdditiveAttention(UNITS)),
        "GRU without attention",
        built_in_decoder,
        TARGET,
        SOURCE,
    ),
    "AttentionDecoder, scaled dot": (
        decoder(MultiplicativeAttention()),
        "GRU without attention",
        built_in_decoder,
        TARGET,
        SOURCE,
    ),
    "CaptionDecoder": (
        decoder(VisualAttention(UNITS), CaptionDecoder),
        "GRU without attention",
        built_in_decoder,
        TARGET,
        SOURCE,
    ),
    "LocalAttention, 512 steps": (
        decoder(LocalAttention(AdditiveAttention(UNITS), 10), CountingDecoder),
        "AttentionDecoder, additive",
        decoder(AdditiveAttention(UNITS)),
        TARGET,
        LONG,
    ),
    "SelfAttention": (
        lambda x: SelfAttention(UNITS)(x)[0],
        "MultiHeadAttention",
        attended,
        SEQUENCE,
    ),
    "AttentionPooling": (
        lambda x: AttentionPooling(UNITS)(x)[0],
        "GlobalAveragePooling1D",
        keras.layers.GlobalAveragePooling1D(),
        SEQUENCE,
    ),
}


ASKED = {  # on TensorFlow as a graph and on JAX, the two ways that one meets on a CPU
    "SimpleCell": 0.95,
    "LSTM": 0.9,
    "Gated": 0.9,
    "GRU, reset before": 0.95,
    "GRU, reset after": 0.95,
    "ReNet": 0.9,
    "AttentionDecoder, additive": 0.25,
}
WHY = {
    "StackedRNN": "one loop over all layers, not three",
    "DeepTransitionCell": "four products a step in one loop, not six in three",
    "MultiDimensionalRNN": "55 diagonals one after the other, not 28 steps",
    "PeepholeLSTM": "three products more a step, elementwise",
    "AttentionDecoder, additive": "a tanh of steps × units at every step",
    "AttentionDecoder, scaled dot": "two products with all of the source at every step",
    "CaptionDecoder": "as the additive decoder, and a gate for what was seen",
    "LocalAttention, 512 steps": "it looks at 21 steps of 512",
    "SelfAttention": "no value map and no output map, and no axis of heads",
    "AttentionPooling": "a product and a tanh; its rival only adds",
}


def step(layer, shapes, jit, batch=BATCH):
    """A training step of a network of one layer, or function, on random inputs."""
    inputs = [keras.Input(shape) for shape in shapes]
    output = layer(*inputs)
    model = keras.Model(inputs, output)
    model.compile("adam", "mse", jit_compile=jit)
    rng = np.random.default_rng(0)
    x = [rng.normal(size=(batch, *shape)).astype("float32") for shape in shapes]
    return training_step(model, x, np.zeros((batch, *output.shape[1:]), "float32"))


def ratio(ours, rival, rounds):
    """Rival by ours: median and quartiles over the rounds."""
    times = rounds_of({"ours": ours, "rival": rival}, rounds)
    of_rounds = np.divide(times["rival"], times["ours"])
    return [round(float(q), 2) for q in np.quantile(of_rounds, (0.5, 0.25, 0.75))]


def growth(sizes, make, rounds=10):
    """The time at each size by that at the first, ours and Keras's in turns."""
    rivals = {
        (name, size): step(*make(kind, size), not GRAPH)
        for name, kind in {"ours": LSTM, "Keras": keras.layers.LSTM}.items()
        for size in sizes
    }
    times = {k: np.median(v) for k, v in rounds_of(rivals, rounds).items()}
    return {
        f"{name} at {size} / at {sizes[0]}": round(
            float(times[name, size] / times[name, sizes[0]]), 2
        )
        for name, size in times
    }


def ceiling(n=2048):
    """Products and sums a second in one large product of matrices."""
    a = ops.convert_to_tensor(np.ones((n, n), "float32"))
    product = lambda: ops.convert_to_numpy(ops.matmul(a, a)[0, 0])  # noqa: E731
    (times,) = rounds_of({"product": product}, 10).values()
    return 2 * n**3 / min(times)


def share_of_ceiling():
    """What a training step of our LSTM reaches of it: its products are counted."""
    products = 2 * BATCH * STEPS * (UNITS + UNITS) * 4 * UNITS
    once = 3 * products  # forward, and backward to inputs and to weights
    ours = step(every(LSTM), [SEQUENCE], not GRAPH)
    (times,) = rounds_of({"ours": ours}, 20).values()
    return round(once / float(np.median(times)) / ceiling(), 2)


def shown():
    """What was recorded with each backend, as one table in Markdown."""
    columns = {}
    for path in sorted(RESULTS.glob("table_*.json")):
        backend = path.stem.removeprefix("table_")
        for row, value in recorded(path.stem).items():
            name, _, mode = row.rpartition(", ")
            if mode not in ("graph", "XLA"):
                name, mode = row, "XLA" if backend == "jax" else "graph"
            if isinstance(value, list):
                value = "{} ({} … {})".format(*value)
            columns.setdefault(f"{backend}, {mode}", {})[name] = value
    names = dict.fromkeys(name for column in columns.values() for name in column)
    head = ["", *columns, "floor", "why"]
    lines = [f"| {' | '.join(head)} |", "|---" * len(head) + "|"]
    for name in names:
        layer = name.partition(":")[0]
        cells = [str(column.get(name, "")) for column in columns.values()]
        cells += [str(ASKED.get(layer, "")), WHY.get(layer, "")]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def main():
    """Measure and record."""
    results = {"size": f"batch {BATCH}, {STEPS} steps, {UNITS} units"}
    for name, (layer, against, rival, *shapes) in LAYERS.items():
        for mode, jit in MODES.items():
            start = time.perf_counter()
            pair = (step(one, shapes, jit) for one in (layer, rival))
            row = f"{name}: {against} / ours, {mode}"
            results[row] = ratio(*pair, 15)
            keras.utils.clear_session()  # or all models stay in memory
            seconds = time.perf_counter() - start
            print(f"{row}: {results[row]}, {seconds:.0f} s", flush=True)
    longer = growth(LENGTHS, lambda kind, n: (every(kind), [(n, UNITS)]))
    wider = growth(WIDTHS, lambda kind, n: (every(kind, units=n), [(STEPS, n)]))
    results |= {f"LSTM, steps: {row}": value for row, value in longer.items()}
    results |= {f"LSTM, units: {row}": value for row, value in wider.items()}
    results["LSTM: share of the ceiling of matrix products"] = share_of_ceiling()
    record(f"table_{keras.backend.backend()}", results)
    print(shown())


if __name__ == "__main__":
    main()
