"""The RNNs over images (chapter 4.1), and these tests would notice a mistake."""

import copy
import json
import re

import keras
import numpy as np
import pytest
import references

from utils import gradients, proofs
from utils.layers import four_directions
from utils.layers.bidirectional import BidirectionalRNN
from utils.layers.four_directions import (
    FourDirectionRNN,
    MultiDimensionalRNN,
    ReNet,
    skew,
    unskew,
)
from utils.layers.recurrent import SimpleCell


def an_image(batch=2, rows=4, columns=6, d=3):
    rng = np.random.default_rng(0)
    return rng.normal(size=(batch, rows, columns, d)).astype(proofs.DTYPE)


def cell():
    return SimpleCell(5, dtype=proofs.DTYPE)


def weights_of(layer, x):
    """Random weights, float64, in threes: kernel, recurrent kernel, bias."""
    layer(x)
    proofs.random_weights(layer)
    flat = [np.asarray(w, "float64") for w in layer.get_weights()]
    return [flat[i : i + 3] for i in range(0, len(flat), 3)]


def check_four(module):
    x = an_image()
    layer = module.FourDirectionRNN(cell(), dtype=proofs.DTYPE)
    theirs = references.four_directions(x, *weights_of(layer, x))
    proofs.assert_same(layer(x), theirs.astype(proofs.DTYPE))


def check_renet(module):
    x = an_image()
    for patch in ((1, 1), (2, 3)):
        layer = module.ReNet(cell(), patch=patch, dtype=proofs.DTYPE)
        theirs = references.renet(x, *weights_of(layer, x), patch)
        proofs.assert_same(layer(x), theirs.astype(proofs.DTYPE))


def check_multi_dimensional(module):
    x = an_image()
    layer = module.MultiDimensionalRNN(5, dtype=proofs.DTYPE)
    ((U, b, W),) = weights_of(layer, x)
    theirs = references.multi_dimensional(x, U, b, W[:, :5], W[:, 5:])
    proofs.assert_same(layer(x), theirs.astype(proofs.DTYPE))


CHECKS = {"four": check_four, "renet": check_renet, "md": check_multi_dimensional}


@pytest.mark.parametrize("check", CHECKS.values(), ids=CHECKS)
def test_equal_to_the_equations_in_numpy(check):
    check(four_directions)


BROKEN = {
    "rows swept twice": (
        check_four,
        "along_columns(self.down_and_up",
        "along_rows(self.down_and_up",
    ),
    "h and v swapped": (
        check_four,
        "ops.concatenate([across, down]",
        "ops.concatenate([down, across]",
    ),
    "columns not turned back": (
        check_four,
        "return ops.transpose(y, (0, 2, 1, 3))",
        "return ops.reshape(y, (-1, y.shape[2], y.shape[1], y.shape[3]))",
    ),
    "horizontal first": (
        check_renet,
        "V = along_columns(self.vertical, x)\n        return along_rows",
        "V = along_rows(self.vertical, x)\n        return along_columns",
    ),
    "patches cut crosswise": (check_renet, "(0, 1, 3, 2, 4, 5)", "(0, 1, 3, 4, 2, 5)"),
    "W₁ and W₂ swapped": (
        check_multi_dimensional,
        "ops.concatenate([above, h], axis=-1)",
        "ops.concatenate([h, above], axis=-1)",
    ),
    "the row below": (
        check_multi_dimensional,
        "[[0, 0], [1, 0], [0, 0], [0, 0]])[:, :-1]",
        "[[0, 0], [0, 1], [0, 0], [0, 0]])[:, 1:]",
    ),
    "transposed W₁ and W₂": (
        check_multi_dimensional,
        'into = ops.einsum("bicm,cmn->bicn", before, self.W)',
        "W = ops.reshape(self.W, (4, 2, self.units, self.units))\n"
        "        W = ops.reshape(ops.transpose(W, (0, 1, 3, 2)), self.W.shape)\n"
        '        into = ops.einsum("bicm,cmn->bicn", before, W)',
    ),
    "two corners swapped": (
        check_multi_dimensional,
        "CORNERS = ((), (2,), (1,), (1, 2))",
        "CORNERS = ((), (1,), (2,), (1, 2))",
    ),
    "corners not mirrored back": (
        check_multi_dimensional,
        "turned = [mirrored(h, a)",
        "turned = [h",
    ),
    "bias outside of the image": (
        check_multi_dimensional,
        "h = ops.tanh(a + ops",
        "h = ops.tanh(0.1 + a + ops",
    ),
}


@pytest.mark.parametrize("check, old, new", BROKEN.values(), ids=BROKEN)
def test_the_comparison_notices(check, old, new):
    with pytest.raises(AssertionError):
        check(proofs.mutant(four_directions, old, new))


def test_renet_equals_two_bidirectional_layers_of_keras():
    x = an_image()
    ours = ReNet(keras.layers.LSTMCell(5, dtype=proofs.DTYPE), dtype=proofs.DTYPE)
    ours(x)
    proofs.random_weights(ours)
    lstms = [
        keras.layers.LSTM(5, return_sequences=True, dtype=proofs.DTYPE) for _ in "vh"
    ]
    vertical, horizontal = (
        keras.layers.Bidirectional(rnn, dtype=proofs.DTYPE) for rnn in lstms
    )
    columns = x.transpose(0, 2, 1, 3).reshape(12, 4, 3)
    vertical(columns)
    vertical.set_weights(ours.get_weights()[:6])
    V = keras.ops.convert_to_numpy(vertical(columns)).reshape(2, 6, 4, 10)
    rows = V.transpose(0, 2, 1, 3).reshape(8, 6, 10)
    horizontal(rows)
    horizontal.set_weights(ours.get_weights()[6:])
    proofs.assert_same(ours(x), keras.ops.reshape(horizontal(rows), (2, 4, 6, 10)))


def test_on_one_row_all_sweeps_are_the_bidirectional_rnn():
    x = an_image(rows=1)
    plain = BidirectionalRNN(cell(), dtype=proofs.DTYPE)
    plain(x[:, 0])
    proofs.random_weights(plain)
    theirs = keras.ops.convert_to_numpy(plain(x[:, 0]))[:, None]
    (U1, W1, b1), (U2, W2, b2) = np.split(np.array(plain.get_weights(), object), 2)

    four = FourDirectionRNN(cell(), dtype=proofs.DTYPE)
    four(x)
    four.set_weights([*plain.get_weights(), *plain.get_weights()])
    proofs.assert_same(four(x)[..., :10], theirs)

    md = MultiDimensionalRNN(5, dtype=proofs.DTYPE)
    md(x)
    vertical = np.random.default_rng(5).normal(size=(4, 5, 5))  # never used on one row
    W = np.concatenate([vertical, np.stack([W1, W2, W1, W2]).astype(float)], axis=1)
    U = np.stack([U1, U2, U1, U2]).astype(float)
    md.set_weights([U, np.stack([b1, b2, b1, b2]).astype(float), W])
    proofs.assert_same(md(x)[..., :10], theirs)
    proofs.assert_same(md(x)[..., 10:], theirs)


def test_without_w1_each_row_is_an_rnn_of_its_own():
    x = an_image()
    md = MultiDimensionalRNN(5, dtype=proofs.DTYPE)
    ((U, b, W),) = weights_of(md, x)
    W[:, :5] = 0
    md.set_weights([U, b, W])
    row = references.simple_rnn(x[:, 2], U[0], W[0, 5:], b[0])
    proofs.assert_same(md(x)[:, 2, :, :5], row.astype(proofs.DTYPE))


def test_gradients_agree_with_finite_differences():
    x, d = (
        an_image(batch=1, rows=3, columns=4),
        1e-6 if proofs.DTYPE == "float64" else 1e-2,
    )
    v = np.random.default_rng(3).normal(size=(1, 3, 4, 20)).astype(proofs.DTYPE)
    layer = MultiDimensionalRNN(5, dtype=proofs.DTYPE)
    weights_of(layer, x)

    def f(x):
        return keras.ops.sum(keras.ops.convert_to_tensor(v) * layer(x))

    found = gradients.gradient(f, x)
    way = np.random.default_rng(4).normal(size=x.shape).astype(proofs.DTYPE)
    along = (float(f(x + d * way)) - float(f(x - d * way))) / (2 * d)
    np.testing.assert_allclose(
        (found * way).sum(), along, rtol=1e-6 if d < 1e-3 else 1e-2
    )


@pytest.mark.parametrize(
    "make, pixels",
    [
        (lambda: FourDirectionRNN(cell(), dtype=proofs.DTYPE), 13),
        (lambda: ReNet(cell(), dtype=proofs.DTYPE), 49),
        (lambda: MultiDimensionalRNN(5, dtype=proofs.DTYPE), 49),
    ],
)
def test_the_receptive_field_of_the_middle(make, pixels):
    x, layer = an_image(1, 7, 7)[0], make()
    weights_of(layer, x[None])
    field = gradients.jacobian(lambda x: layer(x[None])[0, 3, 3], x)
    assert (np.abs(field).sum(axis=(0, 3)) > 0).sum() == pixels


def test_unskew_undoes_skew():
    x = an_image()
    skewed = keras.ops.convert_to_numpy(skew(x))
    assert skewed.shape == (2, 4, 9, 3)
    assert (skewed[:, 2, 2:8] == x[:, 2]).all() and not skewed[:, 2, 8:].any()
    proofs.assert_same(unskew(skewed), x)


@pytest.mark.parametrize(
    "make",
    [
        lambda: FourDirectionRNN(SimpleCell(5)),
        lambda: ReNet(SimpleCell(5), patch=(2, 3)),
        lambda: MultiDimensionalRNN(5),
    ],
)
def test_keras_contract(make, keras_contract):
    keras_contract(make, an_image())


# JAX has no orthogonal matrices in float16.
GLOROT = {"recurrent_initializer": "glorot_uniform"}
MAKERS = {
    "FourDirectionRNN": lambda **own: FourDirectionRNN(SimpleCell(5, **GLOROT), **own),
    "ReNet": lambda **own: ReNet(SimpleCell(5, **GLOROT), patch=(2, 3), **own),
    "MultiDimensionalRNN": lambda **own: MultiDimensionalRNN(5, **own),
}
each_layer = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS)


@each_layer
def test_the_output_shape_is_known_before_the_layer_is_built(make):
    x = an_image().astype("float32")
    shape = tuple(make()(x).shape)
    assert tuple(make().compute_output_shape(x.shape)) == shape
    assert make().compute_output_shape((None, *x.shape[1:])) == (None, *shape[1:])
    before = keras.Sequential([keras.layers.Dense(3), make()])
    assert tuple(before.compute_output_shape(x.shape)) == shape


@each_layer
def test_it_runs_over_a_film_in_time_distributed(make):
    film = np.stack([an_image(), 2 * an_image()], axis=1).astype("float32")
    layer = make()
    theirs = [layer(film[:, t]) for t in range(2)]
    every = keras.layers.TimeDistributed(layer)
    proofs.assert_same(every(film), keras.ops.stack(theirs, axis=1), 2e-6)
    assert tuple(every.compute_output_shape(film.shape)) == tuple(every(film).shape)


@each_layer
@pytest.mark.parametrize("dtype", ["float16", "mixed_float16"])
def test_the_dtype_is_that_of_all_its_parts(make, dtype):
    layer = make(dtype=dtype)
    out = layer(an_image())
    policy = keras.dtype_policies.get(dtype)
    assert keras.backend.standardize_dtype(out.dtype) == policy.compute_dtype
    for weight in layer.weights:
        assert keras.backend.standardize_dtype(weight.dtype) == policy.variable_dtype
    copy = type(layer).from_config(layer.get_config())
    assert copy(an_image()).dtype == out.dtype and copy.dtype_policy == policy


def test_without_a_dtype_that_of_the_cell_counts():
    cell = SimpleCell(5, **GLOROT, dtype="float16")
    for layer in FourDirectionRNN(cell), ReNet(cell):
        assert keras.backend.standardize_dtype(layer(an_image()).dtype) == "float16"


@each_layer
def test_from_config_leaves_its_argument_as_it_was(make):
    layer = make()
    config = layer.get_config()
    before = copy.deepcopy(config)
    one, other = (type(layer).from_config(config) for _ in range(2))
    assert config == before and one.get_config() == other.get_config() == before


def test_whole_numbers_of_numpy_are_as_good():
    five, two, three = np.int64(5), np.int32(2), np.uint8(3)
    for layer in (
        MultiDimensionalRNN(five),
        ReNet(SimpleCell(5), patch=(two, three)),
        ReNet(SimpleCell(5), patch=np.array([2, 3]).tolist()),
    ):
        json.dumps(keras.saving.serialize_keras_object(layer))
        again = type(layer).from_config(layer.get_config())
        assert again(an_image()).shape == layer(an_image()).shape


IMAGES = [(2, 8, 3), (2, 3, 4, 6, 3), (2, 0, 6, 3), (2, 4, 0, 3), (2, 4, 6, 0), (2,)]


@each_layer
@pytest.mark.parametrize("shape", IMAGES, ids=str)
def test_what_is_no_image_is_one_clear_error(make, shape):
    wanted = r"x must be \(batch, rows, columns, features\).* got "
    with pytest.raises(ValueError, match=wanted + re.escape(str(shape))):
        make()(np.zeros(shape, "float32"))
    with pytest.raises(ValueError, match=wanted + re.escape(str(shape))):
        make().compute_output_shape(shape)


def test_an_image_of_open_size_is_one_clear_error():
    for make in MAKERS.values():
        with pytest.raises(ValueError, match="x must be .* with fixed rows"):
            make()(keras.Input((None, 6, 3)))


def test_a_multi_dimensional_rnn_says_that_it_was_built_for_one_size():
    layer = MultiDimensionalRNN(5)
    layer(an_image())
    with pytest.raises(ValueError, match="expected shape"):
        layer(an_image(rows=5))


@pytest.mark.parametrize(
    "patch", [2, (2,), (0, 1), (1, -1), (1, 2, 3), (1.0, 2), (True, 1), "22", None]
)
def test_a_wrong_patch_is_one_clear_error(patch):
    with pytest.raises(ValueError) as error:
        ReNet(SimpleCell(5), patch=patch)
    assert str(error.value) == (
        f"patch must be two positive integers, (rows, columns), got {patch!r}."
    )


def test_a_patch_that_does_not_divide_is_one_clear_error():
    with pytest.raises(ValueError, match=r"patch \(3, 2\) does not divide .* 4 × 6"):
        ReNet(SimpleCell(5), patch=(3, 2))(an_image())


@pytest.mark.parametrize("units", [0, -1, True, 2.0, "5", None, SimpleCell, np.True_])
def test_wrong_units_are_one_clear_error(units):
    with pytest.raises(ValueError, match="units must be a positive integer, got "):
        MultiDimensionalRNN(units)


@pytest.mark.parametrize("layer", [FourDirectionRNN, ReNet])
@pytest.mark.parametrize("wrong", [5, SimpleCell, keras.layers.StackedRNNCells, "GRU"])
def test_what_is_no_cell_is_named_and_what_to_write_instead(layer, wrong):
    right = "keras.layers.LSTMCell"
    if wrong == "GRU":
        wrong, right = keras.layers.GRU(5), "GRUCell"
    with pytest.raises(ValueError) as error:
        layer(wrong)
    assert str(error.value) == (
        f"cell must be a recurrent cell, got {wrong!r}: write {right}(…) instead."
    )


def test_a_stack_of_cells_is_a_cell_too():
    cells = [SimpleCell(5, **GLOROT), keras.layers.LSTMCell(4, **GLOROT)]
    cell = keras.layers.StackedRNNCells(cells)
    for make, n in ((FourDirectionRNN, 16), (ReNet, 8)):
        layer = make(cell, dtype="float16")
        assert layer.compute_output_shape((2, 4, 6, 3))[-1] == n
        out = layer(an_image())
        assert out.shape[-1] == n
        assert keras.backend.standardize_dtype(out.dtype) == "float16"
