"""Figures of chapter 4.3.2: one step as a drawing, gates over time, dots by seed."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures.style import COLOURS, show

plt.rcParams["figure.figsize"] = 5.2, 2.7  # of this chapter: it has many

STATE, BOX = COLOURS[0], "0.93"
ARROW = {"arrowstyle": "-|>", "color": "0.3", "lw": 1.3, "shrinkA": 0, "shrinkB": 0}


def gru_cell(reset):
    """Draw one step of a GRU.

    Args:
        reset: whether the reset gate is there already.
    """
    ax = plt.subplots(figsize=(6.6, 3.2))[1]
    top, middle, low = 4, 1.7, 0.5
    line = {"color": STATE, "lw": 2.5, "zorder": 1, "ls": "-"}
    ax.plot([0.2, 8.2], [top, top], **line)
    _arrow(ax, (8.1, top), (8.8, top), color=STATE, lw=2.5)
    ax.plot([0.2, 6.3], [low, low], color="0.3", lw=1.3, ls="-")
    _arrow(ax, (3.9, low), (3.9, middle - 0.35))
    _label(ax, 3.9, middle, "σ", square=True)
    _arrow(ax, (3.9, middle + 0.35), (3.9, top - 0.28))
    _label(ax, 3.9, top, "×")
    ax.text(4.0, 2.95, "$z$", size=12)
    _arrow(ax, (6.3, low), (6.3, middle - 0.35))
    _label(ax, 6.3, middle, "tanh", square=True)
    _arrow(ax, (6.3, middle + 0.35), (6.3, 2.65))
    ax.text(6.4, 2.2, "$c$", size=12)
    _label(ax, 6.3, 2.9, "×")
    _arrow(ax, (4.0, 2.9), (6.02, 2.9))
    ax.text(4.9, 3.02, "$1 - z$", size=11)
    _arrow(ax, (6.3, 3.15), (6.3, top - 0.28))
    _label(ax, 6.3, top, "+")
    if reset:
        _arrow(ax, (1.2, low), (1.2, middle - 0.35))
        _label(ax, 1.2, middle, "σ", square=True)
        orange = {"color": COLOURS[1], "lw": 1.8}
        ax.plot([2.3, 2.3], [top, middle + 0.25], color=COLOURS[1], lw=1.8, ls="-")
        _arrow(ax, (1.55, middle), (2.05, middle))
        ax.text(1.68, middle + 0.12, "$r$", size=12)
        _label(ax, 2.3, middle, "×")
        ax.plot([2.3, 2.3], [middle - 0.25, 1.1], ls="-", **orange)
        ax.plot([2.3, 5.9], [1.1, 1.1], ls="-", **orange)
        _arrow(ax, (5.85, 1.1), (6.12, middle - 0.35), **orange)
        ax.text(4.3, 1.18, r"$r \odot h^{(t-1)}$", color=COLOURS[1], size=10)
    for x, y, text, side in (
        (0.1, top, "$h^{(t-1)}$", "right"),
        (8.9, top, "$h^{(t)}$", "left"),
        (0.1, low, "$h^{(t-1)}$, $x^{(t)}$", "right"),
    ):
        ax.text(x, y, text, ha=side, va="center", size=11)
    if reset:
        ax.text(6.42, 0.85, "$x^{(t)}$ only", size=9)
    ax.set(xlim=(-1.5, 9.7), ylim=(0.1, 4.5))
    ax.axis("off")


def _arrow(ax, start, end, **style):
    ax.annotate("", end, start, arrowprops=ARROW | style)


def _label(ax, x, y, text, square=False):
    shape = "square,pad=.4" if square else "circle,pad=.2"
    box = {"boxstyle": shape, "fc": BOX if square else "white", "ec": "0.3"}
    ax.text(x, y, text, ha="center", va="center", bbox=box, zorder=3)


def over_time(gates, h, marks):
    """Draw the gates of one unit over its state.

    Args:
        gates: name → (time,), from 0 to 1.
        h: (time,).
        marks: steps to mark with a dotted line, from 0.
    """
    upper, lower = plt.subplots(2, 1, figsize=(5.4, 2.8), sharex=True)[1]
    steps = np.arange(1, len(h) + 1)
    for name, values in gates.items():
        upper.plot(steps, values, label=f"${name}$")
    lower.plot(steps, h)
    for ax in (upper, lower):
        for mark in marks:
            ax.axvline(mark + 1, color="0.4", lw=1, ls=":", zorder=0)
    upper.set(ylabel="gate", ylim=(-0.03, 1.03))
    upper.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    lower.set(xlabel="step", ylabel="$h$")
    at = ", ".join(
        f"at step {mark + 1} "
        + " and ".join(
            f"{name} is {values[mark]:.2f}" for name, values in gates.items()
        )
        for mark in marks
    )
    show(
        "The gates z and r of one unit of the trained GRU over 50 steps, above its "
        f"state h. Two steps are marked: {at}."
    )


def drops(rolls, z):
    """How much lower each gate is, on average, where each key sounds: (keys, units).

    Args:
        rolls: (frames, keys) of 0 and 1.
        z: (frames, units).
    """
    on = rolls.astype("float64")
    off, times = 1 - on, on.sum(axis=0)[:, None]
    lower = off.T @ z / off.sum(axis=0)[:, None] - on.T @ z / np.maximum(times, 1)
    return np.where(times > 0.05 * len(rolls), lower, 0)  # rare keys tell little


def roll_and_gate(roll, z, key, lowest):
    """Draw a piano roll above the update gate of one unit.

    Args:
        roll: (time, keys) of 0 and 1.
        z: (time,).
        key: index of the key whose frames are shaded.
        lowest: the MIDI number of the lowest key.
    """
    upper, lower = plt.subplots(
        2, 1, figsize=(5.8, 3.1), sharex=True, height_ratios=(3, 2)
    )[1]
    time, keys = roll.shape
    extent = (0.5, time + 0.5, lowest - 0.5, lowest + keys - 0.5)
    shades = {"cmap": "Greys", "aspect": "auto", "interpolation": "nearest"}
    upper.imshow(roll.T, origin="lower", extent=extent, **shades)
    upper.axhline(lowest + key, color=COLOURS[1], lw=0.8, ls="--")
    upper.set(ylabel="key (MIDI number)")
    steps, on = np.arange(1, time + 1), roll[:, key] > 0
    for step in steps[on]:
        lower.axvspan(step - 0.5, step + 0.5, color="0.85", lw=0, zorder=0)
    lower.plot(steps, z)
    lower.set(xlabel="frame", ylabel="$z$", ylim=(-0.03, 1.03))
    means = [f"{z[part].mean():.2f}" if part.any() else "-" for part in (on, ~on)]
    show(
        f"A chorale of {time} frames as a piano roll, above the update gate z of one "
        f"unit of the trained GRU. In {on.sum()} grey frames the key {lowest + key} "
        f"sounds: there z is {means[0]} on average, and {means[1]} elsewhere."
    )


def dots(rows, xlabel):
    """Draw one row of dots for each name, one dot a seed, on a logarithmic axis."""
    ax = plt.subplots(figsize=(6.4, 0.8 + 0.35 * len(rows)))[1]
    for y, values in enumerate(rows.values()):
        ax.plot(values, np.full(len(values), y), "o", color=COLOURS[0], ms=6)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(xscale="log", xlabel=xlabel, ylim=(len(rows) - 0.5, -0.5))
    said = "; ".join(
        f"{name}: {np.min(values):.1g} to {np.max(values):.1g}"
        for name, values in rows.items()
    )
    show(f"One dot a seed, {xlabel}, on a logarithmic axis. {said}.")
