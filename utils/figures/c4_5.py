"""Figures of chapter 4.5: the idea, attention matrices."""

import html

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from matplotlib.patches import Rectangle

from utils.alignment import share
from utils.figures import style
from utils.figures.style import COLOURS, PAPER, node, show

ARROW = {"arrowstyle": "-|>", "color": "0.3", "shrinkA": 11, "shrinkB": 11}
SHADE = 0, 114, 178  # the first of the palette's colours
GOLD = COLOURS[1]
HEAD = f"<th width=22 height=22 style='{PAPER};padding:0;text-align:center'>"
OUTLINE = f" style='outline:2px solid {GOLD};outline-offset:-2px'"


def idea(letters, weights=None):
    """Draw what a decoder sees of a source: its last state, or all states, weighted.

    Args:
        letters: of the source, one a step.
        weights: (time,), what one step of the decoder takes of each state; none draws
            the network without attention.
    """
    ax = plt.subplots(figsize=(6.4, 2.7 if weights is None else 3.2))[1]
    last = len(letters) - 1
    for t, letter in enumerate(letters):
        node(ax, t, 0, letter, "0.93")
        node(ax, t, 1, f"$h_{{{t + 1}}}$", COLOURS[0])
        ax.annotate("", (t, 1), (t, 0), arrowprops=ARROW)
        if t < last:
            ax.annotate("", (t + 1, 1), (t, 1), arrowprops=ARROW)
    middle = last / 2
    for i in range(3):
        x = middle - 2 + 2 * i
        node(ax, x, 3.4, f"$s_{{{i + 1}}}$", COLOURS[1])
        if i:
            ax.annotate("", (x, 3.4), (x - 2, 3.4), arrowprops=ARROW)
        if weights is None:
            node(ax, middle, 2.2, "$C$", "white")
            ax.annotate("", (x, 3.4), (middle, 2.2), arrowprops=ARROW)
    if weights is None:
        ax.annotate("", (middle, 2.2), (last, 1), arrowprops=ARROW)
    else:
        node(ax, middle, 2.3, "$c_2$", "white")
        ax.annotate("", (middle, 3.4), (middle, 2.3), arrowprops=ARROW)
        for t, weight in enumerate(weights):
            line = ARROW | {"lw": 0.3 + 5 * weight, "color": COLOURS[2]}
            ax.annotate("", (middle, 2.3), (t, 1), arrowprops=line)
    ax.set(xlim=(-0.6, last + 0.6), ylim=(-0.5, 3.9))
    ax.axis("off")
    said = "The decoder's three states all get one vector C, made of the last state h."
    if weights is not None:
        said = (
            "The second state of the decoder gets a context of its own: arrows come "
            "from all states h, thick ones from the letters "
            + ", ".join(x for x, w in zip(letters, weights, strict=True) if w > 0.1)
            + "."
        )
    show(f"A source of {len(letters)} letters with its states h above them. {said}")


def matrix(alpha, rows, columns, gold=None, ylabel="decoder step", size=None):
    """Draw an attention matrix in Latin or Greek letters, gold cells outlined.

    Args:
        alpha: (target time, source time).
        rows, columns: labels of the target's and the source's positions.
        gold: bools of the shape of `alpha`.
        ylabel: of the vertical axis.
        size: of the figure, in inches.
    """
    ax = plt.subplots(figsize=size or (6.4, 0.9 + 0.33 * len(rows)))[1]
    image = ax.imshow(alpha, cmap="Blues", vmin=0, vmax=1, aspect="auto")
    ax.set_xticks(range(len(columns)), columns)
    ax.set_yticks(range(len(rows)), rows)
    ax.set(ylabel=ylabel)
    if gold is not None:
        for j, k in np.argwhere(gold):
            box = Rectangle((k - 0.46, j - 0.46), 0.92, 0.92, fill=False, ec=GOLD, lw=2)
            ax.add_patch(box)
    ax.figure.colorbar(image, ax=ax, label=r"$\alpha$")
    said = "; ".join(
        f"{row}: most on {columns[weights.argmax()]} ({weights.max():.2f})".replace(
            "\n", " "
        )
        for row, weights in zip(rows, alpha, strict=True)
    )
    outlined = "" if gold is None else " Cells aligned by hand are outlined."
    show(f"An attention matrix of {len(rows)} rows.{outlined} {said}.")


def segment(alpha, gold, texts):
    """Draw the attention matrix of a Greek segment, a gloss under each word.

    Args:
        alpha, gold: (target time, source time), the filling included.
        texts: a `Segment` of data/alignments.py.
    """
    size = slice(len(texts.english)), slice(len(texts.greek))
    labels = [
        f"{word}\n{gloss[:11]}"
        for word, gloss in zip(texts.greek, texts.glosses, strict=True)
    ]
    inches = 7, 0.9 + 0.36 * len(texts.english)
    matrix(alpha[size], texts.english, labels, gold[size], "", inches)


def table(alpha, rows, columns, gold, caption):
    """Show an attention matrix as an HTML table: shaded cells, the gold outlined.

    Args:
        alpha: (target time, source time).
        rows, columns: characters of the target and of the source.
        gold: bools of the shape of `alpha`.
        caption: what the table is, for everybody.
    """
    heads = "".join(f"{HEAD}{_text(c)}</th>" for c in ("", *columns))
    lines = [f"<tr>{heads}</tr>"]
    for row, weights, right in zip(rows, alpha, gold, strict=True):
        cells = [f"<tr>{HEAD}{_text(row)}</th>"]
        for weight, here in zip(weights, right, strict=True):
            red, green, blue = (round(255 + weight * (c - 255)) for c in SHADE)
            edge = OUTLINE if here else ""
            cells.append(f"<td{edge} bgcolor=#{red:02x}{green:02x}{blue:02x}>")
        lines.append("".join(cells))
    most = ", ".join(
        f"{_text(row)} to {_text(columns[weights.argmax()])}"
        for row, weights in zip(rows, alpha, strict=True)
    )
    display(
        HTML(
            f"<table style='border-collapse:collapse' role='img' aria-label='"
            f"{html.escape(caption, quote=True)} Most weight: {most}.'><caption>"
            f"{html.escape(caption)}</caption>{''.join(lines)}</table>"
        )
    )


def scores(found, gold):
    """Show a table of networks: how often they err, and what they put on gold cells.

    Args:
        found: name → {"wrong": list of arrays, "alpha": list of matrices}, one a seed.
        gold: (texts, target time, source time).
    """
    rows = []
    for name, its in found.items():
        weight = np.mean([share(alpha, gold).mean() for alpha in its["alpha"]])
        rows.append((name, f"{np.mean(its['wrong']):.4f}", f"{weight:.2f}"))
    style.table(("attention", "characters wrong", "weight in the gold field"), rows)


def _text(character):
    return "␣" if character == " " else html.escape(character, quote=True)
