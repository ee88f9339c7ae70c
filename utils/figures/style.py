"""How the course's figures look: colour-blind safe, readable in grey, no clutter."""

import io

import matplotlib.pyplot as plt
import numpy as np
from cycler import cycler
from IPython.display import Image, Markdown, display
from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator
from PIL import Image as Picture

# Okabe & Ito's palette, its two pale colours replaced, so that each has a contrast of
# 3 to 1 or more with white; in an order that also differs in lightness. The line styles
# keep curves apart in grey.
COLOURS = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#B37400", "#595959"]
LINES = ["-", "--", "-.", ":", (0, (5, 1)), (0, (1, 1))]
# Of every cell of an HTML table with shades: a page that is dark keeps its own colours
# elsewhere, and a notebook that is not trusted yet has no style sheet.
PAPER = "background:#fff;color:#000"
PER_INCH = 90  # pixels of the page; the picture itself has twice as many

plt.rcParams.update(
    {
        "figure.figsize": (6.4, 2.9),
        "figure.dpi": PER_INCH,
        "figure.constrained_layout.use": True,
        "axes.prop_cycle": cycler(color=COLOURS) + cycler(linestyle=LINES),
        "axes.spines.top": False,
        "axes.spines.right": False,
        "legend.frameon": False,
        "font.size": 10,
    }
)


def show(alt, colours=128):
    """Show the current figure, sharp on any screen, with its text alternative.

    Args:
        alt: what the figure shows, for somebody who cannot see it.
        colours: of the palette that makes the file small.
    """
    figure = plt.gcf()
    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", bbox_inches="tight", dpi=2 * PER_INCH)
    picture = Picture.open(full).convert("RGB").quantize(colours)
    picture.save(small, "png", optimize=True)
    about = {"alt": alt, "width": picture.width // 2}
    display(
        Image(small.getvalue(), width=picture.width // 2),
        metadata={"image/png": about},
    )
    plt.close(figure)


def table(head, rows):
    """Show a table: the names of its columns, and the cells of each row."""
    names, *lines = (f"| {' | '.join(map(_cell, line))} |" for line in (head, *rows))
    display(Markdown("\n".join([names, "|---" * len(head) + "|", *lines])))


def _cell(value):
    return f"{value:.2g}" if isinstance(value, (float, np.floating)) else str(value)


def curves(x, ys, xlabel, ylabel, title="", log=False, ax=None):
    """Draw one curve a name. `ys`: name → (len(x),), or (seeds, len(x)): mean, band."""
    ax = ax or plt.subplots()[1]
    for name, y in ys.items():
        y = np.atleast_2d(y)
        centre = np.exp(np.log(y).mean(axis=0)) if log else y.mean(axis=0)
        (line,) = ax.plot(x, centre, label=name, marker="o" if len(x) == 1 else None)
        if len(y) > 1:
            low, high = y.min(axis=0), y.max(axis=0)
            ax.fill_between(x, low, high, color=line.get_color(), alpha=0.2, lw=0)
    if log:
        ax.set_yscale("log")
    locator = ax.xaxis.get_major_locator()
    whole = np.issubdtype(np.asarray(x).dtype, np.integer)
    if whole and isinstance(locator, MaxNLocator):  # and not ticks set by hand
        locator.set_params(integer=True)  # no epoch 2.5
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if len(ys) > 1:
        ax.legend()
    return ax


def plain_log(axis, decades):
    """Label a logarithmic axis that covers few decades with plain numbers."""
    if decades < 3:
        axis.set_major_locator(LogLocator(subs=(1, 2, 5)))
        axis.set_major_formatter(lambda value, _: f"{value:g}")
        axis.set_minor_locator(NullLocator())


def node(ax, x, y, label, colour):
    """Draw a circle of one size, whatever its label."""
    ax.plot(x, y, "o", ms=19, mfc=colour, mec="0.25", zorder=3)
    text = "white" if colour in COLOURS else "black"
    ax.text(x, y, label, ha="center", va="center", color=text, size=9, zorder=4)


def heat_map(matrix, xlabel, ylabel, title="", bar="", ticks=None, ax=None, **kwargs):
    """Draw a matrix, row 0 on top; white is 0. `ticks` labels both axes' steps."""
    ax = ax or plt.subplots(figsize=(3.6, 3))[1]
    kwargs = {"cmap": "Blues", "vmin": 0} | kwargs
    image = ax.imshow(matrix, **kwargs)
    ax.set(xlabel=xlabel, ylabel=ylabel, title=title)
    if ticks is not None:
        ax.set_xticks(range(len(ticks)), ticks)
        ax.set_yticks(range(len(ticks)), ticks)
    ax.spines[["top", "right"]].set_visible(True)
    if bar:
        ax.figure.colorbar(image, ax=ax, label=bar)
    return ax
