"""Chapter 4.3.3's layer is its equations, and these tests would notice if not."""

from functools import partial

import keras
import numpy as np
import pytest
from keras import ops
from rnn_contract import (
    ZEROS,
    check_a_frozen_output_is_noticed,
    check_equal_gradients,
    check_equal_to_loop,
    every_check_of_an_rnn,
    weights_of,
)

from utils import gradients, proofs
from utils.layers import gated

FUNCTIONS = {
    "sigmoid": lambda a: 1 / (1 + np.exp(-a)),
    "hard_sigmoid": lambda a: np.clip(a / 6 + 0.5, 0, 1),
    "tanh": np.tanh,
    "relu": lambda a: np.maximum(a, 0),
}
PAIRS = [("sigmoid", "tanh"), ("hard_sigmoid", "relu"), ("tanh", "sigmoid")]
WITHOUT = [(), ("W_c",), ("W_c", "q"), ("q",), ("W_g", "W_f", "W_c", "W_q")]
each_pair = pytest.mark.parametrize("pair", PAIRS, ids=" and ".join)
each_form = pytest.mark.parametrize(
    "without", WITHOUT, ids=lambda parts: f"without {' '.join(parts) or 'nothing'}"
)
# Each breaks one part of the cell: the piece of its source, what stands there instead.
MUTANTS = {
    "g and f exchanged": (
        'self.gate(a["g"]), self.gate(a["f"])',
        'self.gate(a["f"]), self.gate(a["g"])',
    ),
    "gate and activation exchanged": (
        'self.gate(a["f"]), self.activation(a["c"])',
        'self.gate(a["f"]), self.gate(a["c"])',
    ),
    "the cell is not forgotten": ("C = f * C + g * c", "C = C + g * c"),
    "the candidate is let in whole": ("C = f * C + g * c", "C = f * C + c"),
    "g is 1 − f": ("C = f * C + g * c", "C = f * C + (1 - f) * c"),
    "no activation of the cell": ("h = q * self.activation(C)", "h = q * C"),
    "no output gate": ("h = q * self.activation(C)", "h = self.activation(C)"),
    "the output misses what came in": (
        "h = q * self.activation(C)",
        "h = q * self.activation(C - g * c)",
    ),
    "permuted units": ("return h, [h, C]", "return h, [ops.flip(h, axis=1), C]"),
    "h is not the state": ("return h, [h, C]", "return h, [C, C]"),
    "parts in another order": (
        "if part not in without]\n        self.reads",
        "if part not in without][::-1]\n        self.reads",
    ),
    "transposed W": (
        "ops.matmul(h, self.recurrent_kernel)",
        "ops.matmul(h, ops.concatenate([ops.transpose(w) for w in ops.split("
        "self.recurrent_kernel, len(self.reads), axis=1)], axis=1))",
    ),
    "reversed features": (
        "ops.matmul(x, self.kernel)",
        "ops.matmul(ops.flip(x, axis=1), self.kernel)",
    ),
    "no bias": ("self.kernel) + self.bias", "self.kernel) + 0 * self.bias"),
    "h is not read": ("a[part] + s for", "a[part] + 0 * s for"),
}


def make(pair=("sigmoid", "tanh"), without=(), module=gated, **options):
    options = {"return_sequences": True, "dtype": proofs.DTYPE} | options
    return module.Gated(5, *pair, without, **options)


def loop(x, weights, states, mask=None, pair=("sigmoid", "tanh"), without=()):
    """h of all steps, and the last h and C, by the equations, sequence by sequence."""
    gate, phi = (FUNCTIONS[name] for name in pair)
    parts = [p for p in "gfcq" if p not in without]
    reads = [p for p in parts if f"W_{p}" not in without]
    kernel, *recurrent, bias = weights
    batch, time, _ = x.shape
    n = len(bias) // len(parts)
    h, C = (np.array(state, float) for state in states)
    out = np.zeros((batch, time, n))
    for i, t in np.ndindex(batch, time):
        if mask is None or mask[i, t]:
            a = {}
            for place, p in enumerate(parts):
                columns = slice(place * n, (place + 1) * n)
                a[p] = bias[columns] + kernel[:, columns].T @ x[i, t]
                if p in reads:
                    start = reads.index(p) * n
                    a[p] = a[p] + recurrent[0][:, start : start + n].T @ h[i]
            C[i] = gate(a["f"]) * C[i] + gate(a["g"]) * phi(a["c"])
            h[i] = phi(C[i]) * (gate(a["q"]) if "q" in a else 1)
            shown = h[i]
        elif t == 0:
            shown = np.zeros(n)
        else:
            shown = out[i, t - 1]
        out[i, t] = shown
    return out, h, C


def check_equal_to_numpy(pair=PAIRS[0], without=(), module=gated):
    layer = make(pair, without, module, return_state=True)
    check_equal_to_loop(layer, partial(loop, pair=pair, without=without))


# --- equal to references ----------------------------------------------------------


@each_form
def test_equal_to_the_equations_in_numpy(without):
    check_equal_to_numpy(without=without)


@pytest.mark.parametrize("pair", PAIRS[1:], ids=" and ".join)
def test_equal_to_the_equations_with_other_functions(pair):
    check_equal_to_numpy(pair, ("W_c",))


def test_the_cell_run_by_keras_is_equal_too():
    options = {"return_sequences": True, "return_state": True, "dtype": proofs.DTYPE}
    layer = keras.layers.RNN(make(without=("W_c",)).cell, **options)
    check_equal_to_loop(layer, partial(loop, without=("W_c",)))


@pytest.mark.parametrize("change", MUTANTS.values(), ids=MUTANTS)
def test_the_comparison_notices(change):
    with pytest.raises(AssertionError):
        check_equal_to_numpy(module=proofs.mutant(gated, *change))


def test_the_comparison_notices_a_mask_that_freezes_the_output_only():
    check_a_frozen_output_is_noticed(make(), loop)


@pytest.mark.parametrize("without", WITHOUT[1:], ids=" ".join)
def test_the_comparison_notices_a_part_that_stays(without):
    """The whole cell, with the weights of the part that should be gone."""

    def whole(x, h, C, *weights):
        n, parts = 5, [p for p in "gfcq" if p not in without]
        reads = [p for p in parts if f"W_{p}" not in without]
        kernel, *recurrent, bias = weights
        W = {p: 0.3 * np.ones((n, n)) for p in "gfcq"}
        if recurrent:
            W |= dict(
                zip(reads, np.split(recurrent[0], len(reads), axis=1), strict=True)
            )
        U = {p: 0.3 * np.ones((len(kernel), n)) for p in "gfcq"}
        U |= dict(zip(parts, np.split(kernel, len(parts), axis=1), strict=True))
        b = {p: np.zeros(n) for p in "gfcq"}
        b |= dict(zip(parts, np.split(bias, len(parts)), strict=True))
        packed = [np.concatenate([w[p] for p in "gfcq"], axis=-1) for w in (U, W, b)]
        return loop(x[None], packed, (h[None], C[None]))[0][0]

    proofs.notices(make(without=without), whole, " ".join(without))


@each_pair
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}])
def test_equal_to_keras_with_states_and_masks(pair, options):
    x = proofs.random_input()
    options = options | {"return_sequences": True, "return_state": True}
    ours = make(pair, **options, **ZEROS)
    names = {"recurrent_activation": pair[0], "activation": pair[1]}
    theirs = keras.layers.LSTM(5, dtype=proofs.DTYPE, **names, **options)
    theirs.zero_output_for_mask = True
    states = proofs.random_states(ours)
    for layer in (ours, theirs):
        layer(x, initial_state=states)
    for one, other in ((ours, theirs), (theirs, ours)):  # the weights go both ways
        proofs.random_weights(one)
        other.set_weights(one.get_weights())
        for mask in (None, proofs.mask_with_holes()):
            results = [f(x, initial_state=states, mask=mask) for f in (one, other)]
            proofs.assert_same(*results)


def test_a_function_is_as_good_as_its_name():
    x = proofs.random_input()
    named, given = make(("hard_sigmoid", "relu")), make((ops.hard_sigmoid, ops.relu))
    for layer in (named, given):
        layer(x)
    proofs.random_weights(named)
    given.set_weights(named.get_weights())
    proofs.assert_same(named(x), given(x))


@pytest.mark.parametrize("activation, low, high", [("tanh", -1, 1), ("sigmoid", 0, 1)])
def test_the_output_stays_in_the_range_of_the_activation(activation, low, high):
    layer, x = make(("sigmoid", activation)), 30 * proofs.random_input()
    layer(x)
    out = ops.convert_to_numpy(proofs.random_weights(layer)(x))
    assert out.min() >= low and out.max() <= high and np.ptp(out) > 0.5


def test_with_relu_no_output_is_below_0():
    layer, x = make(("sigmoid", "relu")), proofs.random_input()
    layer(x)
    out = ops.convert_to_numpy(proofs.random_weights(layer)(x))
    assert out.min() == 0 < out.max()


@pytest.mark.parametrize(
    "without, kernel, recurrent",
    [((), 20, 20), (("W_c", "q"), 15, 10), (WITHOUT[-1], 20, 0)],
)
def test_what_is_taken_away_has_no_weights(without, kernel, recurrent):
    layer = make(without=without)
    layer(proofs.random_input())
    shapes = {weight.name: tuple(weight.shape) for weight in layer.weights}
    assert shapes.pop("kernel") == (4, kernel) and shapes.pop("bias") == (kernel,)
    assert shapes == ({"recurrent_kernel": (5, recurrent)} if recurrent else {})


def test_the_start_is_that_of_keras():
    ours, theirs = make(), keras.layers.LSTM(5)
    for layer in (ours, theirs):
        layer(proofs.random_input())
    for one, other in zip(ours.weights, theirs.weights, strict=True):
        assert one.shape == other.shape and one.name == other.name
    proofs.assert_same(ours.get_weights()[2], theirs.get_weights()[2])
    W = weights_of(ours)[1]
    np.testing.assert_allclose(W @ W.T, np.eye(5), atol=1e-5)
    layer = make(without=("q", "W_g"))
    layer(proofs.random_input())
    assert layer.get_weights()[2].tolist() == [0] * 5 + [1] * 5 + [0] * 5


# --- gradients --------------------------------------------------------------------


@each_pair
def test_gradients_equal_those_of_keras(pair):
    names = {"recurrent_activation": pair[0], "activation": pair[1]}
    options = {"return_sequences": True, "dtype": proofs.DTYPE}
    check_equal_gradients(make(pair), keras.layers.LSTM(5, **names, **options))


@each_form
def test_gradients_equal_central_differences(without):
    if not proofs.ON_TENSORFLOW:
        pytest.skip("differences need double precision")
    x, layer = proofs.random_input(1, 4, 3), make(without=without)
    layer(x)
    proofs.random_weights(layer)
    found = gradients.gradient(lambda x: ops.sum(layer(x)), x)
    wanted, weights = np.zeros_like(x), weights_of(layer)
    zeros = np.zeros((2, 1, 5))
    for place in np.ndindex(x.shape):
        step = np.zeros_like(x)
        step[place] = 1e-5
        up, down = (
            loop(x + s, weights, zeros, without=without)[0].sum() for s in (step, -step)
        )
        wanted[place] = (up - down) / 2e-5
    proofs.assert_same(found, wanted, 1e-8)


# --- what Keras's RNN gives -------------------------------------------------------


@pytest.mark.parametrize("without", WITHOUT[:3:2], ids=lambda w: f"without {w}")
def test_keras_contract(without, keras_contract):
    keras_contract(
        lambda: gated.Gated(5, "hard_sigmoid", "tanh", without, return_sequences=True)
    )


def test_the_cell_alone_keeps_the_contract(keras_contract):
    def layer():
        return keras.layers.RNN(gated.GatedCell(5), return_sequences=True)

    keras_contract(layer)


def test_config_keeps_every_argument():
    layer = make(("hard_sigmoid", "relu"), ("W_c", "q"), go_backwards=True, name="mine")
    copy = type(layer).from_config(layer.get_config())
    assert copy.get_config() == layer.get_config()
    assert copy.go_backwards and copy.name == "mine"
    assert copy.cell.gate is keras.activations.hard_sigmoid
    assert copy.cell.activation is keras.activations.relu
    assert copy.cell.without == ["W_c", "q"] and copy.cell.units == 5


@every_check_of_an_rnn
@pytest.mark.parametrize("without", WITHOUT[:3:2], ids=lambda w: f"without {w}")
def test_what_keras_gives_every_rnn(check, without):
    check(lambda **options: make(without=without, **options))


# --- wrong arguments --------------------------------------------------------------

each_class = pytest.mark.parametrize("kind", [gated.Gated, gated.GatedCell])


@each_class
@pytest.mark.parametrize("units", [0, -1, 2.5, "4", None])
def test_units_must_be_a_positive_integer(kind, units):
    with pytest.raises(ValueError, match="units must be a positive integer"):
        kind(units)


@each_class
@pytest.mark.parametrize("argument", ["gate", "activation"])
@pytest.mark.parametrize("name", ["sigmoidal", 3, ["tanh"]])
def test_an_unknown_function_is_named_with_its_argument(kind, argument, name):
    with pytest.raises(ValueError) as error:
        kind(4, **{argument: name})
    assert str(error.value).startswith(f"{argument} must be a function or the name")
    assert repr(name) in str(error.value) and "'tanh'" in str(error.value)
    assert error.value.__suppress_context__  # one error, not two


@each_class
@pytest.mark.parametrize("without", [("f",), ("W",), "W_c", ("W_c", "h"), 5])
def test_only_parts_that_can_be_missing_may_be_taken_away(kind, without):
    with pytest.raises(ValueError, match=r"without may hold some of \('q', 'W_g'"):
        kind(4, without=without)


@pytest.mark.parametrize("shape", [(2, 4), (2, 3, 4, 5)])
def test_an_input_of_the_wrong_rank_is_refused(shape):
    with pytest.raises(ValueError, match="ndim=3"):
        gated.Gated(3)(np.ones(shape, "float32"))
