"""Figures of the chapter on image captions: scenes, and where a captioner looks.

Drawings: OpenMoji, CC BY-SA 4.0, https://openmoji.org
"""

import base64
import html
import io

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display
from matplotlib.patches import Rectangle
from PIL import Image

from utils.captions import STRIDE, WINDOW, middles
from utils.figures import style
from utils.figures.style import COLOURS, PAPER, show

SOURCE = "Drawings: OpenMoji 17.0, CC BY-SA 4.0"
WARM = np.array([213, 94, 0]) / 255  # the second of the palette's colours


def overlay(ax, image, alpha):
    """Draw a picture, pale, with each window's weight spread over its pixels."""
    glow = np.zeros(image.shape[:2])
    for weight, (y, x) in zip(alpha, middles(len(image)), strict=True):
        glow[y - WINDOW // 2 : y + WINDOW // 2, x - WINDOW // 2 : x + WINDOW // 2] += (
            weight
        )
    cover = 0.65 * np.clip(glow / max(glow.max(), 1e-9), 0, 1)[..., None]
    ax.imshow((1 - cover) * image / 255 + cover * WARM)
    _bare(ax)


def windows(image, outlined):
    """Draw a picture with the middle of every window, and some windows outlined.

    Args:
        image: (canvas, canvas, 3) uint8.
        outlined: their numbers, 0 is the first of the first row.
    """
    ax = plt.subplots(figsize=(2.6, 2.8))[1]
    ax.imshow(image)
    middle = middles(len(image))
    ax.plot(middle[:, 1] - 0.5, middle[:, 0] - 0.5, ".", color="0.55", ms=3)
    for number, colour in zip(outlined, COLOURS, strict=False):
        y, x = middle[number] - WINDOW / 2 - 0.5
        box = Rectangle((x, y), WINDOW, WINDOW, fill=False, ec=colour, lw=2)
        ax.add_patch(box)
        ax.text(
            x + WINDOW / 2, y - 1, f"$a_{{{number + 1}}}$", ha="center", va="bottom"
        )
    _bare(ax)
    ax.set_xlabel(SOURCE, fontsize=7)
    side = (len(image) - WINDOW) // STRIDE + 1
    show(
        f"A picture with three small drawings and a grid of {side} by {side} dots, the "
        f"middles of the windows. {len(outlined)} windows of {WINDOW} pixels are "
        "outlined; neighbours overlap by half."
    )


def weighted(image, words, alphas):
    """Draw a picture, and for each word the picture under that word's weights."""
    axes = plt.subplots(1, 1 + len(words), figsize=(1.6 * (1 + len(words)), 2))[1]
    axes[0].imshow(image)
    _bare(axes[0])
    axes[0].set_xlabel(SOURCE, fontsize=6)
    for ax, word, alpha in zip(axes[1:], words, alphas, strict=True):
        overlay(ax, image, alpha)
        ax.set_title(word, fontsize=9)
    show(
        f"A picture with three small drawings, and beside it the same picture "
        f"{len(words)} times, with a glow where the words {', '.join(words)} lie."
    )


def strip(rows):
    """Draw scenes, each followed by one overlay for every word that was said.

    Args:
        rows: for each scene (image, list of (word said, word wanted, its weights, box
            of the object wanted or None)). A wrong word is red, with what was wanted.
    """
    width = 1 + max(len(words) for _, words in rows)
    size = 0.97 * width, 0.2 + 1.25 * len(rows)
    axes = plt.subplots(len(rows), width, figsize=size, squeeze=False)[1]
    told = []
    for line, (image, words) in zip(axes, rows, strict=True):
        for ax in line[1 + len(words) :]:
            ax.axis("off")
        line[0].imshow(image)
        _bare(line[0])
        for ax, (said, wanted, alpha, box) in zip(line[1:], words, strict=False):
            overlay(ax, image, alpha)
            right = said == wanted
            ax.set_title(
                said if right else f"{said}\n({wanted})",
                fontsize=6.5,
                color="black" if right else "#A00000",
            )
            if box is not None:
                top, left, bottom, end = np.array(box) - 0.5
                edge = Rectangle((left, top), end - left, bottom - top, fill=False)
                edge.set(ec="black", lw=1, ls=":")
                ax.add_patch(edge)
        wrong = [f"{s} instead of {w}" for s, w, *_ in words if s != w]
        told.append(
            " ".join(s for s, *_ in words) + f" ({', '.join(wrong) or 'right'})"
        )
    source = axes[-1, 0].text(0, len(image) + 6, SOURCE, fontsize=6)
    source.set_in_layout(False)  # or it widens the first column
    show(
        "Pictures in rows, each followed by one copy a word with a glow where the "
        f"weight lies. The rows say: {'; '.join(told)}."
    )


def compare(pictures, titles):
    """Draw pairs (image, weights) side by side, each with its title."""
    axes = plt.subplots(1, len(pictures), figsize=(1.65 * len(pictures), 2.1))[1]
    for ax, (image, alpha), title in zip(axes, pictures, titles, strict=True):
        overlay(ax, image, alpha)
        ax.set_title(title, fontsize=8)
    axes[0].set_xlabel(SOURCE, fontsize=6)
    show(
        "The same scene as it was and edited, with a glow where the weight lies: "
        + "; ".join(title.replace("\n", " ") for title in titles)
        + "."
    )


def table(images, columns):
    """Show small pictures beside texts in any script, as an HTML table.

    Args:
        images: (rows, canvas, canvas, 3) uint8.
        columns: head → texts, one a row.
    """
    cell = f" style='{PAPER};text-align:left'>"
    heads = "".join(f"<th{cell}{html.escape(head)}</th>" for head in columns)
    lines = [f"<tr><th{cell}picture</th>{heads}</tr>"]
    for i, image in enumerate(images):
        file = io.BytesIO()
        Image.fromarray(image).quantize(32).save(file, "png", optimize=True)
        data = base64.b64encode(file.getvalue()).decode()
        first = html.escape(next(iter(columns.values()))[i], quote=True)
        source = f"data:image/png;base64,{data}"
        picture = f"<img width='96' alt='A scene: {first}' src='{source}'>"
        texts = "".join(
            f"<td{cell}{html.escape(texts[i])}</td>" for texts in columns.values()
        )
        lines.append(f"<tr><td{cell}{picture}</td>{texts}</tr>")
    caption = f"<caption>{SOURCE}</caption>"
    display(HTML(f"<table>{caption}{''.join(lines)}</table>"))


def numbers(found):
    """Show a table of numbers: name → number."""
    style.table(("measured", ""), [(k, f"{value:.2f}") for k, value in found.items()])


def lags(found):
    """Draw the pointing accuracy at each setting against the lag.

    Args:
        found: setting → lag → one share a seed.
    """
    ax = plt.subplots(figsize=(6.4, 2.9))[1]
    told = []
    for name, by_lag in found.items():
        values = np.array(list(by_lag.values()))
        (line,) = ax.plot(
            list(by_lag), values.mean(axis=1), marker="o", ms=4, label=name
        )
        low, high = values.min(axis=1), values.max(axis=1)
        ax.fill_between(
            list(by_lag), low, high, color=line.get_color(), alpha=0.2, lw=0
        )
        best = max(by_lag, key=lambda lag: np.mean(by_lag[lag]))
        told.append(f"{name}: highest at {best}")
    ax.set(xlabel="lag in words, 0 is the noun itself", ylabel="peak in its region")
    ax.set(ylim=(-0.03, 1.03), xticks=list(by_lag))
    ax.legend(title="first state, wording", bbox_to_anchor=(1, 1), loc="upper left")
    show(
        "The share of peaks in the region of the noun, at the words before and after "
        f"it, one line a setting. {'; '.join(told)}."
    )


def _bare(ax):
    ax.set_xticks([])
    ax.set_yticks([])
    ax.spines[:].set(visible=True, color="0.85")
