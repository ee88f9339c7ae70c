"""Figures and tables of chapter 4.4: encoder and decoder as a drawing, errors."""

import matplotlib.pyplot as plt

from utils.figures import style
from utils.figures.style import COLOURS

READ, WRITE, C = COLOURS[0], COLOURS[1], COLOURS[2]
ARROW = {"arrowstyle": "-|>", "color": "0.25", "shrinkA": 13, "shrinkB": 13}


def architecture(letters, sounds=(), way=None):
    """Draw an encoder that reads letters, and a decoder that writes sounds.

    Args:
        letters: what is read, one label a step.
        sounds: what is written; without any, the drawing ends at C.
        way: how the decoder gets C: "every_step", "initial_state" or "both".
    """
    middle, last = len(letters), len(letters) + len(sounds)
    ax = plt.subplots(figsize=(0.95 * (last + 1), 2.9))[1]
    for t, letter in enumerate(letters):
        _node(ax, t, 0, letter, "0.93", "black", square=True)
        _node(ax, t, 1, f"$h^{{({t + 1})}}$", READ)
        _arrow(ax, (t, 0), (t, 1))
        _arrow(ax, (t, 1), (t + 1, 1), READ)
    _node(ax, middle, 1, "$C$", C, square=True)
    before = ["START", *sounds[:-1]]
    for i, sound in enumerate(sounds):
        x = middle + 1 + i
        _node(ax, x, 0, before[i], "0.93", "black", square=True, size=8)
        _node(ax, x, 1, f"$s^{{({i + 1})}}$", WRITE)
        _node(ax, x, 2, sound, "0.93", "black", square=True, size=8)
        _arrow(ax, (x, 0), (x, 1))
        _arrow(ax, (x, 1), (x, 2))
        if i:
            _arrow(ax, (x - 1, 1), (x, 1), WRITE)
        if way in ("every_step", "both"):
            bend = {"connectionstyle": "arc3,rad=-0.32"}
            _arrow(ax, (middle, 1), (x, 1), C, ls="--", **bend)
    if way in ("initial_state", "both"):
        _arrow(ax, (middle, 1), (middle + 1, 1), C, lw=2.5)
    ax.set(xlim=(-0.6, last + 0.6), ylim=(-0.45, 2.4 if sounds else 1.5))
    ax.axis("off")


def _arrow(ax, start, end, colour="0.25", **style):
    ax.annotate("", end, start, arrowprops=ARROW | {"color": colour, "lw": 1.6} | style)


def _node(ax, x, y, label, colour, text="white", square=False, size=10):
    shape = {"boxstyle": "square,pad=.4" if square else "circle,pad=.25", "fc": colour}
    box = shape | {"ec": "0.25"}
    ax.text(x, y, label, ha="center", va="center", color=text, size=size, bbox=box)


def error_table(found):
    """Show the shares of wrong sounds and wrong words: name → the two."""
    rows = [(name, f"{a:.1%}", f"{b:.1%}") for name, (a, b) in found.items()]
    style.table(("", "wrong sounds", "wrong words"), rows)
