"""What every layer must satisfy, and how to show that an equality test can fail."""

import inspect
import types

import keras
import numpy as np
from keras import ops

ON_TENSORFLOW = keras.backend.backend() == "tensorflow"
# Keras computes in float64 on TensorFlow only.
DTYPE = "float64" if ON_TENSORFLOW else "float32"
TOLERANCE = 1e-12 if ON_TENSORFLOW else 2e-6


def random_weights(layer, seed=0, scale=0.5):
    """Give a built layer random weights, all entries different (biases too)."""
    rng = np.random.default_rng(seed)
    layer.set_weights([rng.normal(0, scale, w.shape) for w in layer.weights])
    return layer


def random_input(batch=3, time=8, features=4, seed=1):
    """(batch, time, features) of normal numbers in the dtype of the proofs."""
    return (
        np.random.default_rng(seed).normal(size=(batch, time, features)).astype(DTYPE)
    )


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


def assert_keras_contract(make, tmp_path, x=None):
    """Build, config, save, any batch and length, training, JIT, mixed precision.

    Args:
        make: makes a fresh layer that maps x to one tensor.
        tmp_path: an empty folder.
        x: the input; by default sequences (batch, time, features), of any length.
    """
    sequences = x is None
    x = (random_input() if sequences else x).astype("float32")
    keras.utils.set_random_seed(0)  # the weights of `make`
    layer = make()
    y = layer(x)
    assert layer.built and layer.weights

    copy = type(layer).from_config(layer.get_config())
    copy(x)
    copy.set_weights(layer.get_weights())
    assert_same(copy(x), y, 2e-6)

    inputs = keras.Input((None, x.shape[2]) if sequences else x.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape[-1] == y.shape[-1]
    assert model(x[:2, :5] if sequences else x[:2]).shape[0] == 2
    path = tmp_path / "layer.keras"
    model.save(path)
    assert_same(keras.saving.load_model(path)(x), model(x), 2e-6)

    for jit in (False, True):
        if jit and keras.backend.backend() == "torch":
            continue  # torch.compile needs a C++ compiler at run time
        before = [w.copy() for w in model.get_weights()]
        model.compile("sgd", "mse", jit_compile=jit)
        model.fit(x, np.ones(y.shape, "float32"), verbose=0)
        after = model.get_weights()
        for weight, one, other in zip(model.weights, before, after, strict=True):
            assert not weight.trainable or not np.array_equal(one, other), weight.path
            assert np.isfinite(other).all()

    policy = keras.mixed_precision.dtype_policy()
    try:
        keras.mixed_precision.set_dtype_policy("mixed_float16")
        half = make()
        out = half(x)
        assert keras.backend.standardize_dtype(out.dtype) == "float16"
        half.set_weights(layer.get_weights())
        # after training the weights differ from those that gave y; float16 rounds to
        # 5e-4 near 1, several times a step, over 8 steps
        assert_same(ops.cast(half(x), "float32"), layer(x), 2e-2)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)
