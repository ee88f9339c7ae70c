"""What the tests of all layers share: their mark, and the contract with Keras."""

import gc
import itertools

import keras
import numpy as np
import pytest
from keras import ops

from utils import proofs


def pytest_collection_modifyitems(items):
    for item in items:
        if "tests/layers" not in item.path.as_posix():
            continue
        if keras.backend.backend() == "jax" and item.path.stem == "test_properties":
            continue  # a program for every size takes JAX half an hour: run by hand
        item.add_marker("layers")


@pytest.fixture(scope="session", autouse=True)
def programs_on_disk(tmp_path_factory):
    """JAX reads again what it has compiled once: the decoders take 3/5 of the time."""
    if keras.backend.backend() == "jax":
        import jax

        folder = str(tmp_path_factory.mktemp("programs"))
        jax.config.update("jax_compilation_cache_dir", folder)
        jax.config.update("jax_persistent_cache_min_compile_time_secs", 0)
        jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)


_run = itertools.count(1)


@pytest.fixture(autouse=True)
def few_programs():
    """JAX keeps all programs it has compiled, and dies when they need 65,530 maps."""
    yield
    if keras.backend.backend() == "jax" and next(_run) % 40 == 0:
        import jax

        jax.clear_caches()
        gc.collect()


@pytest.fixture
def keras_contract(tmp_path):
    """`assert_keras_contract` with a folder of its own."""
    return lambda make, x=None: assert_keras_contract(make, tmp_path, x)


def assert_keras_contract(make, folder, x=None):
    """Build, config, save, any batch and length, training, JIT, mixed precision.

    Args:
        make: makes a fresh layer that maps x to one tensor.
        folder: an empty one.
        x: the input; by default sequences (batch, time, features), of any length.
    """
    sequences = x is None
    x = (proofs.random_input() if sequences else x).astype("float32")
    keras.utils.set_random_seed(0)  # the weights of `make`
    layer = make()
    y = layer(x)
    assert layer.built and layer.weights

    copy = type(layer).from_config(layer.get_config())
    copy(x)
    copy.set_weights(layer.get_weights())
    proofs.assert_same(copy(x), y, 2e-6)

    inputs = keras.Input((None, x.shape[2]) if sequences else x.shape[1:])
    model = keras.Model(inputs, layer(inputs))
    assert model.output_shape[-1] == y.shape[-1]
    assert model(x[:2, :5] if sequences else x[:2]).shape[0] == 2
    path = folder / "layer.keras"
    model.save(path)
    proofs.assert_same(keras.saving.load_model(path)(x), model(x), 2e-6)

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
        proofs.assert_same(ops.cast(half(x), "float32"), layer(x), 2e-2)
    finally:
        keras.mixed_precision.set_dtype_policy(policy)
