"""`utils.gradients` against derivatives that are known in closed form."""

import keras
import numpy as np
import pytest
from keras import ops

from utils import gradients, proofs

pytestmark = pytest.mark.layers


def linear_rnn(W):
    """h' = x + h W, whose gradient over a lag k is a power of W."""
    n = len(W)
    layer = keras.layers.SimpleRNN(
        n,
        activation="linear",
        use_bias=False,
        dtype=proofs.DTYPE,
        return_sequences=True,
    )
    layer.build((None, None, n))
    layer.set_weights([np.eye(n), W])
    return layer


def test_gradient_of_a_square_is_twice_the_number():
    x = proofs.random_input()
    proofs.assert_same(gradients.gradient(lambda x: ops.sum(x * x), x), 2 * x)


def test_jacobian_has_the_output_first():
    A = np.random.default_rng(0).normal(size=(3, 5)).astype(proofs.DTYPE)
    x = np.random.default_rng(1).normal(size=5).astype(proofs.DTYPE)
    found = gradients.jacobian(lambda x: ops.matmul(A, ops.sin(x)), x)
    proofs.assert_same(found, A * np.cos(x), 10 * proofs.TOLERANCE)


def test_jacobian_is_zero_where_there_is_no_path():
    x = np.ones(4, proofs.DTYPE)
    found = gradients.jacobian(lambda x: ops.stack([x[0], 0 * x[0] + 1]), x)
    proofs.assert_same(found, np.array([[1, 0, 0, 0], [0, 0, 0, 0]], proofs.DTYPE))


def test_influence_of_a_linear_rnn_is_the_norm_of_a_power():
    W = np.random.default_rng(0).normal(0, 0.5, (3, 3))
    found = gradients.influence(
        linear_rnn(W), proofs.random_input(features=3, time=5)[0]
    )
    for t in range(5):
        for s in range(5):
            power = np.linalg.matrix_power(W, t - s) if s <= t else np.zeros((3, 3))
            np.testing.assert_allclose(found[t, s], np.linalg.norm(power), atol=1e-5)


def test_norm_against_lag_of_a_multiple_of_a_rotation_is_geometric():
    rotation, _ = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))
    cell = linear_rnn(0.8 * rotation).cell
    found = gradients.norm_against_lag(cell, proofs.random_input(time=12, features=3))
    np.testing.assert_allclose(found, 0.8 ** np.arange(12), rtol=1e-5)


def test_norm_against_lag_follows_the_chosen_state():
    # the forget gate is open and the input gate shut: C keeps all, h forgets
    cell = keras.layers.LSTMCell(3, dtype=proofs.DTYPE)
    cell.build((None, 4))
    bias = np.repeat([-50.0, 50.0, 0.0, 0.0], 3)
    cell.set_weights([np.zeros((4, 12)), np.zeros((3, 12)), bias])
    x = proofs.random_input(time=6)
    np.testing.assert_allclose(gradients.norm_against_lag(cell, x, state=1), 1.0)
    of_h = gradients.norm_against_lag(cell, x, state=0)
    np.testing.assert_allclose(of_h, [1, 0, 0, 0, 0, 0], atol=1e-6)
