"""Documents as ids: (documents, sentences, words), filled up with 0 at both levels.

And as bags of words, for a classifier that does not know the order.
"""

from collections import Counter

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

UNKNOWN = 1  # any word that is too rare; 0 is the filling


def vocabulary(texts, least):
    """What the ids stand for: filling, unknown, then the most frequent word first.

    Args:
        texts: lists of words, each text once.
        least: a word that fewer texts have is unknown.
    """
    counts = Counter(word for text in texts for word in set(text))
    kept = [word for word, count in counts.items() if count >= least]
    return ["", "?", *sorted(kept, key=lambda word: (-counts[word], word))]


def encode(documents, names, sentences, words):
    """The first so many words of the first so many sentences of each document.

    Args:
        documents: lists of sentences, which are lists of words.
        names: a `vocabulary`.
        sentences, words: the most that are kept.

    Returns:
        (documents, sentences, words) int32.
    """
    known = {word: i for i, word in enumerate(names)}
    ids = np.zeros((len(documents), sentences, words), "int32")
    for i, document in enumerate(documents):
        for j, sentence in enumerate(document[:sentences]):
            row = [known.get(word, UNKNOWN) for word in sentence[:words]]
            ids[i, j, : len(row)] = row
    return ids


def bag_of_words(split, C=1.0, **options):
    """A classifier of texts: logistic regression on their words, whatever the order.

    Args:
        split: makes words of a text: a function, or an analyzer of scikit-learn.
        C: how freely it may fit.
        options: of scikit-learn's `TfidfVectorizer`.
    """
    options = {"min_df": 2, "sublinear_tf": True} | options
    weights = TfidfVectorizer(analyzer=split, **options)
    return make_pipeline(weights, LogisticRegression(C=C, max_iter=300))
