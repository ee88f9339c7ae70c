"""Chapter 4.3.1's layers are their equations, and these tests would notice if not."""

import keras
import numpy as np
import pytest
from keras import ops
from references import lstm as lstm_loop
from references import lstm_backward, onnx_lstm
from rnn_contract import (
    ZEROS,
    check_a_frozen_output_is_noticed,
    check_equal_gradients,
    check_equal_to_loop,
    every_check_of_an_rnn,
    weights_of,
)

from utils import gradients, proofs
from utils.layers import lstm

# Each breaks one part of the cell.
BROKEN = {
    "input and forget gate swapped": ("a_g, a_f, a_c, a_q = ", "a_f, a_g, a_c, a_q = "),
    "candidate and output gate swapped": (
        "a_g, a_f, a_c, a_q = ",
        "a_g, a_f, a_q, a_c = ",
    ),
    "transposed recurrent matrices": (
        "ops.matmul(h, W)",
        "ops.matmul(h, ops.concatenate([ops.transpose(w) for w in "
        "ops.split(W, 4, axis=1)], axis=1))",
    ),
    "permuted units": ("h = q * ops.tanh(C)", "h = q * ops.tanh(ops.flip(C, axis=1))"),
    "reversed features": ("ops.matmul(x, U)", "ops.matmul(ops.flip(x, axis=1), U)"),
    "no bias": ("ops.matmul(h, W) + b", "ops.matmul(h, W)"),
    "no tanh in the output": ("h = q * ops.tanh(C)", "h = q * C"),
    "no tanh in the candidate": ("c = ops.tanh(a_c)", "c = a_c"),
    "no forget gate": ("C = f * C + g * c", "C = C + g * c"),
    "states exchanged": ("h, C = states", "C, h = states"),
}


def make(module=lstm, **options):
    options = {"return_sequences": True, "dtype": proofs.DTYPE} | options
    return module.LSTM(5, **options)


def loop(x, weights, states, mask):
    return lstm_loop(x, *weights, *states, mask)


# --- equal to references ----------------------------------------------------------


def test_equal_to_the_equations_in_numpy():
    check_equal_to_loop(make(return_state=True), loop)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_the_comparison_notices(change):
    broken = make(proofs.mutant(lstm, *change), return_state=True)
    with pytest.raises(AssertionError):
        check_equal_to_loop(broken, loop)


def test_the_comparison_notices_a_mask_that_freezes_the_output_only():
    check_a_frozen_output_is_noticed(make(), loop)


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}])
def test_equal_to_keras_with_states_and_masks(options):
    x = proofs.random_input()
    options = options | ZEROS | {"return_sequences": True, "return_state": True}
    ours = make(**options)
    options.pop("zero_output_for_mask")
    theirs = keras.layers.LSTM(5, dtype=proofs.DTYPE, **options)
    theirs.zero_output_for_mask = True
    states = proofs.random_states(ours)
    for layer in (ours, theirs):
        layer(x, initial_state=states)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    for mask in (None, proofs.mask_with_holes()):
        one = ours(x, initial_state=states, mask=mask)
        proofs.assert_same(one, theirs(x, initial_state=states, mask=mask))


def test_equal_to_the_operator_of_onnx():
    x = proofs.random_input()
    layer = make(return_state=True)
    layer(x)
    proofs.random_weights(layer)
    states = proofs.random_states(layer)
    theirs = onnx_lstm(x.astype("float64"), *weights_of(layer), *states, None)
    proofs.assert_same(layer(x, initial_state=states), theirs)


def test_equal_to_the_layer_of_pytorch():
    torch = pytest.importorskip("torch")
    x = proofs.random_input()
    layer = make()
    layer(x)
    proofs.random_weights(layer)
    U, W, b = (w.astype(proofs.DTYPE) for w in layer.get_weights())
    theirs = torch.nn.LSTM(4, 5, batch_first=True).to(getattr(torch, proofs.DTYPE))
    values = {"weight_ih": U.T, "weight_hh": W.T, "bias_ih": b, "bias_hh": 0 * b}
    for name, value in values.items():
        getattr(theirs, f"{name}_l0").data = torch.tensor(value)
    y, _ = theirs(torch.tensor(x))
    proofs.assert_same(layer(x), y.detach().numpy())


# --- gradients --------------------------------------------------------------------


def test_gradients_equal_those_of_keras():
    theirs = keras.layers.LSTM(5, dtype=proofs.DTYPE, return_sequences=True)
    check_equal_gradients(make(), theirs)


def cut_gradients(x, weights, direct, h0, C0, without):
    """∇_h(t) L and ∇_C(t) L by the backend, with some paths stopped."""
    x, direct, h0, C0, *weights = (
        ops.convert_to_tensor(np.asarray(a, proofs.DTYPE))
        for a in (x, direct, h0, C0, *weights)
    )
    kernels = [ops.split(w, 4, axis=-1) for w in weights]

    def stop(name, value):
        return ops.stop_gradient(value) if name in without else value

    def loss(nudges):
        h, C, total = h0, C0, 0
        for t in range(x.shape[1]):
            g, f, a, q = (
                b + ops.matmul(x[:, t], U) + ops.matmul(stop(name, h), W)
                for name, U, W, b in zip(
                    ("input", "forget", "candidate", "output"), *kernels, strict=True
                )
            )
            kept = ops.sigmoid(f) * stop("constant", C)
            C = kept + ops.sigmoid(g) * ops.tanh(a) + nudges[1, :, t]
            h = ops.sigmoid(q) * ops.tanh(stop("state", C)) + nudges[0, :, t]
            total = total + ops.sum(direct[:, t] * h)
        return total

    return gradients.gradient(loss, np.zeros((2, *direct.shape), proofs.DTYPE))


@pytest.mark.parametrize(
    "part", [None, "forget", "input", "output", "candidate", "state", "constant"]
)
def test_every_term_of_the_recursion_equals_automatic_differentiation(part):
    rng, x = np.random.default_rng(4), proofs.random_input().astype("float64")
    weights = [rng.normal(0, 0.7, shape) for shape in ((4, 20), (5, 20), (20,))]
    direct, (h0, C0) = rng.normal(size=(3, 8, 5)), proofs.random_states(make())
    without = () if part is None else (part,)
    found = cut_gradients(x, weights, direct, h0, C0, without)
    for_h, for_C = lstm_backward(x, *weights, direct, h0, C0, without)
    by_hand = [sum(for_h.values()), sum(for_C.values())]
    proofs.assert_same(list(found), by_hand, 20 * proofs.TOLERANCE)
    whole = cut_gradients(x, weights, direct, h0, C0, ())
    assert part is None or np.abs(whole - found).max() > 1e-2


# --- what Keras's RNN gives -------------------------------------------------------


def test_keras_contract(keras_contract):
    def layer():
        return lstm.LSTM(5, return_sequences=True)

    keras_contract(layer)


@every_check_of_an_rnn
def test_what_keras_gives_every_rnn(check):
    check(make)


def test_config_keeps_every_argument():
    options = {"forget_bias": 2.0, "recurrent_initializer": "glorot_uniform"}
    options |= {"go_backwards": True, "name": "mine"}
    layer = make(**options)
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.cell.forget_bias == 2.0 and copy.go_backwards and copy.name == "mine"


def test_fresh_weights_and_defaults_are_as_documented():
    layer, theirs = lstm.LSTM(3), keras.layers.LSTM(3)
    layer.build((None, None, 2)), theirs.build((None, None, 2))
    for ours, other in zip(layer.weights, theirs.weights, strict=True):
        assert ours.name == other.name and ours.shape == other.shape
    proofs.assert_same(layer.cell.bias, theirs.cell.bias)
    W = ops.convert_to_numpy(layer.cell.recurrent_kernel)
    np.testing.assert_allclose(W @ W.T, np.eye(3), atol=1e-5)
    assert layer.return_sequences is False and layer.supports_masking


def test_the_forget_bias_starts_as_asked():
    cell = lstm.LSTMCell(3, forget_bias=4.0)
    cell.build((None, 2))
    proofs.assert_same(
        cell.bias, np.array([0.0] * 3 + [4.0] * 3 + [0.0] * 6, "float32")
    )


# --- wrong arguments --------------------------------------------------------------


def test_an_input_without_time_is_refused():
    with pytest.raises(ValueError, match="ndim=3"):
        lstm.LSTM(3)(np.ones((2, 4), "float32"))
