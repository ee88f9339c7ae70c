"""A linear probe finds what is linear, and nothing in noise."""

import numpy as np
import pytest

from data.chorales import Part
from utils.probes import properties, read_layers, unexplained


def test_a_linear_property_is_explained_and_noise_is_not():
    rng = np.random.default_rng(0)
    states, new = rng.normal(size=(400, 5)), rng.normal(size=(100, 5))
    kernel = rng.normal(size=(5, 2))
    lengths = [30, 70]
    missed = unexplained(states, states @ kernel + 1, new, new @ kernel + 1, lengths)
    assert missed == pytest.approx([0, 0], abs=1e-12)
    noise, new_noise = rng.normal(size=(400, 1)), rng.normal(size=(100, 1))
    missed = unexplained(states, noise, new, new_noise, lengths)
    assert np.average(missed, weights=lengths) == pytest.approx(1, abs=0.1)


def some_chorales(seed, pieces=6, time=40):
    """Random notes, of which each piece uses more or fewer by its key."""
    rng = np.random.default_rng(seed)
    signature, lengths = rng.integers(-4, 5, pieces), rng.integers(20, time, pieces)
    rolls = (rng.random((pieces, time, 46)) < 0.1).astype("uint8")
    rolls[np.arange(time) >= lengths[:, None]] = 0
    return Part(list("abcdef"[:pieces]), rolls, lengths, signature, None)


def test_the_properties_are_the_notes_and_the_signature_of_each_real_frame():
    part = some_chorales(0)
    found = properties(part)
    assert np.array_equal(found["notes"], part.rolls[part.real])
    signature = np.repeat(part.signature, part.lengths)
    assert np.array_equal(found["key"].argmax(axis=1) - 4, signature)
    assert (found["key"].sum(axis=1) == 1).all()


def test_a_layer_that_holds_the_notes_and_one_that_forgets_them_are_told_apart():
    def stack(rolls):  # the lower half is the frame mixed, the upper one constant
        kernel = np.random.default_rng(1).normal(size=(46, 46)).astype("float32")
        return np.concatenate([rolls @ kernel, 0 * rolls + 1], axis=-1)

    learn, test = some_chorales(0), some_chorales(2)
    missed = read_layers(stack, learn, test)
    assert missed.shape == (2, 3, 6)  # property, layer, piece
    notes = np.average(missed[0], axis=-1, weights=test.lengths)
    assert notes == pytest.approx([0, 0, 1], abs=0.02)
