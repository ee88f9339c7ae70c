# Generated from chapters/4_3_1_lstm.ipynb: edit that, not this.

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnn_course")
class LSTMCell(keras.layers.Layer):
    """One step of a long short-term memory (document, section 4.3.1; Gers et al. 2000).

        g, f, q = σ(b + U x + W h), each with its own b, U and W
        C' = f ⊙ C + g ⊙ tanh(b + U x + W h)
        h' = q ⊙ tanh(C')

    Args:
        units: n, the size of h and of C.
        forget_bias: how the bias of f starts; a large one keeps f near 1.

    Shapes: x (batch, features), h and C (batch, units) → h', [h', C'].
    Equal to `keras.layers.LSTMCell(units)`, with its packing: g, f, candidate, q.

    Raises:
        ValueError: `units` is not a positive integer.
    """

    def __init__(self, units, forget_bias=1.0, **kwargs):
        super().__init__(**kwargs)
        if not isinstance(units, int) or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units, self.forget_bias = units, forget_bias
        self.state_size, self.output_size = [units, units], units

    def build(self, input_shape):
        n = self.units
        self.kernel = self.add_weight(shape=(input_shape[-1], 4 * n), name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(n, 4 * n), initializer="orthogonal", name="recurrent_kernel"
        )

        def start(shape, dtype=None):
            bias = [0.0] * n + [self.forget_bias] * n + [0.0] * 2 * n
            return ops.convert_to_tensor(bias, dtype=dtype)

        self.bias = self.add_weight(shape=(4 * n,), initializer=start, name="bias")

    def call(self, x, states):
        h, C = states
        a = (
            ops.matmul(x, self.kernel)
            + ops.matmul(h, self.recurrent_kernel)
            + self.bias
        )
        g, f, c, q = ops.split(a, 4, axis=-1)
        C = ops.sigmoid(f) * C + ops.sigmoid(g) * ops.tanh(c)
        h = ops.sigmoid(q) * ops.tanh(C)
        return h, [h, C]

    def get_config(self):
        own = {"units": self.units, "forget_bias": self.forget_bias}
        return {**super().get_config(), **own}


@keras.saving.register_keras_serializable("rnn_course")
class LSTM(keras.layers.RNN):
    """`LSTMCell` run over a sequence.

    Args:
        units, forget_bias: of the cell.
        kwargs: those of `keras.layers.RNN`: return_sequences, return_state,
            go_backwards, stateful, unroll, zero_output_for_mask.

    Shapes: x (batch, time, features), mask (batch, time), initial_state [h, C] → h of
    the last step (batch, units), or of all steps (batch, time, units).
    Equal to `keras.layers.LSTM(units)`. On JAX, a mask needs
    `zero_output_for_mask=True` if it hides the first step.

    Raises:
        ValueError: x does not have three axes, or as in the cell.
    """

    def __init__(self, units, forget_bias=1.0, **kwargs):
        cell = LSTMCell(units, forget_bias, dtype=kwargs.get("dtype"))
        super().__init__(cell, **kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def get_config(self):
        config = super().get_config()
        config.pop("cell")  # made of its own arguments
        return {**self.cell.get_config(), **config}

    @classmethod
    def from_config(cls, config):
        return cls(**config)


@keras.saving.register_keras_serializable("rnn_course")
class PeepholeLSTMCell(LSTMCell):
    """An LSTM whose gates also see the cell (Gers & Schmidhuber 2000).

        g = σ(b_g + U_g x + W_g h + p_g ⊙ C)    f = σ(b_f + U_f x + W_f h + p_f ⊙ C)
        C' = f ⊙ C + g ⊙ tanh(b + U x + W h)
        q = σ(b_q + U_q x + W_q h + p_q ⊙ C')
        h' = q ⊙ tanh(C')

    Args:
        units, forget_bias: as in `LSTMCell`.
        output_peephole: "current": q sees C', as above; "previous": it sees C.

    Shapes as in `LSTMCell`; each p is (units,), unit j sees its own C only.
    Equal to the ONNX operator LSTM with input `P`. Keras has no such layer.

    Raises:
        ValueError: `output_peephole` is neither, or as in `LSTMCell`.
    """

    def __init__(self, units, forget_bias=1.0, output_peephole="current", **kwargs):
        super().__init__(units, forget_bias, **kwargs)
        if output_peephole not in ("current", "previous"):
            raise ValueError(
                "output_peephole must be 'current' or 'previous', got "
                f"{output_peephole!r}."
            )
        self.output_peephole = output_peephole

    def build(self, input_shape):
        super().build(input_shape)
        small = keras.initializers.RandomUniform(-0.1, 0.1)
        self.p_g, self.p_f, self.p_q = (
            self.add_weight(shape=(self.units,), initializer=small, name=name)
            for name in ("p_g", "p_f", "p_q")
        )

    def call(self, x, states):
        h, old = states
        a = (
            ops.matmul(x, self.kernel)
            + ops.matmul(h, self.recurrent_kernel)
            + self.bias
        )
        g, f, c, q = ops.split(a, 4, axis=-1)
        g, f = ops.sigmoid(g + self.p_g * old), ops.sigmoid(f + self.p_f * old)
        C = f * old + g * ops.tanh(c)
        seen = C if self.output_peephole == "current" else old
        h = ops.sigmoid(q + self.p_q * seen) * ops.tanh(C)
        return h, [h, C]

    def get_config(self):
        return {**super().get_config(), "output_peephole": self.output_peephole}


@keras.saving.register_keras_serializable("rnn_course")
class PeepholeLSTM(LSTM):
    """`PeepholeLSTMCell` run over a sequence.

    Args:
        units, forget_bias, output_peephole: of the cell.
        kwargs: as in `LSTM`.

    Shapes as in `LSTM`.
    """

    def __init__(self, units, forget_bias=1.0, output_peephole="current", **kwargs):
        dtype = kwargs.get("dtype")
        cell = PeepholeLSTMCell(units, forget_bias, output_peephole, dtype=dtype)
        keras.layers.RNN.__init__(self, cell, **kwargs)
        self.input_spec = keras.layers.InputSpec(ndim=3)
