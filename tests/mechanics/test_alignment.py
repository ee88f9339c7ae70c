"""Aligners and their error, against nltk and against cases worked out by hand."""

import numpy as np
import pytest
from nltk.translate import alignment_error_rate

from utils import alignment


def real(*lengths, time):
    return np.arange(time) < np.array(lengths)[:, None]


def triples(links):
    return set(zip(*np.nonzero(links), strict=True))


def test_the_error_rate_is_that_of_nltk():
    rng = np.random.default_rng(0)
    links, gold = (rng.random((9, 5, 4)) < p for p in (0.3, 0.5))
    wanted = alignment_error_rate(triples(gold), triples(links))
    assert alignment.error_rate(links, gold) == pytest.approx(wanted, abs=1e-12)
    assert alignment.error_rate(gold, gold) == 0
    assert alignment.error_rate(~gold, gold) == 1


def test_the_items_weighted_give_the_rate_of_all():
    rng = np.random.default_rng(1)
    links, gold = (rng.random((9, 5, 4)) < 0.4 for _ in range(2))
    groups = np.array(list("aabcccdda"))
    rate, items, weights = alignment.error_rate(links, gold, groups)
    assert rate == alignment.error_rate(links, gold)
    assert len(items) == len(weights) == 4
    assert np.average(items, weights=weights) == pytest.approx(rate, abs=1e-12)
    assert items[1] == pytest.approx(alignment.error_rate(links[[2]], gold[[2]]))


def test_each_real_target_position_is_linked_to_the_best_real_source_position():
    scores = np.array([[[1, 2, 9], [3, 1, 9], [5, 5, 5]]])
    links = alignment.one_each(scores, real(2, time=3), real(2, time=3))
    assert triples(links) == {(0, 0, 1), (0, 1, 0)}


def test_a_text_without_source_has_no_links():
    links = alignment.one_each(np.ones((1, 2, 2)), real(0, time=2), real(2, time=2))
    assert not links.any()


def test_the_share_is_a_mean_over_rows_that_have_gold():
    weights = np.array([[[0.2, 0.8], [0.5, 0.5], [1, 0]]] * 2)
    gold = np.array([[[0, 1], [1, 1], [0, 0]], [[0, 0], [0, 0], [0, 0]]], bool)
    found = alignment.share(weights, gold)
    assert found[0] == pytest.approx((0.8 + 1) / 2) and np.isnan(found[1])


def test_the_diagonal_goes_from_corner_to_corner():
    links = alignment.diagonal(real(3, 6, 1, time=6), real(3, 3, 3, time=4))
    assert triples(links[:1]) == {(0, 0, 0), (0, 1, 1), (0, 2, 2)}
    assert [k for _, _, k in sorted(triples(links[1:2]))] == [0, 2, 4]
    assert [k for _, _, k in sorted(triples(links[2:]))] == [0, 0, 0]


def test_the_position_prior_learns_an_order_and_falls_back():
    """Texts of two words are turned round; of other sizes it knows less, or nothing."""
    gold = np.zeros((5, 3, 3), bool)
    gold[:, 0, 1] = gold[:, 1, 0] = True
    m = n = real(*[2] * 5, time=3)
    prior = alignment.PositionPrior(gold, m, n)
    one = real(2, time=3)
    assert triples(prior(one, one)) == {(0, 0, 1), (0, 1, 0)}
    longer = triples(prior(one, real(3, time=3)))  # source length known, target's not
    assert {(0, 0, 1), (0, 1, 0)} <= longer
    unknown = real(3, time=3)
    assert triples(prior(unknown, unknown)) == {(0, 0, 0), (0, 1, 1), (0, 2, 2)}


def test_ibm_model_1_finds_which_word_is_which():
    sources = [["das", "haus"], ["das", "buch"], ["ein", "buch"]] * 3
    targets = [["the", "house"], ["the", "book"], ["a", "book"]] * 3
    model = alignment.WordTranslation(sources, targets, rounds=10)
    links = model(
        [["buch", "das"], ["unknown", "ein"]], [["the", "book"], ["a"]], (3, 2)
    )
    assert triples(links) == {(0, 0, 1), (0, 1, 0), (1, 0, 1)}


def test_uniform_weights_fill_the_real_positions():
    found = alignment.uniform(real(2, 4, time=4), 3)
    assert found.shape == (2, 3, 4) and found.dtype == np.float32
    assert found[0].tolist() == [[0.5, 0.5, 0, 0]] * 3 and (found[1] == 0.25).all()


def test_what_two_matrices_have_in_common():
    one, two = np.array([[[1.0, 0], [0.5, 0.5]]]), np.array([[[0.0, 1], [0.2, 0.8]]])
    counts = np.array([[True, True]])
    found = alignment.in_common([one, two, one], counts)
    assert found == pytest.approx([0.35, 1, 0.35])  # pairs (1, 0), (2, 0), (2, 1)
    counts[0, 0] = False
    assert alignment.in_common([one, two], counts) == pytest.approx([0.7])


def test_rates_of_aligners_with_one_seed_and_with_several():
    rng = np.random.default_rng(2)
    gold, a, b, c = (rng.random((6, 4, 3)) < 0.5 for _ in range(4))
    groups = np.array(list("aabbbc"))
    means, items, weights = alignment.rates_of(
        {"network": [a, b], "rule": [c]}, gold, groups
    )
    both = [alignment.error_rate(x, gold) for x in (a, b)]
    assert means["network"] == pytest.approx(np.mean(both))
    assert items["network"].shape == items["rule"].shape == (2, 3)
    assert (items["rule"][0] == items["rule"][1]).all() and len(weights) == 3
