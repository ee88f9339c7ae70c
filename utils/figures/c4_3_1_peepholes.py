"""Figures of the notebook on peepholes: the cell, and cells that keep time."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.c4_3_1 import arrow, lstm_cell, mark_steps
from utils.figures.style import COLOURS

PEEP = {"color": COLOURS[1], "ls": (0, (4, 2)), "lw": 1.6}


def peephole_cell():
    """Draw one step of an LSTM, and the three peepholes as dashed lines."""
    ax = lstm_cell()
    top, gates = 4, 1.6  # heights of the cell's line and of the boxes, as there
    arrow(ax, (0.75, top), (1.2, gates + 0.3), **PEEP)
    bent = {"connectionstyle": "arc3,rad=-0.35"}  # around the letters
    arrow(ax, (0.75, top), (2.9, gates + 0.36), **PEEP, **bent)
    arrow(ax, (6.0, top), (6.5, gates + 0.35), **PEEP)
    for x, y, letter in ((0.62, 2.9, "f"), (2.85, 3.2, "g"), (5.9, 2.9, "q")):
        ax.text(x, y, f"$p_{letter}$", color=COLOURS[1], ha="center", va="center")
    return ax


def sawtooth(cell, output, marks, names=("$C$", "$h$")):
    """Draw a cell over time, what is shown of it below, and dotted lines at the marks.

    Args:
        cell, output: (time,).
        marks: steps, counted from 0.
        names: of the two axes.
    """
    _, axes = plt.subplots(2, 1, figsize=(7, 3.4), sharex=True, height_ratios=(3, 2))
    steps = np.arange(1, len(cell) + 1)
    for ax, values, name, colour in zip(
        axes, (cell, output), names, COLOURS, strict=False
    ):
        ax.plot(steps, values, color=colour, ls="-", marker=".")
        ax.set_ylabel(name)
    mark_steps(axes, marks)
    axes[1].set_xlabel("step")
    return axes
