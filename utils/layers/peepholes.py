# Generated from chapters/4_3_1_peepholes.ipynb: edit that, not this.

import keras
from keras import ops

from utils.layers.lstm import LSTM, LSTMCell


@keras.saving.register_keras_serializable("rnn_course")
class PeepholeLSTMCell(LSTMCell):
    """One step of an LSTM with peepholes (document, 4.3.1; Gers & Schmidhuber 2000).

        g = σ(b + U x + W h + p_g ⊙ C)    f = σ(b + U x + W h + p_f ⊙ C)
        c = tanh(b + U x + W h)
        C' = f ⊙ C + g ⊙ c
        q = σ(b + U x + W h + p_q ⊙ C')
        h' = q ⊙ tanh(C')

    Args:
        units, forget_bias: as in `LSTMCell`; so is `recurrent_initializer` (in kwargs).
        output_peephole: "current": q sees C', as above; "previous": it sees C.

    Shapes as in `LSTMCell`; each p is (units,): a unit sees its own cell only.
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
        U, W, b = self.kernel, self.recurrent_kernel, self.bias
        a = ops.matmul(x, U) + ops.matmul(h, W) + b
        a_g, a_f, a_c, a_q = ops.split(a, 4, axis=-1)
        g = ops.sigmoid(a_g + self.p_g * old)
        f = ops.sigmoid(a_f + self.p_f * old)
        c = ops.tanh(a_c)
        C = f * old + g * c
        seen = C if self.output_peephole == "current" else old
        q = ops.sigmoid(a_q + self.p_q * seen)
        h = q * ops.tanh(C)
        return h, [h, C]

    def get_config(self):
        return {**super().get_config(), "output_peephole": self.output_peephole}


@keras.saving.register_keras_serializable("rnn_course")
class PeepholeLSTM(LSTM):
    """`PeepholeLSTMCell` run over a sequence.

    Args:
        units, forget_bias, output_peephole, recurrent_initializer: of the cell.
        kwargs: as in `LSTM`.

    Shapes as in `LSTM`.
    """

    def __init__(
        self,
        units,
        forget_bias=1.0,
        output_peephole="current",
        recurrent_initializer="orthogonal",
        **kwargs,
    ):
        of_cell = {"recurrent_initializer": recurrent_initializer}
        of_cell["dtype"] = kwargs.get("dtype")
        cell = PeepholeLSTMCell(units, forget_bias, output_peephole, **of_cell)
        keras.layers.RNN.__init__(self, cell, **kwargs)
        self.supports_masking = True  # from Keras 3.16 on, RNN says False
        self.input_spec = keras.layers.InputSpec(ndim=3)
