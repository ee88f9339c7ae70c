# Generated from chapters/4_0_recurrent_layer.ipynb: edit that, not this.

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnn_course")
class SimpleCell(keras.layers.Layer):
    """One step of the plain recurrent network (document, section 4; Elman 1990).

        h' = tanh(b + W h + U x)

    Args:
        units: n, the size of the state.
        recurrent_initializer: how W starts.

    Shapes: x (batch, features), h (batch, units) → h' (batch, units).
    Equal to `keras.layers.SimpleRNNCell(units)`. Run it with `keras.layers.RNN`.

    Raises:
        ValueError: `units` is not a positive integer.
    """

    def __init__(self, units, recurrent_initializer="orthogonal", **kwargs):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units = self.state_size = self.output_size = int(units)
        self.recurrent_initializer = keras.initializers.get(recurrent_initializer)

    def build(self, input_shape):
        n = self.units
        self.kernel = self.add_weight(shape=(input_shape[-1], n), name="kernel")
        self.recurrent_kernel = self.add_weight(
            shape=(n, n),
            initializer=self.recurrent_initializer,
            name="recurrent_kernel",
        )
        self.bias = self.add_weight(shape=(n,), initializer="zeros", name="bias")

    def call(self, x, states):
        (h,) = states
        U, W, b = self.kernel, self.recurrent_kernel, self.bias
        a = b + ops.matmul(h, W) + ops.matmul(x, U)
        h = ops.tanh(a)
        return h, [h]

    def get_config(self):
        initializer = keras.initializers.serialize(self.recurrent_initializer)
        config = {"units": self.units, "recurrent_initializer": initializer}
        return {**super().get_config(), **config}
