"""Figures of chapter 4.2: the ways of adding depth, music, and depth as a dial."""

import matplotlib.pyplot as plt
import numpy as np

from utils.figures import style
from utils.figures.style import COLOURS, show

plt.rcParams["figure.figsize"] = 4.4, 2.3  # of this chapter

# name → (nodes: label → (x, y), arrows: (from, to, is it a path from h to h?))
BASE = {"x": (1, 0), "h′": (0, 2), "h": (1, 2), "s": (1, 4)}
WAYS = {
    "plain": (BASE, [("x", "h", 0), ("h′", "h", 1), ("h", "s", 0)]),
    "way one": (
        {"x": (1, 0), "h′": (0, 1.4), "h": (1, 1.4), "z′": (0, 2.7), "z": (1, 2.7)}
        | {"s": (1, 4)},
        [("x", "h", 0), ("h′", "h", 1), ("h", "z", 0), ("z′", "z", 1), ("z", "s", 0)],
    ),
    "way two": (
        BASE | {"": (1, 1), " ": (0.5, 2), "  ": (1, 3)},
        [("x", "", 0), ("", " ", 0), ("h′", " ", 1), (" ", "h", 1)]
        + [("h", "  ", 0), ("  ", "s", 0)],
    ),
}
WAYS["way three"] = (WAYS["way two"][0], WAYS["way two"][1] + [("h′", "h", 2)])
SAID = {
    "plain": "the plain RNN: the input x and the old state h lead to the new state",
    "way one": "way one: a second state z above h, with an arrow from its old self",
    "way two": "way two: one extra layer each below, before and above the state",
    "way three": "way three: as way two, with an arrow around the layer before h",
}


def ways(*names):
    """Draw one step of some of the networks, side by side."""
    axes = plt.subplots(1, len(names), figsize=(1.9 * len(names), 2.7))[1]
    for ax, name in zip(axes, names, strict=True):
        nodes, arrows = WAYS[name]
        for start, end, kind in arrows:
            _arrow(ax, nodes[start], nodes[end], kind)
        for label, place in nodes.items():
            _node(ax, label, place)
        ax.set(xlim=(-0.5, 1.45), ylim=(-0.6, 4.6), title=name)
        ax.axis("off")
    show(f"One time step of {'; of '.join(SAID[name] for name in names)}.", colours=32)


def _arrow(ax, start, end, kind):
    colour = COLOURS[kind - 1] if kind else "0.4"
    bend = f"arc3,rad={-0.55 if kind == 2 else 0}"
    arrow = {"arrowstyle": "-|>", "shrinkA": 9, "shrinkB": 9, "color": colour}
    arrow |= {"lw": 1 + 0.7 * kind, "connectionstyle": bend}
    ax.annotate("", xy=end, xytext=start, arrowprops=arrow)


def _node(ax, label, place):
    square = label in ("x", "s")
    shape = {"boxstyle": "square,pad=.4" if square else "circle,pad=.2", "ec": "0.3"}
    shape |= {"fc": "0.93" if square or not label.strip() else COLOURS[0]}
    text = {"ha": "center", "va": "center", "color": "black" if square else "white"}
    name = f"${label[0]}^{{(t-1)}}$" if "′" in label else label.strip()
    size = 8 if "′" in label else 10
    ax.text(*place, name or "  ", size=size, bbox=shape, **text)


def piano_roll(roll, lowest, split=None):
    """Draw what sounds at each quarter note; `split`: a line before that frame."""
    ax = plt.subplots(figsize=(5.6, 2.4))[1]
    ax.imshow(np.asarray(roll).T, origin="lower", aspect="auto", cmap="Greys", vmin=0)
    octaves = [n for n in range(lowest, lowest + roll.shape[1]) if n % 12 == 0]
    names = [f"C{n // 12 - 1}" for n in octaves]
    ax.set_yticks([n - lowest for n in octaves], names)
    ax.set(xlabel="time (quarter notes)", ylabel="note")
    whose = "all by Bach: four voices, of which most move in small steps"
    if split is not None:
        ax.axvline(split - 0.5, color=COLOURS[1], lw=2, ls="-")
        sounding = np.asarray(roll)[split:].sum(axis=1).mean()
        whose = (
            f"{split} by Bach, left of a line, and right of it those that the network "
            f"has drawn, in the same range, with {sounding:.1f} notes a frame"
        )
    show(f"A piano roll of {len(roll)} frames, {whose}.", colours=32)


def progress(curves, top):
    """Draw the validation error against the epoch, for networks and seeds.

    Args:
        curves: name → one list a seed; a seed that stopped early keeps its last value.
        top: the largest error that is shown.
    """
    longest = max(len(c) for of_seeds in curves.values() for c in of_seeds)
    padded = {
        name: [list(c) + [c[-1]] * (longest - len(c)) for c in of_seeds]
        for name, of_seeds in curves.items()
    }
    epochs = np.arange(1, longest + 1)
    ax = style.curves(epochs, padded, "epoch", "validation (nats a frame)")
    for line in ax.lines[len(COLOURS) :]:  # the colours begin again
        line.set(color="black", linestyle="-", linewidth=0.9)
    ax.set(ylim=(min(map(np.min, padded.values())) - 0.1, top))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    ends = "; ".join(f"{n}: {np.mean(c, 0)[-1]:.1f}" for n, c in padded.items())
    show(
        f"Validation error against the epoch, in nats a frame. At the end: {ends}.",
        colours=48,
    )


def explained(shares):
    """Draw the share that a probe explains, from input to upper layer.

    Args:
        shares: what the stack was trained on → (notes and key; input, lower and upper
            layer).
    """
    axes = plt.subplots(1, 2, figsize=(5.8, 2.3), sharex=True)[1]
    said = []
    for i, (ax, name) in enumerate(zip(axes, ("notes", "key"), strict=True)):
        stacks = {stack: of_both[i] for stack, of_both in shares.items()}
        style.curves([0, 1, 2], stacks, "", "share explained", name, ax=ax)
        ax.set(ylim=(0, 1.05))
        ax.set_xticks([0, 1, 2], ["input", "lower", "upper"])
        for stack, values in stacks.items():
            way = ", ".join(f"{value:.2f}" for value in values)
            said.append(f"{name}, stack {stack}: {way}")
    axes[0].get_legend().remove()
    axes[-1].legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    show(
        "The share that a linear probe explains from input, lower and upper layer. "
        f"{'; '.join(said)}.",
        colours=32,
    )


def left_by_gain(gains, left):
    """Draw what is left at lag 50 against the gain. `left`: name → (seeds, gains)."""
    ax = style.curves(gains, left, "gain of every matrix", "gradient left", log=True)
    ax.axhline(1, color="0.7", lw=0.8, ls="-", zorder=0)
    ax.set(ylim=(1e-20, 1e10))
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    drawn = {name: np.exp(np.log(v).mean(axis=0)) for name, v in left.items()}
    ends = "; ".join(f"{name}: {v[0]:.0e} to {v[-1]:.0e}" for name, v in drawn.items())
    show(
        "What is left of the gradient after 50 steps in untrained networks against the "
        f"gain, on a logarithmic scale, from gain {gains[0]} to {gains[-1]}. {ends}.",
        colours=32,
    )


def left_by_lag(left):
    """Draw what is left of the gradient by lag. `left`: name → (seeds, lags)."""
    lags = np.arange(np.shape(next(iter(left.values())))[-1])
    ax = style.curves(lags, left, "lag (steps)", "gradient left", log=True)
    ax.legend(loc="center left", bbox_to_anchor=(1, 0.5), fontsize=9)
    ends = {n: np.exp(np.log(v).mean(axis=0))[-1] for n, v in left.items()}
    ends = "; ".join(f"{n}: {end:.0e}" for n, end in ends.items())
    show(
        "What is left of the gradient against the lag, on a logarithmic scale. At lag "
        f"{lags[-1]}: {ends}.",
        colours=32,
    )
