"""Figures of appendix A: the two passes, and where a gradient goes."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.c4_3_1 import arrow, label
from utils.figures.style import COLOURS

FORWARD, BACKWARD = COLOURS[0], COLOURS[1]


def two_passes(stage=3, steps=4):
    """Draw four steps of a network and the way back through them.

    Args:
        stage: 1 is the way forward, 2 adds the way back, 3 the weights' gradients.
        steps: how many steps.
    """
    heights = {1: 2.6, 2: 3.9, 3: 4.9}[stage]
    ax = plt.subplots(figsize=(7, 0.62 * heights))[1]
    square = "square,pad=.45"
    for t in range(1, steps + 1):
        x = 2 * t
        label(ax, x, 4, f"step {t}", boxstyle=square, ec=FORWARD)
        arrow(ax, (x - 1.5, 4), (x - 0.56, 4), color=FORWARD, lw=2)
        arrow(ax, (x, 3.72), (x, 3.12))
        label(
            ax, x, 2.85, f"$h^{{({t})}}\\!,\\,C^{{({t})}}$", boxstyle=square, fc="0.93"
        )
        if stage > 1:
            arrow(ax, (x, 2.55), (x, 1.9))
            label(ax, x, 1.6, f"$\\delta a^{{({t})}}$", boxstyle=square, ec=BACKWARD)
            arrow(ax, (x + 1.5, 1.6), (x + 0.45, 1.6), color=BACKWARD, lw=2)
        if stage > 2:
            arrow(ax, (x, 1.3), (x, 0.72))
    arrow(ax, (2 * steps + 0.56, 4), (2 * steps + 1.5, 4), color=FORWARD, lw=2)
    ax.text(0.2, 4.4, "forward", color=FORWARD)
    ax.text(-0.1, 2.85, "kept", va="center")
    if stage > 1:
        arrow(ax, (1.55, 1.6), (0.5, 1.6), color=BACKWARD, lw=2)
        ax.text(2 * steps + 0.8, 1.85, "backward", color=BACKWARD)
    if stage > 2:
        ax.plot([1.3, 2 * steps + 0.7], [0.7, 0.7], color="0.3", lw=1.2, ls="-")
        text = "one product for all steps: $\\delta U$, $\\delta W$, $\\delta b$"
        ax.text(steps + 1, 0.3, text, ha="center", va="center")
    ax.set(xlim=(-0.4, 2 * steps + 2.4), ylim=(4.9 - heights, 4.8))
    ax.axis("off")
    return ax


def reach(left, letters, bar):
    """Draw how far back the loss at each letter of a word reaches.

    Args:
        left: (time, time); row s is the loss at letter s, column t the cell after t.
        letters: the word.
        bar: what the shades say.
    """
    size = 0.42 * len(letters) + 1.4
    ax = plt.subplots(figsize=(size + 1.2, size))[1]
    shown = np.where(np.tri(len(left)) > 0, left, np.nan)
    image = ax.imshow(shown, cmap="Blues", vmin=0, vmax=1)
    for s, t in zip(*np.nonzero(np.tri(len(left))), strict=True):
        dark = left[s, t] > 0.6
        text = f"{left[s, t]:.1f}".removeprefix("0").replace(".0", "0")
        text = text.removesuffix("0") or "0"
        ax.text(t, s, text, ha="center", va="center", color="w" if dark else "0.2")
    ax.set_xticks(range(len(letters)), letters)
    ax.set_yticks(range(len(letters)), letters)
    ax.set(xlabel="cell after the letter …", ylabel="loss at the letter …")
    ax.figure.colorbar(image, ax=ax, label=bar, shrink=0.9)
    return ax
