"""Figures: sharp, small, with a text alternative, in colours that can be seen."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_rgb
from PIL import Image

from utils.figures import style


@pytest.fixture
def shown(monkeypatch):
    """What `show` displays: picture and metadata."""
    found = []
    monkeypatch.setattr(
        style, "display", lambda image, metadata: found.append((image.data, metadata))
    )
    return found


def test_a_figure_is_sharp_and_small_and_has_its_alt_text(shown):
    plt.close("all")
    style.curves([1, 2, 3], {"a": [1, 2, 3], "b": [3, 2, 1]}, "x", "y")
    style.show("Two lines cross.")
    ((data, metadata),) = shown
    picture = Image.open(io.BytesIO(data))
    assert picture.mode == "P" and len(picture.getcolors()) <= 128
    assert metadata["image/png"]["alt"] == "Two lines cross."
    assert picture.width == pytest.approx(2 * metadata["image/png"]["width"], abs=1)
    assert not plt.get_fignums()


def test_a_curve_of_one_epoch_shows_its_point(shown):
    ax = style.curves([1], {"loss": [0.5]}, "epoch", "loss")
    assert ax.lines[0].get_marker() == "o"


@pytest.mark.parametrize("colour", style.COLOURS)
def test_each_colour_has_a_contrast_of_3_to_1_with_white(colour):
    linear = [
        c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4
        for c in to_rgb(colour)
    ]
    weights = (0.2126, 0.7152, 0.0722)
    luminance = sum(w * c for w, c in zip(weights, linear, strict=True))
    assert 1.05 / (luminance + 0.05) >= 3


def test_a_table_has_a_line_a_row_and_two_digits_of_a_float(monkeypatch):
    found = []
    monkeypatch.setattr(style, "display", lambda markdown: found.append(markdown.data))
    style.table(["network", "wrong"], [("plain", np.float32(0.1234)), ("count", 1234)])
    (text,) = found
    assert text.splitlines() == [
        "| network | wrong |",
        "|---|---|",
        "| plain | 0.12 |",
        "| count | 1234 |",
    ]
