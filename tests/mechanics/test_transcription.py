"""Phone errors are counted right: by hand, and against all edits tried one by one."""

import numpy as np
import pytest

from utils.transcription import phone_errors, phones_of, spell

END = 2


def counted(said, *pronunciations):
    """Of one word."""
    edits, lengths, wrong = phone_errors(np.array([said]), [pronunciations])
    assert edits.shape == lengths.shape == wrong.shape == (1,) and wrong.dtype == bool
    return edits[0], lengths[0], wrong[0]


@pytest.mark.parametrize(
    "said, edits",
    [
        ([3, 4, 5, END, 0], 0),
        ([3, 4, 6, END, 0], 1),  # one substituted
        ([3, 5, END, 0, 0], 1),  # one missing
        ([3, 4, 4, 5, END], 1),  # one too many
        ([4, 3, 5, END, 0], 2),  # two exchanged
        ([5, 4, 3, END, 0], 2),
        ([4, 5, 3, END, 0], 2),
        ([END, 0, 0, 0, 0], 3),
        ([3, 4, 5, 5, 5], 2),  # never ends
        ([3, 4, 5, END, 7], 0),  # nothing counts after END
        ([0, 3, 4, 5, END], 0),  # nor filling
    ],
)
def test_edits_by_hand(said, edits):
    assert counted(said, (3, 4, 5)) == (edits, 3, edits > 0)


def test_the_nearest_pronunciation_counts_with_its_length():
    assert counted([3, 4, END, 0], (9, 9, 9, 9), (3, 4, 5), (3, 4)) == (0, 2, False)
    assert counted([3, 4, END, 0], (9, 9, 9, 9), (3, 4, 5)) == (1, 3, True)
    # where two are as near, the first: a longer one would make the rate look better
    assert counted([3, 4, END, 0], (3,), (3, 4, 5)) == (1, 1, True)
    assert counted([3, 4, END, 0], (3, 4, 5), (3,)) == (1, 3, True)


def test_the_rates_of_several_words():
    said = np.array([[3, 4, END, 0], [3, END, 0, 0], [5, 5, 5, END]])
    edits, lengths, wrong = phone_errors(said, [[(3, 4)], [(4,), (3, 4)], [(5, 5, 5)]])
    assert edits.tolist() == [0, 1, 0] and lengths.tolist() == [2, 1, 3]
    assert wrong.tolist() == [False, True, False]
    assert edits.sum() / lengths.sum() == 1 / 6 and wrong.mean() == 1 / 3


def test_no_words_make_no_errors():
    edits, lengths, wrong = phone_errors(np.zeros((0, 5), int), [])
    assert len(edits) == len(lengths) == len(wrong) == 0


def test_every_word_needs_its_pronunciations():
    with pytest.raises(ValueError):
        phone_errors(np.array([[3, END], [4, END]]), [[(3,)]])


def one_edit_away(word, alphabet):
    """Every sequence that one insertion, deletion or substitution makes."""
    for i in range(len(word) + 1):
        for phone in alphabet:
            yield word[:i] + (phone,) + word[i:]
            if i < len(word):
                yield word[:i] + (phone,) + word[i + 1 :]
        if i < len(word):
            yield word[:i] + word[i + 1 :]


def fewest_edits(start, goals):
    """By trying all edits, then all edits of those, and so on."""
    reached, edits = {start}, 0
    while not reached & set(goals):
        reached = {new for word in reached for new in one_edit_away(word, (3, 4, 5))}
        edits += 1
    return edits


def test_equal_to_trying_every_edit():
    rng = np.random.default_rng(0)
    found = set()
    for _ in range(60):
        word = rng.integers(3, 6, rng.integers(0, 5))
        goals = [tuple(rng.integers(3, 6, rng.integers(1, 5)).tolist()) for _ in "ab"]
        edits, length, wrong = counted([*word, END], *goals)
        assert edits == fewest_edits(tuple(word.tolist()), goals)
        distances = [fewest_edits(tuple(word.tolist()), [goal]) for goal in goals]
        assert length == len(goals[int(np.argmin(distances))])
        assert wrong == (edits > 0)
        found.add(int(edits))
    assert found >= {0, 1, 2, 3}


def test_a_transcription_is_printed_in_phones():
    names = ["", "START", "END", "AE", "K", "T"]
    assert spell(np.array([4, 3, 5, END, 0, 0]), names) == "K AE T"
    assert spell([1, 4, 3, 5, 2, 4], names) == "K AE T"
    assert spell([END, 0], names) == "" and spell([4, 4], names) == "K K"
    assert phones_of([4, 0, 3, END, 5]) == (4, 3)
