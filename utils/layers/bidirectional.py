# Generated from chapters/4_1_bidirectional.ipynb: edit that, not this.

import keras
from keras import ops


def check_cell(cell):
    """Say what to write where something else was given for a cell."""
    layer = isinstance(cell, keras.layers.RNN)
    if layer or isinstance(cell, type) or not hasattr(cell, "state_size"):
        right = type(cell.cell).__name__ if layer else "keras.layers.LSTMCell"
        raise ValueError(
            f"cell must be a recurrent cell, got {cell!r}: write {right}(…) instead."
        )


def with_dtype(config, dtype):
    """The config of a layer with another dtype, and so for the layers in it."""
    if isinstance(config, dict):
        of = {key: with_dtype(value, dtype) for key, value in config.items()}
        return of | {"dtype": dtype} if "dtype" in of else of
    if isinstance(config, (list, tuple)):
        return [with_dtype(value, dtype) for value in config]
    return config


def check_states(states, count, which=""):
    """Say what is wrong with an initial_state that is no list of `count` tensors."""
    in_list = isinstance(states, (list, tuple))
    if states is not None and not (in_list and len(states) == count):
        got = f"{len(states)} of them" if in_list else getattr(states, "shape", states)
        wanted = f"a list of {count} tensors (batch, n){which}"
        raise ValueError(f"initial_state must be {wanted}, got {got}.")


def halves(states, count):
    """The list of the states of both directions, cut in two; None gives two None."""
    check_states(states, 2 * count, f", {count} of h and then {count} of g")
    return (None, None) if states is None else (states[:count], states[count:])


@keras.saving.register_keras_serializable("rnn_course")
class BidirectionalRNN(keras.layers.Layer):
    """Two RNNs over one sequence (document, section 4.1; Schuster & Paliwal 1997).

        h(t) = step(x(t), h(t−1))      to the future
        g(t) = step'(x(t), g(t+1))     to the past, a cell like the other, own weights
        o(t) = [h(t); g(t)]

    Args:
        cell: any recurrent cell. Both directions get one like it, without its weights.
        return_state: whether to return [o, states of h …, states of g …].
        dtype: of both cells too; by default the cell's.

    Shapes: x (batch, time, features), mask (batch, time), initial_state a list with
    the states of h, then of g → o (batch, time, 2 n). Where the mask is False, h and
    g are 0. Equal to `keras.layers.Bidirectional`.

    Raises:
        ValueError: `cell` is no cell, x is not of rank 3, or `initial_state` is not
            such a list.
    """

    def __init__(self, cell, return_state=False, dtype=None, **kwargs):
        check_cell(cell)
        super().__init__(dtype=dtype or cell.dtype_policy, **kwargs)
        own = keras.saving.serialize_keras_object(self.dtype_policy)
        configs = (with_dtype(cell.get_config(), own) for _ in range(2))
        one, other = map(type(cell).from_config, configs)
        options = {"return_sequences": True, "return_state": True}
        options |= {"zero_output_for_mask": True, "dtype": self.dtype_policy}
        self.to_future = keras.layers.RNN(one, **options)
        self.to_past = keras.layers.RNN(other, go_backwards=True, **options)
        self.return_state = return_state
        self.supports_masking = True

    def build(self, input_shape):
        if len(input_shape) != 3:
            raise ValueError(f"x must be (batch, time, features), got {input_shape}.")
        self.to_future.build(input_shape)
        self.to_past.build(input_shape)

    def call(self, x, mask=None, initial_state=None):
        start_h, start_g = halves(initial_state, len(self.to_future.state_size))
        h, *h_states = self.to_future(x, mask=mask, initial_state=start_h)
        g, *g_states = self.to_past(x, mask=mask, initial_state=start_g)
        g = ops.flip(g, axis=1)
        o = ops.concatenate([h, g], axis=-1)
        return [o, *h_states, *g_states] if self.return_state else o

    def compute_output_shape(self, input_shape):
        (*steps, n), *states = self.to_future.compute_output_shape(input_shape)
        o_shape = (*steps, 2 * n)
        return [o_shape, *states, *states] if self.return_state else o_shape

    def compute_mask(self, inputs, mask=None):
        states = 2 * [None] * len(self.to_future.state_size)
        return [mask, *states] if self.return_state else mask

    def get_config(self):
        cell = keras.saving.serialize_keras_object(self.to_future.cell)
        own = {"cell": cell, "return_state": self.return_state}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return cls(**{**config, "cell": cell})
