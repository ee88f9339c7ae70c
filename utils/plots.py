"""How the course's figures look: colour-blind safe, readable in grey, no clutter."""

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler

# Okabe & Ito's palette, in an order that also differs in lightness; the line styles
# keep curves apart in grey.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1))]

plt.rcParams.update(
    {
        "figure.figsize": (6.4, 3.2),
        "figure.dpi": 90,
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINES),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "font.size": 10,
    }
)


def curves(x, ys, xlabel, ylabel, title="", log=False, ax=None):
    """Draw one curve a name. `ys`: name → (len(x),), or (seeds, len(x)): mean, band."""
    ax = ax or plt.subplots()[1]
    for name, y in ys.items():
        y = np.atleast_2d(y)
        centre = np.exp(np.log(y).mean(axis=0)) if log else y.mean(axis=0)
        (line,) = ax.plot(x, centre, label=name)
        if len(y) > 1:
            low, high = y.min(axis=0), y.max(axis=0)
            ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, lw=0)
    if log:
        ax.set_yscale("log")
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if len(ys) > 1:
        ax.legend()
    return ax


def heat_map(matrix, xlabel, ylabel, title="", bar="", ticks=None, ax=None, **kwargs):
    """Draw a matrix, row 0 on top; white is 0. `ticks` labels both axes' steps."""
    ax = ax or plt.subplots(figsize=(3.6, 3))[1]
    kwargs = {"cmap": "Blues", "vmin": 0} | kwargs
    image = ax.imshow(matrix, **kwargs)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if ticks is not None:
        ax.set_xticks(range(len(ticks)), ticks)
        ax.set_yticks(range(len(ticks)), ticks)
    ax.spines[["top", "right"]].set_visible(True)
    if bar:
        ax.figure.colorbar(image, ax=ax, label=bar)
    return ax


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
