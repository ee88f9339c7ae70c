"""Each gate gets an orthogonal matrix of its own, with the gain that was asked for."""

import keras
import numpy as np
import pytest

from utils.initializers import OrthogonalPerGate


@pytest.mark.parametrize("gain", [1, 2.5])
def test_each_block_is_orthogonal_times_the_gain_and_differs(gain):
    keras.utils.set_random_seed(0)
    kernel = keras.ops.convert_to_numpy(OrthogonalPerGate(gain)((6, 18)))
    blocks = np.split(kernel, 3, axis=1)
    for block in blocks:
        np.testing.assert_allclose(block @ block.T, gain**2 * np.eye(6), atol=1e-5)
    assert np.abs(blocks[0] - blocks[1]).max() > 0.1


def test_keras_starts_the_whole_kernel_orthogonal_and_so_each_gate_smaller():
    kernel = keras.ops.convert_to_numpy(keras.initializers.Orthogonal()((64, 256)))
    for block in np.split(kernel, 4, axis=1):
        values = np.linalg.svd(block, compute_uv=False)
        assert np.sqrt((values**2).mean()) == pytest.approx(0.5, abs=0.05)
