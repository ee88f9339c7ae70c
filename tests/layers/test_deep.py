"""Chapter 4.2's layers are their equations, and these tests would notice if not."""

import copy

import keras
import numpy as np
import pytest
from keras import ops

from utils import gradients, proofs
from utils.layers import deep
from utils.layers.recurrent import SimpleCell

SHORTCUTS = (None, "weighted", "identity")
# On JAX Keras repeats the first state at masked steps, and not the output. So a mask
# is only right there where masked outputs are zeros.
ZEROS = {"zero_output_for_mask": True}
# Each breaks one part of a cell.
BROKEN_STACK = {
    "higher layers see x only": (
        "below, own = cell(below, own)\n            outputs.append(below)",
        "out, own = cell(below, own)\n            outputs.append(out)",
    ),
    "the new state is that of the layer below": (
        "new.extend(own if isinstance(own, (list, tuple)) else [own])",
        "new.insert(0, own[0])",
    ),
    "skip behind instead of before": (
        "ops.concatenate([x, below], axis=-1)",
        "ops.concatenate([below, x], axis=-1)",
    ),
    "outputs from the top down": (
        "ops.concatenate(outputs, axis=-1)",
        "ops.concatenate(outputs[::-1], axis=-1)",
    ),
}
BROKEN_TRANSITION = {
    "no bias": (
        "a = self.bias + ops.matmul(h, self.recurrent_kernel)",
        "a = ops.matmul(h, self.recurrent_kernel)",
    ),
    "transposed W": (
        "ops.matmul(h, self.recurrent_kernel)",
        "ops.matmul(h, ops.transpose(self.recurrent_kernel))",
    ),
    "transposed W_s": (
        "ops.matmul(h, self.shortcut_kernel)",
        "ops.matmul(h, ops.transpose(self.shortcut_kernel))",
    ),
    "input MLP without tanh": ("x = ops.tanh(U(x))", "x = U(x)"),
    "output MLP without tanh": ("o = ops.tanh(V(o))", "o = V(o)"),
    "transition without inner tanh": ("a = W(ops.tanh(a))", "a = W(a)"),
    "transition in the other order": (
        "for W in self.deeper:\n            a =",
        "for W in self.deeper[::-1]:\n            a =",
    ),
    "output fed back": ("return o, [h]", "return o, [o]"),
    "identity after tanh of the sum": (
        'ops.tanh(a) + (h if self.shortcut == "identity" else 0)',
        'ops.tanh(a + (h if self.shortcut == "identity" else 0))',
    ),
    "permuted state": ("(h,) = states", "h = ops.flip(states[0], axis=1)"),
}


def stack_loop(x, weights, starts, mask, skips):
    """h = tanh(b₁ + W₁ h + U x), z = tanh(b₂ + W₂ z + R h) in NumPy; both states.

    With skips z also reads x: z = tanh(b₂ + W₂ z + S x + R h).
    """
    U, W1, b1, R, W2, b2 = weights
    S, R = (R[: x.shape[2]], R[x.shape[2] :]) if skips else (0 * U[:, :1], R)
    out = np.zeros((*x.shape[:2], len(b1) + len(b2)))
    for i in range(len(x)):
        h, z = starts[0][i], starts[1][i]
        for t in range(x.shape[1]):
            if mask[i, t]:
                h = np.tanh(b1 + W1.T @ h + U.T @ x[i, t])
                z = np.tanh(b2 + W2.T @ z + S.T @ x[i, t] + R.T @ h)
                out[i, t] = np.concatenate([h, z])
    return out


def transition_loop(x, weights, h0, mask, depths, shortcut):
    """Ways two and three in NumPy, from the equations; (output, states)."""
    weights = list(weights)

    def take(count):
        return [weights.pop(0) for _ in range(count)]

    U, W, b = take(3)
    inner = [take(2) for _ in range(depths[0] - 1)]
    deeper = [take(2) for _ in range(depths[1] - 1)]
    outer = [take(2) for _ in range(depths[2] - 1)]
    W_s = take(1)[0] if shortcut == "weighted" else 0 * W
    assert not weights
    out = np.zeros((*x.shape[:2], len(b)))
    for i in range(len(x)):
        h = h0[i]
        for t in range(x.shape[1]):
            if mask[i, t]:
                u = x[i, t]
                for kernel, bias in inner:
                    u = np.tanh(kernel.T @ u + bias)
                z = b + W.T @ h + U.T @ u
                for kernel, bias in deeper:
                    z = kernel.T @ np.tanh(z) + bias
                z = np.tanh(z + W_s.T @ h)
                h = o = h + z if shortcut == "identity" else z
                for kernel, bias in outer:
                    o = np.tanh(kernel.T @ o + bias)
                out[i, t] = o
    return out


def start(units=5, seed=2):
    return np.random.default_rng(seed).normal(size=(3, units)).astype(proofs.DTYPE)


def cells():
    return [SimpleCell(5, dtype=proofs.DTYPE), SimpleCell(3, dtype=proofs.DTYPE)]


def in_double(weights):
    return [np.asarray(w, "float64") for w in weights]


def check_stack(module, input_skips):
    x, starts = proofs.random_input(), [start(5), start(3, seed=4)]
    layer = module.StackedRNN(
        cells(), input_skips, True, return_sequences=True, dtype=proofs.DTYPE, **ZEROS
    )
    layer(x, initial_state=starts)
    proofs.random_weights(layer)
    weights = in_double(layer.get_weights())
    for mask in (np.ones((3, 8), bool), proofs.mask_with_holes()):
        ours = layer(x, initial_state=starts, mask=mask)
        theirs = stack_loop(x, weights, starts, mask, input_skips)
        proofs.assert_same(ours, theirs.astype(proofs.DTYPE))


def check_transition(module, depths, shortcut):
    x, h0 = proofs.random_input(), start()
    cell = module.DeepTransitionCell(5, depths, shortcut, dtype=proofs.DTYPE)
    layer = keras.layers.RNN(cell, return_sequences=True, dtype=proofs.DTYPE, **ZEROS)
    layer(x, initial_state=h0)
    proofs.random_weights(layer, scale=0.4)
    parts = [cell.kernel, cell.recurrent_kernel, cell.bias]
    for dense in (*cell.inner, *cell.deeper, *cell.outer):
        parts += [dense.kernel, dense.bias]
    parts += [cell.shortcut_kernel] if shortcut == "weighted" else []
    weights = in_double(ops.convert_to_numpy(w) for w in parts)
    for mask in (np.ones((3, 8), bool), proofs.mask_with_holes()):
        ours = layer(x, initial_state=h0, mask=mask)
        theirs = transition_loop(x, weights, h0, mask, depths, shortcut)
        # identity states grow to about 8, and their rounding with them
        proofs.assert_same(ours, theirs.astype(proofs.DTYPE), 10 * proofs.TOLERANCE)


@pytest.mark.parametrize("input_skips", [False, True])
def test_a_stack_is_its_equations_in_numpy(input_skips):
    check_stack(deep, input_skips)


@pytest.mark.parametrize("shortcut", SHORTCUTS)
@pytest.mark.parametrize("depths", [(2, 3, 2), (1, 2, 3), (3, 2, 1)])
def test_a_deep_transition_is_its_equations_in_numpy(depths, shortcut):
    check_transition(deep, depths, shortcut)


@pytest.mark.parametrize("change", BROKEN_STACK.values(), ids=BROKEN_STACK)
def test_the_comparison_of_stacks_notices(change):
    broken = proofs.mutant(deep, *change)
    with pytest.raises(Exception):  # noqa: B017  a wrong width may stop the layer
        check_stack(broken, input_skips=True)


@pytest.mark.parametrize("change", BROKEN_TRANSITION.values(), ids=BROKEN_TRANSITION)
def test_the_comparison_of_transitions_notices(change):
    broken = proofs.mutant(deep, *change)
    with pytest.raises(AssertionError):
        for shortcut in SHORTCUTS:
            check_transition(broken, (2, 3, 2), shortcut)


def keras_stack(cells, **options):
    # RNN([cells]) would run them in float32, whatever its own dtype
    stack = keras.layers.StackedRNNCells(cells, dtype=proofs.DTYPE)
    return keras.layers.RNN(stack, **options)


def keras_cells():
    return [
        keras.layers.LSTMCell(5, dtype=proofs.DTYPE),
        keras.layers.GRUCell(3, dtype=proofs.DTYPE),
    ]


@pytest.mark.parametrize("make", [cells, keras_cells])
@pytest.mark.parametrize("options", [{}, {"go_backwards": True}, {"unroll": True}])
def test_a_stack_without_skips_equals_keras(make, options):
    x = proofs.random_input()
    options |= {"return_sequences": True, "return_state": True, "dtype": proofs.DTYPE}
    options |= ZEROS
    ours = deep.StackedRNN(make(), **options)
    theirs = keras_stack(make(), **options)
    ours(x), theirs(x)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    for mask in (None, proofs.mask_with_holes()):
        proofs.assert_same(ours(x, mask=mask), keras.tree.flatten(theirs(x, mask=mask)))


def test_one_layer_is_the_plain_rnn():
    x, h0 = proofs.random_input(), start()
    ours = deep.StackedRNN([SimpleCell(5, dtype=proofs.DTYPE)], dtype=proofs.DTYPE)
    theirs = keras.layers.SimpleRNN(5, dtype=proofs.DTYPE)
    for layer in (ours, theirs):
        layer(x, initial_state=[h0])
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    proofs.assert_same(ours(x, initial_state=[h0]), theirs(x, initial_state=[h0]))


def test_depth_one_is_the_plain_rnn():
    x, h0 = proofs.random_input(), start()
    cell = deep.DeepTransitionCell(5, dtype=proofs.DTYPE)
    ours = keras.layers.RNN(cell, return_sequences=True, dtype=proofs.DTYPE)
    theirs = keras.layers.SimpleRNN(5, return_sequences=True, dtype=proofs.DTYPE)
    for layer in (ours, theirs):
        layer(x, initial_state=h0)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    mask = proofs.mask_with_holes()
    one, other = (layer(x, initial_state=h0, mask=mask) for layer in (ours, theirs))
    proofs.assert_same(one, other)


def transition(depths, shortcut=None):
    cell = deep.DeepTransitionCell(5, depths, shortcut, dtype=proofs.DTYPE)
    layer = keras.layers.RNN(cell, return_sequences=True, dtype=proofs.DTYPE)
    layer(proofs.random_input())
    return proofs.random_weights(layer)


def test_a_shortcut_of_zeros_is_none():
    x = proofs.random_input()
    ours, plain = transition((2, 3, 2), "weighted"), transition((2, 3, 2))
    ours.cell.shortcut_kernel.assign(np.zeros((5, 5)))
    mine = [w for w in ours.cell.weights if w is not ours.cell.shortcut_kernel]
    plain.set_weights([ops.convert_to_numpy(w) for w in mine])
    proofs.assert_same(ours(x), plain(x))


def test_a_shortcut_alone_is_the_plain_rnn_without_input():
    x, h0 = proofs.random_input(), start()
    ours = transition((1, 2, 1), "weighted")
    deepest = ours.cell.deeper[0]
    deepest.kernel.assign(np.zeros((5, 5)))
    W_s = np.asarray(ops.convert_to_numpy(ours.cell.shortcut_kernel), "float64")
    bias = np.asarray(ops.convert_to_numpy(deepest.bias), "float64")
    states, h = [], h0.astype("float64")
    for _ in range(8):
        h = np.tanh(bias + h @ W_s)
        states.append(h)
    proofs.assert_same(
        ours(x, initial_state=h0), np.stack(states, 1).astype(proofs.DTYPE)
    )


def test_input_and_output_mlp_may_stand_outside_the_loop():
    x, whole = proofs.random_input(), transition((2, 2, 2))
    cell = whole.cell
    middle = keras.layers.RNN(
        deep.DeepTransitionCell(5, (1, 2, 1), dtype=proofs.DTYPE),
        return_sequences=True,
        dtype=proofs.DTYPE,
    )
    middle(np.zeros((3, 8, 5), proofs.DTYPE))
    for name in ("kernel", "recurrent_kernel", "bias"):
        getattr(middle.cell, name).assign(getattr(cell, name))
    middle.cell.deeper[0].set_weights(cell.deeper[0].get_weights())
    before, after = ops.tanh(cell.inner[0](x)), cell.outer[0]
    proofs.assert_same(whole(x), ops.tanh(after(middle(before))))


def test_a_stack_whose_R_is_zero_ignores_its_input():
    x = proofs.random_input()
    layer = deep.StackedRNN(cells(), return_sequences=True, dtype=proofs.DTYPE)
    layer(x)
    proofs.random_weights(layer)
    upper = layer.cell.cells[1]
    assert np.abs(ops.convert_to_numpy(layer(x) - layer(x + 1))).max() > 0.01
    upper.kernel.assign(np.zeros((5, 3)))
    assert np.array_equal(*(ops.convert_to_numpy(layer(v)) for v in (x, x + 1)))


@pytest.mark.parametrize("shortcut", SHORTCUTS)
def test_gradients_of_a_transition_equal_differences(shortcut):
    # of the NumPy loop: a derivative that does not use the layer at all
    layer, x, v = (
        transition((2, 2, 2), shortcut),
        proofs.random_input(2, 4),
        start()[:2],
    )
    ours = gradients.gradient(
        lambda x: ops.sum(ops.convert_to_tensor(v[:, None]) * layer(x)), x
    )
    cell = layer.cell
    parts = [cell.kernel, cell.recurrent_kernel, cell.bias]
    for dense in (*cell.inner, *cell.deeper, *cell.outer):
        parts += [dense.kernel, dense.bias]
    parts += [cell.shortcut_kernel] if shortcut == "weighted" else []
    weights = in_double(ops.convert_to_numpy(w) for w in parts)
    zeros, real = np.zeros((2, 5)), np.ones((2, 4), bool)

    def loss(x):
        out = transition_loop(x, weights, zeros, real, (2, 2, 2), shortcut)
        return (v[:, None] * out).sum()

    numeric = np.zeros(x.shape)
    for place in np.ndindex(x.shape):
        step = np.zeros(x.shape)
        step[place] = 1e-5
        numeric[place] = (loss(x + step) - loss(x - step)) / 2e-5
    assert np.abs(numeric).max() > 0.1
    proofs.assert_same(
        ours.astype("float64"), numeric, 1e-8 if proofs.DTYPE == "float64" else 2e-5
    )


def test_gradients_of_a_stack_equal_those_of_keras():
    x, v = proofs.random_input(), start(3)
    options = {"return_sequences": True, "dtype": proofs.DTYPE}
    ours = deep.StackedRNN(cells(), **options)
    theirs = keras_stack(cells(), **options)
    ours(x), theirs(x)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    one, other = (
        gradients.gradient(
            lambda x, f=f: ops.sum(ops.convert_to_tensor(v[:, None]) * f(x)), x
        )
        for f in (ours, theirs)
    )
    assert np.abs(one).max() > 0.1
    proofs.assert_same(one, other, 10 * proofs.TOLERANCE)


def test_one_step_by_hand():
    # n = 1: h = tanh(2 tanh(1·x + 1·h)), twice, x = 1, h = 0
    cell = deep.DeepTransitionCell(1, (1, 2, 1), dtype=proofs.DTYPE)
    layer = keras.layers.RNN(cell, dtype=proofs.DTYPE)
    x = np.ones((1, 2, 1), proofs.DTYPE)
    layer(x)
    for weight, value in (
        (cell.kernel, 1),
        (cell.recurrent_kernel, 1),
        (cell.deeper[0].kernel, 2),
    ):
        weight.assign([[value]])
    h = np.tanh(2 * np.tanh(1))
    proofs.assert_same(
        layer(x), np.array([[np.tanh(2 * np.tanh(1 + h))]], proofs.DTYPE)
    )


MAKERS = {
    "stack": lambda: deep.StackedRNN([SimpleCell(5), SimpleCell(3)], True, True),
    "stack of LSTM and GRU": lambda: deep.StackedRNN(
        [keras.layers.LSTMCell(5), keras.layers.GRUCell(3)], return_sequences=True
    ),
} | {
    f"transition, {shortcut}": lambda shortcut=shortcut: keras.layers.RNN(
        deep.DeepTransitionCell(5, (2, 2, 2), shortcut), return_sequences=True
    )
    for shortcut in SHORTCUTS
}


@pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)
def test_keras_contract(make, keras_contract):
    keras_contract(make)


def test_a_stack_runs_in_both_directions():
    x = proofs.random_input().astype("float32")
    stack = deep.StackedRNN([SimpleCell(5), SimpleCell(3)], return_sequences=True)
    assert keras.layers.Bidirectional(stack)(x).shape == (3, 8, 6)


@pytest.mark.parametrize(
    "arguments, message",
    [
        ((0,), "units must be a positive integer"),
        ((5, (1, 2)), "depths must be three positive integers"),
        ((5, (1, 0, 1)), "depths must be three positive integers"),
        ((5, (1, 2, 1), "skip"), "shortcut must be None"),
        ((5, (2, 1, 2), "weighted"), r"needs depths\[1\] > 1"),
        ((True,), "units must be a positive integer, got True"),
        ((5.0,), "units must be a positive integer, got 5.0"),
        ((5, 2), "depths must be three positive integers, got 2"),
        ((5, (1, True, 1)), "depths must be three positive integers"),
    ],
)
def test_bad_sizes_of_a_transition_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        deep.DeepTransitionCell(*arguments)


WRONG = {
    "none": (lambda: [], r"in a list, got \[\]"),
    "no list": (lambda: SimpleCell(5), "in a list, got <SimpleCell .*>"),
    "a number": (lambda: 5, "in a list, got 5"),
    "numbers": (lambda: [5], "got 5: write keras.layers.LSTMCell"),
    "a class": (lambda: [SimpleCell], "got <class .*SimpleCell'>: write keras.layers"),
    "another layer": (
        lambda: [keras.layers.Dense(5)],
        "got <Dense .*>: write keras",
    ),
    "a name": (lambda: ["SimpleCell"], "got 'SimpleCell': write keras.layers.LSTMCell"),
    "a layer": (
        lambda: [SimpleCell(5), keras.layers.LSTM(3)],
        "got <LSTM .*>: write LSTMCell",
    ),
    "a stack": (
        lambda: [deep.StackedRNN([SimpleCell(5)])],
        "got <StackedRNN .*>: write StackedCell",
    ),
}


@pytest.mark.parametrize("make, message", WRONG.values(), ids=WRONG)
def test_a_stack_needs_cells(make, message):
    with pytest.raises(ValueError, match=f"cells must be recurrent cells,? {message}"):
        deep.StackedRNN(make())


def test_sizes_may_be_numpy_integers():
    cell = deep.DeepTransitionCell(np.int64(5), np.array([1, 2, 1]), "weighted")
    assert type(cell.units) is int and cell.depths == [1, 2, 1]
    assert [type(n) for n in cell.depths] == [int] * 3


def mixed_cells():
    return [
        SimpleCell(5),
        deep.DeepTransitionCell(4, (2, 2, 2), "weighted"),
        deep.StackedCell([keras.layers.LSTMCell(3), keras.layers.GRUCell(2)]),
    ]


# JAX has no orthogonal matrices in float16.
POLICIES = ["mixed_float16", *(["float16", "float64"] if proofs.ON_TENSORFLOW else [])]


@pytest.mark.parametrize("policy", POLICIES)
def test_the_cells_of_a_stack_compute_in_its_dtype(policy):
    x = keras.Input((None, 4))
    layer = deep.StackedRNN(mixed_cells(), return_sequences=True, dtype=policy)
    model = keras.Model(x, layer(x))
    wanted = keras.DTypePolicy(policy)
    assert model.output.dtype == wanted.compute_dtype
    assert {w.dtype for w in layer.weights} == {wanted.variable_dtype}
    out = model(proofs.random_input())
    assert keras.backend.standardize_dtype(out.dtype) == wanted.compute_dtype
    again = deep.StackedRNN.from_config(layer.get_config())
    assert again.dtype_policy.name == again.cell.cells[1].dtype_policy.name == policy


def test_cells_of_the_right_dtype_are_taken_as_they_are():
    own = cells()
    assert deep.StackedRNN(own, dtype=proofs.DTYPE).cell.cells == own


def test_a_cell_with_weights_in_another_dtype_is_named():
    cell = SimpleCell(5, recurrent_initializer="zeros", dtype="float16")
    cell.build((None, 4))
    message = "cells must compute in float32, as the stack does, got <SimpleCell .*16"
    with pytest.raises(ValueError, match=message):
        deep.StackedRNN([cell])


def test_from_config_leaves_its_argument_as_it_was():
    stack = deep.StackedRNN([SimpleCell(5), keras.layers.LSTMCell(3)], True)
    transition = deep.DeepTransitionCell(5, (2, 2, 2), "identity")
    for layer in (stack, stack.cell, transition):
        config = layer.get_config()
        before = copy.deepcopy(config)
        for _ in range(2):
            type(layer).from_config(config)
        assert config == before


@pytest.mark.parametrize("return_state", [False, True])
@pytest.mark.parametrize("return_sequences", [False, True])
def test_the_shape_that_is_announced_is_the_shape_that_comes(
    return_sequences, return_state
):
    options = {"return_sequences": return_sequences, "return_state": return_state}
    x = proofs.random_input().astype("float32")
    for skips in (False, True):
        cells = [keras.layers.LSTMCell(5), keras.layers.GRUCell(3)]
        layer = deep.StackedRNN(cells, skips, skips, **options)
        said = keras.tree.flatten(layer.compute_output_spec(keras.KerasTensor(x.shape)))
        came = keras.tree.flatten(layer(x))
        assert [tuple(s.shape) for s in said] == [tuple(c.shape) for c in came]
        shapes = layer.compute_output_shape(x.shape)
        shapes = shapes if return_state else [shapes]
        assert [tuple(s) for s in shapes] == [tuple(c.shape) for c in came]


def test_a_stack_reads_many_sequences_a_sample():
    stack = deep.StackedRNN([SimpleCell(5), SimpleCell(3)])
    each = keras.layers.TimeDistributed(stack)
    assert each(np.ones((2, 6, 8, 4), "float32")).shape == (2, 6, 3)
    model = keras.Sequential([stack])
    assert model.compute_output_shape((None, 8, 4)) == (None, 3)


@pytest.mark.parametrize("shape", [(3, 4), (3, 2, 8, 4)])
def test_an_input_of_another_rank_is_named(shape):
    with pytest.raises(ValueError, match="expected ndim=3"):
        deep.StackedRNN([SimpleCell(5)])(np.ones(shape, "float32"))
