"""What is asked of a translator is what it is said to be."""

import keras
import numpy as np
import pytest
from keras import ops

from utils import translation

X = np.array([[1, 2, 3, 4, 1, 2, 3, 4, 1, 0], [4, 4, 4, 1, 1, 1, 2, 2, 2, 2]], "int32")
Y = np.array([[1, 3, 4, 2, 0], [1, 4, 4, 3, 2]], "int32")


class Count(keras.Model):
    """Says 3, the surer the more 4s the source has; looks at every position alike."""

    def call(self, inputs, attention=False):
        x, y = (ops.convert_to_tensor(a) for a in inputs[:2])
        fours = ops.sum(ops.cast(x == 4, "float32"), axis=1)[:, None, None]
        one = ops.one_hot(ops.full(ops.shape(y), 3), 5, dtype="float32")
        logits = fours * one
        alpha = ops.ones((*ops.shape(y), ops.shape(x)[1]), "float32")
        return (logits, alpha / ops.shape(x)[1]) if attention else logits


@pytest.fixture
def model():
    return Count()


def test_a_lesson_asks_for_the_next_symbol():
    found = translation.lesson(X, Y, "more")
    assert found["x"][0] is X and found["x"][2] == "more"
    assert found["x"][1].tolist() == Y[:, :-1].tolist()
    assert found["y"].tolist() == [[3, 4, 2, 0], [4, 4, 3, 2]]


def test_filling_does_not_count_in_the_loss():
    model = Count()
    translation.ready(model, 0.1)
    whole = [np.log(np.exp(n) + 4) for n in (2, 3)]  # the sources have 2 and 3 fours
    right = (3 * whole[0] - 2) + (4 * whole[1] - 3)  # each asks for one 3
    found = model.evaluate(**translation.lesson(X, Y), verbose=0)
    assert found == pytest.approx(right / 7, rel=1e-5)


def test_errors_count_wrong_symbols_without_filling(model):
    assert translation.errors(model, X, Y).tolist() == [2 / 3, 3 / 4]


def test_looking_in_pieces_is_looking_at_all(model, monkeypatch):
    monkeypatch.setattr(translation, "BATCH", 1)
    alpha = translation.look(model, X, Y)
    assert alpha.shape == (2, 4, 10) and np.allclose(alpha, 0.1)


def test_hiding_what_is_attended_to_lowers_what_depends_on_it(model):
    alpha = np.zeros((2, 4, 10), "float32")
    alpha[0, :, 7] = alpha[1, :, 1] = 1  # at the 4s
    asked = np.zeros((2, 4), bool)
    asked[0, 0] = asked[1, 2] = True  # the right symbol is 3 there
    attended, at_random = translation.drops(model, X, Y, alpha, asked)
    p = [np.exp(n) / (np.exp(n) + 4) for n in range(4)]
    # the first window of those with equal weight begins at 5: 2 3 4
    assert attended[0] == pytest.approx(p[2] - p[1], abs=1e-6)
    assert attended[1] == pytest.approx(p[3] - p[0], abs=1e-6)
    assert at_random[1] == pytest.approx(0, abs=1e-6)  # the others have no 4


def test_equal_sizes_are_the_widest_in_the_budget(capsys):
    def make(n, rate):
        layer = keras.Sequential([keras.Input((1,)), keras.layers.Dense(n)])
        layer.rate = rate
        return layer

    (found,) = translation.of_equal_size({"dense": make}, 25, 50).values()
    model = found(0.5)
    assert model.count_params() == 24 and model.rate == 0.5
    assert capsys.readouterr().out == "dense: n = 12, 24 weights\n"


def test_practice_keeps_the_best_epoch():
    inputs = [keras.Input((None,), dtype="int32") for _ in range(2)]
    both = [keras.layers.Embedding(5, 8)(i) for i in inputs]
    y = keras.layers.SimpleRNN(8, return_sequences=True)(both[1])
    mean = ops.mean(both[0], axis=1, keepdims=True)
    model = keras.Model(inputs, keras.layers.Dense(5)(y + mean))
    translation.ready(model, 0.1)
    losses = translation.practise(model, (X, Y), (X, Y), 12, patience=2)
    after = model.evaluate(**translation.lesson(X, Y), verbose=0)
    assert after == pytest.approx(min(losses), rel=1e-4)
    assert len(losses) <= 12 and losses[-1] < losses[0]
