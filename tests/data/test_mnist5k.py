"""The 5,000 digits of MNIST, and the canvases made of them."""

import numpy as np
import pytest

from data import mnist5k


@pytest.fixture(scope="module")
def parts():
    return mnist5k.load()


def test_the_digits_have_the_counts_of_their_card(parts):
    train, test = parts
    assert train.images.shape == (4000, 28, 28, 1) and test.images.shape[0] == 1000
    assert train.images.min() == 0 and train.images.max() == 1
    together = np.concatenate([train.digits, test.digits])
    assert np.bincount(together).tolist() == [500] * 10


def test_no_digit_is_in_both_parts(parts):
    train, test = parts
    seen = {image.tobytes() for image in train.images}
    assert not any(image.tobytes() in seen for image in test.images)


def test_a_smaller_digit_is_the_average_of_squares(parts):
    (small, _), (large, _) = mnist5k.load(14), parts
    assert small.images.shape == (4000, 14, 14, 1)
    square = large.images[7, 10:12, 12:14].mean()
    np.testing.assert_allclose(small.images[7, 5, 6, 0], square, atol=1e-6)


def test_a_canvas_holds_two_digits_at_its_distance(parts):
    train, _ = parts
    found = mnist5k.canvases(train, 50, [28, 40], 70, seed=3)
    assert set(found.distance) == {28, 40}
    known = {i.tobytes(): d for i, d in zip(*vars(train).values(), strict=True)}
    for image, left, right, start in zip(*vars(found).values(), strict=True):
        assert known[image[:, :28].tobytes()] == left
        assert known[image[:, start : start + 28].tobytes()] == right
        image[:, :28] = image[:, start : start + 28] = 0
        assert not image.any()


def test_another_seed_draws_other_canvases(parts):
    one, again, other = (
        mnist5k.canvases(parts[0], 20, [28], 60, seed).left for seed in (0, 0, 1)
    )
    assert (one == again).all() and (one != other).any()


def test_bad_sizes_are_clear_errors(parts):
    with pytest.raises(ValueError, match="size must divide 28, got 10"):
        mnist5k.load(10)
    for distances in ([20], [28, 60]):
        with pytest.raises(ValueError, match="between 28 and 42"):
            mnist5k.canvases(parts[0], 5, distances, 70)
