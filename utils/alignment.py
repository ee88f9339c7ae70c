"""Which source position belongs to which target position: aligners, and their error.

An alignment is an array of bools (pairs of texts, target time, source time). A row is a
target position; every aligner here gives each one that counts a single source position,
so that all of them make equally many links.
"""

import numpy as np
from nltk.translate import AlignedSent, IBMModel1


def one_each(scores, x_real, y_real):
    """Link each real target position to the real source position it scores highest.

    Args:
        scores: (texts, target time, source time), such as attention weights.
        x_real, y_real: (texts, time) bools: which positions count.

    Returns:
        Bools of the shape of `scores`.
    """
    scores = np.where(x_real[:, None, :], scores, -np.inf)
    chosen = scores.argmax(axis=-1)[..., None] == np.arange(scores.shape[-1])
    return chosen & y_real[:, :, None] & x_real[:, None, :]


def error_rate(links, gold, groups=None):
    """Alignment error rate (Och & Ney 2003), gold links sure: 1 − 2|A∩G| / (|A|+|G|).

    Args:
        links, gold: the links made, and those made by hand.
        groups: (texts,), names; texts of one name count as one item.

    Returns:
        The rate of all texts; with `groups` also the rate of each item and its weight,
        |A| + |G|, in the order of `np.unique`. Their weighted mean is the rate.
    """
    both = (links & gold).sum(axis=(1, 2))
    size = links.sum(axis=(1, 2)) + gold.sum(axis=(1, 2))
    rate = 1 - 2 * both.sum() / size.sum()
    if groups is None:
        return rate
    _, place = np.unique(groups, return_inverse=True)
    both, size = (np.bincount(place, weights=counts) for counts in (both, size))
    return rate, 1 - 2 * both / size, size


def share(weights, gold):
    """How much of its weight each text puts on gold positions, on average.

    Args:
        weights: (texts, target time, source time), rows that add up to 1.
        gold: bools of that shape; rows without a gold position do not count.

    Returns:
        (texts,): the mean over the rows that count, NaN where there are none.
    """
    counts = gold.any(axis=-1)
    of_rows = (weights * gold).sum(axis=-1) * counts
    with np.errstate(invalid="ignore"):
        return of_rows.sum(axis=-1) / counts.sum(axis=-1)


def diagonal(x_real, y_real):
    """Link target position j of n to the source position as far along, of m."""
    m, n = (real.sum(axis=-1)[:, None] for real in (x_real, y_real))
    j = np.arange(y_real.shape[1])
    centre = np.minimum((j + 0.5) * m / np.maximum(n, 1), m - 0.5)[..., None]
    distance = np.abs(np.arange(x_real.shape[1]) + 0.5 - centre)
    return one_each(-distance, x_real, y_real)


class PositionPrior:
    """Links by position alone: the source position most often gold in training.

    It counts by target position and both lengths; where training has no such texts it
    counts by target position and source length, and last it is the diagonal.

    Args:
        gold, x_real, y_real: of the training texts.
    """

    def __init__(self, gold, x_real, y_real):
        m, n = x_real.sum(axis=-1), y_real.sum(axis=-1)
        size = 1 + max(gold.shape[1:])
        self.exact = np.zeros((size, size, *gold.shape[1:]))
        np.add.at(self.exact, (m, n), gold)
        self.coarse = self.exact.sum(axis=1)

    def __call__(self, x_real, y_real):
        m, n = x_real.sum(axis=-1), y_real.sum(axis=-1)
        scores = diagonal(x_real, y_real) * 1e-6
        scores += self.coarse[m] * 1e-3 + 1e3 * self.exact[m, n]
        return one_each(scores, x_real, y_real)


class WordTranslation:
    """IBM model 1 (Brown et al. 1993), trained by nltk: links by p(target | source).

    Args:
        sources, targets: training texts, lists of lists of words.
        rounds: of expectation-maximisation.
    """

    def __init__(self, sources, targets, rounds=5):
        pairs = zip(targets, sources, strict=True)
        corpus = [AlignedSent(target, source) for target, source in pairs]
        self.table = IBMModel1(corpus, rounds).translation_table

    def __call__(self, sources, targets, shape):
        """Links (texts, target time, source time) of other texts, of this shape."""
        links = np.zeros((len(sources), *shape), bool)
        for i, (source, target) in enumerate(zip(sources, targets, strict=True)):
            for j, word in enumerate(target):
                links[i, j, np.argmax([self.table[word][s] for s in source])] = True
        return links


def uniform(x_real, steps):
    """The same weight for each real source position: (texts, steps, source time)."""
    weights = x_real / x_real.sum(axis=-1, keepdims=True)
    return np.repeat(weights[:, None].astype("float32"), steps, axis=1)


def in_common(alphas, counts):
    """The weight that two attention matrices share, on average, for every two of them.

    Args:
        alphas: (matrices, texts, target time, source time), rows that add up to 1.
        counts: bools (texts, target time): which rows count.

    Returns:
        One number a pair, 0 to 1: the mean over rows of Σ min(α, α').
    """
    return np.array(
        [
            np.minimum(alphas[i], alphas[j]).sum(axis=-1)[counts].mean()
            for i in range(len(alphas))
            for j in range(i)
        ]
    )


def rates_of(links, gold, groups):
    """The error rates of several aligners, each from one seed or from several.

    Args:
        links: name → list of links, one a seed; one alone stands for all seeds.
        gold, groups: as of `error_rate`.

    Returns:
        name → mean rate; name → rates (seeds, items); the weights of the items, which
        are the same for all, since all make equally many links.
    """
    means, items, seeds = {}, {}, max(map(len, links.values()))
    for name, several in links.items():
        found = [error_rate(one, gold, groups) for one in several]
        means[name] = float(np.mean([rate for rate, _, _ in found]))
        items[name] = np.array([each for _, each, _ in found * (seeds // len(found))])
    return means, items, found[0][2]
