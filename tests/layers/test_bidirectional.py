"""`BidirectionalRNN` (chapter 4.1), and its tests would notice a mistake."""

import copy

import keras
import numpy as np
import pytest
from references import bidirectional as reference

from utils import gradients, proofs
from utils.layers import bidirectional
from utils.layers.bidirectional import BidirectionalRNN
from utils.layers.recurrent import SimpleCell

BROKEN = {
    "g not turned around": ("g = ops.flip(g, axis=1)", "g = g"),
    "g turned in the features": ("ops.flip(g, axis=1)", "ops.flip(g, axis=2)"),
    "both to the future": ("go_backwards=True, ", ""),
    "shared weights": (
        "self.to_past = keras.layers.RNN(other,",
        "self.to_past = keras.layers.RNN(one,",
    ),
    "h and g swapped": ("ops.concatenate([h, g]", "ops.concatenate([g, h]"),
    "no mask to the past": (
        "self.to_past(x, mask=mask,",
        "self.to_past(x,",
    ),
    "filling repeats the state": ('"zero_output_for_mask": True', '"unroll": False'),
    "starts swapped": (
        "(states[:count], states[count:])",
        "(states[count:], states[:count])",
    ),
    "one start for both": (
        "(states[:count], states[count:])",
        "(states[:count], states[:count])",
    ),
}


def random_states(count=2):
    rng = np.random.default_rng(2)
    return [rng.normal(size=(3, 5)).astype(proofs.DTYPE) for _ in range(count)]


def check_equal_to_numpy(module):
    x, starts = proofs.random_input(), random_states()
    layer = module.BidirectionalRNN(SimpleCell(5, dtype=proofs.DTYPE))
    layer(x, initial_state=starts)
    proofs.random_weights(layer)
    weights = [np.asarray(w, "float64") for w in layer.get_weights()]
    assert len(weights) == 6
    for mask in (None, proofs.mask_with_holes()):
        h, g = reference(x, weights[:3], weights[3:], starts, mask)
        o = np.concatenate([h, g], axis=-1)
        ours = layer(x, mask=mask, initial_state=starts)
        proofs.assert_same(ours, o.astype(proofs.DTYPE))


def test_equal_to_the_equations_in_numpy():
    check_equal_to_numpy(bidirectional)


@pytest.mark.parametrize("change", BROKEN.values(), ids=BROKEN)
def test_the_comparison_notices(change):
    with pytest.raises(AssertionError):
        check_equal_to_numpy(proofs.mutant(bidirectional, *change))


CELLS = {
    "SimpleRNN": (lambda: SimpleCell(5, dtype=proofs.DTYPE), keras.layers.SimpleRNN, 2),
    "LSTM": (
        lambda: keras.layers.LSTMCell(5, dtype=proofs.DTYPE),
        keras.layers.LSTM,
        4,
    ),
}


@pytest.mark.parametrize("cell, built_in, states", CELLS.values(), ids=CELLS)
def test_equal_to_keras_with_states_and_masks(cell, built_in, states):
    x, starts = proofs.random_input(), random_states(states)
    ours = BidirectionalRNN(cell(), return_state=True, dtype=proofs.DTYPE)
    theirs = keras.layers.Bidirectional(
        built_in(5, return_sequences=True, return_state=True, dtype=proofs.DTYPE),
        dtype=proofs.DTYPE,
    )
    for layer in (ours, theirs):
        layer(x, initial_state=starts)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    for mask in (None, proofs.mask_with_holes()):
        one = ours(x, mask=mask, initial_state=starts)
        proofs.assert_same(one, theirs(x, mask=mask, initial_state=starts))


def test_gradients_equal_those_of_keras():
    x = proofs.random_input()
    v = np.random.default_rng(3).normal(size=(3, 8, 10)).astype(proofs.DTYPE)
    ours = BidirectionalRNN(SimpleCell(5, dtype=proofs.DTYPE), dtype=proofs.DTYPE)
    rnn = keras.layers.SimpleRNN(5, return_sequences=True, dtype=proofs.DTYPE)
    theirs = keras.layers.Bidirectional(rnn, dtype=proofs.DTYPE)
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


def a_layer_and_its_weights():
    x = proofs.random_input()
    layer = BidirectionalRNN(SimpleCell(5, dtype=proofs.DTYPE), dtype=proofs.DTYPE)
    layer(x)
    proofs.random_weights(layer)
    return x, layer, layer.get_weights()


def test_equal_to_the_operator_of_onnx():
    helper = pytest.importorskip("onnx").helper
    from onnx.reference import ReferenceEvaluator

    x, layer, weights = a_layer_and_its_weights()
    (U1, W1, b1), (U2, W2, b2) = weights[:3], weights[3:]
    node = helper.make_node(
        "RNN", list("XWRB"), ["Y"], hidden_size=5, direction="bidirectional"
    )
    feed = {
        "X": x.transpose(1, 0, 2),
        "W": np.stack([U1.T, U2.T]),
        "R": np.stack([W1.T, W2.T]),
        "B": np.stack([np.concatenate([b, 0 * b]) for b in (b1, b2)]),
    }
    (y,) = ReferenceEvaluator(node).run(None, feed)  # (time, direction, batch, units)
    proofs.assert_same(
        layer(x), np.concatenate([y[:, 0], y[:, 1]], -1).transpose(1, 0, 2)
    )


def test_equal_to_the_layer_of_pytorch():
    torch = pytest.importorskip("torch")
    x, layer, weights = a_layer_and_its_weights()
    theirs = torch.nn.RNN(4, 5, batch_first=True, bidirectional=True)
    theirs = theirs.to(getattr(torch, proofs.DTYPE))
    for end, (U, W, b) in {"": weights[:3], "_reverse": weights[3:]}.items():
        values = {"weight_ih": U.T, "weight_hh": W.T, "bias_ih": b, "bias_hh": 0 * b}
        for name, value in values.items():
            getattr(theirs, f"{name}_l0{end}").data = torch.tensor(value)
    y, _ = theirs(torch.tensor(x))
    proofs.assert_same(layer(x), y.detach().numpy())


@pytest.mark.parametrize("filling", [0, 7, 1e30])
def test_padding_changes_nothing(filling):
    x, layer, _ = a_layer_and_its_weights()
    padded = np.concatenate([x, np.full((3, 4, 4), filling, proofs.DTYPE)], axis=1)
    mask = np.repeat([[True] * 8 + [False] * 4], 3, axis=0)
    o = keras.ops.convert_to_numpy(layer(padded, mask=mask))
    proofs.assert_same(o[:, :8], layer(x))
    assert not o[:, 8:].any()


def test_a_wholly_masked_row_gives_zeros():
    x, layer, _ = a_layer_and_its_weights()
    mask = np.array([[True] * 8, [False] * 8, [True] * 8])
    o = keras.ops.convert_to_numpy(layer(x, mask=mask))
    assert not o[1].any() and np.isfinite(o).all() and o[0].any()


def test_the_mask_goes_on():
    layer = BidirectionalRNN(SimpleCell(5))
    mask = np.ones((2, 3), bool)
    assert layer.compute_mask(None, mask) is mask
    layer.return_state = True
    assert layer.compute_mask(None, mask) == [mask, None, None]


def test_keras_contract(keras_contract):
    keras_contract(lambda: BidirectionalRNN(SimpleCell(5)))


RETURNS = pytest.mark.parametrize("return_state", [False, True])
SHAPED = {"plain": SimpleCell, "LSTM": keras.layers.LSTMCell}


@RETURNS
@pytest.mark.parametrize("cell", SHAPED.values(), ids=SHAPED)
def test_it_says_the_shapes_that_it_returns(cell, return_state):
    layer = BidirectionalRNN(cell(5), return_state=return_state)
    said = layer.compute_output_shape((3, 8, 4))
    found = layer(np.zeros((3, 8, 4), "float32"))
    symbolic = layer(keras.Input((None, 4)))
    if not return_state:
        said, found, symbolic = [said], [found], [symbolic]
    assert [tuple(shape) for shape in said] == [tuple(o.shape) for o in found]
    assert [len(o.shape) for o in symbolic] == [len(shape) for shape in said]
    assert symbolic[0].shape == (None, None, 10)
    assert all(o.shape == (None, 5) for o in symbolic[1:])


def test_it_can_stand_in_time_distributed_and_say_a_models_shape():
    layer = BidirectionalRNN(SimpleCell(5))
    each = keras.layers.TimeDistributed(layer)(keras.Input((6, 8, 4)))
    assert each.shape == (None, 6, 8, 10)
    model = keras.Sequential([BidirectionalRNN(SimpleCell(5)), keras.layers.Dense(2)])
    assert model.compute_output_shape((3, 8, 4)) == (3, 8, 2)


STACK = [SimpleCell, keras.layers.LSTMCell]
# JAX has no orthogonal matrices in float16.
GLOROT = {"recurrent_initializer": "glorot_uniform"}
OF_DTYPE = {
    "a cell": lambda: SimpleCell(5, **GLOROT),
    "a stack": lambda: keras.layers.StackedRNNCells([c(5, **GLOROT) for c in STACK]),
}


@pytest.mark.parametrize("make", OF_DTYPE.values(), ids=OF_DTYPE)
@pytest.mark.parametrize("dtype", ["float64", "float16", "mixed_float16"])
def test_the_dtype_is_that_of_both_cells(make, dtype):
    if dtype == "float64" and not proofs.ON_TENSORFLOW:
        pytest.skip("Keras computes in float64 on TensorFlow only")
    layer = BidirectionalRNN(make(), dtype=dtype)
    o = layer(np.ones((2, 3, 4), "float32"))
    policy = keras.dtype_policies.get(dtype)
    assert keras.backend.standardize_dtype(o.dtype) == policy.compute_dtype
    assert {w.dtype for w in layer.weights} == {policy.variable_dtype}
    again = BidirectionalRNN.from_config(layer.get_config())
    again(np.ones((2, 3, 4), "float32"))
    assert [w.dtype for w in again.weights] == [w.dtype for w in layer.weights]


def test_without_a_dtype_that_of_the_cell_is_taken():
    layer = BidirectionalRNN(SimpleCell(5, **GLOROT, dtype="float16"))
    layer.build((None, None, 4))
    assert layer.compute_dtype == "float16"
    assert {w.dtype for w in layer.weights} == {"float16"}


def test_the_given_cell_is_left_alone():
    cell = SimpleCell(5, **GLOROT)
    BidirectionalRNN(cell, dtype="float16")(np.zeros((2, 3, 4), "float32"))
    assert not cell.built and cell.dtype_policy.name == "float32"


@RETURNS
def test_a_config_is_whole_and_from_config_leaves_it_as_it_was(return_state):
    cell = SimpleCell(5, recurrent_initializer="zeros")
    config = BidirectionalRNN(cell, return_state, name="b").get_config()
    assert {"cell", "return_state", "name", "dtype"} <= set(config)
    before = copy.deepcopy(config)
    again = BidirectionalRNN.from_config(config)
    assert config == before and again.get_config() == before


def test_the_two_directions_start_with_weights_of_their_own():
    keras.utils.set_random_seed(0)
    layer = BidirectionalRNN(SimpleCell(5))
    layer.build((None, None, 4))
    (U1, W1, b1), (U2, W2, b2) = np.split(np.array(layer.get_weights(), object), 2)
    assert not np.array_equal(U1, U2) and not np.array_equal(W1, W2)
    assert not b1.any() and not b2.any()
    assert layer.supports_masking and not layer.return_state


WRONG = {
    "a number": (lambda: 5, r"got 5: write keras\.layers\.LSTMCell\(…\)"),
    "a class": (lambda: SimpleCell, "got .*SimpleCell'>: write keras.layers.LSTM"),
    "a class with sizes": (
        lambda: keras.layers.StackedRNNCells,
        "got <class .*: write",
    ),
    "a layer of Keras": (lambda: keras.layers.GRU(5), "got <GRU .*>: write GRUCell"),
    "an RNN": (
        lambda: keras.layers.RNN(SimpleCell(5)),
        "got <RNN .*: write SimpleCell",
    ),
    "itself": (
        lambda: BidirectionalRNN(SimpleCell(5)),
        "got <BidirectionalRNN .*: write",
    ),
}


@pytest.mark.parametrize("make, message", WRONG.values(), ids=WRONG)
def test_what_is_no_cell_is_named_and_what_to_write_instead(make, message):
    with pytest.raises(ValueError, match=f"cell must be a recurrent cell, {message}"):
        BidirectionalRNN(make())


def test_an_input_of_a_wrong_rank_is_named():
    with pytest.raises(ValueError, match=r"x must be \(batch, time, features\)"):
        BidirectionalRNN(SimpleCell(5))(np.zeros((2, 3), "float32"))


STATES = {
    "one tensor": (
        lambda h: h,
        r"list of 2 tensors .*, 1 of h .* 1 of g, got \(2, 5\)",
    ),
    "one of two": (lambda h: [h], "list of 2 tensors .* got 1 of them"),
    "a number": (lambda h: 0.5, "list of 2 tensors .* got 0.5"),
}


@pytest.mark.parametrize("states, message", STATES.values(), ids=STATES)
def test_states_that_are_no_list_of_both_directions_are_named(states, message):
    layer = BidirectionalRNN(SimpleCell(5))
    x, h = np.zeros((2, 3, 4), "float32"), np.zeros((2, 5), "float32")
    with pytest.raises(ValueError, match=f"initial_state must be a {message}"):
        layer(x, initial_state=states(h))


def test_a_state_of_the_wrong_size_is_refused():
    layer = BidirectionalRNN(SimpleCell(5))
    x, h = np.zeros((2, 3, 4), "float32"), np.zeros((2, 6), "float32")
    with pytest.raises(Exception, match="6"):
        layer(x, initial_state=[h, h])
