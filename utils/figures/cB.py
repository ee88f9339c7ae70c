"""Figures of appendix B: one device, two devices, a run that stopped."""

import matplotlib.pyplot as plt

from utils.figures.style import COLOURS

ARROW = {"arrowstyle": "-|>", "color": "0.25", "shrinkA": 4, "shrinkB": 4, "lw": 1.6}


def one_device():
    """Draw a training step on one device."""
    ax = _axes(0.9)
    _row(ax, 0, "batch\n64 words", "the network", "gradient", COLOURS[0])
    _box(ax, 7.4, 0, "one step of\nthe weights", "0.93", "black")
    _arrow(ax, (5.6, 0), (6.5, 0))


def two_devices():
    """Draw the same step on two devices, each with half of the batch."""
    ax = _axes(2.3)
    halves = ["first half\n32 words", "second half\n32 words"]
    for y, half, part, colour in zip(
        (0.55, -0.55), halves, "12", COLOURS[:2], strict=True
    ):
        of = f"$\\nabla L_{part}$, $N_{part}$"
        _row(ax, y, half, f"device {part}:\nthe same network", of, colour)
        _arrow(ax, (5.6, y), (6.5, 0))
    _box(ax, 7.4, 0, "all-reduce:\nthe same step\non both", "0.93", "black")


def shares(whole, weighted, plain, names):
    """Draw the largest entries of a gradient, and what two ways of merging make of it.

    Args:
        whole, weighted, plain: gradients of one shape.
        names: of the entries, as (row, column) → label.
    """
    ax = plt.subplots()[1]
    x = range(len(names))
    ways = {"whole batch": whole, "weighted by letters": weighted, "plain mean": plain}
    marks = zip(ways.items(), ("o", "x", "s"), (9, 8, 5), COLOURS, strict=False)
    for (name, found), mark, size, colour in marks:
        values = [found[place] for place in names]
        fill = "none" if mark == "o" else colour
        ax.plot(x, values, mark, ms=size, mfc=fill, color=colour, label=name)
    ax.axhline(0, color="0.7", lw=0.8, ls="-")
    ax.set_xticks(x, names.values())
    ax.set(xlabel="letter → tag", ylabel="entry of the gradient")
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def resumed(whole, rest, first, ax=None):
    """Draw the losses of a run, and those of one that was stopped and went on.

    Args:
        whole: the loss of each epoch of the run that was left alone.
        rest: those of the epochs after the restart.
        first: the first of them, from 1 on.
    """
    ax = ax or plt.subplots()[1]
    epochs = range(1, len(whole) + 1)
    ax.plot(epochs, whole, "o-", mfc="none", ms=9, label="left alone")
    ax.plot(
        range(first, first + len(rest)), rest, "x--", ms=8, label="killed, and resumed"
    )
    ax.axvline(first, color="0.5", lw=1, ls=":")
    ax.set(xlabel="epoch", ylabel="loss", xticks=epochs)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))


def _axes(height):
    ax = plt.subplots(figsize=(7.2, height))[1]
    ax.set(xlim=(-0.9, 8.5), ylim=(-height / 2, height / 2))
    ax.axis("off")
    return ax


def _row(ax, y, data, network, gradient, colour):
    _box(ax, 0, y, data, "0.93", "black")
    _arrow(ax, (0.85, y), (1.5, y))
    _box(ax, 2.6, y, network, colour, "white")
    _arrow(ax, (3.65, y), (4.15, y))
    _box(ax, 4.85, y, gradient, "0.93", "black")


def _box(ax, x, y, text, colour, ink):
    box = {"boxstyle": "square,pad=.5", "fc": colour, "ec": "0.25"}
    ax.text(x, y, text, ha="center", va="center", color=ink, size=10, bbox=box)


def _arrow(ax, start, end):
    ax.annotate("", end, start, arrowprops=ARROW)
