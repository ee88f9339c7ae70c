"""Figures of chapter 4.5.3: the idea, documents with their weights, losses, sides."""

import html

import matplotlib.pyplot as plt
import numpy as np
from IPython.display import HTML, display

from utils.figures import style
from utils.figures.style import COLOURS, LINES, curves, show

ARROW = {"arrowstyle": "-|>", "color": "0.3", "shrinkA": 10, "shrinkB": 10}
WORD, SENTENCE = (86, 160, 211), (230, 130, 50)  # of the shades; black stays readable
SAMPLE = (("a", "weak", "plot"), ("go", "and", "see", "it"), ("music", "by", "x"))
SHARES = (0.1, 0.75, 0.15), (0.1, 0.2, 0.6, 0.1), (0.5, 0.3, 0.2)


def idea(levels):
    """Draw the word level of one sentence (1), or both levels of a document (2)."""
    count = 1 if levels == 1 else len(SAMPLE)
    ax = plt.subplots(figsize=(6.4, 2.3 if levels == 1 else 3.9))[1]
    left, middles = 0, []
    for i in range(count):
        places = [left + t for t in range(len(SAMPLE[i]))]
        middles.append(np.mean(places))
        for x, word, share in zip(places, SAMPLE[i], SHARES[i], strict=True):
            _node(ax, x, 0, word, "0.93")
            _node(ax, x, 1, "$h$", COLOURS[0], "white")
            ax.annotate("", (x, 1), (x, 0), arrowprops=ARROW)
            _weighted(ax, (middles[-1], 2.2), (x, 1), share)
        for x in places[1:]:
            both = ARROW | {"arrowstyle": "<|-|>"}
            ax.annotate("", (x, 1), (x - 1, 1), arrowprops=both)
        _node(ax, middles[-1], 2.2, f"$s_{i + 1}$", COLOURS[2], "white")
        left = places[-1] + 1.6
    top, centre = 2.2, np.mean(middles)
    if levels == 2:
        top = 4.5
        for x, share in zip(middles, (0.6, 0.3, 0.1), strict=True):
            _node(ax, x, 3.3, "$h$", COLOURS[0], "white")
            ax.annotate("", (x, 3.3), (x, 2.2), arrowprops=ARROW)
            _weighted(ax, (centre, 4.5), (x, 3.3), share)
        for x, other in zip(middles, middles[1:], strict=False):
            both = ARROW | {"arrowstyle": "<|-|>"}
            ax.annotate("", (other, 3.3), (x, 3.3), arrowprops=both)
        _node(ax, centre, 4.5, "$v$", COLOURS[1], "white")
    ax.set(xlim=(-0.7, left - 0.9), ylim=(-0.45, top + 0.45))
    ax.axis("off")
    said = "Three words with their states h, joined both ways. Weighted arrows lead "
    said += "from them to one vector s: the thickest from the word weak."
    if levels == 2:
        said = (
            "Three sentences. The states h of the words of each are joined into one "
            "vector s a sentence by weighted arrows. The vectors s have states h of "
            "their own, joined both ways, from which weighted arrows lead to one "
            "vector v of the document."
        )
    show(said)


def _node(ax, x, y, label, colour, text="black"):
    box = {"boxstyle": "round,pad=.3", "fc": colour, "ec": "0.25"}
    ax.text(x, y, label, ha="center", va="center", color=text, size=9, bbox=box)


def _weighted(ax, end, start, share):
    line = ARROW | {"lw": 0.4 + 5 * share, "color": COLOURS[2]}
    ax.annotate("", end, start, arrowprops=line)


def losses(found):
    """Draw the validation loss against the epoch, one line a seed.

    Args:
        found: name → list of the losses of one seed each, of any lengths.
    """
    ax = plt.subplots()[1]
    said = []
    several = {name: seeds for name, seeds in found.items() if seeds}
    for (name, seeds), colour, line in zip(
        several.items(), COLOURS, LINES, strict=False
    ):
        for k, values in enumerate(seeds):
            label = name if k == 0 else None
            epochs = range(1, len(values) + 1)
            ax.plot(epochs, values, color=colour, ls=line, label=label)
            ax.plot(1 + np.argmin(values), min(values), "o", color=colour, ms=5)
        best = sorted({int(np.argmin(values)) + 1 for values in seeds})
        said.append(f"{name}: lowest after epoch {', '.join(map(str, best))}")
    ax.set(xlabel="epoch", ylabel="nats a document")
    ax.xaxis.get_major_locator().set_params(integer=True)
    if len(several) > 1:
        ax.legend()
    ends = " A dot marks the epoch that is kept."
    show(f"Validation loss against the epoch, a line a seed. {'; '.join(said)}.{ends}")


def document(text, sentences, words, split, title, decisive=None, decoy=None):
    """Show a document as an HTML table, weights as shades: sentences, and words.

    Args:
        text: its sentences.
        sentences: (sentences,) weights. words: (sentences, words) weights.
        split: pieces of a sentence, as many as it has words, or more: the rest was
            not read.
        title: what it is, for everybody.
        decisive, decoy: places of sentences that are marked, by a line and by dots.
    """
    rows = []
    for i, sentence in enumerate(text[: len(sentences)]):
        pieces = split(sentence)
        weights = words[i] / max(words[i].max(), 1e-9)
        spans = [
            f"<span style='background:{_shade(WORD, w)}'>{html.escape(piece)}</span>"
            for piece, w in zip(pieces, weights, strict=False)
        ]
        edge = {decisive: "solid #000", decoy: "dotted #000"}.get(i, "solid #fff")
        look = (
            f"color:#000;border:2px {edge};text-align:left;padding:2px 6px;background:"
        )
        share = f"<td style='{look}{_shade(SENTENCE, sentences[i])}'>{sentences[i]:.2f}"
        joint = "" if len(pieces) == len(sentence) else " "
        said = f"<td style='{look}#fff'>{joint.join(spans)}"
        rows.append(f"<tr>{share}</td>{said}</td></tr>")
    heavy = int(np.argmax(sentences))
    known = "" if decisive is None else f" Sentence {decisive + 1} decides."
    about = html.escape(
        f"{title}{known} Sentence {heavy + 1} of {len(rows)} has the most weight, "
        f"{sentences[heavy]:.2f}.",
        quote=True,
    )
    display(
        HTML(
            f"<table aria-label='{about}'><caption>{about}"
            f"</caption>{''.join(rows)}</table>"
        )
    )


def _shade(colour, weight):
    red, green, blue = (round(255 + float(weight) * (c - 255)) for c in colour)
    return f"#{red:02x}{green:02x}{blue:02x}"


def parts(data, compositions):
    """Show how many documents and films the parts have, and how many are good."""
    counts = {"train": len(data.train.fresh) // compositions}
    rows = [
        (
            name,
            counts.get(name, len(part.fresh)),
            len(set(part.films)),
            f"{part.fresh.mean():.2f}",
        )
        for name, part in list(vars(data).items())[:3]
    ]
    style.table(("part", "reviews that decide", "films", "good"), rows)


def words(rows):
    """Show (word, multiple of an equal share, occurrences) as a table."""
    cells = [
        (rank, word, f"{times:.1f} ×", count)
        for rank, (word, times, count) in enumerate(rows, start=1)
    ]
    style.table(("rank", "word", "weight", "occurrences"), cells)


def table_of(numbers):
    """Show names and shares as a table."""
    style.table(("", "share"), [(k, f"{value:.3f}") for k, value in numbers.items()])


def by_length(length, wrong):
    """Draw the share of wrong labels by the length of a document, in thirds.

    Args:
        length: (documents,), words.
        wrong: name → list of (documents,) bools, one a seed.
    """
    third = np.searchsorted(np.quantile(length, [1 / 3, 2 / 3]), length)
    middle = [int(np.median(length[third == k])) for k in range(3)]
    rows = {
        name: np.array([[one[third == k].mean() for k in range(3)] for one in several])
        for name, several in wrong.items()
    }
    curves(middle, rows, "words in the document (median of the third)", "wrong")
    said = [f"{n}: {', '.join(f'{v:.2f}' for v in r.mean(0))}" for n, r in rows.items()]
    show(f"Share of wrong labels, short to long documents. {'; '.join(said)}.")


def sides(own, genre, fresh, chance):
    """Draw how often each seed finds the decisive review: bad ones against good ones.

    Args:
        own: (seeds, documents) bools. genre: (documents,) bools, of the rule.
        fresh: (documents,), 1 where the decisive review is good.
        chance: of finding it blindly.
    """
    ax = plt.subplots(figsize=(4.6, 4.2))[1]
    bad, good = (own[:, fresh == label].mean(axis=1) for label in (0, 1))
    rule = [genre[fresh == label].mean() for label in (0, 1)]
    ax.plot(bad, good, "o", color=COLOURS[0], ms=8, label="attention, one seed", ls="")
    ax.plot(*rule, "s", color=COLOURS[1], ms=8, label="genre rule", ls="")
    ax.plot(chance, chance, "x", color="0.2", ms=8, label="chance", ls="")
    ax.plot([0, 1], [0, 1], color="0.8", lw=1, ls="-", zorder=0)
    ax.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    ax.set(xlabel="found, bad reviews", ylabel="found, good reviews")
    ax.legend(loc="upper right", fontsize=8)
    said = "; ".join(f"{b:.2f} and {g:.2f}" for b, g in zip(bad, good, strict=True))
    show(
        "Share of documents in which the decisive sentence has the most attention, bad "
        f"and good reviews, for each seed: {said}; the genre rule: {rule[0]:.2f} and "
        f"{rule[1]:.2f}; chance: {chance:.2f}."
    )


def by_sentences(shown, lines):
    """Draw the share of wrong labels against the number of sentences that are shown.

    Args:
        shown: the numbers. lines: name → list of shares, one list a seed.
    """
    rows = {name: np.array(several) for name, several in lines.items()}
    curves(list(shown), rows, "sentences shown", "share of wrong labels")
    said = [
        f"{name}: {r.mean(0)[0]:.2f} with one sentence, {r.mean(0)[-1]:.2f} with all"
        for name, r in rows.items()
    ]
    show(f"Share of wrong labels by the sentences shown. {'; '.join(said)}.")
