"""Pronunciations as a network says them: how many of their phones are wrong.

A transcription is a row of phone ids that ends with END; what follows is filling.
"""

import numpy as np
from nltk import edit_distance

END = 2


def phone_errors(said, pronunciations):
    """How far each word is from the nearest of its pronunciations.

    Args:
        said: (words, time) of phone ids; END ends a word, the rest of the row does not
            count. A row without END counts whole.
        pronunciations: for each word all its pronunciations, tuples of phone ids.

    Returns:
        Three arrays (words,). edits: the fewest insertions, deletions and
        substitutions that make one of the pronunciations; lengths: the phones of that
        pronunciation, the first of several as near; wrong: whether edits are needed.
    """
    nearest = [
        min((edit_distance(word, each), i, len(each)) for i, each in enumerate(every))
        for word, every in zip(map(phones_of, said), pronunciations, strict=True)
    ]
    edits, _, lengths = np.array(nearest, int).reshape(-1, 3).T
    return edits, lengths, edits > 0


def error_rates(edits, lengths, wrong):
    """Phone error rate and word error rate, from what `phone_errors` returns."""
    return edits.sum() / lengths.sum(), wrong.mean()


def phones_of(row):
    """The phone ids of one row before END, without filling, as a tuple."""
    row = list(map(int, row))
    if END in row:
        row = row[: row.index(END)]
    return tuple(phone for phone in row if phone)


def spell(row, names):
    """One row of phone ids in words, as *K AE T*; START and END are not shown."""
    return " ".join(names[phone] for phone in phones_of(row) if phone > END)
