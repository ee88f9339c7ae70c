"""The n-gram that networks are compared with looks up what it was shown."""

import numpy as np
import pytest

from data import cmudict
from data.ngrams import LetterNgram
from utils.transcription import phone_errors, phones_of

A, B, K, S = 3, 4, 5, 6
WORDS = ["a", "b", "ab", "ba", "bax", "xa"]
SOUNDS = [[(A,)], [(B,)], [(A, B)], [(B, A)], [(B, A, K, S)], [(K, S, A)]]


def said(model, *words):
    return [phones_of(row) for row in model.predict(list(words))]


def test_the_windows_shrink_on_the_left_first_down_to_the_letter():
    wide = [(3, 3), (2, 3), (2, 2), (1, 2), (1, 1), (0, 1), (0, 0)]
    assert LetterNgram().windows == wide
    assert LetterNgram(0, 0).windows == [(0, 0)]
    assert LetterNgram(1, 2).windows == [(1, 2), (1, 1), (0, 1), (0, 0)]
    assert LetterNgram(2, 0).windows == [(2, 0), (1, 0), (0, 0)]


def test_the_windows_around_a_letter_show_the_edge_of_the_word():
    around = list(LetterNgram(2, 1).around("cake", 0))
    assert around == [("__", "c", "a"), ("_", "c", "a"), ("", "c", "a"), ("", "c", "")]
    assert next(LetterNgram(2, 1).around("cake", 3)) == ("ak", "e", "_")
    assert next(LetterNgram().around("cake", 1)) == ("__c", "a", "ke_")


def test_letters_make_what_they_made_in_training():
    model = LetterNgram().fit(WORDS, SOUNDS)
    assert said(model, *WORDS) == [every[0] for every in SOUNDS]
    assert said(model, "xab", "bbb") == [(K, S, A, B), (B, B, B)]


def test_the_same_letter_sounds_differently_between_other_letters():
    words = ["ab", "aab", "ax", "aax", "b", "x", "a"]
    sounds = [(A, B), (A, A, B), (S, K), (S, S, K), (B,), (K,), (A,)]
    model = LetterNgram(0, 1).fit(words, [[each] for each in sounds])
    assert said(model, "xab", "bax", "a") == [(K, A, B), (B, S, K), (A,)]
    alone = LetterNgram(0, 0).fit(words, [[each] for each in sounds])
    assert said(alone, "xab")[0][1] == said(alone, "bax")[0][1]


def test_only_the_first_pronunciation_teaches():
    both = [[*every, (K, K)] for every in SOUNDS]
    assert said(LetterNgram().fit(WORDS, both), "xab") == [(K, S, A, B)]


def test_an_unknown_letter_is_silent_and_the_arrays_are_as_errors_want_them():
    rows = LetterNgram().fit(WORDS, SOUNDS).predict(["ab", "aqb", "q", "bax"])
    assert rows.dtype == "int32"
    end = [2, 0, 0]
    assert rows.tolist() == [[A, B, *end], [A, B, *end], [*end, 0, 0], [B, A, K, S, 2]]
    edits, _, wrong = phone_errors(rows, [[(A, B)], [(A, B)], [()], [(B, A, K, S)]])
    assert not edits.any() and not wrong.any()
    assert LetterNgram().predict([]).shape == (0, 1)


def test_a_word_with_too_many_sounds_is_refused():
    with pytest.raises(ValueError, match="'a' has more than two phones a letter"):
        LetterNgram().fit(["a"], [[(A, B, K)]])


def test_more_words_than_the_alignment_learns_from(monkeypatch):
    monkeypatch.setattr("data.ngrams.ENOUGH", 2)
    words, sounds = WORDS + ["z"], SOUNDS + [[(7,)]]  # of which only every fourth
    model = LetterNgram().fit(words, sounds)
    assert said(model, "z", "a", "b") == [(7,), (A,), (B,)]


def test_neighbours_help_with_english():
    data = cmudict.spelling(words=2_000, longest=10)
    train, test = data.train, data.test
    rates = []
    for sides in (0, 0), (0, 2), (3, 3):
        model = LetterNgram(*sides).fit(train.words, train.pronunciations)
        edits, lengths, wrong = phone_errors(
            model.predict(test.words), test.pronunciations
        )
        rates.append([edits.sum() / lengths.sum(), wrong.mean()])
    assert (np.diff(rates, axis=0) < 0).all(), rates
    assert 0.1 < rates[2][0] < 0.3 and 0.6 < rates[2][1] < 0.9, rates
