"""What the experiments on documents measure with: small cases worked out by hand."""

import numpy as np
import pytest

from data import documents as ids_of
from utils import documents

IDS = np.array([[[3, 4], [5, 0], [2, 2]], [[6, 0], [7, 8], [0, 0]]])


def test_without_empties_one_sentence_of_each_document():
    found = documents.without(IDS, np.array([1, 0]))
    assert found[0].tolist() == [[3, 4], [0, 0], [2, 2]]
    assert found[1].tolist() == [[0, 0], [7, 8], [0, 0]]


def test_p_of_is_the_softmax_at_the_label_also_for_large_logits():
    logits = np.log(np.array([[1, 3], [4, 1]], "float32")) + np.float32(1000)
    assert documents.p_of(logits, [1, 0]) == pytest.approx([0.75, 0.8], abs=1e-3)
    assert documents.p_of(np.array([[1e4, 0.0]]), [1])[0] == 0


def test_shuffled_keeps_the_weights_of_a_document_among_its_sentences():
    ids = np.ones((500, 4, 2), int)
    ids[:, 3] = 0
    alpha = np.tile([0.7, 0.2, 0.1, 0.0], (500, 1))
    found = documents.shuffled(alpha, ids)
    assert (np.sort(found[:, :3]) == [0.1, 0.2, 0.7]).all() and not found[:, 3].any()
    assert 0.28 < (found[:, 0] == 0.7).mean() < 0.39
    assert (alpha[:, 0] == 0.7).all()


def test_the_distance_is_0_for_the_same_and_1_for_the_opposite():
    one, other = np.eye(3), np.eye(3)[[1, 2, 0]]
    assert documents.distance(one, one) == 0 and documents.distance(one, other) == 1
    half = np.array([[0.5, 0.5, 0]])
    assert documents.distance(half, one[:1]) == pytest.approx(0.5)


def test_the_place_rule_goes_by_the_number_of_sentences():
    three, two = IDS[:1], IDS[1:]
    train = np.concatenate([three] * 3 + [two] * 2)
    rule = documents.PlaceRule(train, np.array([2, 2, 0, 1, 1]))
    assert rule(IDS).tolist() == [2, 1]


def test_the_heaviest_words_are_counted_in_equal_shares():
    ids = np.array([[2, 3, 0, 0], [2, 4, 5, 3]])
    alpha = np.array([[0.9, 0.1, 0, 0], [0.4, 0.2, 0.3, 0.1]])
    names = ["", "?", "bad", "the", "film", "is"]
    rows = documents.heaviest_words(ids, alpha, names, least=2)
    assert [(word, count) for word, _, count in rows] == [("bad", 2), ("the", 2)]
    assert [times for _, times, _ in rows] == pytest.approx([1.7, 0.3])


def test_words_are_numbered_by_how_many_texts_have_them():
    texts = [["a", "b", "b"], ["a", "c"], ["a", "b", "d"]]
    names = ids_of.vocabulary(texts, 2)
    assert names == ["", "?", "a", "b"]
    found = ids_of.encode([[["b", "d", "a"], ["a"], ["c"]], []], names, 2, 2)
    assert found.tolist() == [[[3, 1], [2, 0]], [[0, 0], [0, 0]]]


def test_a_bag_of_words_does_not_know_the_order():
    texts = ["good film", "bad film", "film good", "film bad"]
    bag = ids_of.bag_of_words(str.split, 10).fit(texts, [1, 0, 1, 0])
    assert bag.predict(["good good", "bad"]).tolist() == [1, 0]
    one, other = bag.predict_proba(["good film bad", "bad film good"])
    assert one == pytest.approx(other)
