"""The error of a piece is that of its frames, and a piece is gone on with."""

import keras
import numpy as np
import pytest

from data.chorales import Part
from utils.music import Nats, go_on, nats


def model(bias):
    """Scores that do not look at the frame."""
    dense = keras.layers.Dense(46, "linear", bias_initializer="zeros")
    network = keras.Sequential([keras.Input((None, 46)), dense])
    dense.set_weights([np.zeros((46, 46)), np.full(46, bias)])
    return network


def test_the_loss_and_the_error_are_minus_the_logarithm_of_the_probability():
    rng = np.random.default_rng(0)
    rolls = (rng.random((2, 5, 46)) < 0.2).astype("uint8")
    rolls[1, 3:] = 0
    part = Part(["a", "b"], rolls, np.array([5, 3]), None, None)
    p = 1 / (1 + np.exp(1.5))
    on = rolls[:, 1:]
    each = -(on * np.log(p) + (1 - on) * np.log(1 - p)).sum(axis=-1)
    found = nats(model(-1.5), part)
    assert found == pytest.approx([each[0].mean(), each[1, :2].mean()], rel=1e-5)
    loss = Nats(reduction=None)(
        on.astype("float32"), np.full(on.shape, -1.5, "float32")
    )
    assert keras.ops.convert_to_numpy(loss) == pytest.approx(each, rel=1e-5)


def test_a_piece_is_kept_and_gone_on_with_as_the_model_says():
    roll = np.eye(3, 46, dtype="uint8")
    silent, full = go_on(model(-50), roll, 4), go_on(model(50), roll, 4)
    for longer in (silent, full):
        assert longer.shape == (7, 46) and np.array_equal(longer[:3], roll)
    assert not silent[3:].any() and full[3:].all()
    drawn = [go_on(model(0), roll, 4, seed)[3:] for seed in (0, 0, 1)]
    assert np.array_equal(*drawn[:2]) and not np.array_equal(*drawn[1:])
