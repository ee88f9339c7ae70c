"""The sequences made by a rule follow the rule."""

import numpy as np
import pytest

from data.generated import adding, copying, spikes


def test_adding_asks_for_the_sum_of_the_two_marked_numbers():
    x, y = adding(500, 50, seed=3)
    assert x.shape == (500, 50, 2) and y.shape == (500, 1)
    assert x.dtype == y.dtype == np.float32
    assert set(np.unique(x[..., 1])) == {0, 1} and (0 <= x).all() and (x <= 1).all()
    assert (x[:, :25, 1].sum(1) == 1).all() and (x[:, 25:, 1].sum(1) == 1).all()
    np.testing.assert_allclose((x[..., 0] * x[..., 1]).sum(1), y[:, 0], rtol=1e-6)
    assert x[:, :25, 1].any(0).all() and x[:, 25:, 1].any(0).all()


def test_always_answering_one_costs_a_sixth():
    _, y = adding(20_000, 4)
    assert abs(((y - 1) ** 2).mean() - 1 / 6) < 0.005


def test_seeds_differ_and_repeat():
    assert np.array_equal(adding(5, 6, 1)[0], adding(5, 6, 1)[0])
    assert not np.array_equal(adding(5, 6, 1)[0], adding(5, 6, 2)[0])


def test_spikes_come_at_every_multiple_of_the_period():
    x, y = spikes(13, (3, 6))
    assert x.shape == y.shape == (2, 13, 1) and x.dtype == y.dtype == np.float32
    assert [*np.flatnonzero(y[0]) + 1] == [3, 6, 9, 12]
    assert [*np.flatnonzero(y[1]) + 1] == [6, 12]
    assert (x[0] == 0.5).all() and (x[1] == 1).all()


def test_copying_asks_for_the_same_string_or_for_its_mirror_image():
    x, y = copying(300, 5, symbols=4, seed=1)
    _, mirrored = copying(300, 5, symbols=4, backwards=True, seed=1)
    assert x.shape == (300, 5) and y.shape == (300, 7) and x.dtype == y.dtype == "int32"
    assert set(np.unique(x)) == {0, 1, 2, 3, 4}
    for source, same, turned in zip(
        x.tolist(), y.tolist(), mirrored.tolist(), strict=True
    ):
        string = [symbol + 2 for symbol in source if symbol]
        rest = [0] * (5 - len(string))
        assert source[len(string) :] == rest
        assert same == [1, *string, 2, *rest]
        assert turned == [1, *string[::-1], 2, *rest]
    lengths = (x > 0).sum(axis=1)
    assert (np.bincount(lengths, minlength=6)[1:] > 40).all()


def test_what_cannot_be_made_is_refused():
    with pytest.raises(ValueError, match="time must be at least 2"):
        adding(3, 1)
    with pytest.raises(ValueError, match="periods must be at least 2"):
        spikes(10, (1, 5))
    with pytest.raises(ValueError, match="at least 1, got 0 and 8"):
        copying(3, 0)
