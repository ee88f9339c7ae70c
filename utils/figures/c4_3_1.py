"""Figures of the gated cells: one step as a drawing, and gates over time."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS

CELL, GATE = COLOURS[0], "0.93"
ARROW = {"arrowstyle": "-|>", "color": "0.3", "lw": 1.2, "shrinkA": 0, "shrinkB": 0}


def lstm_cell(stage=3):
    """Draw one step of an LSTM with the document's letters, as far as a stage.

    Args:
        stage: 1 is the cell alone, 2 adds what is read and written, 3 the output.
    """
    ax = plt.subplots(figsize=(7.4, 3.9) if stage > 1 else (7.4, 1.6))[1]
    top, gates, low = 4, 1.6, 0.6  # heights: cell line, boxes, line of h and x
    thin = {"color": "0.3", "lw": 1.2, "ls": "-"}
    ax.plot([0.2, 8.6], [top, top], color=CELL, lw=2.5, zorder=1, ls="-")
    arrow(ax, (8.5, top), (9.1, top), color=CELL, lw=2.5)
    label(ax, 1.5, top, "×")
    label(ax, 4.5, top, "+")
    names = [(0.1, top, "$C^{(t-1)}$", "right"), (9.2, top, "$C^{(t)}$", "left")]
    arrow(ax, (1.5, gates + 0.33 if stage > 1 else top - 1), (1.5, top - 0.25))
    ax.text(1.6, 2.2 if stage > 1 else top - 0.9, "$f^{(t)}$ keeps")
    if stage == 1:
        arrow(ax, (4.5, top - 1), (4.5, top - 0.25))
        ax.text(4.6, top - 0.9, "$g^{(t)} \\odot c^{(t)}$ adds")
    else:
        ax.plot([0.2, 6.6 if stage > 2 else 4.5], [low, low], **thin)
        boxes = {"f": 1.5, "g": 3, "c": 4.5} | ({"q": 6.6} if stage > 2 else {})
        for name, x in boxes.items():
            arrow(ax, (x, low), (x, gates - 0.33))
            function = "tanh" if name == "c" else "σ"
            label(ax, x, gates, function, boxstyle="square,pad=.45", fc=GATE)
        ax.plot([3, 3], [gates + 0.33, 2.8], **thin)
        arrow(ax, (3, 2.8), (4.22, 2.8))
        ax.text(3.1, 2.2, "$g^{(t)}$")
        ax.text(4.6, 2.2, "$c^{(t)}$")
        arrow(ax, (4.5, gates + 0.33), (4.5, 2.55))
        label(ax, 4.5, 2.8, "×")
        arrow(ax, (4.5, 3.05), (4.5, top - 0.25))
        names.append((0.1, low, "$h^{(t-1)}$, $x^{(t)}$", "right"))
    if stage > 2:
        arrow(ax, (7.6, top), (7.6, 3.23))
        label(ax, 7.6, 2.95, "tanh", boxstyle="square,pad=.3", fc=GATE)
        arrow(ax, (7.6, 2.68), (7.6, gates + 0.25))
        arrow(ax, (6.92, gates), (7.35, gates))
        ax.text(6.72, 2.08, "$q^{(t)}$")
        label(ax, 7.6, gates, "×")
        arrow(ax, (7.85, gates), (9.1, gates))
        names.append((9.2, gates, "$h^{(t)}$", "left"))
    for x, y, text, side in names:
        ax.text(x, y, text, ha=side, va="center", size=11)
    ax.set(xlim=(-1.3, 10), ylim=(0.2 if stage > 1 else 2.8, 4.5))
    ax.axis("off")
    return ax


def arrow(ax, start, end, **style):
    ax.annotate("", end, start, arrowprops=ARROW | style)


def label(ax, x, y, text, **box):
    box = {"boxstyle": "circle,pad=.2", "fc": "white", "ec": "0.3"} | box
    ax.text(x, y, text, ha="center", va="center", bbox=box, zorder=3)


def over_time(gates, cell, marks):
    """Draw gates over the cell state of one unit.

    Args:
        gates: name → (time,), from 0 to 1.
        cell: (time,).
        marks: steps to mark with a dotted line, from 0.
    """
    _, (upper, lower) = plt.subplots(
        2, 1, figsize=(7, 3.2), sharex=True, height_ratios=(3, 2)
    )
    steps = np.arange(1, len(cell) + 1)
    for name, values in gates.items():
        upper.plot(steps, values, label=f"${name}$")
    lower.plot(steps, cell)
    mark_steps((upper, lower), marks)
    upper.set(ylabel="gate", ylim=(-0.03, 1.03))
    upper.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    lower.set(xlabel="step", ylabel="$C$")
    return upper, lower


def mark_steps(axes, marks):
    """A dotted line at each marked step, counted from 0."""
    for ax in axes:
        for mark in marks:
            ax.axvline(mark + 1, color="0.4", lw=1, ls=":", zorder=0)


def two_cells(cells, marks):
    """Draw one unit's cell for two inputs that differ in one number.

    Args:
        cells: name → (time,).
        marks: steps to mark with a dotted line, from 0.
    """
    ax = plt.subplots(figsize=(7, 2.6))[1]
    for name, values in cells.items():
        ax.plot(np.arange(1, len(values) + 1), values, label=name)
    mark_steps([ax], marks)
    ax.set(xlabel="step", ylabel="$C$ of one unit")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    return ax
