"""Figures of chapter 4.5.1: a window over a source, what it saves, where it lands."""

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.ticker import NullLocator

from utils.figures import style
from utils.figures.c4_5 import table
from utils.figures.style import COLOURS, LINES, plain_log, show

WINDOW = COLOURS[2]


def source(letters, centres=None, reach=None, bell=False):
    """Draw the letters that three steps of a decoder score: all, or those of a window.

    Args:
        letters: of the source, one a step.
        centres: p of each of the three steps; none draws global attention.
        reach: D, in letters.
        bell: whether to draw the Gaussian over each window.
    """
    figure, rows = plt.subplots(3, 1, figsize=(6.4, 3.3 if bell else 2.5), sharex=True)
    place, said = np.arange(len(letters)), []
    for step, ax in enumerate(rows):
        seen = place >= 0
        if centres is not None:
            p = centres[step]
            seen = np.abs(place - np.floor(p + 0.5)) <= reach
            ax.plot(p, -0.75, "^", color=COLOURS[1], ms=6, clip_on=False)
        if bell:
            t = np.linspace(place[seen][0] - 0.4, place[seen][-1] + 0.4, 60)
            fall = np.exp(-((t - p) ** 2) / (2 * (reach / 2) ** 2))
            ax.plot(t, 0.6 + 0.7 * fall, color=COLOURS[1], lw=1.5, ls="-")
        for t, letter in enumerate(letters):
            box = {"boxstyle": "square,pad=.3", "ec": "0.6"}
            box["fc"] = WINDOW if seen[t] else "white"
            colour = "white" if seen[t] else "0.4"
            ax.text(t, 0, letter, ha="center", va="center", color=colour, bbox=box)
        ax.set(xlim=(-0.7, len(letters) - 0.3), ylim=(-0.95, 1.4 if bell else 0.7))
        ax.set_ylabel(f"step {step + 1}", rotation=0, ha="right", va="center")
        ax.set(xticks=[], yticks=[])
        ax.spines[:].set_visible(False)
        said.append(f"step {step + 1}: {''.join(letters[t] for t in place[seen])!r}")
    marks = "" if centres is None else " A triangle marks p, the centre of a window."
    marks += " A bell curve stands over each window." if bell else ""
    show(f"The letters that are scored. {'; '.join(said)}.{marks}")


def saving(lengths, costs, ylabel, even=None):
    """Draw cost against the source's length, both axes logarithmic.

    Args:
        lengths: of the source.
        costs: name → one number a length.
        ylabel: with the unit.
        even: the length from which on a window saves something, if it is marked.
    """
    ax = plt.subplots(figsize=(6.4, 3))[1]
    said = []
    for name, y in costs.items():
        ax.plot(lengths, y, label=name, marker="o", ms=3)
        said.append(f"{name}: {y[0]:.3g} at {lengths[0]}, {y[-1]:.3g} at {lengths[-1]}")
    if even:
        ax.axvline(even, color="0.5", lw=1, ls="-")
        said.append(f"the lines of global attention and of p meet at {even:.0f}")
    ax.set_xscale("log", base=2)
    ax.set_yscale("log")
    costs = np.array(list(costs.values()))
    plain_log(ax.yaxis, np.log10(costs.max() / costs.min()))
    ax.set_xticks(lengths, lengths)
    ax.xaxis.set_minor_locator(NullLocator())
    ax.set(xlabel="steps of the source", ylabel=ylabel)
    ax.legend(fontsize=9)
    show(f"{ylabel} against the length of the source. {'; '.join(said)}.")


def paths(p, truth, targets):
    """Draw where the window's centre goes, and where the answer stands, for two dates.

    Args:
        p: list of lines (target time,); one a seed, for each of the dates.
        truth: (target time,) of each date: NaN where a character has no field.
        targets: how many characters each target has.
    """
    figure, axes = plt.subplots(1, len(targets), figsize=(6.4, 2.9), sharey=True)
    said = []
    for ax, lines, right, n in zip(axes, p, truth, targets, strict=True):
        steps = np.arange(1, n + 1)
        for seed, (line, look) in enumerate(zip(lines, LINES, strict=False)):
            ax.plot(steps, line[:n], color=COLOURS[0], ls=look, lw=1.3)
            apart = np.nanmean(np.abs(line - right)[:n])
            said.append(f"seed {seed + 1}, {n} characters: {apart:.1f} off on average")
        ax.plot(steps, right[:n], "s", color=COLOURS[1], ms=6)
        ax.set(xlabel="character of the Chinese date")
        ax.xaxis.get_major_locator().set_params(integer=True)
    axes[0].set(ylabel="position in the English date")
    show(
        "The centre p of the window against the character that is written, a line a "
        "seed, and squares where the field stands. " + "; ".join(said) + "."
    )


def networks(wrong, centres, truth, reach):
    """Show a table of networks: how often they err, and where their centres lie.

    Args:
        wrong: name → the share of wrong characters of each seed.
        centres: name → the centres of each seed, (texts, target time).
        truth: (texts, target time), where the answer stands; NaN where nowhere.
        reach: D of the windows; "global" has none.
    """
    rows = []
    for name, several in centres.items():
        p, counts = np.array(several), ~np.isnan(truth)
        inside = np.abs(np.floor(p + 0.5) - truth)[:, counts] <= reach
        share = "all" if name == "global" else f"{inside.mean():.2f}"
        off = np.abs(p - truth)[:, counts].mean()
        rows.append((name, f"{np.mean(wrong[name]):.4f}", f"{off:.1f}", share))
    head = "attention", "characters wrong", "characters off", "inside the window"
    style.table(head, rows)


def windows(alpha, part, i):
    """Show the attention matrix of one date, where nothing is outside of a window.

    Args:
        alpha: (dates, target time, source time).
        part: of data/dates.py. i: which date.
    """
    source, target = part.sources[i], part.targets[i]
    size = slice(len(target)), slice(len(source))
    caption = f"Windows from {target} to “{source}”."
    table(alpha[i][size], target, source, part.gold[i, 1:][size], caption)


def distances(rows):
    """Draw how far off each seed of a network is, beside rivals that do not read.

    Args:
        rows: name → mean distance of each seed, in characters.
    """
    ax = plt.subplots(figsize=(6.4, 0.8 + 0.3 * len(rows)))[1]
    for y, found in enumerate(rows.values()):
        ax.plot(found, np.full(len(found), y), "o", color="0.15", ms=6, alpha=0.6)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(ylim=(len(rows) - 0.4, -0.6), xlabel="characters between p and the field")
    ax.set_xlim(left=0)
    ends = (f"{name}: {min(f):.1f} to {max(f):.1f}" for name, f in rows.items())
    show(f"Mean distance, one dot a seed. {'; '.join(ends)} characters.")
