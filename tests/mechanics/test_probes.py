"""A linear probe finds what is linear, and nothing in noise."""

import numpy as np
import pytest

from utils.probes import unexplained


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
