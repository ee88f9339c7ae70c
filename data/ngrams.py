"""Sounds from letters by looking up, the rival that has no network.

Each letter gets the sounds that it made most often between the same neighbours.
"""

from collections import Counter, defaultdict
from itertools import chain

import numpy as np

from data.cmudict import END, align

EDGE = "_"  # fills a window that reaches beyond the word
ENOUGH = 4_000  # words to learn p(sounds | letter) from


class LetterNgram:
    """The most frequent sounds of a letter in its window, with back-off.

    Training words are first aligned by `data.cmudict.align`: every letter makes no, one
    or two phones. A new letter gets what its window made most often in training. Where
    the window was never seen, a smaller one is asked: a letter less on the left, then
    one less on the right, and so on, down to the letter alone.

    Args:
        left, right: letters of the window on each side of the letter.
    """

    def __init__(self, left=3, right=3):
        widest = max(left, right)
        sides = [(n - less, n) for n in range(widest, -1, -1) for less in (0, 1)]
        capped = [(min(max(a, 0), left), min(b, right)) for a, b in sides]
        self.windows = list(dict.fromkeys(capped))
        self.sounds = {}

    def fit(self, words, pronunciations):
        """Learn from words and all pronunciations of each; only the first is used.

        Args:
            words: strings of the letters a to z.
            pronunciations: for each word a list of tuples of phone ids.

        Raises:
            ValueError: a first pronunciation has more than two phones a letter.
        """
        phones = [tuple(map(str, first)) for first, *_ in pronunciations]
        some = slice(None, None, -(-len(words) // ENOUGH))
        aligner = align(words[some], phones[some], more_phones=set(chain(*phones)))
        counts = defaultdict(Counter)
        for start in range(0, len(words), ENOUGH):  # all at once takes much memory
            some = slice(start, start + ENOUGH)
            aligned = aligner.best(words[some], phones[some])
            for word, tags in zip(words[some], aligned, strict=True):
                for i, tag in enumerate(tags):
                    for window in self.around(word, i):
                        counts[window][tag] += 1
        self.sounds = {
            window: phones_in(seen.most_common(1)[0][0])
            for window, seen in counts.items()
        }
        return self

    def around(self, word, i):
        """The windows around letter i, the widest first: (before, letter, after)."""
        n = max(max(window) for window in self.windows)
        padded = EDGE * n + word + EDGE * n
        i += n
        for left, right in self.windows:
            yield padded[i - left : i], padded[i], padded[i + 1 : i + 1 + right]

    def predict(self, words):
        """The phones of new words: (words, time) int32, END after each, then 0.

        A letter that no training word has makes no sound.
        """
        said = []
        for word in words:
            phones = []
            for i in range(len(word)):
                known = (w for w in self.around(word, i) if w in self.sounds)
                phones += self.sounds.get(next(known, None), [])
            said.append([*phones, END])
        rows = np.zeros((len(words), max(map(len, said), default=1)), "int32")
        for row, phones in zip(rows, said, strict=True):
            row[: len(phones)] = phones
        return rows


def phones_in(tag):
    """The phone ids of a tag of `align`: none, one or two."""
    return [] if tag == "-" else [int(phone) for phone in tag.split()]
