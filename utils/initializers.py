"""Starts of recurrent weights that make cells comparable."""

import keras
from keras import ops


class OrthogonalPerGate(keras.initializers.Initializer):
    """An orthogonal matrix times a gain for each gate, side by side: (n, gates · n).

    Keras starts the whole of such a kernel orthogonal. A gate's own block then has a
    gain of about 1 / √gates only: .50 for an LSTM, .58 for a GRU, 1 for a plain RNN.
    """

    def __init__(self, gain=1.0):
        self.gain = gain

    def __call__(self, shape, dtype=None):
        rows, columns = shape
        blocks = [
            keras.initializers.Orthogonal(self.gain)((rows, rows), dtype)
            for _ in range(columns // rows)
        ]
        return ops.concatenate(blocks, axis=1)

    def get_config(self):
        return {"gain": self.gain}
