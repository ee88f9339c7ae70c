"""The LSTM with peepholes is its equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
from keras import ops
from references import lstm as lstm_loop
from references import onnx_lstm

from utils import proofs
from utils.layers import peepholes
from utils.layers.lstm import LSTM
from utils.layers.peepholes import PeepholeLSTM, PeepholeLSTMCell

# On JAX Keras repeats the first state at masked steps, and not the output. So a mask
# is only right there where masked outputs are zeros.
ZEROS = {"zero_output_for_mask": True}
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


def starts():
    return [
        np.random.default_rng(i).normal(size=(3, 5)).astype(proofs.DTYPE)
        for i in (2, 3)
    ]


def weights_of(layer):
    """kernel, recurrent kernel, bias and the peepholes, in float64."""
    weights = [np.asarray(w, "float64") for w in layer.get_weights()]
    return weights[:3], weights[3:]


def check_equal_to_numpy(module=peepholes, **options):
    x = proofs.random_input()
    h0, C0 = starts()
    layer = make(module, return_state=True, **options)
    layer(x, initial_state=[h0, C0])
    proofs.random_weights(layer)
    weights, peephole = weights_of(layer)
    seen = options.get("output_peephole", "current")
    for mask in (None, proofs.mask_with_holes()):
        ours = layer(x, initial_state=[h0, C0], mask=mask)
        ours = [ops.convert_to_numpy(o) for o in ours]
        theirs = lstm_loop(x, *weights, h0, C0, mask, peephole, seen)
        # what stands before the first real step differs between Keras's backends
        begun = slice(None) if mask is None else np.maximum.accumulate(mask, axis=1)
        proofs.assert_same(ours[0][begun], theirs[0][begun])
        if mask is None or keras.backend.backend() != "jax":
            proofs.assert_same(ours[1:], theirs[1:])


# --- equal to references ----------------------------------------------------------


@pytest.mark.parametrize("seen", ["current", "previous"])
def test_equal_to_the_equations_in_numpy(seen):
    check_equal_to_numpy(output_peephole=seen)


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
    ours = layer(x, initial_state=starts())
    proofs.assert_same(
        ours, onnx_lstm(x.astype("float64"), *weights, *starts(), peephole)
    )


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


def test_bidirectional_runs_it_both_ways():
    x, mask = proofs.random_input(), proofs.mask_with_holes()
    both = keras.layers.Bidirectional(make(**ZEROS), dtype=proofs.DTYPE)
    both(x)
    proofs.random_weights(both)
    forward, back = make(**ZEROS), make(go_backwards=True, **ZEROS)
    for layer, its in ((forward, both.forward_layer), (back, both.backward_layer)):
        layer(x)
        layer.set_weights(its.get_weights())
    parts = [forward(x, mask=mask), ops.flip(back(x, mask=mask), axis=1)]
    proofs.assert_same(both(x, mask=mask), ops.concatenate(parts, axis=-1))


def test_stateful_goes_on_where_it_stopped():
    x = proofs.random_input()
    whole, stateful = make(), make(stateful=True)
    whole(x), stateful(x)
    proofs.random_weights(whole)
    stateful.set_weights(whole.get_weights())
    stateful.reset_state()
    halves = [stateful(x[:, :3]), stateful(x[:, 3:])]
    proofs.assert_same(ops.concatenate(halves, axis=1), whole(x))


def test_padding_changes_nothing():
    x, mask = proofs.random_input(), np.ones((3, 8), bool)
    mask[:, 5:] = False
    layer = make(return_sequences=False)
    assert layer.supports_masking
    layer(x)
    proofs.random_weights(layer)
    for filling in (0, 7, 1e30):
        x[:, 5:] = filling
        proofs.assert_same(layer(x, mask=mask), layer(x[:, :5]))


def test_a_wholly_masked_row_gives_zeros():
    x, mask = proofs.random_input(), np.ones((3, 8), bool)
    mask[1] = False
    layer = make(**ZEROS)
    out = ops.convert_to_numpy(layer(x, mask=mask))
    assert not out[1].any() and np.abs(out[[0, 2]]).min() > 0


# --- wrong arguments --------------------------------------------------------------


@pytest.mark.parametrize("units", [0, -1, 2.5, "4"])
def test_units_must_be_a_positive_integer(units):
    with pytest.raises(ValueError, match="units must be a positive integer"):
        PeepholeLSTM(units)


def test_the_output_peephole_is_one_of_two():
    with pytest.raises(ValueError, match="output_peephole must be 'current' or"):
        PeepholeLSTM(3, output_peephole="new")


def test_an_input_without_time_is_refused():
    with pytest.raises(ValueError, match="ndim=3"):
        PeepholeLSTM(3)(np.ones((2, 4), "float32"))
