"""Figures of chapter 4.5.2: the idea, and attention matrices of short texts."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS, heat_map, node, show

ARROW = {"arrowstyle": "-|>", "color": "0.3", "shrinkA": 11, "shrinkB": 11}


def idea(letters, looks=None):
    """Draw how a text is read: letter by letter, or with a look at all at once.

    Args:
        letters: one a step.
        looks: the step, from 0, whose look is drawn thick; none draws the recurrent
            network.
    """
    ax = plt.subplots(figsize=(6.4, 1.9))[1]
    last, name = len(letters) - 1, "h" if looks is None else "c"
    for t, letter in enumerate(letters):
        node(ax, t, 0, letter, "0.93")
        colour = COLOURS[0] if looks in (None, t) else "#9DC3E6"
        node(ax, t, 1.3, f"${name}_{{{t + 1}}}$", colour)
        if looks is None:
            ax.annotate("", (t, 1.3), (t, 0), arrowprops=ARROW)
            if t < last:
                ax.annotate("", (t + 1, 1.3), (t, 1.3), arrowprops=ARROW)
            continue
        for j in range(len(letters)):
            if t == looks:
                thick = {"lw": 1.6, "color": COLOURS[2]}
                ax.annotate("", (t, 1.3), (j, 0), arrowprops=ARROW | thick)
            else:
                ax.plot([j, t], [0, 1.3], color="0.75", lw=0.5, ls="-", zorder=0)
    ax.set(xlim=(-0.6, last + 0.6), ylim=(-0.5, 1.8))
    ax.axis("off")
    said = (
        "Arrows go from each letter up to its state, and from each state to the next."
    )
    if looks is not None:
        said = "Lines go from every letter to every context, and between no contexts."
    show(f"{len(letters)} letters with a row of circles {name} above them. {said}")


def matrices(named, texts):
    """Draw attention matrices of texts that look at themselves, side by side.

    Args:
        named: title → (time, time).
        texts: the letters of each, which label rows and columns.
    """
    size = 2.4 if len(texts[0]) < 8 else 3.6
    axes = plt.subplots(1, len(named), figsize=(size * len(named), size))[1]
    said = []
    pairs = zip(np.atleast_1d(axes), named.items(), texts, strict=True)
    for ax, (title, alpha), letters in pairs:
        shown = [letter.replace(" ", "␣") for letter in letters]
        heat_map(alpha, "", "", title, ticks=shown, vmax=1, ax=ax)
        if len(letters) < 8:
            for (i, j), weight in np.ndenumerate(alpha):
                ink = "white" if weight > 0.6 else "black"
                ax.text(j, i, f"{weight:.2f}", ha="center", va="center", color=ink)
        most = ", ".join(
            f"{letter} in place {i + 1}: {_heaviest(row)}"
            for i, (letter, row) in enumerate(zip(letters, alpha, strict=True))
        )
        said.append(f"{title}: the most weight of {most}")
    axis = "Rows look, columns are looked at; darker is more weight."
    show(f"Attention matrices of {len(named)} cases. {axis} {'. '.join(said)}.")


def _heaviest(row):
    """The places with the most weight, in words."""
    places = np.flatnonzero(row >= row.max() - 0.005) + 1
    alike = len(places) == len(row) > 1
    return "all alike" if alike else f"place {' and '.join(map(str, places))}"
