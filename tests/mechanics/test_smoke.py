"""The smoke run: two steps of every training, few data, verdicts that never raise."""

import keras
import numpy as np
import pytest
from nbclient.exceptions import CellExecutionError

from data import generated
from utils import course, training, verdicts
from utils.build import notebooks, smoke


@pytest.fixture
def smoking(monkeypatch):
    monkeypatch.setenv("COURSE_SMOKE", "1")
    monkeypatch.setattr(keras.Model, "fit", keras.Model.fit)  # and back afterwards
    training.shorten_every_fit()


def model():
    made = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    made.compile("sgd", "mse")
    return made


@pytest.mark.parametrize("way", ["arrays", "weighted", "data set", "the course's fit"])
def test_every_fit_stops_after_two_steps_and_keeps_its_history(smoking, way):
    x, y = np.ones((100, 2)), np.ones((100, 1))
    made, options = model(), {"validation_data": (x, y), "batch_size": 4}
    if way == "data set":
        batches = ((x[:4], y[:4]) for _ in range(100))
        history = made.fit(batches, epochs=7, verbose=0).history
        assert list(history) == ["loss"]
    elif way == "the course's fit":
        history = training.fit(made, x, y, epochs=7, **options)
    else:
        if way == "weighted":
            options["sample_weight"] = np.ones(100)
        history = made.fit(x, y, epochs=7, verbose=0, **options).history
    assert int(made.optimizer.iterations) == 2
    assert {len(values) for values in history.values()} == {7}


def test_shortened_twice_is_shortened_once(smoking):
    training.shorten_every_fit(steps=1)
    made = model()
    made.fit(np.ones((100, 2)), np.ones((100, 1)), verbose=0)
    assert int(made.optimizer.iterations) == 1


def test_data_are_few(monkeypatch):
    monkeypatch.delenv("COURSE_SMOKE", raising=False)
    assert len(generated.adding(100, 5)[0]) == len(course.few(range(100))) == 100
    monkeypatch.setenv("COURSE_SMOKE", "1")
    assert len(generated.adding(100, 5)[0]) == len(course.few(range(100))) == course.FEW
    assert len(course.few(range(3))) == 3


def test_a_verdict_that_differs_does_not_raise(smoking, monkeypatch, capsys):
    monkeypatch.setenv("COURSE_STRICT", "1")
    monkeypatch.setattr(course, "scale", course.Scale("small"))
    for entry in verdicts.claims().values():
        for verdict in (verdicts.HOLDS, verdicts.FALSE):
            entry.judge(verdict)
    assert "4.0-vanish: FALSE" in capsys.readouterr().out


def test_a_run_counts_the_chapters_that_fail(monkeypatch, tmp_path, capsys):
    for name in (*notebooks.ENVIRONMENT, "COURSE_SMOKE"):
        monkeypatch.setenv(name, "x")  # `smoke` sets them: put them back afterwards

    def execute(path):
        if path.stem.startswith("bad"):
            raise CellExecutionError(
                "\x1b[31ma trace\nValueError: no", "ValueError", "no"
            )

    monkeypatch.setattr(smoke, "execute", execute)
    lacks = {"lacks": "jax is not installed here"}
    monkeypatch.setattr(smoke, "lacking", lambda path: lacks.get(path.stem))
    good, bad, worse = (tmp_path / f"{name}.ipynb" for name in ("good", "bad", "bad2"))
    assert smoke.smoke([good, tmp_path / "lacks.ipynb"]) == 0
    assert smoke.smoke([good, bad, worse]) == 2
    said = capsys.readouterr().out
    assert "lacks: skipped: jax is not installed here" in said
    assert "bad: FAILED\na trace\nValueError: no" in said and "good: 0 s" in said
