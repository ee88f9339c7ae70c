"""Where a captioner looks is counted as it is said to be."""

import numpy as np
import pytest
from nltk.translate.bleu_score import sentence_bleu

from data import scenes
from utils import captions
from utils.verdicts import FALSE, HOLDS, NO_GAIN, NOT_SHOWN


@pytest.fixture(scope="module")
def data():
    return scenes.load(400, 60, seed=5)


@pytest.fixture(scope="module")
def words():
    return scenes.Words("en", "separate")


def test_the_windows_are_those_of_the_encoder():
    middle = captions.middles()
    assert middle.shape == (49, 2)
    assert middle[0].tolist() == [8, 8] and middle[1].tolist() == [8, 16]
    assert middle[48].tolist() == [56, 56]


def test_a_region_is_the_windows_whose_middle_lies_in_the_box(data):
    part = data.test
    found = captions.regions(part)
    assert found.shape == (60, 3, 49) and found.any(axis=-1).all()
    for i, j, k in np.ndindex(10, 3, 49):
        top, left, bottom, right = part.boxes[i, j].astype(float)
        if bottom - top < 12:
            top, bottom = (top + bottom) / 2 - 6, (top + bottom) / 2 + 6
        if right - left < 12:
            left, right = (left + right) / 2 - 6, (left + right) / 2 + 6
        y, x = captions.middles()[k]
        assert found[i, j, k] == (top <= y < bottom and left <= x < right)


def looks_right(part, objects, later=0):
    """Weights that lie evenly on the object named, `later` words after its name."""
    alpha = np.full((*objects.shape, 49), 1 / 49)
    region = captions.regions(part)
    for i, t in np.argwhere(objects >= 0):
        if 0 <= t + later < objects.shape[1]:
            one = region[i, objects[i, t]]
            alpha[i, t + later] = one / one.sum()
    return alpha


def test_who_looks_at_every_noun_hits_always_and_at_its_lag_only(data, words):
    objects = words.objects(data.test)
    for later in (-1, 0, 1):
        alpha = looks_right(data.test, objects, later)
        assert (captions.hits(alpha, data.test, objects, later) == 1).all()
        elsewhere = captions.hits(alpha, data.test, objects, later + 2)
        assert np.nanmean(elsewhere) < 0.5
    right = looks_right(data.test, objects)
    np.testing.assert_allclose(captions.mass(right, data.test, objects), 1)
    even = np.full_like(right, 1 / 49)
    found = captions.mass(even, data.test, objects)
    np.testing.assert_allclose(found, captions.regions(data.test).mean(axis=-1))


def test_where_there_is_no_such_word_there_is_no_hit(data, words):
    objects = words.objects(data.test)
    alpha = looks_right(data.test, objects)
    early = captions.hits(alpha, data.test, objects, -2)
    assert np.isnan(early[:, 0]).all() and not np.isnan(early[:, 1:]).any()


def test_who_knows_the_boxes_errs_only_where_the_text_leaves_a_choice(data):
    found = captions.by_boxes(data.test)
    for right, places in zip(found, data.test.places.tolist(), strict=True):
        first = [scenes.where(p, places[0]) for p in places[1:]]
        swapped = [places[0], places[2], places[1]]
        if first[0] == first[1]:  # both lie above it, say: who is who?
            assert captions.relations(swapped) == captions.relations(places)
        assert ((right > 0) | (right == 0)).all() and right.max() <= 1
    assert 0.7 < found.mean() < 0.95
    # above and below: nothing else agrees with the text
    clear = [p for p in data.test.places.tolist() if captions.relations(p) == (0, 1)]
    rows = [i for i, p in enumerate(data.test.places.tolist()) if p in clear]
    assert rows and (found[rows] == 1).all()


def test_a_blind_guess_is_the_window_most_often_right_in_training(data):
    region = captions.regions(data.train)
    by_position = captions.Guess(data.train, read=False)
    best = region.mean(axis=0).argmax(axis=-1)
    right = captions.regions(data.test)[:, np.arange(3), best]
    assert (by_position(data.test) == right).all()
    read = captions.Guess(data.train, read=True)
    assert read(data.train).mean() > by_position(data.train).mean() + 0.05


def test_bleu_is_nltk_s_and_end_ends_a_caption(words, data):
    y = words.encode(data.test)[:4]
    assert captions.bleu(y[:, 1:], y) == pytest.approx(1)
    said = y[:1, 1:].copy()
    said[0, 4] = said[0, 0]
    texts = [
        row[: row.index(scenes.END)] for row in (y[0, 1:].tolist(), said[0].tolist())
    ]
    right = sentence_bleu([texts[0]], texts[1])
    assert 0 < right < 1
    assert captions.bleu(said, y[:1]) == pytest.approx(right)
    filled = np.pad(said, ((0, 0), (0, 2)), constant_values=7)
    assert captions.bleu(filled, y[:1]) == pytest.approx(right)


def test_one_object_is_moved_or_taken_away_and_the_others_stay(data):
    part = data.test
    which, moved, without = captions.edited(part, seed=3)
    assert set(which.tolist()) == {0, 1, 2}
    other = np.arange(3) != which[:, None]
    assert (moved.places[other] == part.places[other]).all()
    assert (moved.boxes[other] == part.boxes[other]).all()
    for old, new, j in zip(
        part.places.tolist(), moved.places.tolist(), which, strict=True
    ):
        assert new[j] not in old and len(set(new)) == 3
    for i, j in enumerate(which):
        top, left, bottom, right = part.boxes[i, j]
        assert (without.images[i, top:bottom, left:right] == 255).mean() > 0.8
        assert (without.images[i] != part.images[i]).any()


def test_with_one_seed_the_interval_is_that_of_the_scenes():
    rng = np.random.default_rng(0)
    missed, other = rng.random((1, 50)) < 0.2, rng.random(50) < 0.6
    found = captions.gain(missed, other)
    each = other.astype(float) - missed[0]
    half = 2.0096 * each.std(ddof=1) / np.sqrt(50)  # t of 49 degrees of freedom
    assert found.value == pytest.approx(each.mean())
    assert found.high - found.value == pytest.approx(half, rel=1e-3)
    several = captions.gain(np.repeat(missed, 3, axis=0), other)
    assert several.value == pytest.approx(found.value)


A, B, C, D = ("zero", "in"), ("zero", "out"), ("mean", "in"), ("mean", "out")
SAID = {"zero": "it is zero", "mean": "it is mean", "in": "in", "out": "out"}
CASES = [
    ([HOLDS] * 4, HOLDS),
    ([HOLDS, HOLDS, NO_GAIN, FALSE], "HOLDS WHEN it is zero"),
    ([FALSE, HOLDS, NO_GAIN, HOLDS], "HOLDS WHEN out"),
    ([HOLDS, NO_GAIN, NO_GAIN, FALSE], "HOLDS WHEN it is zero and in"),
    (
        [HOLDS, NO_GAIN, NO_GAIN, HOLDS],
        "HOLDS WHEN it is mean and out, or it is zero and in",
    ),
    ([HOLDS, HOLDS, NOT_SHOWN, FALSE], NOT_SHOWN),
    ([NO_GAIN, FALSE, FALSE, FALSE], NO_GAIN),
    ([FALSE] * 4, FALSE),
]


@pytest.mark.parametrize("verdicts, wanted", CASES)
def test_a_verdict_over_dials(verdicts, wanted):
    found = dict(zip((A, B, C, D), verdicts, strict=True))
    assert captions.verdict_of_dials(found, SAID) == wanted
