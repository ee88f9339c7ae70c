# Generated from chapters/4_1_bidirectional.ipynb: edit that, not this.

import keras
from keras import ops


@keras.saving.register_keras_serializable("rnn_course")
class BidirectionalRNN(keras.layers.Layer):
    """Two RNNs over one sequence (document, section 4.1; Schuster & Paliwal 1997).

        h(t) = step(x(t), h(t−1))      to the future
        g(t) = step'(x(t), g(t+1))     to the past, a cell like the other, own weights
        o(t) = [h(t); g(t)], or c + V₁ h(t) + V₂ g(t) where `output_units` is given

    Args:
        cell: any recurrent cell.
        output_units: size of o; None puts h and g side by side.
        return_state: whether to return [o, states of h …, states of g …].

    Shapes: x (batch, time, features), mask (batch, time), initial_state a list with
    the states of h, then of g → o (batch, time, 2 n or output_units). Where the mask
    is False, h and g are 0. Equal to `keras.layers.Bidirectional`.

    Raises:
        ValueError: `cell` is no cell, or x is not of rank 3.
    """

    def __init__(self, cell, output_units=None, return_state=False, **kwargs):
        super().__init__(**kwargs)
        layer = isinstance(cell, keras.layers.RNN)
        if layer or not hasattr(cell, "state_size"):
            right = type(cell.cell).__name__ if layer else "keras.layers.LSTMCell"
            raise ValueError(
                f"cell must be a recurrent cell, got {cell!r}: write {right}(…) instead."
            )
        options = {"return_sequences": True, "return_state": True}
        options |= {"zero_output_for_mask": True, "dtype": self.dtype_policy}
        other = type(cell).from_config(cell.get_config())
        self.to_future = keras.layers.RNN(cell, **options)
        self.to_past = keras.layers.RNN(other, go_backwards=True, **options)
        self.output_units, self.return_state = output_units, return_state
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 3:
            raise ValueError(f"x must be (batch, time, features), got {input_shape}.")
        self.to_future.build(input_shape)
        self.to_past.build(input_shape)
        if self.output_units:
            n = self.to_future.compute_output_shape(input_shape)[0][-1]
            k = self.output_units
            self.V1 = self.add_weight(shape=(n, k), name="V1")
            self.V2 = self.add_weight(shape=(n, k), name="V2")
            self.c = self.add_weight(shape=(k,), initializer="zeros", name="c")

    def call(self, x, mask=None, initial_state=None):
        half = len(self.to_future.state_size)
        start_h = initial_state[:half] if initial_state is not None else None
        start_g = initial_state[half:] if initial_state is not None else None
        h, *h_states = self.to_future(x, mask=mask, initial_state=start_h)
        g, *g_states = self.to_past(x, mask=mask, initial_state=start_g)
        g = ops.flip(g, axis=1)
        o = ops.concatenate([h, g], axis=-1)
        if self.output_units:
            o = self.c + ops.matmul(h, self.V1) + ops.matmul(g, self.V2)
        return [o, *h_states, *g_states] if self.return_state else o

    def compute_mask(self, inputs, mask=None):
        states = 2 * [None] * len(self.to_future.state_size)
        return [mask, *states] if self.return_state else mask

    def get_config(self):
        config = {"cell": keras.saving.serialize_keras_object(self.to_future.cell)}
        config |= {"output_units": self.output_units, "return_state": self.return_state}
        return {**super().get_config(), **config}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config.pop("cell"))
        return cls(cell, **config)
