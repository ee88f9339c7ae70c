"""Figures of chapter 4.2: the ways of adding depth, and music."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS

# name → (nodes: label → (x, y), arrows: (from, to, is it a path from h to h?))
BASE = {"x": (1, 0), "h′": (0, 2), "h": (1, 2), "o": (1, 4)}
WAYS = {
    "plain": (BASE, [("x", "h", 0), ("h′", "h", 1), ("h", "o", 0)]),
    "way one": (
        {"x": (1, 0), "h′": (0, 1.4), "h": (1, 1.4), "z′": (0, 2.7), "z": (1, 2.7)}
        | {"o": (1, 4)},
        [("x", "h", 0), ("h′", "h", 1), ("h", "z", 0), ("z′", "z", 1), ("z", "o", 0)],
    ),
    "way two": (
        BASE | {"": (1, 1), " ": (0.5, 2), "  ": (1, 3)},
        [("x", "", 0), ("", " ", 0), ("h′", " ", 1), (" ", "h", 1)]
        + [("h", "  ", 0), ("  ", "o", 0)],
    ),
}
WAYS["way three"] = (WAYS["way two"][0], WAYS["way two"][1] + [("h′", "h", 2)])


def ways():
    """Draw one step of the plain RNN and of the three ways of making it deep."""
    figure, axes = plt.subplots(1, len(WAYS), figsize=(8.5, 3.3))
    arrow = {"arrowstyle": "-|>", "shrinkA": 9, "shrinkB": 9}
    for ax, (title, (nodes, arrows)) in zip(axes, WAYS.items(), strict=True):
        for start, end, kind in arrows:
            style = {
                "color": COLOURS[kind - 1] if kind else "0.4",
                "lw": 1 + 0.7 * kind,
            }
            bend = {"connectionstyle": f"arc3,rad={-0.55 if kind == 2 else 0}"}
            ends = {"xy": nodes[end], "xytext": nodes[start]}
            ax.annotate("", **ends, arrowprops=arrow | style | bend)
        for label, (x, y) in nodes.items():
            square = label in ("x", "o")
            shape = {"boxstyle": "square,pad=.4" if square else "circle,pad=.2"}
            shape |= {"fc": "0.93" if square or not label.strip() else COLOURS[0]}
            ink = "black" if square else "white"
            text = {"ha": "center", "va": "center", "color": ink}
            name = f"${label[0]}^{{(t-1)}}$" if "′" in label else label.strip()
            size = 8 if "′" in label else 10
            ax.text(x, y, name or "  ", size=size, bbox=shape | {"ec": "0.3"}, **text)
        ax.set(xlim=(-0.5, 1.45), ylim=(-0.6, 4.6), title=title)
        ax.axis("off")
    return axes


def piano_roll(roll, lowest, title="", split=None, ax=None):
    """Draw what sounds at each quarter note; `split`: a line before that frame."""
    ax = ax or plt.subplots(figsize=(6.4, 2.6))[1]
    ax.imshow(np.asarray(roll).T, origin="lower", aspect="auto", cmap="Greys", vmin=0)
    octaves = [n for n in range(lowest, lowest + roll.shape[1]) if n % 12 == 0]
    names = [f"C{n // 12 - 1}" for n in octaves]
    ax.set_yticks([n - lowest for n in octaves], names)
    ax.set(xlabel="time (quarter notes)", ylabel="note", title=title)
    if split is not None:
        ax.axvline(split - 0.5, color=COLOURS[1], lw=2)
    return ax
