"""Figures of the notebook on four directions: ways over an image, and what is seen."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures import style
from utils.figures.style import COLOURS, LINES, heat_map, show

MIDDLE = (2, 2)  # of 5 × 5 pixels
PALE = "0.8"


def ways():
    """Draw how information gets to the pixel in the middle: four ways, one a panel."""
    axes = plt.subplots(1, 4, figsize=(9.2, 2.6))[1]
    inward = [(0, 1), (1, 2), (4, 3), (3, 2)]  # towards the middle, from both ends
    first, second = COLOURS[:2]
    for start, end in inward:
        _arrow(axes[0], (start, 2), (end, 2), first)
        _arrow(axes[1], (start, 2), (end, 2), first)
        _arrow(axes[1], (2, start), (2, end), first)
        _arrow(axes[2], (start, 2), (end, 2), second)
        for column in range(5):
            _arrow(axes[2], (column, start), (column, end), first)
        for other in range(5):
            near = start < 2 and other <= 2
            _arrow(axes[3], (start, other), (end, other), first if near else PALE)
            _arrow(axes[3], (other, start), (other, end), first if near else PALE)
    names = ["two directions", "four directions", "ReNet", "multi-dimensional"]
    for ax, name in zip(axes, names, strict=True):
        ax.plot(*np.divmod(np.arange(25), 5), "o", color="0.6", ms=3)
        ax.plot(*MIDDLE, "o", color="black", ms=9)
        ax.set(aspect="equal", xlim=(-0.4, 4.4), ylim=(4.4, -0.4))
        ax.set_title(name, fontsize=10)
        ax.axis("off")
    show(
        "Four grids of 5 by 5 pixels with arrows. Two directions: the middle row leads "
        "to the pixel in the middle. Four directions: the middle row and the middle "
        "column do. ReNet: all columns lead to the middle row, and that row to the "
        "middle. Multi-dimensional: arrows to the right and downwards lead from the "
        "corner above on the left to the middle; pale arrows start in the others."
    )


def _arrow(ax, start, end, colour):
    line = {"arrowstyle": "-|>", "color": colour, "shrinkA": 4, "shrinkB": 4}
    ax.annotate("", end, start, arrowprops=line)


def fields(found):
    """Draw which pixels an output depends on; grey ones have no influence at all.

    Args:
        found: name → (rows, columns), how much each pixel moves the output.
    """
    figure, axes = plt.subplots(1, len(found), figsize=(2.1 * len(found), 2.5))
    counts = []
    for ax, (name, values) in zip(axes, found.items(), strict=True):
        share = np.where(values > 0, values / values.max(), np.nan)
        counts.append(f"{name}: {np.sum(values > 0)} of {values.size}")
        heat_map(share, "", "", counts[-1].replace(": ", "\n"), ax=ax, vmax=1)
        ax.set(xticks=[], yticks=[], facecolor="0.85")
        ax.title.set_fontsize(9)
    figure.colorbar(ax.images[0], ax=axes, label="influence\n(largest = 1)")
    show(
        "Maps of the pixels on which the output in the middle of a picture depends. "
        f"{'; '.join(counts)}. The 13 pixels of four directions are a cross."
    )


def pictures(canvases, distances):
    """Draw one picture for each distance, with the ring at which is read."""
    axes = plt.subplots(len(distances), 1, figsize=(4.6, 1.35 * len(distances)))[1]
    for ax, distance in zip(axes, distances, strict=True):
        row = (canvases.distance == distance).argmax()
        _picture(ax, canvases.images[row])
        digits = canvases.left[row], canvases.right[row]
        ax.set_title(f"at the ring: {digits[0]}, and {digits[1]}", fontsize=9)
    axes[-1].set(xticks=[0, 14, 28, 42, 56], xlabel="column (pixels)")
    words = ", ".join(map(str, distances))
    show(
        f"{len(distances)} pictures of two digits each. A ring marks the middle of the "
        f"left digit. The right digit stands {words} columns away from it."
    )


def _picture(ax, image):
    ax.imshow(1 - image[:, :, 0], cmap="gray", aspect="equal")
    ax.plot(6.5, 6.5, "o", color=COLOURS[1], mfc="none", ms=12, mew=2)
    ax.set(xticks=[], yticks=[])
    ax.spines[["top", "right"]].set_visible(True)


def looks(image, maps):
    """Draw a picture, and below it which pixels move each network's answer.

    Args:
        image: (rows, columns, 1).
        maps: name of the network → (rows, columns), not negative.
    """
    axes = plt.subplots(1 + len(maps), 1, figsize=(5, 1.35 * (1 + len(maps))))[1]
    _picture(axes[0], image)
    axes[0].set_title("the picture", fontsize=9)
    for ax, (name, values) in zip(axes[1:], maps.items(), strict=True):
        heat_map(values / values.max(), "", "", name, ax=ax, vmax=1)
        ax.title.set_fontsize(9)
        ax.set(xticks=[], yticks=[])
    axes[-1].set(xticks=[0, 14, 28, 42, 56], xlabel="column (pixels)")
    show(
        "A picture of two digits, far apart. Below it, how much each pixel moves the "
        f"second answer, for {', '.join(maps)}. From the right digit comes "
        f"{', '.join(f'{v[:, 42:].sum() / v.sum():.0%}' for v in maps.values())} of it."
    )


def race(found, thresholds):
    """Draw the share named right against the distance, with 95 % intervals.

    Args:
        found: name of the network → distance → `Interval`; 0 is the digit at the ring.
        thresholds: share → what it is.
    """
    ax = plt.subplots(figsize=(6.4, 3.4))[1]
    for i, (name, by_distance) in enumerate(found.items()):
        where = np.array(list(by_distance)) + 0.5 * (i - len(found) / 2)
        middle, low, high = np.array(
            [(each.value, each.low, each.high) for each in by_distance.values()]
        ).T
        bars = [middle - low, high - middle]
        ax.errorbar(
            where, middle, bars, label=name, color=COLOURS[i], ls=LINES[i], marker="."
        )
    for share, words in thresholds.items():
        ax.axhline(share, color="0.6", lw=0.8, ls="-", zorder=0)
        ax.text(58, share, words, color="0.35", va="center", fontsize=8)
    ticks = [d for d in next(iter(found.values()))]
    ax.set(ylim=(0, 1), xlim=(-3, 58), xticks=ticks)
    ax.set(xlabel="distance (columns; 0: the digit at the ring)", ylabel="named right")
    ax.figure.legend(loc="outside upper center", ncols=len(found), fontsize=8)
    said = "; ".join(
        f"{name}: " + ", ".join(f"{each.value:.2f}" for each in by_distance.values())
        for name, by_distance in found.items()
    )
    show(f"Share of digits named right at {ticks} columns, by network. {said}.")


def table(shares):
    """Show name of the network → share of far digits named right, as a table."""
    rows = [(name, f"{share:.2f}") for name, share in shares.items()]
    style.table(("network", "far digits right"), rows)
