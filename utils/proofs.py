"""Proofs: a layer equals a reference, and a broken layer does not.

The comparison is sharp by its inputs: random weights that all differ, n ≠ d, a random
start of every state, a mask with holes, and double precision where Keras has it.
"""

import inspect
import types

import keras
import numpy as np
from keras import ops

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
# Keras computes in float64 on TensorFlow only.
DTYPE = "float64" if ON_TENSORFLOW else "float32"
TOLERANCE = 1e-12 if ON_TENSORFLOW else 2e-6


def equal(layer, reference, name=None):
    """Prove that a recurrent layer equals a reference, and print so.

    Args:
        layer: a cell, or a recurrent layer that returns sequences; of `DTYPE`.
        reference: another layer, which is given the weights of the first; or a
            function `(x, *states, *weights) → (time, units)` of one sequence
            (time, features), in NumPy, with the weights in Keras's order and shape.
        name: what to call the reference; by default its own name.

    Raises:
        AssertionError: they differ by more than `TOLERANCE`.
    """
    gap = difference(layer, reference)
    name = name or getattr(reference, "__name__", type(reference).__name__)
    assert gap < TOLERANCE, f"{layer.name} differs from {name} by {gap:.2g}"
    print(f"equal to {name}: True")


def notices(broken, reference, name=None):
    """Prove that the comparison of `equal` would notice a broken layer.

    Raises:
        AssertionError: the broken layer is as good as equal.
    """
    gap = difference(broken, reference)
    name = name or type(broken).__name__
    assert gap > 1e-3, f"{name} differs by {gap:.2g} only: the comparison is weak"
    print(f"{name} is noticed: True")


def difference(layer, reference, batch=3, time=8, features=4):
    """The largest difference of their outputs on random input, states and weights."""
    layer = _running(layer)
    x = random_input(batch, time, features)
    states = random_states(layer, batch)
    layer(x, initial_state=states)  # makes the weights
    random_weights(layer)
    ours = ops.convert_to_numpy(layer(x, initial_state=states))
    if isinstance(reference, keras.layers.Layer):
        reference = _running(reference)
        reference(x, initial_state=states)
        reference.set_weights(layer.get_weights())
        theirs = ops.convert_to_numpy(reference(x, initial_state=states))
    else:
        weights = [w.astype("float64") for w in layer.get_weights()]
        rows = zip(x, *states, strict=True)
        theirs = np.stack([reference(*row, *weights) for row in rows])
    assert ours.shape == theirs.shape, f"{ours.shape} is not {theirs.shape}"
    return np.abs(ours - theirs).max()


def _running(layer):
    """A cell is run by `keras.layers.RNN`; a layer runs itself."""
    if hasattr(layer, "state_size") and not isinstance(layer, keras.layers.RNN):
        layer = keras.layers.RNN(layer, return_sequences=True, dtype=DTYPE)
    if getattr(layer, "return_sequences", True) is False:
        raise ValueError(f"{layer.name} must have return_sequences=True.")
    return layer


def random_weights(layer, seed=0, scale=0.5):
    """Give a built layer random weights, all entries different (biases too)."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, scale, w.shape) for w in layer.weights])
    return layer


def random_input(batch=3, time=8, features=4, seed=1):
    """(batch, time, features) of normal numbers in the dtype of the proofs."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(batch, time, features)).astype(DTYPE)


def random_states(layer, batch=3, seed=2):
    """One array (batch, units) for each state of a recurrent layer."""
    sizes = layer.state_size
    sizes = [sizes] if isinstance(sizes, int) else list(sizes)
    rng = np.random.default_rng(seed)
    return [rng.normal(size=(batch, n)).astype(DTYPE) for n in sizes]


def mask_with_holes(batch=3, time=8):
    """(batch, time) of bools: a full row, a padded row, a row with holes."""
    mask = np.ones((batch, time), bool)
    mask[1, 5:] = False
    mask[2, [0, 3, 4, 7]] = False
    return mask


def assert_same(ours, theirs, tolerance=None):
    """Both are arrays, or lists of arrays, and agree to the tolerance of the proofs."""
    if not isinstance(ours, (list, tuple)):
        ours, theirs = [ours], [theirs]
    assert len(ours) == len(theirs)
    for one, other in zip(ours, theirs, strict=True):
        one, other = ops.convert_to_numpy(one), ops.convert_to_numpy(other)
        assert one.shape == other.shape
        np.testing.assert_allclose(one, other, rtol=0, atol=tolerance or TOLERANCE)


def mutant(module, old, new):
    """The module with one piece of its source replaced: a test must notice."""
    source = inspect.getsource(module)
    assert source.count(old) == 1, f"{old!r} stands {source.count(old)} times"
    changed = types.ModuleType(f"{module.__name__}_mutant")
    register = keras.saving.register_keras_serializable
    # a mutant must not replace the real class in Keras's registry
    keras.saving.register_keras_serializable = lambda *_, **__: lambda cls: cls
    try:
        exec(compile(source.replace(old, new), changed.__name__, "exec"), vars(changed))
    finally:
        keras.saving.register_keras_serializable = register
    return changed
