"""A linear probe finds what is linear, and nothing in noise."""

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from utils.probes import unexplained
from utils.show import small_png


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


def test_a_small_picture_has_few_colours_and_its_size(tmp_path):
    figure = plt.figure(figsize=(2, 1))
    figure.add_subplot().plot([1, 2, 3])
    path = tmp_path / "figure.png"
    path.write_bytes(small_png(figure))
    plt.close(figure)
    picture = Image.open(path)
    assert picture.mode == "P" and len(picture.getcolors()) <= 64
    assert picture.width > 100
