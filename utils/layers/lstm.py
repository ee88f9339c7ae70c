# Generated from chapters/4_3_1_lstm.ipynb: edit that, not this.

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnn_course")
class LSTMCell(keras.layers.Layer):
    """One step of a long short-term memory (document, section 4.3.1; Gers et al. 2000).

        g, f, q = σ(b + U x + W h), each with its own b, U and W
        c = tanh(b + U x + W h)
        C' = f ⊙ C + g ⊙ c
        h' = q ⊙ tanh(C')

    Args:
        units: n, the size of h and of C.
        forget_bias: how the bias of f starts; a large one keeps f near 1.
        recurrent_initializer: how the W of all gates, side by side, start.

    Shapes: x (batch, features), h and C (batch, units) → h', [h', C'].
    Equal to `keras.layers.LSTMCell(units)`, with its packing: g, f, c, q.

    Raises:
        ValueError: `units` is not a positive integer.
    """

    def __init__(
        self, units, forget_bias=1.0, recurrent_initializer="orthogonal", **kwargs
    ):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units, self.forget_bias = int(units), forget_bias
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)
        self.state_size, self.output_size = [self.units] * 2, self.units

    def build(self, input_shape):
        n, start = self.units, self.recurrent_initializer
        self.kernel = self.add_weight(shape=(input_shape[-1], 4 * n), name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(n, 4 * n), initializer=start, name="recurrent_kernel"
        )

        def biases(shape, dtype=None):  # that of f starts at forget_bias
            return ops.repeat(ops.array([0, self.forget_bias, 0, 0], dtype), n)

        self.bias = self.add_weight(shape=(4 * n,), initializer=biases, name="bias")

    def call(self, x, states):
        h, C = states
        U, W, b = self.kernel, self.recurrent_kernel, self.bias
        a = ops.matmul(x, U) + ops.matmul(h, W) + b
        a_g, a_f, a_c, a_q = ops.split(a, 4, axis=-1)
        g, f, q = map(ops.sigmoid, (a_g, a_f, a_q))
        c = ops.tanh(a_c)
        C = f * C + g * c
        h = q * ops.tanh(C)
        return h, [h, C]

    def get_config(self):
        start = keras.initializers.serialize(self.recurrent_initializer)
        own = {"units": self.units, "forget_bias": self.forget_bias}
        return {**super().get_config(), **own, "recurrent_initializer": start}


@keras.saving.register_keras_serializable("rnn_course")
class LSTM(keras.layers.RNN):
    """`LSTMCell` run over a sequence.

    Args:
        units, forget_bias, recurrent_initializer: of the cell.
        kwargs: those of `keras.layers.RNN`: return_sequences, return_state,
            go_backwards, stateful, unroll, zero_output_for_mask.

    Shapes: x (batch, time, features), mask (batch, time), initial_state [h, C] → h of
    the last step (batch, units), or of all steps (batch, time, units).
    Equal to `keras.layers.LSTM(units)`. On JAX, a mask needs
    `zero_output_for_mask=True` if it hides the first step.

    Raises:
        ValueError: x does not have three axes, `initial_state` is no such list, or as
            in the cell.
    """

    def __init__(
        self, units, forget_bias=1.0, recurrent_initializer="orthogonal", **kwargs
    ):
        dtype = kwargs.get("dtype")
        cell = LSTMCell(units, forget_bias, recurrent_initializer, dtype=dtype)
        super().__init__(cell, **kwargs)
        self.supports_masking = True  # from Keras 3.16 on, RNN says False
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        in_list = isinstance(initial_state, (list, tuple))
        if initial_state is not None and not (in_list and len(initial_state) == 2):
            raise ValueError("initial_state must be a list of two tensors, [h, C].")
        return super().call(sequences, initial_state, mask, training)

    def get_config(self):
        config = super().get_config()
        config.pop("cell")  # made of its own arguments
        return {**self.cell.get_config(), **config}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
