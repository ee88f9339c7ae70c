"""Every class that the chapters export: how one is made, and what is documented of it.

`CATALOGUE` has an entry for each; a test says which is missing. Where an argument is a
layer, the entry has a function that makes one, since a layer belongs to one other.
"""

import importlib
import inspect
import pkgutil
from dataclasses import dataclass, field
from typing import Any

import keras
import numpy as np

import utils.layers
from utils.layers.attention import AdditiveAttention, AttentionDecoder
from utils.layers.encoder_decoder import Decoder, Encoder, EncoderDecoder
from utils.layers.recurrent import SimpleCell
from utils.layers.self_attention import SelfAttentionDecoder, SelfAttentionEncoder
from utils.layers.visual_attention import CaptionDecoder, VisualAttention

B, T, D, N = 3, 4, 3, 5  # batch, time, features, units


def exported():
    """name of the module → its layers and models, as the chapters export them."""
    found = {}
    for info in pkgutil.iter_modules(utils.layers.__path__):
        module = importlib.import_module(f"utils.layers.{info.name}")
        found[info.name] = {
            name: value
            for name, value in vars(module).items()
            if inspect.isclass(value)
            and issubclass(value, keras.layers.Layer)
            and value.__module__ == module.__name__
        }
    return found


def parts(values):
    """Arguments for one layer: a function makes a fresh part."""
    return {name: v() if callable(v) else v for name, v in values.items()}


@dataclass
class Entry:
    """One class.

    needed      the arguments without a default
    defaults    the others, with their documented defaults
    other       arguments → values that are not the defaults
    inputs      what `call` takes: arrays, or names → arrays
    weights     [name, shape, how it starts], in Keras's order, with `needed` alone
    changed     the same with `other`, where that tells more
    config      arguments that stand in the config in another form → that form
    masked      whether `supports_masking` is documented or needed
    unsaved     a part that another class makes and saves: no config of its own
    """

    needed: dict
    defaults: dict
    inputs: Any
    weights: list
    other: dict = field(default_factory=dict)
    changed: list | None = None
    config: dict = field(default_factory=dict)
    masked: bool = False
    unsaved: bool = False


# --- how a weight starts -------------------------------------------------------------


def zeros(w):
    assert not w.any()


def ones(w):
    assert (w == 1).all()


def blocks(*values):
    """The bias of each gate starts at a number of its own."""

    def check(w):
        n = w.shape[-1] * (w.ndim == 2 and 2 or 1) // len(values)
        assert np.array_equal(w.reshape(-1), np.repeat(values, n))

    return check


def glorot(w):
    """Uniform within ± √(6 / (fan in + fan out)), as Keras has it by default."""
    *field_, fan_in, fan_out = w.shape if w.ndim > 1 else (*w.shape, *w.shape)
    limit = np.sqrt(6 / ((fan_in + fan_out) * np.prod(field_, initial=1)))
    assert 0.2 * limit < np.abs(w).max() <= limit
    if w.size > 10:  # few numbers may all be small, or of one sign
        assert 0.6 * limit < np.abs(w).max() and w.min() < 0 < w.max()
    if w.ndim == 2 and min(w.shape) > 1:
        assert not _is_orthogonal(w)


def orthogonal(w):
    assert _is_orthogonal(w)


def _is_orthogonal(w):
    w = w if w.shape[0] <= w.shape[1] else w.T
    return np.allclose(w @ w.T, np.eye(len(w)), atol=1e-5)


def uniform(limit):
    def check(w):
        assert 0.5 * limit < np.abs(w).max() <= limit and w.min() < 0 < w.max()

    return check


# --- parts and inputs ----------------------------------------------------------------

rng = np.random.default_rng(0)
x, h = (rng.normal(size=(B, t, D)).astype("float32") for t in (T, T + 2))
state = rng.normal(size=(B, N)).astype("float32")
image = rng.normal(size=(B, 4, 6, D)).astype("float32")
symbols, others = (rng.integers(1, 7, (B, t)).astype("int32") for t in (T, T + 2))
documents = rng.integers(1, 7, (B, 2, T)).astype("int32")


def gru(units=N):
    return keras.layers.GRUCell(units)


def lstm():
    return keras.layers.LSTMCell(4)


def encoder():
    both = {"return_sequences": True, "return_state": True}
    return Encoder(keras.layers.GRU(N, **both))


def reader(units=N):
    return keras.layers.GRU(units, return_sequences=True)


def attention_decoder():
    return AttentionDecoder(gru(), AdditiveAttention(4))


def caption_decoder():
    return CaptionDecoder(gru(), VisualAttention(4))


def model():
    built = EncoderDecoder(7, 7, D, encoder(), Decoder(gru()))
    built([symbols, others])
    return built


def pooling(units=4):
    from utils.layers.hierarchical_attention import AttentionPooling

    return AttentionPooling(units)


# Weights that Keras's own layers make, as they start there.
def of_gru(name, d, n=N):
    return [
        (f"{name}kernel", (d, 3 * n), glorot),
        (f"{name}recurrent_kernel", (n, 3 * n), orthogonal),
        (f"{name}bias", (2, 3 * n), zeros),
    ]


def dense(d, n, bias=True, kernel=glorot):
    return [("kernel", (d, n), kernel)] + [("bias", (n,), zeros)] * bias


def embedding(k, d):
    return [("embeddings", (k, d), uniform(0.05))]


def norm(d):
    return [("gamma", (d,), ones), ("beta", (d,), zeros)]


def additive(n, m, k):
    return [("W_a", (n, k), glorot), ("U_a", (m, k), glorot), ("v_a", (k,), glorot)]


def simple(d, n=N):
    return [
        ("kernel", (d, n), glorot),
        ("recurrent_kernel", (n, n), orthogonal),
        ("bias", (n,), zeros),
    ]


def gates(d, k, *bias, n=N):
    return [
        ("kernel", (d, k * n), glorot),
        ("recurrent_kernel", (n, k * n), orthogonal),
        ("bias", (k * n,), blocks(*bias)),
    ]


step = (x[:, 0], [state])
two = (x[:, 0], [state, -state])
CATALOGUE = {}


def _add(name, **entry):
    CATALOGUE[name] = Entry(**entry)


# --- recurrent ---------------------------------------------------------------------

_add(
    "SimpleCell",
    needed={"units": N},
    defaults={"recurrent_initializer": "orthogonal"},
    other={"recurrent_initializer": "zeros"},
    inputs=step,
    weights=simple(D),
    changed=[simple(D)[0], ("recurrent_kernel", (N, N), zeros), simple(D)[2]],
)

# --- bidirectional, four directions, deep --------------------------------------------

_add(
    "BidirectionalRNN",
    needed={"cell": gru},
    defaults={"return_state": False},
    other={"return_state": True},
    inputs=(x,),
    weights=of_gru("", D) + of_gru("", D),
    masked=True,
)
_add(
    "FourDirectionRNN",
    needed={"cell": gru},
    defaults={},
    inputs=(image,),
    weights=4 * of_gru("", D),
)
_add(
    "ReNet",
    needed={"cell": gru},
    defaults={"patch": (1, 1)},
    other={"patch": (2, 3)},
    inputs=(image,),
    weights=2 * of_gru("", D) + 2 * of_gru("", 2 * N),
    changed=2 * of_gru("", 6 * D) + 2 * of_gru("", 2 * N),
)
_add(
    "DiagonalCell",
    needed={"rows": 2, "units": N},
    defaults={},
    inputs=(np.ones((B, 8 * N), "float32"), [np.ones((B, 8 * N), "float32")]),
    weights=[("W", (4, 2 * N, N), glorot)],
)
_add(
    "MultiDimensionalRNN",
    needed={"units": N},
    defaults={},
    inputs=(image,),
    weights=[
        ("U", (4, D, N), glorot),
        ("b", (4, N), zeros),
        ("W", (4, 2 * N, N), glorot),
    ],
)
cells = {"cells": lambda: [SimpleCell(N), SimpleCell(4)]}
skips = {"input_skips": True, "output_skips": True}
_add(
    "StackedCell",
    needed=cells,
    defaults={"input_skips": False, "output_skips": False},
    other=skips,
    inputs=(x[:, 0], [state, state[:, :4]]),
    weights=simple(D) + simple(N, 4),
    changed=simple(D) + simple(N + D, 4),
)
_add(
    "StackedRNN",
    needed=cells,
    defaults={"input_skips": False, "output_skips": False},
    other=skips,
    inputs=(x,),
    weights=simple(D) + simple(N, 4),
    changed=simple(D) + simple(N + D, 4),
    masked=True,
)
orthogonal_dense = dense(N, N, kernel=orthogonal)
_add(
    "DeepTransitionCell",
    needed={"units": N},
    defaults={"depths": (1, 1, 1), "shortcut": None},
    other={"depths": [2, 3, 2], "shortcut": "weighted"},
    config={"depths": [1, 1, 1]},
    inputs=step,
    weights=simple(D),
    changed=[
        *simple(N),
        ("W_s", (N, N), orthogonal),
        *dense(D, N, kernel=orthogonal),
        *(3 * orthogonal_dense),
    ],
)

# --- gated cells ---------------------------------------------------------------------

of_lstm = {"forget_bias": 1.0, "recurrent_initializer": "orthogonal"}
other_lstm = {"forget_bias": 5.0, "recurrent_initializer": "zeros"}
lstm_changed = [
    ("kernel", (D, 4 * N), glorot),
    ("recurrent_kernel", (N, 4 * N), zeros),
    ("bias", (4 * N,), blocks(0, 5, 0, 0)),
]
peepholes = [(f"p_{gate}", (N,), uniform(0.1)) for gate in "gfq"]
_add(
    "LSTMCell",
    needed={"units": N},
    defaults=of_lstm,
    other=other_lstm,
    inputs=two,
    weights=gates(D, 4, 0, 1, 0, 0),
    changed=lstm_changed,
)
_add(
    "LSTM",
    needed={"units": N},
    defaults=of_lstm,
    other=other_lstm,
    inputs=(x,),
    weights=gates(D, 4, 0, 1, 0, 0),
    changed=lstm_changed,
    masked=True,
)
_add(
    "CustomGradientLSTM",
    needed={"units": N},
    defaults=of_lstm,
    other=other_lstm,
    inputs=(x,),
    weights=gates(D, 4, 0, 1, 0, 0),
    changed=lstm_changed,
    masked=True,
)
_add(
    "PeepholeLSTMCell",
    needed={"units": N},
    defaults={"forget_bias": 1.0, "output_peephole": "current"},
    other={**other_lstm, "output_peephole": "previous"},
    inputs=two,
    weights=gates(D, 4, 0, 1, 0, 0) + peepholes,
    changed=lstm_changed + peepholes,
)
_add(
    "PeepholeLSTM",
    needed={"units": N},
    defaults={**of_lstm, "output_peephole": "current"},
    other={**other_lstm, "output_peephole": "previous"},
    inputs=(x,),
    weights=gates(D, 4, 0, 1, 0, 0) + peepholes,
    changed=lstm_changed + peepholes,
    masked=True,
)
of_own_gru = {
    "reset_after": False,
    "update_bias": 0.0,
    "recurrent_initializer": "orthogonal",
}
other_gru = {"reset_after": True, "update_bias": 3.0, "recurrent_initializer": "zeros"}
gru_changed = [
    ("kernel", (D, 3 * N), glorot),
    ("recurrent_kernel", (N, 3 * N), zeros),
    ("bias", (2, 3 * N), blocks(3, 0, 0, 0, 0, 0)),
]
_add(
    "GRUCell",
    needed={"units": N},
    defaults=of_own_gru,
    other=other_gru,
    inputs=step,
    weights=gates(D, 3, 0, 0, 0),
    changed=gru_changed,
)
_add(
    "GRU",
    needed={"units": N},
    defaults=of_own_gru,
    other=other_gru,
    inputs=(x,),
    weights=gates(D, 3, 0, 0, 0),
    changed=gru_changed,
    masked=True,
)
of_gated = {"gate": "sigmoid", "activation": "tanh", "without": ()}
other_gated = {"gate": "relu", "activation": "elu", "without": ["q", "W_g"]}
gated_changed = [
    ("kernel", (D, 3 * N), glorot),
    ("recurrent_kernel", (N, 2 * N), orthogonal),
    ("bias", (3 * N,), blocks(0, 1, 0)),
]
for name, inputs, masked in (("GatedCell", two, False), ("Gated", (x,), True)):
    _add(
        name,
        needed={"units": N},
        defaults=of_gated,
        other=other_gated,
        config={"without": []},
        inputs=inputs,
        weights=gates(D, 4, 0, 1, 0, 0),
        changed=gated_changed,
        masked=masked,
    )

# --- encoder and decoder -------------------------------------------------------------

_add(
    "Encoder",
    needed={
        "recurrent": lambda: keras.layers.GRU(
            N, return_sequences=True, return_state=True
        )
    },
    defaults={"size": None},
    other={"size": 2},
    inputs=(x,),
    weights=of_gru("", D),
    changed=of_gru("", D) + dense(N, 2),
    masked=True,
)
_add(
    "ContextSequence",
    needed={"k": 2},
    defaults={"how": "queries"},
    other={"how": "last"},
    inputs=(x,),
    weights=[("queries", (2, D), glorot)],
    changed=[],
    masked=True,
)
_add(
    "Decoder",
    needed={"cell": gru},
    defaults={"context": "every_step"},
    other={"context": "both"},
    inputs=(x, state[:, :4]),
    weights=of_gru("", D + 4),
    changed=of_gru("", D + 4) + dense(4, N),
    masked=True,
)
_add(
    "EncoderDecoder",
    needed={
        "source": 7,
        "target": 8,
        "width": D,
        "encoder": encoder,
        "decoder": lambda: Decoder(gru()),
    },
    defaults={"context": None},
    other={
        "context": lambda: importlib.import_module(
            "utils.layers.encoder_decoder"
        ).ContextSequence(2)
    },
    inputs=([symbols, others],),
    weights=[
        *of_gru("", D),
        *of_gru("", D + N),
        *embedding(7, D),
        *embedding(8, D),
        *dense(N, 8),
    ],
)
_add(
    "Greedy",
    needed={"model": model, "longest": 4},
    defaults={},
    inputs=(symbols,),
    weights=[
        *of_gru("", D),
        *of_gru("", D + N),
        *embedding(7, D),
        *embedding(7, D),
        *dense(N, 7),
    ],
    unsaved=True,
)
_add(
    "BeamSearch",
    needed={"model": model, "longest": 4, "width": 2},
    defaults={"alpha": 0.0},
    inputs=(symbols,),
    weights=[
        *of_gru("", D),
        *of_gru("", D + N),
        *embedding(7, D),
        *embedding(7, D),
        *dense(N, 7),
    ],
    unsaved=True,
)

# --- attention -----------------------------------------------------------------------

_add(
    "AdditiveAttention",
    needed={"units": 4},
    defaults={},
    inputs=(state, h),
    weights=additive(N, D, 4),
)
_add(
    "MultiplicativeAttention",
    needed={},
    defaults={"score": "scaled_dot", "units": None},
    other={"score": "concat", "units": 4},
    inputs=(state[:, :D], h),
    weights=[],
    changed=[("W_a", (2 * D, 4), glorot), ("v_a", (4,), glorot)],
)
_add(
    "AttentionCell",
    needed={
        "cell": gru,
        "attention": lambda: AdditiveAttention(4),
        "order": "attend_first",
        "input_feeding": False,
    },
    defaults={},
    inputs=None,
    weights=None,
    unsaved=True,
)
attends = {"cell": gru, "attention": lambda: AdditiveAttention(4)}
orders = {"order": "attend_first", "input_feeding": False}
other_order = {"order": "update_first", "input_feeding": True}
W_c = dense(D + N, N, bias=False)
_add(
    "AttentionDecoder",
    needed=attends,
    defaults=orders,
    other=other_order,
    inputs=(x, h),
    weights=of_gru("", 2 * D) + additive(N, D, 4) + W_c,
    changed=of_gru("", D + N) + additive(N, D, 4) + W_c,
    masked=True,
)
sizes = {"source": 7, "target": 8, "width": D}
_add(
    "AttentionModel",
    needed={**sizes, "encoder": encoder, "decoder": attention_decoder},
    defaults={},
    inputs=([symbols, others],),
    weights=[
        *of_gru("", D),
        *(of_gru("", D + N) + additive(N, N, 4) + dense(2 * N, N, bias=False)),
        *embedding(7, D),
        *embedding(8, D),
        *dense(N, N),
        *dense(N, 8),
    ],
)

# --- pictures ------------------------------------------------------------------------

visual = [
    *additive(N, D, 4),
    ("w_beta", (N, 1), glorot),
    ("b_beta", (1,), zeros),
]
_add(
    "VisualAttention",
    needed={"units": 4},
    defaults={},
    inputs=(state, h),
    weights=visual,
)
_add(
    "CaptionCell",
    needed={"cell": gru, "attention": lambda: VisualAttention(4)},
    defaults={},
    inputs=None,
    weights=None,
    unsaved=True,
)
L = [("L_h", (N, D), glorot), ("L_z", (D, D), glorot)]
_add(
    "CaptionDecoder",
    needed={"cell": gru, "attention": lambda: VisualAttention(4)},
    defaults={},
    inputs=(x, h),
    weights=L + of_gru("", 2 * D) + visual,
    masked=True,
)
captioner = {"words": 8, "width": D, "annotation": 4, "decoder": caption_decoder}
L4 = [("L_h", (N, D), glorot), ("L_z", (4, D), glorot)]
V4 = [*additive(N, 4, 4), ("w_beta", (N, 1), glorot), ("b_beta", (1,), zeros)]
captions = [
    *(L4 + of_gru("", D + 4) + V4),
    *dense(D, 4),
    *embedding(8, D),
    *dense(D, 8),
]
_add(
    "Captioner",
    needed=captioner,
    defaults={"start": "mean"},
    other={"start": "zero"},
    inputs=([h, symbols],),
    weights=captions + dense(4, N),
    changed=captions,
)
_add(
    "DoublyStochasticCaptioner",
    needed=captioner,
    defaults={"doubly": 1.0, "goal": 1.0},
    other={"doubly": 2.0, "goal": "share"},
    inputs=([h, symbols],),
    weights=captions + dense(4, N),
)

# --- local attention -----------------------------------------------------------------

local = {"attention": lambda: AdditiveAttention(4), "window": 2}
_add(
    "LocalAttention",
    needed=local,
    defaults={"slope": 1.0},
    other={"slope": 2.0},
    inputs=None,  # needs a CountingDecoder
    weights=None,
)
_add(
    "PredictiveAttention",
    needed={**local, "units": 3},
    defaults={"renormalise": False},
    other={"renormalise": True},
    inputs=(state, h),
    weights=[("W_p", (N, 3), glorot), ("v_p", (3,), glorot), *additive(N, D, 4)],
)
_add(
    "CountingCell",
    needed={},
    defaults={},
    inputs=None,
    weights=None,
    unsaved=True,
)


def moving():
    from utils.layers.local_attention import LocalAttention

    return LocalAttention(AdditiveAttention(4), 2)


_add(
    "CountingDecoder",
    needed={"cell": gru, "attention": moving},
    defaults=orders,
    other=other_order,
    inputs=(x, h),
    weights=of_gru("", 2 * D) + additive(N, D, 4) + W_c,
    changed=of_gru("", D + N) + additive(N, D, 4) + W_c,
    masked=True,
)

# --- self-attention ------------------------------------------------------------------


def maps(d, k, d_z=None):
    return [("W_q", (d, k), glorot), ("W_k", (d_z or d, k), glorot)]


_add(
    "SelfAttention",
    needed={},
    defaults={"units": None, "values": None, "causal": False},
    other={"units": 4, "values": 2, "causal": True},
    inputs=(x,),
    weights=[],
    changed=[*maps(D, 4), ("W_v", (D, 2), glorot)],
    masked=True,
)
_add(
    "PositionEmbedding",
    needed={"longest": 9},
    defaults={},
    inputs=(x,),
    weights=[("p", (9, D), uniform(0.05))],
    masked=True,
)


def block(d, k=None, d_z=None):
    d_z = d_z or d
    own = maps(d, k, d_z) if k else []
    return norm(d) + own + dense(d + d_z, 2 * d) + dense(2 * d, d)


_add(
    "AttentionBlock",
    needed={},
    defaults={"units": None, "causal": False},
    other={"units": 4, "causal": True},
    inputs=(x,),
    weights=block(D),
    changed=block(D, 4),
    masked=True,
)
blocks_of = {"units": None, "blocks": 1, "positions": True}
other_blocks = {"units": 4, "blocks": 2, "positions": False}
_add(
    "SelfAttentionEncoder",
    needed={"longest": 9},
    defaults=blocks_of,
    other=other_blocks,
    inputs=(x,),
    weights=[("p", (9, D), uniform(0.05)), *block(D), *norm(D)],
    changed=[*block(D, 4), *block(D, 4), *norm(D)],
    masked=True,
)
_add(
    "SelfAttentionDecoder",
    needed={"longest": 9},
    defaults=blocks_of,
    other=other_blocks,
    inputs=(x, h),
    weights=[("p", (9, D), uniform(0.05)), *block(D), *block(D), *norm(D)],
    changed=[*(4 * block(D, 4)), *norm(D)],
    masked=True,
)
_add(
    "SelfAttentionModel",
    needed={
        **sizes,
        "encoder": lambda: SelfAttentionEncoder(9),
        "decoder": lambda: SelfAttentionDecoder(9),
    },
    defaults={},
    inputs=([symbols, others],),
    weights=[
        *[("p", (9, D), uniform(0.05)), *block(D), *norm(D)],
        *[("p", (9, D), uniform(0.05)), *block(D), *block(D), *norm(D)],
        *embedding(7, D),
        *embedding(8, D),
        *dense(D, 8),
    ],
)

# --- documents -----------------------------------------------------------------------


def pool(m, k=4):
    return [("W", (m, k), glorot), ("b", (k,), zeros), ("u", (k,), glorot)]


_add(
    "AttentionPooling",
    needed={"units": 4},
    defaults={},
    inputs=(x,),
    weights=pool(D),
    masked=True,
)
_add(
    "HierarchicalAttentionNetwork",
    needed={
        "words": 7,
        "width": D,
        "classes": 2,
        "word_encoder": reader,
        "word_attention": pooling,
        "sentence_encoder": reader,
        "sentence_attention": pooling,
    },
    defaults={"dropout": 0.0},
    other={"dropout": 0.5},
    inputs=(documents,),
    weights=[
        *of_gru("", D),
        *pool(N),
        *of_gru("", N),
        *pool(N),
        *embedding(7, D),
        *dense(N, 2),
    ],
)
