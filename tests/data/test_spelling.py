"""Words and their sounds as two sequences: what the card says, and nothing lost."""

from itertools import chain

import numpy as np
import pytest

from data import archives, cmudict
from data.archives import ArchiveError
from data.cmudict import END, START


@pytest.fixture(scope="module")
def spelling():
    return cmudict.spelling()


@pytest.fixture(scope="module")
def everything():
    return cmudict.spelling(words=None, longest=28)


def parts_of(data):
    return data.train, data.validation, data.test


def words_of(data):
    return list(chain.from_iterable(part.words for part in parts_of(data)))


def test_as_many_words_as_were_asked_for(spelling):
    assert [len(p.words) for p in parts_of(spelling)] == [8_020, 986, 994]
    words = words_of(spelling)
    assert len(set(words)) == 10_000 and max(map(len, words)) == 12


def test_all_words_but_the_37_abbreviations_of_the_card(everything):
    words = words_of(everything)
    assert len(set(words)) == len(words) == 117_493 - 37
    assert [len(p.words) for p in parts_of(everything)] == [93_697, 11_844, 11_915]


def test_the_smaller_choice_is_the_beginning_of_the_larger(spelling):
    fewer = cmudict.spelling(words=1_000)
    for few, many in zip(parts_of(fewer), parts_of(spelling), strict=True):
        assert few.words == many.words[: len(few.words)]


def test_shapes_and_dtypes(spelling, everything):
    for data, time, width in (spelling, 12, 16), (everything, 28, 30):
        for part in parts_of(data):
            assert part.letters.shape == (len(part.words), time)
            assert part.phones.shape == (len(part.words), width)
            assert part.letters.dtype == part.phones.dtype == "int32"
            assert len(part.pronunciations) == len(part.stems) == len(part.words)
            assert part.letters.min() == 0 and part.letters.max() == 26
            assert part.phones.min() == 0
            assert part.phones.max() == len(data.phone_names) - 1


def test_the_letters_spell_the_word_and_the_rest_is_filling(everything):
    for part in parts_of(everything):
        spelt = [
            "".join(chr(ord("a") + letter - 1) if letter else " " for letter in row)
            for row in part.letters.tolist()
        ]
        assert [text.rstrip() for text in spelt] == part.words


def test_the_phones_are_the_first_pronunciation_between_start_and_end(everything):
    sounds, names = cmudict.pronunciations(), everything.phone_names
    assert names[:3] == ["", "START", "END"] and len(names) == 3 + 39
    assert names[3:] == sorted(set(names[3:]))
    assert cmudict.spelling(words=20, longest=3).phone_names == names
    for part in parts_of(everything):
        for word, row in zip(part.words, part.phones.tolist(), strict=True):
            first = sounds[word][0]
            assert [names[i] for i in row[1 : len(first) + 1]] == list(first)
            assert row[0] == START and row[len(first) + 1] == END
            assert not any(row[len(first) + 2 :])


def test_every_pronunciation_is_kept_once(everything):
    sounds, names = cmudict.pronunciations(), everything.phone_names
    several = 0
    for part in parts_of(everything):
        for word, every in zip(part.words, part.pronunciations, strict=True):
            named = [tuple(names[i] for i in each) for each in every]
            assert named[0] == sounds[word][0] and set(named) == set(sounds[word])
            assert len(set(every)) == len(every)
            several += len(every) > 1
    assert several == 7_470


def test_the_words_left_out_are_long_or_make_many_sounds_a_letter(spelling):
    sounds = cmudict.pronunciations()
    for word in words_of(spelling):
        assert len(word) <= 12
        assert all(len(each) <= 2 * len(word) for each in sounds[word]), word
    shorter = cmudict.spelling(words=None, longest=5)
    wanted = {
        word
        for word, every in sounds.items()
        if len(word) <= 5 and max(map(len, every)) <= 2 * len(word)
    }
    assert set(words_of(shorter)) == wanted
    assert "tomato" not in wanted and "cake" in wanted and "bmw" not in wanted


def test_all_words_of_a_stem_are_in_one_part(everything):
    parts = parts_of(everything)
    stems = [set(part.stems) for part in parts]
    assert not stems[0] & stems[1] and not stems[0] & stems[2]
    assert not stems[1] & stems[2]
    for part, name in zip(parts, ("train", "validation", "test"), strict=True):
        assert [cmudict.stem(word) for word in part.words] == part.stems
        assert {cmudict.split(word) for word in part.words[:500]} == {name}


def test_a_smoke_run_has_few_words_and_all_of_the_test_part(monkeypatch, spelling):
    monkeypatch.setenv("COURSE_SMOKE", "1")
    few = cmudict.spelling()
    for part in (few.train, few.validation):
        lengths = {len(part.words), len(part.letters), len(part.phones)}
        assert lengths | {len(part.pronunciations), len(part.stems)} == {64}
    assert few.test.words == spelling.test.words
    assert few.train.words == spelling.train.words[:64]
    np.testing.assert_array_equal(few.train.phones, spelling.train.phones[:64])


def test_a_word_from_outside_is_encoded_as_the_data_are(spelling):
    part = spelling.validation
    np.testing.assert_array_equal(cmudict.encode(part.words, 12), part.letters)
    assert cmudict.encode(["az"], 3).tolist() == [[1, 26, 0]]
    assert cmudict.encode([], 3).shape == (0, 3)


@pytest.mark.parametrize(
    "word, message",
    [
        ("", "'' is not a word of the letters a to z"),
        ("naïve", "'naïve' is not a word of the letters a to z"),
        ("Cake", "'Cake' is not a word"),
        ("o'clock", "is not a word"),
        ("cakes", "'cakes' has more than 4 letters"),
    ],
)
def test_what_is_no_word_is_one_clear_error(word, message):
    with pytest.raises(ValueError, match=message):
        cmudict.encode(["cake", word], 4)


def test_without_its_archive_the_loader_says_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(archives, "FOLDER", tmp_path)
    monkeypatch.setattr("data.archives.alone", lambda: False)
    with pytest.raises(ArchiveError, match="missing.*python -m data cmudict"):
        cmudict.spelling()
