# Generated from chapters/4_1_four_directions.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.bidirectional import BidirectionalRNN


def check_image(shape, patch=(1, 1)):
    """Say what is wrong with the shape of an image layer's input."""
    if len(shape) != 4 or None in shape[1:] or 0 in shape[1:]:
        raise ValueError(
            "x must be (batch, rows, columns, features) with fixed rows, columns and "
            f"features, 1 or more of each, got {tuple(shape)}."
        )
    _, rows, columns, _ = shape
    if rows % patch[0] or columns % patch[1]:
        raise ValueError(
            f"patch {patch} does not divide the image of {rows} × {columns}."
        )


def is_count(n):
    """Whether n is a whole number of at least 1, of Python or of NumPy."""
    return "int" in type(n).__name__ and n >= 1


def along_rows(rnn, x):
    """Run `rnn` along each row: (batch, rows, columns, d) → (…, columns, units)."""
    _, rows, columns, d = x.shape
    y = rnn(ops.reshape(x, (-1, columns, d)))
    return ops.reshape(y, (-1, rows, columns, y.shape[-1]))


def along_columns(rnn, x):
    """Run `rnn` along each column: (batch, rows, columns, d) → (…, columns, units)."""
    y = along_rows(rnn, ops.transpose(x, (0, 2, 1, 3)))
    return ops.transpose(y, (0, 2, 1, 3))


@keras.saving.register_keras_serializable("rnn_course")
class FourDirectionRNN(keras.layers.Layer):
    """Four RNNs over an image, read literally (document, section 4.1).

        o(i,j) = [→h(i,j); ←h(i,j); ↓h(i,j); ↑h(i,j)]

    Each h is a plain sweep over x, as in →h(i,j) = step(x(i,j), →h(i,j−1)). So o(i,j)
    depends on row i and column j of x, and on nothing else.

    Args:
        cell: any recurrent cell; each direction has weights of its own.
        dtype: of the cells too; by default the cell's.

    Shapes: x (batch, rows, columns, d) → o (batch, rows, columns, 4 n).
    With one row, →h and ←h are `BidirectionalRNN(cell)`. No built-in.

    Raises:
        ValueError: `cell` is no cell, or x is not of rank 4 with fixed sizes.
    """

    def __init__(self, cell, dtype=None, **kwargs):
        across, down = (BidirectionalRNN(cell, dtype=dtype) for _ in range(2))
        super().__init__(dtype=across.dtype_policy, **kwargs)
        self.right_and_left, self.down_and_up = across, down

    def build(self, input_shape):
        check_image(input_shape)
        self.right_and_left.build((None, input_shape[2], input_shape[3]))
        self.down_and_up.build((None, input_shape[1], input_shape[3]))

    def call(self, x):
        across = along_rows(self.right_and_left, x)
        down = along_columns(self.down_and_up, x)
        return ops.concatenate([across, down], axis=-1)

    def compute_output_shape(self, input_shape):
        check_image(input_shape)
        *_, n = self.right_and_left.compute_output_shape((None, *input_shape[2:]))
        return (*input_shape[:3], 2 * n)

    def get_config(self):
        cell = self.right_and_left.get_config()["cell"]
        return {**super().get_config(), "cell": cell}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return cls(**{**config, "cell": cell})


@keras.saving.register_keras_serializable("rnn_course")
class ReNet(keras.layers.Layer):
    """A sweep along the columns, then one along the rows of its result (Visin 2015).

        V(i,j) = [↓v(i,j); ↑v(i,j)]    both directions over the patches of column j
        H(i,j) = [→h(i,j); ←h(i,j)]    both directions over row i of V

    Each column of V has seen its whole column of the image, so H(i,j) sees all of it.

    Args:
        cell: any recurrent cell; each of the four sweeps has weights of its own.
        patch: rows and columns of the patches that the image is cut into.
        dtype: of the cells too; by default the cell's.

    Shapes: x (batch, rows, columns, d) → H (batch, rows / patch, columns / patch, 2 n).
    Equal to two `keras.layers.Bidirectional`, over columns and over rows.

    Raises:
        ValueError: `cell` is no cell, `patch` is not two positive integers or does not
            divide the image, or x is not of rank 4 with fixed sizes.
    """

    def __init__(self, cell, patch=(1, 1), dtype=None, **kwargs):
        vertical, horizontal = (BidirectionalRNN(cell, dtype=dtype) for _ in range(2))
        super().__init__(dtype=vertical.dtype_policy, **kwargs)
        pair = isinstance(patch, (tuple, list)) and len(patch) == 2
        if not pair or not all(map(is_count, patch)):
            wanted = "two positive integers, (rows, columns)"
            raise ValueError(f"patch must be {wanted}, got {patch!r}.")
        self.patch = int(patch[0]), int(patch[1])
        self.vertical, self.horizontal = vertical, horizontal

    def build(self, input_shape):
        check_image(input_shape, self.patch)
        (p, q), (_, rows, columns, d) = self.patch, input_shape
        self.vertical.build((None, rows // p, p * q * d))
        n = self.compute_output_shape(input_shape)[-1]
        self.horizontal.build((None, columns // q, n))

    def call(self, x):
        (p, q), (_, rows, columns, d) = self.patch, x.shape
        x = ops.reshape(x, (-1, rows // p, p, columns // q, q, d))
        x = ops.transpose(x, (0, 1, 3, 2, 4, 5))
        x = ops.reshape(x, (-1, rows // p, columns // q, p * q * d))
        V = along_columns(self.vertical, x)
        return along_rows(self.horizontal, V)

    def compute_output_shape(self, input_shape):
        check_image(input_shape, self.patch)
        (p, q), (batch, rows, columns, d) = self.patch, input_shape
        *_, n = self.vertical.compute_output_shape((None, rows // p, p * q * d))
        return batch, rows // p, columns // q, n

    def get_config(self):
        own = {"cell": self.vertical.get_config()["cell"], "patch": self.patch}
        return {**super().get_config(), **own}

    @classmethod
    def from_config(cls, config):
        cell = keras.saving.deserialize_keras_object(config["cell"])
        return cls(**{**config, "cell": cell})


def skew(x):
    """Shift row i by i to the right, so that each anti-diagonal becomes a column.

    (batch, rows, columns, n) → (batch, rows, rows + columns − 1, n), filled with 0.
    """
    _, rows, columns, n = x.shape
    x = ops.pad(x, [[0, 0], [0, 0], [0, rows], [0, 0]])
    x = ops.reshape(x, (-1, rows * (columns + rows), n))
    x = x[:, : rows * (columns + rows - 1)]
    return ops.reshape(x, (-1, rows, columns + rows - 1, n))


def unskew(x):
    """Undo `skew`."""
    _, rows, diagonals, n = x.shape
    x = ops.reshape(x, (-1, rows * diagonals, n))
    x = ops.pad(x, [[0, 0], [0, rows], [0, 0]])
    x = ops.reshape(x, (-1, rows, diagonals + 1, n))
    return x[:, :, : diagonals + 1 - rows]


def mirrored(x, axes):
    """x, turned around along each of the axes."""
    for axis in axes:  # Keras 3.13 flips one at a time on TensorFlow
        x = ops.flip(x, axis)
    return x


@keras.saving.register_keras_serializable("rnn_course")
class DiagonalCell(keras.layers.Layer):
    """One anti-diagonal of `MultiDimensionalRNN`, for four corners at once.

        h(i,j) = tanh(a(i,j) + W₁ h(i−1,j) + W₂ h(i,j−1))

    Both predecessors lie on the diagonal before: in the row above, and in this row.

    Shapes: a and h (batch, rows · 4 · units) → h'. W (4, 2 units, units) is W₁ above W₂.
    Sizes that are no positive integers raise ValueError.
    """

    def __init__(self, rows, units, **kwargs):
        super().__init__(**kwargs)
        for name, n in (("rows", rows), ("units", units)):
            if not is_count(n):
                raise ValueError(f"{name} must be a positive integer, got {n!r}.")
        self.rows, self.units = int(rows), int(units)
        self.state_size = self.output_size = self.rows * 4 * self.units

    def build(self, input_shape):
        self.W = self.add_weight(shape=(4, 2 * self.units, self.units), name="W")

    def call(self, a, states):
        h = ops.reshape(states[0], (-1, self.rows, 4, self.units))
        above = ops.pad(h, [[0, 0], [1, 0], [0, 0], [0, 0]])[:, :-1]
        before = ops.concatenate([above, h], axis=-1)
        into = ops.einsum("bicm,cmn->bicn", before, self.W)
        h = ops.tanh(a + ops.reshape(into, (-1, self.state_size)))
        return h, [h]

    def get_config(self):
        return {**super().get_config(), "rows": self.rows, "units": self.units}


@keras.saving.register_keras_serializable("rnn_course")
class MultiDimensionalRNN(keras.layers.Layer):
    """A recurrence with two predecessors, from each of four corners (Graves 2007).

        h(i,j) = tanh(b + U x(i,j) + W₁ h(i−1,j) + W₂ h(i,j−1))    outside: h = 0

    That is the corner above on the left; the other three see x mirrored. o(i,j) has
    all four side by side, so it sees the whole image. The steps of one anti-diagonal
    need nothing of each other and are made at once: rows + columns − 1 steps in all.

    Args:
        units: n, the size of each corner's state.

    Shapes: x (batch, rows, columns, d) → o (batch, rows, columns, 4 n). Built for one
    size of image. With one row, two of the corners are a `BidirectionalRNN`.

    Raises:
        ValueError: `units` is not a positive integer, or x is not of rank 4.
    """

    CORNERS = ((), (2,), (1,), (1, 2))  # the axes along which each sees x mirrored

    def __init__(self, units, **kwargs):
        super().__init__(**kwargs)
        if not is_count(units):
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        self.units = int(units)

    def build(self, input_shape):
        check_image(input_shape)
        _, rows, columns, d = input_shape
        self.U = self.add_weight(shape=(4, d, self.units), name="U")
        self.b = self.add_weight(shape=(4, self.units), initializer="zeros", name="b")
        cell = DiagonalCell(rows, self.units, dtype=self.dtype_policy)
        options = {"return_sequences": True, "dtype": self.dtype_policy}
        self.sweep = keras.layers.RNN(cell, **options)
        self.sweep.build((None, rows + columns - 1, cell.state_size))
        self.input_spec = keras.layers.InputSpec(shape=(None, rows, columns, d))

    def call(self, x):
        _, rows, columns, _ = x.shape
        n, diagonals = self.units, rows + columns - 1
        seen = ops.stack([mirrored(x, axes) for axes in self.CORNERS], 3)
        a = self.b + ops.einsum("bijcd,cdn->bijcn", seen, self.U)
        # Skewing fills with a = 0, so h stays 0 until a row of the image begins.
        a = skew(ops.reshape(a, (-1, rows, columns, 4 * n)))
        a = ops.reshape(ops.transpose(a, (0, 2, 1, 3)), (-1, diagonals, rows * 4 * n))
        h = ops.reshape(self.sweep(a), (-1, diagonals, rows, 4 * n))
        corners = ops.split(unskew(ops.transpose(h, (0, 2, 1, 3))), 4, axis=-1)
        turned = [mirrored(h, a) for h, a in zip(corners, self.CORNERS)]
        return ops.concatenate(turned, axis=-1)

    def compute_output_shape(self, input_shape):
        check_image(input_shape)
        return (*input_shape[:3], 4 * self.units)

    def get_config(self):
        return {**super().get_config(), "units": self.units}
