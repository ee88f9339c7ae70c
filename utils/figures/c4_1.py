"""Figures of chapter 4.1: what an output sees, and a digit named point by point."""

import matplotlib.pyplot as plt
import numpy as np

from data.cmudict import LETTERS
from utils.figures import style
from utils.figures.style import curves, heat_map, show


def means(found):
    """(name, mean) of each, of name → array."""
    return [(name, float(np.mean(values))) for name, values in found.items()]


def sight(maps):
    """Draw what the outputs see, with every exact 0 printed.

    Args:
        maps: name → (time, time), row t the output's step, column s the input's.
    """
    figure, axes = plt.subplots(1, len(maps), figsize=(8.4, 2.9), sharey=True)
    most = max(values.max() for values in maps.values())
    said = []
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        steps = range(1, len(values) + 1)
        heat_map(values, "input step s", "", name, ax=ax, ticks=steps, vmax=most)
        zeros = np.argwhere(values == 0)
        for t, s in zeros:
            ax.text(s, t, "0", ha="center", va="center", fontsize=7, color="0.4")
        above = sum(s > t for t, s in zeros)
        said.append(
            f"{name}: {above} zeros above the diagonal, {len(zeros) - above} elsewhere"
        )
    axes[0].set_ylabel("output step t")
    bar = r"$\|\partial o^{(t)}/\partial x^{(s)}\|$"
    figure.colorbar(ax.images[0], ax=axes, label=bar)
    steps = len(values)
    show(
        f"Heat maps of {steps} output steps by {steps} input steps. {'; '.join(said)}. "
        "The colour is strongest near the diagonal."
    )


def losses(found):
    """Draw the validation loss against epoch. `found`: name → a loss an epoch."""
    ax = plt.subplots(figsize=(6.4, 2.6))[1]
    for name, values in found.items():
        ax.plot(range(1, len(values) + 1), values, label=name)
    ax.xaxis.get_major_locator().set_params(integer=True)
    ax.set(xlabel="epoch", ylabel="validation loss (nats a letter)")
    ax.legend()
    said = ", ".join(f"{name} ends at {v[-1]:.2f}" for name, v in found.items())
    show(f"Validation loss against epoch, for {' and '.join(found)}; {said}.")


def tagged(words, said, names):
    """Show what networks say to words: network → (words, time) of tags."""
    rows = [
        (word, *(" ".join(names[i] for i in tags[row][: len(word)]) for tags in found))
        for found in [list(said.values())]
        for row, word in enumerate(words)
    ]
    style.table(["word", *said], rows)


def point_by_point(stroke, accuracy):
    """Draw a digit that grows, and the accuracy at each of its points.

    Args:
        stroke: (points, 2).
        accuracy: name → (seeds, points).
    """
    steps = len(stroke)
    figure = plt.figure(figsize=(7.2, 4))
    top, bottom = figure.subfigures(2, 1, height_ratios=(1, 3))
    for step, ax in enumerate(top.subplots(1, steps), start=1):
        ax.plot(*stroke.T, color="0.85", lw=1, ls="-")
        ax.plot(*stroke[:step].T, color="black", lw=2, ls="-")
        ax.plot(*stroke[step - 1], "o", color="black", ms=4)
        ax.set(xlim=(-0.1, 1.1), ylim=(-0.1, 1.1), aspect="equal")
        ax.axis("off")
    ax = bottom.subplots()
    points = np.arange(1, steps + 1)
    curves(points, accuracy, "point of the stroke", "share named right", ax=ax)
    ax.set(ylim=(0, 1.02), xlim=(0.5, steps + 0.5))
    said = "; ".join(
        f"{name}: " + ", ".join(f"{v:.2f}" for v in values.mean(axis=0))
        for name, values in accuracy.items()
    )
    show(f"A 3 is drawn point by point. Below, the share named right: {said}.")


def spelled(written, count):
    """Show the first words of each writer: name → (words, time) of letters."""
    texts = [
        ["".join(LETTERS[i - 1] for i in word if i) for word in letters[:count]]
        for letters in written.values()
    ]
    style.table([f"{name} writes" for name in written], zip(*texts, strict=True))


def copying(maps, word):
    """Draw which letters move the scores of the next one; each row's largest is 1.

    Args:
        maps: name → (letters, letters).
        word: their labels.
    """
    figure, axes = plt.subplots(1, len(maps), figsize=(7.4, 3.3), sharey=True)
    said = []
    for ax, (name, values) in zip(axes, maps.items(), strict=True):
        values = values / values.max(axis=1, keepdims=True)
        heat_map(values, "input letter", "", name, ax=ax, ticks=word)
        ax.set_yticks(range(len(word)), [*word[1:], "end"])
        strongest = "".join(word[i] for i in values.argmax(axis=1))
        said.append(f"{name}: {strongest}")
    axes[0].set_ylabel("letter to predict")
    figure.colorbar(ax.images[0], ax=axes, label="influence, largest of a row = 1")
    show(
        f"Heat maps for the word {word}: the letter to predict by the input letters. "
        f"The strongest input letter of each row, from above: {'; '.join(said)}."
    )
