"""What a layer that `keras.layers.RNN` runs must do, whatever its cell.

Where a check takes `make`, that is a function of options of `keras.layers.RNN`, and
makes a fresh layer of 5 units that returns sequences.
"""

import keras
import numpy as np
import pytest
from keras import ops

from utils import gradients, proofs

# On JAX Keras repeats the first state at masked steps, and not the output. So a mask
# is only right there where masked outputs are zeros.
ZEROS = {"zero_output_for_mask": True}


def weights_of(layer):
    """The weights in float64, in Keras's order."""
    return [np.asarray(w, "float64") for w in layer.get_weights()]


def check_equal_to_loop(layer, loop):
    """Outputs and last states are those of a loop in NumPy, with and without a mask.

    Args:
        layer: returns sequences and states.
        loop: (x, weights, states, mask) → outputs, then each last state.
    """
    x, states = proofs.random_input(), proofs.random_states(layer)
    layer(x, initial_state=states)
    proofs.random_weights(layer)
    for mask in (None, proofs.mask_with_holes()):
        ours = layer(x, initial_state=states, mask=mask)
        ours = [ops.convert_to_numpy(o) for o in ours]
        theirs = loop(x, weights_of(layer), states, mask)
        # what stands before the first real step differs between Keras's backends
        begun = slice(None) if mask is None else np.maximum.accumulate(mask, axis=1)
        proofs.assert_same(ours[0][begun], theirs[0][begun])
        if mask is None or keras.backend.backend() != "jax":
            proofs.assert_same(ours[1:], theirs[1:])


def check_a_frozen_output_is_noticed(layer, loop):
    """A mask that holds the output, while the states run on, differs from the loop."""
    x, mask = proofs.random_input(), proofs.mask_with_holes()
    layer(x)
    proofs.random_weights(layer)
    frozen = ops.convert_to_numpy(layer(x)).copy()
    for t in range(1, x.shape[1]):
        frozen[:, t] = np.where(mask[:, t, None], frozen[:, t], frozen[:, t - 1])
    zeros = [0 * state for state in proofs.random_states(layer)]
    right = loop(x, weights_of(layer), zeros, mask)[0]
    begun = np.maximum.accumulate(mask, axis=1)
    with pytest.raises(AssertionError):
        proofs.assert_same(frozen[begun], right[begun])


def check_equal_gradients(ours, theirs):
    """∂L/∂x of two layers with the same weights, for a random linear L."""
    x = proofs.random_input()
    v = np.random.default_rng(3).normal(size=(3, 8, 5)).astype(proofs.DTYPE)
    ours(x), theirs(x)
    proofs.random_weights(ours)
    theirs.set_weights(ours.get_weights())
    one, other = (
        gradients.gradient(lambda x, f=f: ops.sum(ops.convert_to_tensor(v) * f(x)), x)
        for f in (ours, theirs)
    )
    assert np.abs(one).max() > 0.1
    proofs.assert_same(one, other, 10 * proofs.TOLERANCE)


def check_bidirectional_runs_it_both_ways(make):
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


def check_stateful_goes_on_where_it_stopped(make):
    x = proofs.random_input()
    whole, stateful = make(), make(stateful=True)
    whole(x), stateful(x)
    proofs.random_weights(whole)
    stateful.set_weights(whole.get_weights())
    stateful.reset_state()
    halves = [stateful(x[:, :3]), stateful(x[:, 3:])]
    proofs.assert_same(ops.concatenate(halves, axis=1), whole(x))


def check_padding_changes_nothing(make):
    x, mask = proofs.random_input(), np.ones((3, 8), bool)
    mask[:, 5:] = False
    layer = make(return_sequences=False)
    assert layer.supports_masking
    layer(x)
    proofs.random_weights(layer)
    for filling in (0, 7, 1e30):
        x[:, 5:] = filling
        proofs.assert_same(layer(x, mask=mask), layer(x[:, :5]))


def check_a_wholly_masked_row_gives_zeros(make):
    x, mask = proofs.random_input(), np.ones((3, 8), bool)
    mask[1] = False
    out = ops.convert_to_numpy(make(**ZEROS)(x, mask=mask))
    assert not out[1].any() and np.abs(out[[0, 2]]).min() > 0


every_check_of_an_rnn = pytest.mark.parametrize(
    "check",
    [
        check_bidirectional_runs_it_both_ways,
        check_stateful_goes_on_where_it_stopped,
        check_padding_changes_nothing,
        check_a_wholly_masked_row_gives_zeros,
    ],
    ids=lambda check: check.__name__.removeprefix("check_"),
)
