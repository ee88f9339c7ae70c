# Generated from chapters/4_5_attention.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.bidirectional import check_cell, check_states
from utils.layers.encoder_decoder import check_part, positive


def attend(e, h, mask=None):
    """The weights α = softmax(e) over real steps, and the context c = Σ_t α_t h_t.

    Args:
        e: scores (batch, time). h: (batch, time, m).
        mask: (batch, time), False at filling; by default all steps are real.

    Returns:
        c (batch, m), α (batch, time): 0 at filling, and 0 throughout a row of filling.
    """
    if keras.backend.standardize_dtype(e.dtype) == "float16":
        e = ops.cast(e, "float32")
    if mask is None:
        alpha = ops.softmax(e)
    else:
        alpha = ops.softmax(ops.where(mask, e, -1e9)) * ops.cast(mask, e.dtype)
    alpha = ops.cast(alpha, h.dtype)
    return ops.matmul(alpha[:, None, :], h)[:, 0], alpha


def check_source(s_shape, h_shape):
    """Say what is wrong with the shapes of a state and of what it attends to."""
    if len(s_shape) != 2 or len(h_shape) != 3:
        wanted = "s must be (batch, n) and h (batch, time, m)"
        raise ValueError(f"{wanted}, got {s_shape} and {h_shape}.")
    if h_shape[1] == 0:
        raise ValueError(f"h has no step to attend to: its shape is {h_shape}.")


@keras.saving.register_keras_serializable("rnn_course")
class AdditiveAttention(keras.layers.Layer):
    """Additive attention (document, section 4.5; Bahdanau et al. 2015).

        e_t = v_a · tanh(W_a s + U_a h_t), α = softmax(e), c = Σ_t α_t h_t

    Args:
        units: k, the size of v_a; else ValueError.

    Shapes, else ValueError: s (batch, n), h (batch, time, m), mask (batch, time) →
    c (batch, m), α (batch, time). `keys(h)` is U_a h; give it as `keys` if h is asked
    many times.
    No built-in: `keras.layers.AdditiveAttention` has v_a, but neither W_a nor U_a.
    """

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units = int(units)

    def build(self, s_shape, h_shape):
        check_source(s_shape, h_shape)
        self.W_a = self.add_weight((s_shape[-1], self.units), name="W_a")
        self.U_a = self.add_weight((h_shape[-1], self.units), name="U_a")
        self.v_a = self.add_weight((self.units,), "glorot_uniform", name="v_a")

    def keys(self, h):
        return ops.matmul(h, self.U_a)

    def call(self, s, h, mask=None, keys=None):
        keys = self.keys(h) if keys is None else keys
        a = ops.matmul(s, self.W_a)[:, None, :] + keys
        e = ops.sum(self.v_a * ops.tanh(a), axis=-1)
        return attend(e, h, mask)

    def compute_mask(self, *args):
        return None  # c and α are no sequences in time

    def get_config(self):
        return {**super().get_config(), "units": self.units}


@keras.saving.register_keras_serializable("rnn_course")
class MultiplicativeAttention(keras.layers.Layer):
    """The scores of Luong et al. (2015), and the scaled one of Vaswani et al. (2017).

        dot      e_t = s · h_t         scaled_dot  e_t = s · h_t / √n
        general  e_t = s · W_a h_t     concat      e_t = v_a · tanh(W_a [s; h_t])

    then α = softmax(e), c = Σ_t α_t h_t. The dots have no weights and need n = m.

    Args:
        score: one of these four names, else ValueError.
        units: k, the size of v_a in "concat", and only there; else ValueError.

    Shapes and `keys` as in `AdditiveAttention`, to which "concat" is equal.
    "dot" and "general" equal `keras.layers.Attention`, after a product with W_a.
    """

    SCORES = ("dot", "scaled_dot", "general", "concat")

    def __init__(self, score="scaled_dot", units=None, **kwargs):
        super().__init__(**kwargs)
        if score not in self.SCORES:
            raise ValueError(f"score must be one of {self.SCORES}, got {score!r}.")
        if score != "concat" and units is not None:
            raise ValueError(f"units is for 'concat': {score!r} was given {units!r}.")
        if score == "concat" and ("int" not in type(units).__name__ or units < 1):
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.score, self.units = score, units and int(units)

    def build(self, s_shape, h_shape):
        n, m = s_shape[-1], h_shape[-1]
        self.n = n
        check_source(s_shape, h_shape)
        if "dot" in self.score and n != m:
            raise ValueError(f"{self.score!r} needs n = m, got s of {n} and h of {m}.")
        if self.score == "general":
            self.W_a = self.add_weight((n, m), name="W_a")
        if self.score == "concat":
            self.W_a = self.add_weight((n + m, self.units), name="W_a")
            self.v_a = self.add_weight((self.units,), "glorot_uniform", name="v_a")

    def keys(self, h):
        if self.score == "concat":
            return ops.matmul(h, self.W_a[self.n :])
        if self.score == "general":
            return ops.matmul(h, ops.transpose(self.W_a))
        return h / self.n**0.5 if self.score == "scaled_dot" else h

    def call(self, s, h, mask=None, keys=None):
        keys = self.keys(h) if keys is None else keys
        if self.score == "concat":
            a = ops.matmul(s, self.W_a[: self.n])[:, None, :] + keys
            e = ops.sum(self.v_a * ops.tanh(a), axis=-1)
        else:
            e = ops.matmul(keys, s[..., None])[..., 0]
        return attend(e, h, mask)

    def compute_mask(self, *args):
        return None  # c and α are no sequences in time

    def get_config(self):
        return {**super().get_config(), "score": self.score, "units": self.units}


@keras.saving.register_keras_serializable("rnn_course")
class AttentionCell(keras.layers.Layer):
    """One step of a decoder that looks at the source; run by `AttentionDecoder`.

        attend_first: c, α = attention(s, h); s' = cell([y; c], s)  Bahdanau et al. 2015
        update_first: s' = cell(y, s); c, α = attention(s', h)      Luong et al. 2015
        in both orders: o = tanh(W_c [c; s'])

    With input feeding y stands for [y; o], with the o of the step before.

    Args:
        cell, attention, order, input_feeding: as of `AttentionDecoder`.

    Shapes: y (batch, d), states (those of the cell, and o if it is fed) → [o; α]
    (batch, n + time), states. `memory`, set before the loop: h, its keys, its mask.
    """

    ORDERS = ("attend_first", "update_first")

    def __init__(self, cell, attention, order, input_feeding, **kwargs):
        super().__init__(**kwargs)
        check_cell(cell)
        check_part("attention", attention, "keys")
        if order not in self.ORDERS:
            raise ValueError(f"order must be one of {self.ORDERS}, got {order!r}.")
        sizes, n = cell.state_size, cell.output_size
        sizes = [sizes] if isinstance(sizes, int) else list(sizes)
        self.cell, self.attention, self.memory = cell, attention, None
        self.order, self.input_feeding = order, input_feeding
        self.state_size, self.output_size = sizes + [n] * input_feeding, n
        self.to_output = keras.layers.Dense(
            n, "tanh", use_bias=False, name="W_c", dtype=self.dtype_policy
        )

    def build(self, y_shape, h_shape):
        batch, n, m = y_shape[0], self.output_size, h_shape[-1]
        d = y_shape[-1] + n * self.input_feeding + m * (self.order == "attend_first")
        for layer, shapes in (
            (self.cell, [(batch, d)]),
            (self.attention, [(batch, n), h_shape]),
            (self.to_output, [(batch, m + n)]),
        ):
            if not layer.built:
                layer.build(*shapes)

    def call(self, y, states):
        h, keys, mask = self.memory
        if self.input_feeding:
            *states, o = states
            y = ops.concatenate([y, o], axis=-1)
        if self.order == "attend_first":
            c, alpha = self.attention(states[0], h, mask=mask, keys=keys)
            s, states = self.cell(ops.concatenate([y, c], axis=-1), states)
        else:
            s, states = self.cell(y, states)
            c, alpha = self.attention(s, h, mask=mask, keys=keys)
        o = self.to_output(ops.concatenate([c, s], axis=-1))
        states = [states] if ops.is_tensor(states) else list(states)
        return ops.concatenate([o, alpha], axis=-1), states + [o] * self.input_feeding


@keras.saving.register_keras_serializable("rnn_course")
class AttentionDecoder(keras.layers.Layer):
    """A decoder with attention, run over a target (document, section 4.5).

    Args, else ValueError:
        cell: any Keras cell; its first state is the s of the equations.
        attention: `AdditiveAttention` or `MultiplicativeAttention`.
        order: "attend_first" or "update_first": see `AttentionCell`.
        input_feeding: whether the output o of one step is fed to the next.

    Shapes, else ValueError: y (batch, τ_y, d), h (batch, τ_x, m), initial_state: a
    list, by default zeros → o (batch, τ_y, n), α (batch, τ_y, τ_x). Masks: y_mask,
    h_mask; o and α are 0 where y is masked. No built-in.
    """

    def __init__(
        self, cell, attention, order="attend_first", input_feeding=False, **kwargs
    ):
        super().__init__(**kwargs)
        own = cell, attention, order, input_feeding
        self.cell = AttentionCell(*own, dtype=self.dtype_policy)
        options = {"return_sequences": True, "zero_output_for_mask": True}
        self.loop = keras.layers.RNN(self.cell, **options, dtype=self.dtype_policy)
        self.supports_masking = self.loop.supports_masking = True

    def build(self, y_shape, h_shape):
        if len(y_shape) != 3 or len(h_shape) != 3:
            wanted = "y must be (batch, time, d) and h (batch, time, m)"
            raise ValueError(f"{wanted}, got {y_shape} and {h_shape}.")
        if None not in (y_shape[0], h_shape[0]) and y_shape[0] != h_shape[0]:
            raise ValueError(f"y and h must be one batch, got {y_shape} and {h_shape}.")
        self.cell.build((y_shape[0], y_shape[-1]), h_shape)
        self.cell.built = True
        self.loop.build(y_shape)

    def keys(self, h):
        return self.cell.attention.keys(h)

    def call(self, y, h, initial_state=None, y_mask=None, h_mask=None):
        check_states(initial_state, len(self.cell.state_size))
        self.cell.memory = h, self.keys(h), h_mask  # the keys once, not at every step
        try:
            both = self.loop(y, initial_state=initial_state, mask=y_mask)
        finally:
            self.cell.memory = None
        n = self.cell.output_size
        return ops.reshape(both[..., :n], (*ops.shape(y)[:2], n)), both[..., n:]

    def step(self, y, states, memory):
        self.cell.memory = memory
        try:
            both, states = self.cell(y, states)
        finally:
            self.cell.memory = None
        n = self.cell.output_size
        return both[..., :n], both[..., n:], states

    def get_config(self):
        parts = {"cell": self.cell.cell, "attention": self.cell.attention}
        parts = {k: keras.saving.serialize_keras_object(v) for k, v in parts.items()}
        own = {"order": self.cell.order, "input_feeding": self.cell.input_feeding}
        return {**super().get_config(), **parts, **own}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object
        parts = {name: part(config[name]) for name in ("cell", "attention")}
        return cls(**{**config, **parts})


@keras.saving.register_keras_serializable("rnn_course")
class AttentionModel(keras.Model):
    """Encoder, attention and decoder between symbols (document, section 4.5).

        P(y(i) | y(1) … y(i−1), x) = softmax(c + V o(i)), with s(0) = tanh(P C + b)

    Args:
        source, target: how many symbols there are, with 0 (filling), START and END.
        width: of the vector that stands for a symbol.
        encoder: a layer x → H, C, as `Encoder` of chapter 4.4.
        decoder: `AttentionDecoder`. Other parts, and sizes that are no positive
            integers, raise ValueError.

    Shapes: [x (batch, τ_x), y (batch, τ_y)], whole numbers, y from START on → logits
    (batch, τ_y, target); with attention=True also α (batch, τ_y, τ_x).
    `begin` and `step` are all that `Greedy` and `BeamSearch` of 4.4 need of a model.
    """

    def __init__(self, source, target, width, encoder, decoder, **kwargs):
        super().__init__(**kwargs)
        self.sizes = positive(source=source, target=target, width=width)
        source, target, width = self.sizes.values()
        check_part("encoder", encoder, "call")
        check_part("decoder", decoder, "cell", "keys", "step")
        self.encoder, self.decoder = encoder, decoder
        own = {"dtype": self.dtype_policy}
        self.of_source = keras.layers.Embedding(source, width, **own)
        self.of_target = keras.layers.Embedding(target, width, **own)
        self.P = keras.layers.Dense(decoder.cell.output_size, "tanh", **own)
        self.V = keras.layers.Dense(target, **own)

    def call(self, inputs, attention=False):
        x, y = inputs
        h, mask, states = self.read(x)
        o, alpha = self.decoder(self.of_target(y), h, states, h_mask=mask)
        return (self.V(o), alpha) if attention else self.V(o)

    def read(self, x):
        """h, its mask, and the decoder's first states."""
        mask = ops.not_equal(x, 0)
        h, C = self.encoder(self.of_source(x), mask=mask)
        zeros = [
            ops.zeros((ops.shape(x)[0], n), h.dtype)
            for n in self.decoder.cell.state_size[1:]
        ]
        return h, mask, [self.P(C), *zeros]

    def begin(self, x):
        """What is known before the first step: h, its keys, its mask; the states."""
        h, mask, states = self.read(x)
        return (h, self.decoder.keys(h), mask), states

    def step(self, y, states, memory):
        """log P of each symbol that may follow y: (batch, target), and the states."""
        o, _, states = self.decoder.step(self.of_target(y), states, memory)
        return ops.log_softmax(self.V(o)), states

    def get_config(self):
        parts = {"encoder": self.encoder, "decoder": self.decoder}
        parts = {k: keras.saving.serialize_keras_object(v) for k, v in parts.items()}
        return {**super().get_config(), **self.sizes, **parts}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object
        parts = {name: part(config[name]) for name in ("encoder", "decoder")}
        return cls(**{**config, **parts})
