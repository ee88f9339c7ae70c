# Generated from chapters/4_2_deep.ipynb: edit that, not this.

import keras
from keras import ops


def check_cells(cells):
    """Raise ValueError where `StackedCell` cannot be made."""
    if not isinstance(cells, (list, tuple)) or not cells:
        raise ValueError(f"cells must be recurrent cells in a list, got {cells!r}.")
    for cell in cells:
        layer = isinstance(cell, keras.layers.RNN)
        if layer or isinstance(cell, type) or not hasattr(cell, "state_size"):
            right = type(cell.cell).__name__ if layer else "keras.layers.LSTMCell"
            raise ValueError(
                f"cells must be recurrent cells, got {cell!r}: write {right}(…) instead."
            )


def in_dtype(cell, policy):
    """The cell; where it computes in another dtype, a new one like it that does not."""
    if cell.dtype_policy.name == policy.name:
        return cell
    if cell.built:
        raise ValueError(
            f"cells must compute in {policy.name}, as the stack does, got {cell!r} "
            f"with weights in {cell.dtype_policy.name}."
        )
    return type(cell).from_config({**cell.get_config(), "dtype": policy})


def check_depths(units, depths, shortcut):
    """The sizes of a `DeepTransitionCell` as plain integers, or ValueError."""

    def positive(n):
        return "int" in type(n).__name__ and n > 0

    if not positive(units):
        raise ValueError(f"units must be a positive integer, got {units!r}.")
    counts = list(depths) if hasattr(depths, "__len__") else []
    if len(counts) != 3 or not all(map(positive, counts)):
        raise ValueError(f"depths must be three positive integers, got {depths!r}.")
    if shortcut not in (None, "weighted", "identity"):
        known = 'None, "weighted" or "identity"'
        raise ValueError(f"shortcut must be {known}, got {shortcut!r}.")
    if shortcut == "weighted" and counts[1] == 1:
        raise ValueError(f"A weighted shortcut needs depths[1] > 1, got {depths!r}.")
    return int(units), [int(n) for n in counts]


@keras.saving.register_keras_serializable("rnn_course")
class StackedCell(keras.layers.Layer):
    """One step of a stack of cells (document, section 4.2, way one; Graves 2013).

        h' = cell_1(x, h)    z' = cell_2(h', z)    …    output: the highest state

    Args:
        cells: the cells, from the lowest up; any that `keras.layers.RNN` takes. They
            compute in the dtype of the stack.
        input_skips: every higher cell reads [x; output below], and not that alone.
        output_skips: the output is the outputs of all cells, side by side.

    Shapes: x (batch, features), states in one flat list → output (batch, units of the
    highest cell; of all cells with `output_skips`), new states.
    Without skips equal to `keras.layers.RNN([cells])`. Both skips: Graves 2013.

    Raises:
        ValueError: `cells` is no list, or empty, or one of them is no cell.
    """

    def __init__(self, cells, input_skips=False, output_skips=False, **kwargs):
        super().__init__(**kwargs)
        check_cells(cells)
        self.cells = [in_dtype(cell, self.dtype_policy) for cell in cells]
        self.input_skips, self.output_skips = input_skips, output_skips
        sizes = [cell.state_size for cell in cells]
        self.sizes = [[s] if isinstance(s, int) else list(s) for s in sizes]
        self.state_size = [n for own in self.sizes for n in own]
        widths = [cell.output_size for cell in cells]
        self.output_size = sum(widths) if output_skips else widths[-1]

    def build(self, input_shape):
        skip, below = input_shape[-1] if self.input_skips else 0, input_shape[-1]
        for cell in self.cells:
            if not cell.built:  # a cell that was loaded is
                cell.build((input_shape[0], below))
            below = cell.output_size + skip

    def call(self, x, states):
        below, outputs, new, left = x, [], [], list(states)
        for cell, sizes in zip(self.cells, self.sizes, strict=True):
            own, left = left[: len(sizes)], left[len(sizes) :]
            if outputs and self.input_skips:
                below = ops.concatenate([x, below], axis=-1)
            below, own = cell(below, own)
            outputs.append(below)
            new.extend(own if isinstance(own, (list, tuple)) else [own])
        return (ops.concatenate(outputs, axis=-1) if self.output_skips else below), new

    def get_config(self):
        cells = [keras.saving.serialize_keras_object(cell) for cell in self.cells]
        own = {"input_skips": self.input_skips, "output_skips": self.output_skips}
        return {**super().get_config(), "cells": cells, **own}

    @classmethod
    def from_config(cls, config):
        cells = map(keras.saving.deserialize_keras_object, config["cells"])
        return cls(**{**config, "cells": list(cells)})


@keras.saving.register_keras_serializable("rnn_course")
class StackedRNN(keras.layers.RNN):
    """A stack of recurrent layers in one loop (document, section 4.2, way one).

    Args:
        cells, input_skips, output_skips: as in `StackedCell`.
        kwargs: as in `keras.layers.RNN`: return_sequences, return_state, …

    Shapes: (batch, time, features) → (batch, units), or (batch, time, units) with
    `return_sequences`. Equal to `keras.layers.RNN([cells])` without skips. As there, a
    mask on JAX needs `zero_output_for_mask=True`: Keras repeats state 0 there, and
    elsewhere the output.

    Raises:
        ValueError: x does not have three axes, `initial_state` is no list of all states,
            or as in the cell.
    """

    def __init__(self, cells, input_skips=False, output_skips=False, **kwargs):
        dtype = kwargs.get("dtype")
        cell = StackedCell(cells, input_skips, output_skips, dtype=dtype)
        super().__init__(cell, **kwargs)
        self.supports_masking = True  # from Keras 3.16 on, RNN says False
        self.input_spec = keras.layers.InputSpec(ndim=3)

    def call(self, sequences, initial_state=None, mask=None, training=False):
        count = len(self.cell.state_size)
        in_list = isinstance(initial_state, (list, tuple))
        if initial_state is not None and not (in_list and len(initial_state) == count):
            raise ValueError(f"initial_state must be a list of {count} tensors.")
        return super().call(sequences, initial_state, mask, training)

    def get_config(self):
        config, cell = super().get_config(), self.cell.get_config()
        del config["cell"]
        own = ("cells", "input_skips", "output_skips")
        return {**config, **{name: cell[name] for name in own}}

    @classmethod
    def from_config(cls, config):
        cells = map(keras.saving.deserialize_keras_object, config["cells"])
        return cls(**{**config, "cells": list(cells)})


@keras.saving.register_keras_serializable("rnn_course")
class DeepTransitionCell(keras.layers.Layer):
    """An RNN step whose three transforms are MLPs (document, 4.2; Pascanu 2014).

        x = tanh(U_i x + b_i)      depths[0] − 1 times
        a = b + W h + U x
        a = b_l + W_l tanh(a)      depths[1] − 1 times
        h' = tanh(a), or tanh(a + W_s h), or h + tanh(a)
        o = h', o = tanh(V_i o + c_i)      depths[2] − 1 times

    Args:
        units: n, the width of every layer.
        depths: of the MLPs input→state, state→state, state→output. The last layer of
            the third is the affine map that follows the cell.
        shortcut: None (way two), "weighted" (+ W_s h) or "identity" (h +; way three).

    Shapes: x (batch, features), h (batch, units) → o (batch, units), h'.
    With depths 1 equal to `keras.layers.SimpleRNNCell(units)`. Masks: as `StackedRNN`.
    Bad arguments raise ValueError.
    """

    def __init__(self, units, depths=(1, 1, 1), shortcut=None, **kwargs):
        super().__init__(**kwargs)
        self.units, self.depths = check_depths(units, depths, shortcut)
        self.state_size = self.output_size = self.units
        self.shortcut = shortcut
        own = {"kernel_initializer": "orthogonal", "dtype": self.dtype_policy}
        self.inner, self.deeper, self.outer = (
            [keras.layers.Dense(self.units, **own) for _ in range(k - 1)]
            for k in self.depths
        )

    def build(self, input_shape):
        n, (batch, d) = self.units, input_shape
        for layer in self.inner:
            layer.build((batch, d))
            d = n
        W = "orthogonal"
        self.kernel = self.add_weight((d, n), name="kernel")
        self.recurrent_kernel = self.add_weight((n, n), W, name="recurrent_kernel")
        self.bias = self.add_weight((n,), "zeros", name="bias")
        for layer in self.deeper + self.outer:
            layer.build((batch, n))
        if self.shortcut == "weighted":
            self.shortcut_kernel = self.add_weight((n, n), W, name="W_s")

    def call(self, x, states):
        (h,) = states
        for U in self.inner:
            x = ops.tanh(U(x))
        a = self.bias + ops.matmul(h, self.recurrent_kernel)
        a = a + ops.matmul(x, self.kernel)
        for W in self.deeper:
            a = W(ops.tanh(a))
        if self.shortcut == "weighted":
            a = a + ops.matmul(h, self.shortcut_kernel)
        o = h = ops.tanh(a) + (h if self.shortcut == "identity" else 0)
        for V in self.outer:
            o = ops.tanh(V(o))
        return o, [h]

    def get_config(self):
        own = {name: getattr(self, name) for name in ("units", "depths", "shortcut")}
        return {**super().get_config(), **own}
