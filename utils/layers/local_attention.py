# Generated from chapters/4_5_1_local_attention.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.attention import AttentionCell, AttentionDecoder
from utils.layers.encoder_decoder import check_part


def gather(x, at):
    """x[b, at[b, j]] for all b and j; what is not asked for is not touched.

    Shapes: x (batch, time, …), at (batch, window), whole → (batch, window, …).
    """
    batch, time = ops.shape(x)[:2]
    rows = ops.arange(batch, dtype="int32")[:, None] * time + at
    return ops.take(ops.reshape(x, (-1, *x.shape[2:])), rows, axis=0)


def refuse_other_sizes(h, **others):
    """ValueError unless all begin with the sizes of h, where these are known."""
    for name, x in others.items():
        sizes = zip(h.shape[: 1 if name == "s" else 2], x.shape, strict=False)
        if any(None not in pair and pair[0] != pair[1] for pair in sizes):
            raise ValueError(f"h {h.shape} and {name} {x.shape} do not match.")


@keras.saving.register_keras_serializable("rnn_course")
class LocalAttention(keras.layers.Layer):
    """Attention to a window that moves on by itself (Luong et al. 2015: local-m).

        p = slope · i, with i the number of the target step, from 0 (section 4.5.1)
        α = softmax(e) where |t − [p]| ≤ D, and 0 elsewhere; c = Σ_t α_t h_t

    t counts from 0; [p] is p rounded. Only the window's h_t and keys are read.

    Args, else ValueError:
        attention: whose scores e: `AdditiveAttention` or `MultiplicativeAttention`.
        window: D, a positive integer.
        slope: source steps for each target step; 1 in the paper.

    Shapes: s (batch, n), h (batch, time, m), mask (batch, time) → c (batch, m), [α; p]
    (batch, 2 D + 2), which `spread` reads; α is 0 outside of the source. ValueError if
    sizes do not match, or no `CountingDecoder` stands around it. No built-in.
    """

    def __init__(self, attention, window, slope=1.0, **kwargs):
        super().__init__(**kwargs)
        check_part("attention", attention, "keys")
        if "int" not in type(window).__name__ or window < 1:
            raise ValueError(f"window must be a positive integer, got {window!r}.")
        if not hasattr(slope, "__float__"):
            raise ValueError(f"slope must be a number, got {slope!r}.")
        self.attention, self.window, self.slope = attention, int(window), float(slope)
        self.i = None  # set by `CountingDecoder`, at every step

    def build(self, s_shape, h_shape):
        if not self.attention.built:
            self.attention.build(s_shape, h_shape)

    def keys(self, h):
        return self.attention.keys(h)

    def position(self, s, h, mask):
        if self.i is None:
            raise ValueError("A window that moves by itself needs CountingDecoder.")
        return self.slope * ops.cast(self.i[:, 0], h.dtype)

    def fade(self, alpha, distance):
        return alpha

    def call(self, s, h, mask=None, keys=None):
        keys = self.keys(h) if keys is None else keys
        refuse_other_sizes(h, s=s, keys=keys, mask=h if mask is None else mask)
        p, D = self.position(s, h, mask), self.window
        t = ops.cast(ops.floor(p + 0.5), "int32")[:, None] + ops.arange(-D, D + 1)
        at = ops.clip(t, 0, ops.shape(h)[1] - 1)
        real = at == t if mask is None else (at == t) & gather(mask, at)
        h = gather(h, at)
        _, alpha = self.attention(s, h, mask=real, keys=gather(keys, at))
        alpha = self.fade(alpha, ops.cast(t, p.dtype) - p[:, None])
        c = ops.matmul(alpha[:, None, :], h)[:, 0]
        return c, ops.concatenate([alpha, p[:, None]], axis=1)

    def compute_mask(self, *args):
        return None  # c and α are no sequences in time

    def get_config(self):
        part = keras.saving.serialize_keras_object(self.attention)
        own = {"attention": part, "window": self.window, "slope": self.slope}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object(config["attention"])
        return cls(**{**config, "attention": part})


@keras.saving.register_keras_serializable("rnn_course")
class PredictiveAttention(LocalAttention):
    """Attention to a window that the decoder places (Luong et al. 2015: local-p).

        p = S sigmoid(v_p · tanh(W_p s)), with S the length of the source
        α as in `LocalAttention`, then times exp(−(t − p)² / 2σ²), with σ = D / 2

    Args:
        attention, window: as there.
        units: the size of v_p, a positive integer; else ValueError.
        renormalise: make Σα 1 again after the Gaussian. The paper does not.

    Shapes: as there. Any `AttentionDecoder` will do.
    """

    def __init__(self, attention, window, units, renormalise=False, **kwargs):
        super().__init__(attention, window, **kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units, self.renormalise = int(units), renormalise

    def build(self, s_shape, h_shape):
        super().build(s_shape, h_shape)
        self.W_p = self.add_weight((s_shape[-1], self.units), name="W_p")
        self.v_p = self.add_weight((self.units,), "glorot_uniform", name="v_p")

    def position(self, s, h, mask):
        S = ops.shape(h)[1]
        if mask is not None:
            S = ops.max(ops.where(mask, ops.arange(1, S + 1), 0), axis=1)
        a = ops.sum(self.v_p * ops.tanh(ops.matmul(s, self.W_p)), axis=-1)
        return ops.cast(S, a.dtype) * ops.sigmoid(a)

    def fade(self, alpha, distance):
        alpha = alpha * ops.exp(-((distance / (self.window / 2)) ** 2) / 2)
        if self.renormalise:
            total = ops.sum(alpha, axis=1, keepdims=True)
            alpha = alpha / ops.where(total > 0, total, 1)
        return alpha

    def get_config(self):
        own = super().get_config()
        del own["slope"]
        return {**own, "units": self.units, "renormalise": self.renormalise}


@keras.saving.register_keras_serializable("rnn_course")
class CountingCell(AttentionCell):
    """An `AttentionCell` whose last state, i (batch, 1), is the number of the step."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.state_size = [*self.state_size, 1]

    def call(self, y, states):
        *states, i = states
        self.attention.i = i
        try:
            both, states = super().call(y, states)
        finally:
            self.attention.i = None
        return both, [*states, i + 1]


@keras.saving.register_keras_serializable("rnn_course")
class CountingDecoder(AttentionDecoder):
    """An `AttentionDecoder` that tells its attention the number i of the step.

    Arguments, shapes, masks: as there, with one more state, i (batch, 1), at the end.
    Masked steps are not counted. In half precision i stops at 2048 (bfloat16: 256).
    """

    def __init__(
        self, cell, attention, order="attend_first", input_feeding=False, **kwargs
    ):
        keras.layers.Layer.__init__(self, **kwargs)  # with a cell of another kind
        own = {"dtype": self.dtype_policy}
        self.cell = CountingCell(cell, attention, order, input_feeding, **own)
        options = {"return_sequences": True, "zero_output_for_mask": True}
        self.loop = keras.layers.RNN(self.cell, **options, **own)
        self.supports_masking = self.loop.supports_masking = True


def spread(found, time):
    """The attention matrix of windows, for a picture: this does cost the whole length.

    Shapes: found (…, 2 D + 2), the [α; p] of a window, time: τ_x
    → α (…, τ_x), which is 0 outside of the window, and p (…).
    """
    alpha, p = found[..., :-1], found[..., -1]
    window = ops.arange(alpha.shape[-1], dtype=p.dtype)
    first = ops.floor(p + 0.5) - (alpha.shape[-1] - 1) // 2
    place = ops.arange(time, dtype=p.dtype) - first[..., None]
    here = ops.cast(place[..., None] == window, alpha.dtype)
    return ops.matmul(here, alpha[..., None])[..., 0], p
