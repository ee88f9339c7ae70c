"""Chapter 4.3.2's layer is its equations, and these tests would notice if not."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops
from references import gru as gru_loop
from references import gru_backward, gru_step, onnx_gru
from rnn_contract import (
    ZEROS,
    check_a_frozen_output_is_noticed,
    check_equal_gradients,
    check_equal_to_loop,
    every_check_of_an_rnn,
    weights_of,
)

from utils import gradients, proofs
from utils.initializers import OrthogonalPerGate
from utils.layers import gru

BOTH = pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
# Each breaks one part of the cell: the piece of its source, what stands there instead.
SHARED = {
    "z and 1 − z exchanged": ("h = z * h + (1 - z) * c", "h = (1 - z) * h + z * c"),
    "the gates exchanged": ("z, r = ops.sigmoid(", "r, z = ops.sigmoid("),
    "candidate before the gates": ("a_z, a_r, a_c =", "a_c, a_z, a_r ="),
    "permuted units": (
        "return h, [h]",
        "h = ops.flip(h, axis=1)\n        return h, [h]",
    ),
    "output not the state": ("return h, [h]", "return c, [h]"),
    "no tanh in the candidate": ("c = ops.tanh(", "c = ("),
    "reversed features": (
        "ops.matmul(x, self.kernel)",
        "ops.matmul(ops.flip(x, axis=1), self.kernel)",
    ),
    "no bias": ("self.kernel) + b,", "self.kernel) + 0 * b,"),
}
BEFORE = {
    "no reset": ("ops.matmul(r * h, W)", "ops.matmul(h, W)"),
    "the reset after the product": ("ops.matmul(r * h, W)", "r * ops.matmul(h, W)"),
    "transposed W of the candidate": (
        "ops.matmul(r * h, W)",
        "ops.matmul(r * h, ops.transpose(W))",
    ),
    "transposed W of the gates": (
        "ops.matmul(h, W_gates)",
        "ops.matmul(h, ops.concatenate([ops.transpose(w) for w in "
        "ops.split(W_gates, 2, axis=1)], axis=1))",
    ),
    "W cut in the wrong place": ("W[:, 2 * n :]", "W[:, :n]"),
}
AFTER = {
    "no reset": ("r * s_c", "s_c"),
    "the second bias outside": (
        "r * s_c if",
        "r * (s_c - ops.split(b_h, 3)[2]) + ops.split(b_h, 3)[2] if",
    ),
    "no second bias": ("+ b_h", "+ 0 * b_h"),
    "biases exchanged": ("b, b_h =", "b_h, b ="),
}


def make(after=False, module=gru, **options):
    options = {"return_sequences": True, "dtype": proofs.DTYPE} | options
    return module.GRU(5, reset_after=after, **options)


def check_equal_to_numpy(after, module=gru, as_cell=False):
    layer = make(after, module, return_state=True)
    if as_cell:
        options = {"return_sequences": True, "return_state": True}
        layer = keras.layers.RNN(layer.cell, dtype=proofs.DTYPE, **options)
    check_equal_to_loop(layer, partial(loop, after=after))


def loop(x, weights, states, mask, after=False):
    return gru_loop(x, *weights, *states, mask, after)


# --- equal to references ----------------------------------------------------------


@BOTH
@pytest.mark.parametrize("as_cell", [False, True], ids=["GRU", "RNN(GRUCell)"])
def test_equal_to_the_equations_in_numpy(after, as_cell):
    check_equal_to_numpy(after, as_cell=as_cell)


@pytest.mark.parametrize(
    "after, change",
    [(False, c) for c in (SHARED | BEFORE).values()]
    + [(True, c) for c in (SHARED | AFTER).values()],
    ids=[f"before: {name}" for name in SHARED | BEFORE]
    + [f"after: {name}" for name in SHARED | AFTER],
)
def test_the_comparison_notices(after, change):
    with pytest.raises(AssertionError):
        check_equal_to_numpy(after, proofs.mutant(gru, *change))


def test_the_comparison_notices_a_mask_that_freezes_the_output_only():
    check_a_frozen_output_is_noticed(make(), loop)


@BOTH
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}])
def test_equal_to_keras_with_states_and_masks(after, options):
    x = proofs.random_input()
    options = options | {"return_sequences": True, "return_state": True}
    ours = make(after, **options, **ZEROS)
    own = options | {"reset_after": after, "dtype": proofs.DTYPE}
    theirs = keras.layers.GRU(5, **own)
    theirs.zero_output_for_mask = True
    states = proofs.random_states(ours)
    for layer in (ours, theirs):
        layer(x, initial_state=states)
    for one, other in ((ours, theirs), (theirs, ours)):  # the weights go both ways
        proofs.random_weights(one)
        other.set_weights(one.get_weights())
        for mask in (None, proofs.mask_with_holes()):
            found = ours(x, initial_state=states, mask=mask)
            proofs.assert_same(found, theirs(x, initial_state=states, mask=mask))
    assert [w.name for w in ours.weights] == [w.name for w in theirs.weights]


@BOTH
def test_equal_to_the_operator_of_onnx(after):
    x, layer = proofs.random_input(), make(after, return_state=True)
    layer(x)
    proofs.random_weights(layer)
    (h0,) = proofs.random_states(layer)
    theirs = onnx_gru(x.astype("float64"), *weights_of(layer), h0, after)
    proofs.assert_same(layer(x, initial_state=h0), theirs)


def test_equal_to_the_layer_of_pytorch_with_the_reset_after():
    torch = pytest.importorskip("torch")
    x = proofs.random_input()
    layer = make(after=True)
    layer(x)
    proofs.random_weights(layer)
    U, W, b = (w.astype(proofs.DTYPE) for w in layer.get_weights())

    def packed(weight):  # PyTorch's order: r, z, candidate
        z, r, c = np.split(weight, 3, axis=-1)
        return torch.tensor(np.concatenate([r, z, c], axis=-1).T.copy())

    theirs = torch.nn.GRU(4, 5, batch_first=True).to(getattr(torch, proofs.DTYPE))
    values = {"weight_ih": U, "weight_hh": W, "bias_ih": b[0], "bias_hh": b[1]}
    for name, value in values.items():
        getattr(theirs, f"{name}_l0").data = packed(value)
    y, _ = theirs(torch.tensor(x))
    proofs.assert_same(layer(x), y.detach().numpy())


def test_a_case_by_hand():
    """All weights 0 but the bias of z, ln 3: z = 3/4, r = 1/2, c = 0."""
    layer = make(update_bias=np.log(3).item())
    layer.build((1, 2, 4))
    U, W, b = layer.get_weights()
    layer.set_weights([0 * U, 0 * W, b])
    h = layer(np.ones((1, 2, 4), proofs.DTYPE), initial_state=np.ones((1, 5)))
    right = np.array([0.75, 0.5625])[None, :, None] * np.ones((1, 2, 5))
    # the bias is stored in single precision where Keras has no other
    proofs.assert_same(h, right, 1e-6)


# --- identities -------------------------------------------------------------------


@BOTH
def test_it_has_three_quarters_of_the_weights_of_an_lstm(after):
    counts = []
    for layer in (make(after), keras.layers.LSTM(5)):
        layer.build((None, None, 4))
        counts.append(layer.count_params())
    more = 3 * 5 if after else 0  # the second bias
    assert 4 * (counts[0] - more) == 3 * counts[1]


@BOTH
def test_the_other_way_round_is_the_same_network(after):
    """h' = (1 − z) ⊙ h + z ⊙ c, with the weights of z negated."""

    def step(*inputs):
        z, r, c, _ = gru_step(*inputs)
        return z, r, c, (1 - z) * inputs[1] + z * c

    x = proofs.random_input()
    layer = make(after)
    layer(x)
    proofs.random_weights(layer)
    sign = np.repeat([-1.0, 1.0, 1.0], 5)
    turned = [w * sign for w in weights_of(layer)]
    other = gru_loop(x, *turned, reset_after=after, step=step)[0]
    proofs.assert_same(layer(x), other)


@pytest.mark.parametrize("diagonal, second, same", [(1, 0, 1), (0, 0, 0), (1, 1, 0)])
def test_before_is_after_where_W_is_diagonal_and_the_second_bias_0(
    diagonal, second, same
):
    x, layers = proofs.random_input(), [make(), make(after=True)]
    for layer in layers:
        layer(x)
    proofs.random_weights(layers[0])
    U, W, b = weights_of(layers[0])
    if diagonal:
        W[:, 10:] = np.diag(np.diag(W[:, 10:]))
    b_h = np.r_[np.zeros(10), np.full(5, float(second))]
    layers[0].set_weights([U, W, b])
    layers[1].set_weights([U, W, np.stack([b, b_h])])
    gap = np.abs(np.subtract(*[ops.convert_to_numpy(f(x)) for f in layers])).max()
    assert gap < 10 * proofs.TOLERANCE if same else gap > 1e-2


def test_the_output_is_the_state():
    out, state = make(return_sequences=False, return_state=True)(proofs.random_input())
    proofs.assert_same(out, state, 1e-30)


def test_with_the_gates_held_it_is_a_plain_rnn():
    x, layer = proofs.random_input(), make()
    plain = keras.layers.SimpleRNN(5, return_sequences=True, dtype=proofs.DTYPE)
    layer(x), plain(x)
    proofs.random_weights(plain)
    U, W, b = plain.get_weights()
    gates = np.r_[np.full(5, -60.0), np.full(5, 60.0)]  # z = 0, r = 1
    layer.set_weights(
        [
            np.hstack([np.zeros((4, 10)), U]),
            np.hstack([np.zeros((5, 10)), W]),
            np.r_[gates, b],
        ]
    )
    proofs.assert_same(layer(x), plain(x))


# --- gradients --------------------------------------------------------------------


@BOTH
def test_gradients_equal_those_of_keras(after):
    own = {"dtype": proofs.DTYPE, "return_sequences": True, "reset_after": after}
    check_equal_gradients(make(after), keras.layers.GRU(5, **own))


def cut_gradients(x, weights, direct, h0, without):
    """∇_h(t) L by the backend, with some paths stopped."""
    x, direct, h0, *weights = (
        ops.convert_to_tensor(np.asarray(a, proofs.DTYPE))
        for a in (x, direct, h0, *weights)
    )
    (U_z, U_r, U), (W_z, W_r, W), (b_z, b_r, b) = (
        ops.split(w, 3, axis=-1) for w in weights
    )

    def stop(name, value):
        return ops.stop_gradient(value) if name in without else value

    def loss(nudges):
        h, total = h0, 0
        for t in range(x.shape[1]):
            x_t = x[:, t]
            z = ops.sigmoid(
                b_z + ops.matmul(x_t, U_z) + ops.matmul(stop("update", h), W_z)
            )
            r = ops.sigmoid(
                b_r + ops.matmul(x_t, U_r) + ops.matmul(stop("reset", h), W_r)
            )
            seen = r * stop("candidate", h)
            c = ops.tanh(b + ops.matmul(x_t, U) + ops.matmul(seen, W))
            h = z * stop("keep", h) + (1 - z) * c + nudges[:, t]
            total = total + ops.sum(direct[:, t] * h)
        return total

    return gradients.gradient(loss, np.zeros(direct.shape, proofs.DTYPE))


@pytest.mark.parametrize("part", [None, "keep", "update", "candidate", "reset"])
def test_every_term_of_the_recursion_equals_automatic_differentiation(part):
    rng, x = np.random.default_rng(4), proofs.random_input().astype("float64")
    weights = [rng.normal(0, 0.7, shape) for shape in ((4, 15), (5, 15), (15,))]
    direct, (h0,) = rng.normal(size=(3, 8, 5)), proofs.random_states(make())
    without = () if part is None else (part,)
    found = cut_gradients(x, weights, direct, h0, without)
    by_hand = sum(gru_backward(x, *weights, direct, h0, without).values())
    proofs.assert_same(found, by_hand, 20 * proofs.TOLERANCE)
    whole = cut_gradients(x, weights, direct, h0, ())
    assert part is None or np.abs(whole - found).max() > 1e-2


# --- what Keras's RNN gives -------------------------------------------------------


@BOTH
def test_keras_contract(after, keras_contract):
    keras_contract(lambda: gru.GRU(5, after, return_sequences=True))


@BOTH
def test_the_cell_alone_keeps_the_contract(after, keras_contract):
    def layer():
        return keras.layers.RNN(gru.GRUCell(5, after), return_sequences=True)

    keras_contract(layer)


def test_config_keeps_every_argument():
    options = {"update_bias": 2.0, "go_backwards": True, "name": "mine"}
    start = OrthogonalPerGate(0.7)
    layer = make(after=True, recurrent_initializer="glorot_normal", **options)
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.cell.update_bias == 2.0 and copy.go_backwards and copy.name == "mine"
    assert copy.cell.reset_after is True
    assert copy.cell.recurrent_initializer.__class__.__name__ == "GlorotNormal"
    cell = gru.GRUCell(3, recurrent_initializer=start)
    assert cell.recurrent_initializer is start


@BOTH
def test_fresh_weights_are_as_asked(after):
    cell = gru.GRUCell(4, after, 3.0, OrthogonalPerGate(2.0))
    cell.build((None, 2))
    _, W, b = weights_of(cell)
    for block in np.split(W, 3, axis=1):
        np.testing.assert_allclose(block.T @ block, 4 * np.eye(4), atol=1e-5)
    first, *second = np.atleast_2d(b)
    assert first.tolist() == [3.0] * 4 + [0.0] * 8
    assert len(second) == after and not np.any(second)


@BOTH
def test_the_defaults_are_those_of_keras_but_for_the_reset(after):
    ours, theirs = gru.GRUCell(6, after), keras.layers.GRUCell(6, reset_after=after)
    for cell in (ours, theirs):
        cell.build((None, 3))
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        assert one.shape == other.shape and one.name == other.name
    for W in (weights_of(ours)[1], weights_of(theirs)[1]):
        np.testing.assert_allclose(W @ W.T, np.eye(6), atol=1e-5)
    assert not weights_of(ours)[2].any() and not weights_of(theirs)[2].any()
    assert gru.GRUCell(6).reset_after is False


@BOTH
@every_check_of_an_rnn
def test_what_keras_gives_every_rnn(check, after):
    check(partial(make, after))


def test_the_cut_weights_are_not_kept():
    layer = make()
    layer(proofs.random_input())
    assert layer.cell.cut is None
    with pytest.raises(Exception, match="features|shape|dimension|axis"):
        layer(proofs.random_input(features=7))
    assert layer.cell.cut is None


# --- wrong arguments --------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 4, 5)])
def test_an_input_of_the_wrong_rank_is_refused(shape):
    with pytest.raises(ValueError, match="ndim=3"):
        gru.GRU(3)(np.ones(shape, "float32"))
