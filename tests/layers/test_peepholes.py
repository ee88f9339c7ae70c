"""The LSTM with peepholes is its equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
from keras import ops
from references import lstm as lstm_loop
from references import onnx_lstm
from rnn_contract import check_equal_to_loop, every_check_of_an_rnn
from rnn_contract import weights_of as all_weights_of

from utils import proofs
from utils.layers import peepholes
from utils.layers.lstm import LSTM
from utils.layers.peepholes import PeepholeLSTM, PeepholeLSTMCell

BROKEN = {
    "peepholes of g and f swapped": ("a_f + self.p_f * old", "a_f + self.p_g * old"),
    "g sees the new cell": (
        "C = f * old + g * c",
        "C = f * old + ops.sigmoid(a_g + self.p_g * (f * old + g * c)) * c",
    ),
    "q sees the old cell": ("seen = C if", "seen = old if"),
    "q sees the output": ("self.p_q * seen", "self.p_q * ops.tanh(seen)"),
    "reversed peepholes": ("self.p_q * seen", "ops.flip(self.p_q) * seen"),
    "peepholes of the batch's first row": ("self.p_f * old", "self.p_f * old[:1]"),
    "gates swapped": ("a_g, a_f, a_c, a_q =", "a_f, a_g, a_c, a_q ="),
    "output gate and candidate swapped": (
        "a_g, a_f, a_c, a_q =",
        "a_g, a_f, a_q, a_c =",
    ),
    "transposed recurrent matrices": (
        "ops.matmul(h, W)",
        "ops.matmul(h, ops.concatenate([ops.transpose(w) for w in "
        "ops.split(W, 4, axis=1)], axis=1))",
    ),
    "reversed features": ("ops.matmul(x, U)", "ops.matmul(ops.flip(x, axis=1), U)"),
    "no tanh in the output": ("h = q * ops.tanh(C)", "h = q * C"),
    "no tanh in the candidate": ("c = ops.tanh(a_c)", "c = a_c"),
    "states exchanged": ("h, old = states", "old, h = states"),
}


def make(module=peepholes, **options):
    options = {"return_sequences": True, "dtype": proofs.DTYPE} | options
    return module.PeepholeLSTM(5, **options)


def weights_of(layer):
    """kernel, recurrent kernel and bias; the peepholes."""
    weights = all_weights_of(layer)
    return weights[:3], weights[3:]


def check_equal_to_numpy(module=peepholes, seen="current"):
    def loop(x, weights, states, mask):
        return lstm_loop(x, *weights[:3], *states, mask, weights[3:], seen)

    layer = make(module, return_state=True, output_peephole=seen)
    check_equal_to_loop(layer, loop)


# --- equal to references ----------------------------------------------------------


@pytest.mark.parametrize("seen", ["current", "previous"])
def test_equal_to_the_equations_in_numpy(seen):
    check_equal_to_numpy(seen=seen)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_the_comparison_notices(change):
    with pytest.raises(AssertionError):
        check_equal_to_numpy(proofs.mutant(peepholes, *change))


def test_equal_to_the_operator_of_onnx():
    x = proofs.random_input()
    layer = make(return_state=True)
    layer(x)
    proofs.random_weights(layer)
    weights, peephole = weights_of(layer)
    states = proofs.random_states(layer)
    theirs = onnx_lstm(x.astype("float64"), *weights, *states, peephole)
    proofs.assert_same(layer(x, initial_state=states), theirs)


def test_one_step_equals_the_number_of_tensorflow_addons():
    cell = PeepholeLSTMCell(4, dtype=proofs.DTYPE)
    cell.build((1, 2))
    for weight in (cell.kernel, cell.p_g, cell.p_f, cell.p_q):
        weight.assign(ops.ones(weight.shape))
    x, zero = np.array([[1, 0]], proofs.DTYPE), np.zeros((1, 4), proofs.DTYPE)
    h, _ = cell(ops.convert_to_tensor(x), [zero, zero])
    proofs.assert_same(h, np.full((1, 4), 0.417551), 1e-6)


def test_without_peepholes_it_is_an_lstm():
    x = proofs.random_input()
    plain, peephole = LSTM(5, return_sequences=True, dtype=proofs.DTYPE), make()
    plain(x), peephole(x)
    proofs.random_weights(plain)
    peephole.set_weights([*plain.get_weights(), *[np.zeros(5)] * 3])
    proofs.assert_same(plain(x), peephole(x))
    assert peephole.count_params() - plain.count_params() == 3 * 5


def test_a_bias_of_the_peepholes_own_is_absorbed_by_the_gates_bias():
    x, own = proofs.random_input(), np.random.default_rng(4).normal(size=(3, 5))
    layer = make()
    layer(x)
    proofs.random_weights(layer)
    (kernel, recurrent_kernel, bias), peephole = weights_of(layer)
    g, f, q = own
    summed = bias + np.concatenate([g, f, np.zeros(5), q])
    layer.set_weights([kernel, recurrent_kernel, summed, *peephole])
    b, out = bias.reshape(4, 5), np.zeros((3, 8, 5))
    for i in range(3):
        h, C = np.zeros((2, 5))
        for t in range(8):
            a = (x[i, t] @ kernel + h @ recurrent_kernel).reshape(4, 5) + b
            gate_g = 1 / (1 + np.exp(-(a[0] + (peephole[0] * C + g))))
            gate_f = 1 / (1 + np.exp(-(a[1] + (peephole[1] * C + f))))
            C = gate_f * C + gate_g * np.tanh(a[2])
            h = np.tanh(C) / (1 + np.exp(-(a[3] + (peephole[2] * C + q))))
            out[i, t] = h
    proofs.assert_same(layer(x), out)


# --- what Keras's RNN gives -------------------------------------------------------


def test_keras_contract(keras_contract):
    keras_contract(lambda: PeepholeLSTM(5, return_sequences=True))


@every_check_of_an_rnn
def test_what_keras_gives_every_rnn(check):
    check(make)


def test_config_keeps_every_argument():
    layer = make(
        forget_bias=2.0,
        go_backwards=True,
        name="mine",
        output_peephole="previous",
        recurrent_initializer="zeros",
    )
    copy = PeepholeLSTM.from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.cell.forget_bias == 2.0 and copy.go_backwards and copy.name == "mine"
    assert copy.cell.output_peephole == "previous"
    assert type(copy.cell.recurrent_initializer) is keras.initializers.Zeros


# --- wrong arguments --------------------------------------------------------------


def test_the_output_peephole_is_one_of_two():
    with pytest.raises(ValueError, match="output_peephole must be 'current' or"):
        PeepholeLSTM(3, output_peephole="new")


def test_an_input_without_time_is_refused():
    with pytest.raises(ValueError, match="ndim=3"):
        PeepholeLSTM(3)(np.ones((2, 4), "float32"))
