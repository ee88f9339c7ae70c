# Generated from chapters/4_3_2_gru.ipynb: edit that, not this.

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnn_course")
class GRUCell(keras.layers.Layer):
    """One step of a gated recurrent unit (document, section 4.3.2; Cho et al. 2014).

        z, r = σ(b + W h + U x), each with its own b, W and U
        c = tanh(b + W (r ⊙ h) + U x), or tanh(b + U x + r ⊙ (W h + b')) if reset_after
        h' = z ⊙ h + (1 − z) ⊙ c

    Args:
        units: n, else ValueError. reset_after: whether r follows the product with W.
        update_bias: how the bias of z starts; a large one keeps the old state.
        recurrent_initializer: how the three W start, packed as (n, 3 n).

    Shapes: x (batch, features), h (batch, units) → h' (batch, units).
    Equal to `keras.layers.GRUCell(units, reset_after=…)`, with its packing: z, r, c.
    """

    def __init__(
        self,
        units,
        reset_after=False,
        update_bias=0.0,
        recurrent_initializer="orthogonal",
        **kwargs,
    ):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units = self.state_size = self.output_size = int(units)
        self.reset_after, self.update_bias, self.cut = reset_after, update_bias, None
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)

    def build(self, input_shape):
        n, W = self.units, self.recurrent_initializer
        self.kernel = self.add_weight((input_shape[-1], 3 * n), name="kernel")
        self.recurrent_kernel = self.add_weight((n, 3 * n), W, name="recurrent_kernel")
        start, shape = [self.update_bias] * n + [0.0] * (2 * n), (3 * n,)
        if self.reset_after:
            start, shape = [start, [0.0] * (3 * n)], (2, 3 * n)
        start = keras.initializers.Constant(start)
        self.bias = self.add_weight(shape, start, name="bias")

    def parts(self):
        W, n = ops.convert_to_tensor(self.recurrent_kernel), self.units
        return W[:, : 2 * n], W[:, 2 * n :]

    def call(self, x, states):
        (h,) = states
        b, b_h = (self.bias[0], self.bias[1]) if self.reset_after else (self.bias, 0)
        a_z, a_r, a_c = ops.split(ops.matmul(x, self.kernel) + b, 3, axis=-1)
        if self.reset_after:
            s = ops.matmul(h, self.recurrent_kernel) + b_h
            s_z, s_r, s_c = ops.split(s, 3, axis=-1)
        else:
            W_gates, W = self.cut or self.parts()
            s_z, s_r = ops.split(ops.matmul(h, W_gates), 2, axis=-1)
        z, r = ops.sigmoid(a_z + s_z), ops.sigmoid(a_r + s_r)
        c = ops.tanh(a_c + (r * s_c if self.reset_after else ops.matmul(r * h, W)))
        h = z * h + (1 - z) * c
        return h, [h]

    def get_config(self):
        W = keras.initializers.serialize(self.recurrent_initializer)
        own = {n: getattr(self, n) for n in ("units", "reset_after", "update_bias")}
        return {**super().get_config(), **own, "recurrent_initializer": W}


@keras.saving.register_keras_serializable("rnn_course")
class GRU(keras.layers.RNN):
    """`GRUCell` run over a sequence.

    Args:
        units, reset_after, update_bias, recurrent_initializer: of the cell.
        kwargs: those of `keras.layers.RNN`: return_sequences, return_state,
            go_backwards, stateful, unroll, zero_output_for_mask.

    Shapes: x (batch, time, features), mask (batch, time), initial_state h → h of the
    last step (batch, units), or of all steps (batch, time, units).
    Equal to `keras.layers.GRU(units, reset_after=…)`. On JAX, a mask needs
    `zero_output_for_mask=True` if it hides the first step.

    Raises:
        ValueError: x does not have three axes, or as in the cell.
    """

    def __init__(
        self,
        units,
        reset_after=False,
        update_bias=0.0,
        recurrent_initializer="orthogonal",
        **kwargs,
    ):
        own = reset_after, update_bias, recurrent_initializer
        super().__init__(GRUCell(units, *own, dtype=kwargs.get("dtype")), **kwargs)
        self.supports_masking = True
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def inner_loop(self, *args, **kwargs):
        self.cell.cut = self.cell.parts()  # once, not at every step
        try:
            return super().inner_loop(*args, **kwargs)
        finally:
            self.cell.cut = None

    def get_config(self):
        config = super().get_config()
        config.pop("cell")  # made of its own arguments
        return {**self.cell.get_config(), **config}

    @classmethod
    def from_config(cls, config):
        return cls(**config)
