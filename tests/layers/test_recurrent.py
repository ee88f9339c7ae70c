"""`SimpleCell` (chapter 4.0) is the plain RNN, and these tests would notice if not."""

import keras
import numpy as np
import pytest
from references import simple_rnn

from utils import gradients, proofs
from utils.layers import recurrent

# Each breaks one part of the cell. Constant weights would miss the second to fourth.
BROKEN = {
    "no bias": ("a = b + ops", "a = ops"),
    "transposed W": ("ops.matmul(h, W)", "ops.matmul(h, ops.transpose(W))"),
    "permuted units": ("h = ops.tanh(a)", "h = ops.tanh(ops.flip(a, axis=1))"),
    "reversed features": (
        "ops.matmul(x, U)",
        "ops.matmul(ops.flip(x, axis=1), U)",
    ),
    "no activation": ("h = ops.tanh(a)", "h = a"),
    "no recurrence": ("ops.matmul(h, W)", "0 * h"),
    "output before the activation": ("return h, [h]", "return a, [h]"),
    "state before the activation": ("return h, [h]", "return h, [a]"),
}


def rnn(module=recurrent, **options):
    options = {"return_sequences": True, "dtype": proofs.DTYPE} | options
    return keras.layers.RNN(module.SimpleCell(5, dtype=proofs.DTYPE), **options)


def check_equal_to_numpy(module):
    x, h0 = (
        proofs.random_input(),
        np.random.default_rng(2).normal(size=(3, 5)).astype(proofs.DTYPE),
    )
    layer = rnn(module)
    layer(x, initial_state=h0)
    proofs.random_weights(layer)
    weights = [np.asarray(w, "float64") for w in layer.get_weights()]
    for mask in (None, proofs.mask_with_holes()):
        ours = keras.ops.convert_to_numpy(layer(x, initial_state=h0, mask=mask))
        theirs = simple_rnn(x, *weights, h0=h0, mask=mask).astype(proofs.DTYPE)
        # what stands before the first real step differs between Keras's backends
        begun = slice(None) if mask is None else np.maximum.accumulate(mask, axis=1)
        proofs.assert_same(ours[begun], theirs[begun])


def test_equal_to_the_equations_in_numpy():
    check_equal_to_numpy(recurrent)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_the_comparison_notices(change):
    with pytest.raises(AssertionError):
        check_equal_to_numpy(proofs.mutant(recurrent, *change))


@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}])
def test_equal_to_keras_with_states_and_masks(options):
    x, h0 = (
        proofs.random_input(),
        np.random.default_rng(2).normal(size=(3, 5)).astype(proofs.DTYPE),
    )
    options |= {"return_sequences": True, "return_state": True}
    ours = rnn(**options)
    theirs = keras.layers.SimpleRNN(5, dtype=proofs.DTYPE, **options)
    for layer in (ours, theirs):
        layer(x, initial_state=h0)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    for mask in (None, proofs.mask_with_holes()):
        one = ours(x, initial_state=h0, mask=mask)
        proofs.assert_same(one, theirs(x, initial_state=h0, mask=mask))


def test_gradients_equal_those_of_keras():
    x = proofs.random_input()
    v = np.random.default_rng(3).normal(size=(3, 8, 5)).astype(proofs.DTYPE)
    ours = rnn()
    theirs = keras.layers.SimpleRNN(5, dtype=proofs.DTYPE, return_sequences=True)
    ours(x), theirs(x)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    one, other = (
        gradients.gradient(
            lambda x, f=f: keras.ops.sum(keras.ops.convert_to_tensor(v) * f(x)), x
        )
        for f in (ours, theirs)
    )
    assert np.abs(one).max() > 0.1
    proofs.assert_same(one, other, 10 * proofs.TOLERANCE)


def test_keras_contract(keras_contract):
    def make():
        return keras.layers.RNN(recurrent.SimpleCell(5), return_sequences=True)

    keras_contract(make)
