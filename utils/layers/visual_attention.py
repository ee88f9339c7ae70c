# Generated from chapters/4_5_image_captioning.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.attention import AdditiveAttention
from utils.layers.bidirectional import check_cell, check_states
from utils.layers.encoder_decoder import check_part, positive


@keras.saving.register_keras_serializable("rnn_course")
class VisualAttention(AdditiveAttention):
    """Soft attention to a picture, with a gate (document, section 4.5; Xu et al. 2015).

        e_i = v_a · tanh(W_a h + U_a a_i), α = softmax(e)
        β = σ(w_β · h + b_β), z = β Σ_i α_i a_i

    Args:
        units: k, the size of v_a; else ValueError.

    Shapes, else ValueError: h (batch, n), a (batch, L, m), mask (batch, L) → z
    (batch, m), α (batch, L), β (batch, 1). `keys(a)` is U_a a; give it as `keys` if a
    is asked many times. No built-in. Without the gate it is `AdditiveAttention`.
    """

    def build(self, h_shape, a_shape):
        if len(h_shape) != 2 or len(a_shape) != 3:
            wanted = "h must be (batch, n) and a (batch, L, m)"
            raise ValueError(f"{wanted}, got {h_shape} and {a_shape}.")
        if a_shape[1] == 0:
            raise ValueError(f"a has no annotation vector: its shape is {a_shape}.")
        super().build(h_shape, a_shape)
        self.w_beta = self.add_weight((h_shape[-1], 1), name="w_beta")
        self.b_beta = self.add_weight((1,), "zeros", name="b_beta")

    def call(self, h, a, mask=None, keys=None):
        context, alpha = super().call(h, a, mask, keys)
        beta = ops.sigmoid(ops.matmul(h, self.w_beta) + self.b_beta)
        z = beta * context
        return z, alpha, beta


@keras.saving.register_keras_serializable("rnn_course")
class CaptionCell(keras.layers.Layer):
    """One step of a decoder that looks at a picture; run by `CaptionDecoder`.

        z, α, β = attention(h, a), h' = cell([y; z], h), o = tanh(y + L_h h' + L_z z)

    Args:
        cell, attention: as of `CaptionDecoder`.

    Shapes: y (batch, d), the states of the cell → [o; α; β] (batch, d + L + 1), states.
    `memory`, set before the loop: a, its keys, its mask.
    """

    def __init__(self, cell, attention, **kwargs):
        super().__init__(**kwargs)
        check_cell(cell)
        check_part("attention", attention, "keys")
        sizes = cell.state_size
        self.cell, self.attention, self.memory = cell, attention, None
        self.state_size = [sizes] if isinstance(sizes, int) else list(sizes)
        self.output_size = cell.output_size

    def build(self, y_shape, a_shape):
        batch, d, n, m = *y_shape, self.output_size, a_shape[-1]
        if not self.cell.built:
            self.cell.build((batch, d + m))
        if not self.attention.built:
            self.attention.build((batch, n), a_shape)
        self.L_h = self.add_weight((n, d), name="L_h")
        self.L_z = self.add_weight((m, d), name="L_z")

    def call(self, y, states):
        a, keys, mask = self.memory
        z, alpha, beta = self.attention(states[0], a, mask=mask, keys=keys)
        h, states = self.cell(ops.concatenate([y, z], axis=-1), states)
        o = ops.tanh(y + ops.matmul(h, self.L_h) + ops.matmul(z, self.L_z))
        states = [states] if ops.is_tensor(states) else list(states)
        return ops.concatenate([o, alpha, beta], axis=-1), states


@keras.saving.register_keras_serializable("rnn_course")
class CaptionDecoder(keras.layers.Layer):
    """A decoder of captions, run over the words so far (Xu et al. 2015).

    Args, else ValueError:
        cell: any Keras cell; its first state is the h of the equations.
        attention: `VisualAttention`, or a layer with the same `call` and `keys`.

    Shapes, else ValueError: y (batch, τ, d), a (batch, L, m), initial_state: a list, by
    default zeros → o (batch, τ, d), α (batch, τ, L), β (batch, τ). Masks: y_mask,
    a_mask; all three are 0 where y is masked. No built-in.
    """

    def __init__(self, cell, attention, **kwargs):
        super().__init__(**kwargs)
        self.cell = CaptionCell(cell, attention, dtype=self.dtype_policy)
        self.loop = keras.layers.RNN(
            self.cell,
            return_sequences=True,
            zero_output_for_mask=True,
            dtype=self.dtype_policy,
        )
        self.supports_masking = self.loop.supports_masking = True

    def build(self, y_shape, a_shape):
        if len(y_shape) != 3 or len(a_shape) != 3:
            wanted = "y must be (batch, time, d) and a (batch, L, m)"
            raise ValueError(f"{wanted}, got {y_shape} and {a_shape}.")
        if None not in (y_shape[0], a_shape[0]) and y_shape[0] != a_shape[0]:
            raise ValueError(f"y and a must be one batch, got {y_shape} and {a_shape}.")
        if not self.cell.built:
            self.cell.build((y_shape[0], y_shape[-1]), a_shape)
        self.loop.build(y_shape)

    def keys(self, a):
        return self.cell.attention.keys(a)

    def call(self, y, a, initial_state=None, y_mask=None, a_mask=None):
        check_states(initial_state, len(self.cell.state_size))
        self.cell.memory = a, self.keys(a), a_mask  # the keys once, not at every step
        try:
            found = self.loop(y, initial_state=initial_state, mask=y_mask)
        finally:
            self.cell.memory = None
        d = y.shape[-1]
        o = ops.reshape(found[..., :d], ops.shape(y))
        return o, found[..., d:-1], found[..., -1]

    def step(self, y, states, memory):
        self.cell.memory = memory
        try:
            found, states = self.cell(y, states)
        finally:
            self.cell.memory = None
        d = y.shape[-1]
        return found[..., :d], found[..., d:-1], states

    def get_config(self):
        parts = {"cell": self.cell.cell, "attention": self.cell.attention}
        parts = {k: keras.saving.serialize_keras_object(v) for k, v in parts.items()}
        return {**super().get_config(), **parts}

    @classmethod
    def from_config(cls, config):
        part = keras.saving.deserialize_keras_object
        parts = {name: part(config[name]) for name in ("cell", "attention")}
        return cls(**{**config, **parts})


END = 2


@keras.saving.register_keras_serializable("rnn_course")
class Captioner(keras.Model):
    """Captions of pictures that an encoder has seen (Xu et al. 2015).

        a_i = relu(A x_i + b), h(0) = tanh(P mean(a) + p), or 0
        P(y(t) | y(1) … y(t−1), x) = softmax(c + L_o o(t))

    Args, else ValueError:
        words: how many there are, with 0 (filling), START and END.
        width: d, of the vector that stands for a word.
        annotation: m, of an annotation vector.
        decoder: `CaptionDecoder`.
        start: "mean" or "zero", the first state.

    Shapes: [x (batch, L, features), y (batch, τ)], y from START on → logits
    (batch, τ, words); with attention=True also α (batch, τ, L), β (batch, τ).
    `begin` and `step` are all that `Greedy` and `BeamSearch` of 4.4 need of a model.
    """

    def __init__(self, words, width, annotation, decoder, start="mean", **kwargs):
        super().__init__(**kwargs)
        if start not in ("mean", "zero"):
            raise ValueError(f"start must be 'mean' or 'zero', got {start!r}.")
        check_part("decoder", decoder, "cell", "keys", "step")
        self.own = positive(words=words, width=width, annotation=annotation)
        words, width, annotation = self.own.values()
        self.own["start"] = start
        self.decoder, own = decoder, {"dtype": self.dtype_policy}
        self.A = keras.layers.Dense(annotation, "relu", **own)
        self.E = keras.layers.Embedding(words, width, **own)
        self.L_o = keras.layers.Dense(words, **own)
        if start == "mean":
            self.P = keras.layers.Dense(decoder.cell.output_size, "tanh", **own)

    def call(self, inputs, attention=False):
        x, y = inputs
        a = self.A(x)
        o, alpha, beta = self.decoder(self.E(y), a, self.first(a))
        return (self.L_o(o), alpha, beta) if attention else self.L_o(o)

    def first(self, a):
        """The decoder's first states."""
        sizes, batch = self.decoder.cell.state_size, ops.shape(a)[0]
        states = [ops.zeros((batch, n), a.dtype) for n in sizes]
        if self.own["start"] == "mean":
            states[0] = self.P(ops.mean(a, axis=1))
        return states

    def begin(self, x):
        """What is known before the first word: a and its keys; the states."""
        a = self.A(x)
        return (a, self.decoder.keys(a)), self.first(a)

    def step(self, y, states, memory):
        """log P of each word that may follow y: (batch, words), and the states."""
        o, _, states = self.decoder.step(self.E(y), states, (*memory, None))
        return ops.log_softmax(self.L_o(o)), states

    def get_config(self):
        part = keras.saving.serialize_keras_object(self.decoder)
        return {**super().get_config(), **self.own, "decoder": part}

    @classmethod
    def from_config(cls, config):
        decoder = keras.saving.deserialize_keras_object(config["decoder"])
        return cls(**{**config, "decoder": decoder})


def doubly_stochastic(alpha, real, goal=1.0):
    """How unevenly the weights of a caption cover the picture (Xu et al. 2015).

        Σ_i (goal − Σ_t α_{t,i})²

    Args:
        alpha: (batch, τ, L). real: (batch, τ), 1 at words and 0 at filling.
        goal: how much weight each annotation vector should get in the whole caption:
            1 in the paper; "share" for τ / L, with the τ of each caption, which is what
            the weights can add up to.

    Returns:
        (batch,).
    """
    real = ops.cast(real, alpha.dtype)[..., None]
    if goal == "share":
        goal = ops.sum(real, axis=1) / alpha.shape[-1]
    return ops.sum((goal - ops.sum(alpha * real, axis=1)) ** 2, axis=-1)


@keras.saving.register_keras_serializable("rnn_course")
class DoublyStochasticCaptioner(Captioner):
    """A `Captioner` that adds λ times `doubly_stochastic`, a word, to its loss.

    Args, else ValueError:
        doubly: λ. goal: as of `doubly_stochastic`. The others: as of `Captioner`.
    """

    def __init__(self, *args, doubly=1.0, goal=1.0, **kwargs):
        super().__init__(*args, **kwargs)
        if not hasattr(doubly, "__float__"):
            raise ValueError(f"doubly must be a number, got {doubly!r}.")
        if goal != "share" and not hasattr(goal, "__float__"):
            raise ValueError(f"goal must be a number or 'share', got {goal!r}.")
        self.own |= {"doubly": doubly, "goal": goal}

    def call(self, inputs, attention=False):
        logits, alpha, beta = super().call(inputs, attention=True)
        real = ops.cast(inputs[1] != 0, alpha.dtype)
        real = real * ops.cast(inputs[1] != END, alpha.dtype)
        uneven = doubly_stochastic(alpha, real, self.own["goal"])
        a_word = uneven / ops.maximum(ops.sum(real, axis=1), 1)
        self.add_loss(self.own["doubly"] * ops.mean(a_word))
        return (logits, alpha, beta) if attention else logits
