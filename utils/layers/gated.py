# Generated from chapters/4_3_3_gates_and_activations.ipynb: edit that, not this.

import keras
from keras import ops


def function_named(name, argument):
    """The function of that name in `keras.activations`; a function stays itself.

    Raises:
        ValueError: there is none. The message names the argument.
    """
    try:
        return keras.activations.get(name)
    except ValueError:
        raise ValueError(
            f"{argument} must be a function or the name of one in keras.activations, "
            f"such as 'sigmoid' or 'tanh', got {name!r}."
        ) from None


@keras.saving.register_keras_serializable("rnn_course")
class GatedCell(keras.layers.Layer):
    """One step of an LSTM with its functions as arguments (document, section 4.3.3).

        g, f, q = gate(b + U x + W h), each with its own b, U and W
        c = activation(b + U x + W h)
        C' = f ⊙ C + g ⊙ c
        h' = q ⊙ activation(C')

    Args:
        units: n, the size of h and of C.
        gate, activation: functions, or their names in `keras.activations`.
        without: what is taken away: "q", so that h' = activation(C'); "W_g", "W_f",
            "W_c" or "W_q", so that g, f, c or q sees x only.

    Shapes: x (batch, features), h and C (batch, units) → h', [h', C'].
    Equal to `keras.layers.LSTMCell(units, activation, gate)`, with its packing g, f, c,
    q. No built-in lacks a part (Levy et al. 2018). Bad arguments raise ValueError.
    """

    def __init__(self, units, gate="sigmoid", activation="tanh", without=(), **kwargs):
        super().__init__(**kwargs)
        if "int" not in type(units).__name__ or units < 1:
            raise ValueError(f"units must be a positive integer, got {units!r}.")
        known = "q", "W_g", "W_f", "W_c", "W_q"
        if not hasattr(without, "__iter__") or any(p not in known for p in without):
            raise ValueError(f"without may hold some of {known}, got {without!r}.")
        self.parts = [part for part in "gfcq" if part not in without]
        self.reads = [part for part in self.parts if f"W_{part}" not in without]
        self.gate = function_named(gate, "gate")
        self.activation = function_named(activation, "activation")
        self.units, self.without = int(units), list(without)
        self.state_size, self.output_size = [self.units] * 2, self.units

    def build(self, input_shape):
        n, k = self.units, len(self.parts)
        self.kernel = self.add_weight((input_shape[-1], k * n), name="kernel")
        if self.reads:
            W = {"initializer": "orthogonal", "name": "recurrent_kernel"}
            self.recurrent_kernel = self.add_weight((n, len(self.reads) * n), **W)
        start = keras.initializers.Constant(
            [float(p == "f") for p in self.parts for _ in range(n)]
        )
        self.bias = self.add_weight((k * n,), start, name="bias")

    def call(self, x, states):
        h, C = states
        a = ops.split(ops.matmul(x, self.kernel) + self.bias, len(self.parts), axis=-1)
        a = dict(zip(self.parts, a, strict=True))
        if self.reads:
            s = ops.split(
                ops.matmul(h, self.recurrent_kernel), len(self.reads), axis=-1
            )
            a |= {part: a[part] + s for part, s in zip(self.reads, s, strict=True)}
        g, f, c = self.gate(a["g"]), self.gate(a["f"]), self.activation(a["c"])
        C = f * C + g * c
        q = self.gate(a["q"]) if "q" in a else 1
        h = q * self.activation(C)
        return h, [h, C]

    def get_config(self):
        own = {"units": self.units, "without": self.without}
        for name in ("gate", "activation"):
            own[name] = keras.activations.serialize(getattr(self, name))
        return super().get_config() | own


@keras.saving.register_keras_serializable("rnn_course")
class Gated(keras.layers.RNN):
    """`GatedCell` run over a sequence.

    Args:
        units, gate, activation, without: of the cell.
        kwargs: those of `keras.layers.RNN`: return_sequences, return_state,
            go_backwards, stateful, unroll, zero_output_for_mask.

    Shapes: x (batch, time, features), mask (batch, time), initial_state [h, C] → h of
    the last step (batch, units), or of all steps (batch, time, units).
    Equal to `keras.layers.LSTM(units, activation, gate)`. On JAX, a mask needs
    `zero_output_for_mask=True` if it hides the first step.

    Raises:
        ValueError: x does not have three axes, `initial_state` is no such list, or as
            in the cell.
    """

    def __init__(self, units, gate="sigmoid", activation="tanh", without=(), **kwargs):
        dtype = kwargs.get("dtype")
        cell = GatedCell(units, gate, activation, without, dtype=dtype)
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
