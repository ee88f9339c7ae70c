"""Drawings of networks that several chapters use."""

import matplotlib.pyplot as plt

from utils.figures.style import COLOURS


def unrolled(inputs, rows=(("h", 1),), ax=None):
    """Draw a recurrent network unrolled in time.

    Args:
        inputs: the label of each step's input.
        rows: the rows of states from the bottom up: name and direction in time (1
            runs to the right, −1 to the left).
        ax: axes to draw on.
    """
    steps, top = len(inputs), len(rows) + 1
    ax = ax or plt.subplots(figsize=(1.3 * steps + 1, 0.95 * top + 0.6))[1]
    arrow = {"arrowstyle": "-|>", "color": "0.25", "shrinkA": 13, "shrinkB": 13}
    for t, label in enumerate(inputs):
        _node(ax, t, 0, label, "0.93", square=True)
        _node(ax, t, top, f"$o^{{({t + 1})}}$", "0.93", square=True)
        for level, (name, direction) in enumerate(rows, start=1):
            colour = COLOURS[level - 1]
            _node(ax, t, level, f"${name}^{{({t + 1})}}$", colour)
            bend = 0.28 * (level - (len(rows) + 1) / 2)
            if len(rows) == 1:
                bend = 0
            for low, high in (((t, 0), (t, level)), ((t, level), (t, top))):
                far = high[1] - low[1] > 1
                style = f"arc3,rad={(-0.35 if bend >= 0 else 0.35) if far else 0}"
                ax.annotate(
                    "", high, low, arrowprops=arrow | {"connectionstyle": style}
                )
            if t + 1 < steps:
                ends = [(t, level), (t + 1, level)][::direction]
                lines = arrow | {"color": colour, "lw": 2}
                ax.annotate("", ends[1], ends[0], arrowprops=lines)
    ax.set(xlim=(-0.7, steps - 0.3), ylim=(-0.5, top + 0.5), aspect="equal")
    ax.axis("off")
    return ax


def _node(ax, x, y, label, colour, square=False):
    shape = {"boxstyle": "square,pad=.45" if square else "circle,pad=.3", "fc": colour}
    text = "black" if square else "white"
    ax.text(
        x, y, label, ha="center", va="center", color=text, bbox=shape | {"ec": "0.25"}
    )
