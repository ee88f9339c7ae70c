"""Figures of chapter 4.0: what the state knows, and a map of gradients."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS, show


def bars_by_letter(bars, level, xlabel, ylabel):
    """Draw groups of bars, one group a letter, and a level that all would share.

    Args:
        bars: name → letter → height; the letters of all are the same.
        level: height of the dashed line.
        xlabel, ylabel: what they are.
    """
    first, *_ = bars.values()
    letters = sorted(first, key=first.get, reverse=True)
    places, width = np.arange(len(letters)), 0.8 / len(bars)
    ax = plt.subplots(figsize=(6.4, 2.6))[1]
    for i, (name, heights) in enumerate(bars.items()):
        left = places + (i - (len(bars) - 1) / 2) * width
        style = {"color": COLOURS[i], "label": name, "hatch": (None, "//")[i % 2]}
        values = [heights[letter] for letter in letters]
        ax.bar(left, values, width, edgecolor="white", **style)
    ax.axhline(level, color="black", lw=1.5, ls="--", label="without memory")
    ax.set_xticks(places, letters)
    ax.set(xlabel=xlabel, ylabel=ylabel, ylim=(0, 1))
    ax.legend(loc="upper right")
    said = "; ".join(
        f"{letter}: " + ", ".join(f"{name} {bars[name][letter]:.2f}" for name in bars)
        for letter in letters
    )
    show(f"Bars of {ylabel} by {xlabel}. {said}. A dashed line at {level:.2f}.")


def gradient_map(left, gains, sizes):
    """Draw the order of magnitude of what is left, for each gain and size of inputs.

    Args:
        left: (sizes, gains), positive.
        gains, sizes: the settings.
    """
    power = np.log10(left)
    ax = plt.subplots(figsize=(7, 2.5))[1]
    image = ax.imshow(np.clip(power, -12, 12), cmap="RdBu_r", vmin=-12, vmax=12)
    for (row, column), value in np.ndenumerate(power):
        kept = abs(value) <= 3
        ink = "white" if abs(value) > 6.5 else "black"
        style = {"ha": "center", "va": "center", "color": ink, "size": 9}
        ax.text(column, row, f"{value:.0f}", **style)
        if kept:
            box = {"fill": False, "ec": "black", "lw": 1.5}
            ax.add_patch(plt.Rectangle((column - 0.5, row - 0.5), 1, 1, **box))
    ax.set_xticks(range(len(gains)), [f"{gain:g}" for gain in gains])
    ax.set_yticks(range(len(sizes)), [f"× {size:g}" for size in sizes])
    ax.set(xlabel="gain of W", ylabel="inputs")
    ax.spines[["top", "right"]].set_visible(True)
    ax.figure.colorbar(image, ax=ax, label="power of ten left")
    rows = [
        f"inputs × {size:g}: {', '.join(f'{v:.0f}' for v in row)}"
        for size, row in zip(sizes, power, strict=True)
    ]
    show(
        "Map of the power of ten of the gradient left after 50 steps, for gains "
        f"{', '.join(f'{g:g}' for g in gains)}. {'; '.join(rows)}. A narrow band of "
        "settings from −3 to 3 is outlined; it moves right as the inputs grow."
    )
