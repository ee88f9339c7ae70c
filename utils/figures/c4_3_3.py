"""Figures of chapter 4.3.3: functions and slopes, the cell, gates, two races."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures import style
from utils.figures.c4_3_1 import lstm_cell
from utils.figures.style import COLOURS

plt.rcParams["figure.figsize"] = 5.2, 2.6  # of this chapter: it has many

GATES = ("g", "f", "q")


def show(alt):
    """As `style.show`, in fewer colours, so that the chapter stays small."""
    style.show(alt, colours=24)


def functions(a, values, slopes):
    """Draw functions and their slopes, with a table. Both: name → (len(a),)."""
    rows = [
        (name, *(f"{v.min():.2f} … {v.max():.2f}" for v in (found, slopes[name])))
        for name, found in values.items()
    ]
    style.table(("for a from −6 to 6", "values", "slope"), rows)
    left, right = plt.subplots(1, 2, figsize=(6, 2.3))[1]
    for ax, curves, ylabel in ((left, values, "value"), (right, slopes, "slope")):
        style.curves(a, curves, "$a$", ylabel, ax=ax)
        ax.axhline(0, color="0.8", lw=0.8, ls="-", zorder=0)
        ax.set_ylim(-1.1, 1.6)
    right.axhline(0.25, color="0.6", lw=0.8, ls=":", zorder=0)
    right.text(a[0], 0.29, "1/4", color="0.3", size=9)
    right.get_legend().remove()
    show(
        "Sigmoid, tanh and relu (left) and their slopes (right). The sigmoid rises "
        "from 0 to 1, tanh from -1 to 1, relu is 0 and then a straight line. The slope "
        "of tanh reaches 1, that of relu is 0 or 1, that of the sigmoid reaches 1/4."
    )


def gated_cell():
    """Draw one step of the cell with its five functions left open."""
    ax = lstm_cell()
    for text in ax.texts:
        kind = {"σ": (r"$\sigma$", COLOURS[1]), "tanh": (r"$\varphi$", COLOURS[0])}
        if text.get_text() in kind:
            said, colour = kind[text.get_text()]
            text.set(text=said, color=colour)
            text.get_bbox_patch().set(edgecolor=colour, linewidth=1.8)
    show(
        "One step of an LSTM. Three boxes are gates and hold the function sigma: f, g "
        "and q. Two are activations and hold the function phi: one makes the "
        "candidate c, the other stands between the cell C and the output h."
    )


def roll_and_gates(roll, gates, lowest, most=2):
    """Draw a piano roll above the gates of the units that move most.

    Args:
        roll: (time, keys) of 0 and 1.
        gates: g, f and q: (3, time, units).
        lowest: the MIDI number of the lowest key.
        most: so many units.
    """
    axes = plt.subplots(
        4, 1, figsize=(5, 3.5), sharex=True, height_ratios=(2.2, 1, 1, 1)
    )[1]
    time, keys = roll.shape
    extent = (0.5, time + 0.5, lowest - 0.5, lowest + keys - 0.5)
    shades = {"cmap": "Greys", "aspect": "auto", "interpolation": "nearest"}
    axes[0].imshow(roll.T, origin="lower", extent=extent, **shades)
    axes[0].set(ylabel="key (MIDI number)")
    units = np.argsort(gates.std(axis=1).sum(axis=0))[::-1][:most]
    steps = np.arange(1, time + 1)
    for ax, name, values in zip(axes[1:], GATES, gates, strict=True):
        _shade(ax.axhspan)
        for unit in units:
            ax.plot(steps, values[:, unit])
        ax.set(ylabel=f"${name}$", ylim=(-0.03, 1.03))
    axes[-1].set(xlabel="frame")
    said = zip(GATES, map(outside, gates), strict=True)
    said = ", ".join(f"{name} {share:.0%}" for name, share in said)
    show(
        f"A chorale of {time} frames as a piano roll, above the gates g, f and q of "
        f"the {most} units that move most. Share of the values of all units below 0.1 "
        f"or above 0.9: {said}."
    )


def outside(gates):
    """The share of values that are nearly 0 or 1."""
    return ((gates < 0.1) | (gates > 0.9)).mean()


def histograms(values):
    """Draw how often each value of a gate occurs, untrained and trained.

    Args:
        values: "fresh" and "trained" → g, f and q: (3, frames, units).
    """
    axes = plt.subplots(1, 3, figsize=(6, 1.9), sharey=True)[1]
    bins, said = np.linspace(0, 1, 21), []
    for i, (ax, name) in enumerate(zip(axes, GATES, strict=True)):
        for when, colour in (("fresh", "0.6"), ("trained", COLOURS[0])):
            found = values[when][i].ravel()
            share = np.histogram(found, bins)[0] / len(found)
            label = "before" if when == "fresh" else "after"
            ax.stairs(share, bins, label=label, lw=1.8, color=colour)
        _shade(ax.axvspan)
        said.append(f"{name} {outside(found):.0%}")
        ax.set(title=f"${name}$", xlabel="value", xlim=(0, 1))
    axes[0].set(ylabel="share of values")
    axes[0].legend(loc="upper right", bbox_to_anchor=(0.92, 1))
    show(
        "Histograms of the gates g, f and q, untrained and trained. Untrained, each is "
        "one peak. Trained, share of values below 0.1 or above 0.9: "
        f"{', '.join(said)}."
    )


def _shade(span):
    """Shade what counts as open or shut."""
    for low, high in ((0, 0.1), (0.9, 1)):
        span(low, high, color=COLOURS[2], alpha=0.15, lw=0)


def two_races(races):
    """Draw errors against the epoch. `races`: title → name → (seeds, epochs)."""
    axes = plt.subplots(1, 2, figsize=(6.2, 2.9), sharey=True)[1]
    said = []
    for ax, (title, curves) in zip(axes, races.items(), strict=True):
        epochs = np.arange(1, np.shape(next(iter(curves.values())))[1] + 1)
        ylabel = "mean squared error" if ax is axes[0] else ""
        style.curves(epochs, curves, "epoch", ylabel, title, True, ax)
        ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.2), fontsize=8)
        ax.axhline(1 / 6, color="0.7", lw=0.8, ls="-", zorder=0)
        last = {n: np.exp(np.log(np.array(c)[:, -1]).mean()) for n, c in curves.items()}
        said.append(
            f"over {title} "
            + ", ".join(f"{name} {error:.1g}" for name, error in last.items())
        )
    show(
        "Error on unseen sequences against the epoch, on a logarithmic scale. At the "
        f"end: {'; '.join(said)}. Always answering 1 has 0.17."
    )


def against_lag(left):
    """Draw what is left, the mean over seeds. `left`: name → (seeds, lags)."""
    means = {name: np.exp(np.log(norms).mean(axis=0)) for name, norms in left.items()}
    lags = range(len(next(iter(means.values()))))
    ax = style.curves(lags, means, "lag (steps)", "gradient norm left", log=True)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = ", ".join(f"{name} {norms[-1]:.1g}" for name, norms in means.items())
    show(
        "Norm of the gradient that is left against the lag, on a logarithmic scale. "
        f"At lag {lags[-1]}: {said}."
    )


def against_gain(gains, norms):
    """Draw the largest norm of the state. `norms`: name → (seeds, gains)."""
    ax = style.curves(gains, norms, "gain of every W", "largest norm", log=True)
    ax.set_xscale("log")
    ax.set_xticks(gains, [f"{gain:g}" for gain in gains], minor=False)
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5))
    said = "; ".join(
        f"{name}: "
        + ", ".join(f"{np.exp(np.log(v).mean()):.1g}" for v in np.transpose(norm))
        for name, norm in norms.items()
    )
    style.show(
        "Largest norm of the state in 100 steps against the gain, on a logarithmic "
        f"scale, at the gains {', '.join(map(str, gains))}. {said}.",
        colours=48,  # with 24 two of the five lines are of one colour
    )
