"""The set-up: scale, backend, errors that say what to do."""

import subprocess
import sys

import keras
import numpy as np
import pytest

from utils import course
from utils.build.requirements import requirements
from utils.training import restarts


def test_a_scale_picks_its_setting():
    assert course.Scale("small")(small=1, full=2) == 1
    assert course.Scale("full")(small=1, full=2) == 2


def test_an_unknown_scale_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("COURSE_SCALE", "medium")
    with pytest.raises(ValueError, match="'medium'.*'small' or 'full'"):
        course.setup()


def test_an_unknown_backend_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ValueError, match="'theano'.*'tensorflow', 'jax' or 'torch'"):
        course.setup()


def test_the_scale_follows_the_machine_unless_it_is_set(monkeypatch):
    monkeypatch.delenv("COURSE_SCALE", raising=False)
    monkeypatch.setattr(course, "accelerators", lambda: [])
    assert course.setup().name == "small"
    monkeypatch.setattr(course, "accelerators", lambda: ["gpu:0"])
    assert course.setup().name == "full"
    monkeypatch.setenv("COURSE_SCALE", "small")
    assert course.setup().name == "small"


def test_requirements_follow_environment_yml():
    needs = requirements()
    assert any(need.startswith("tensorflow~=") for need in needs)
    assert any(need.startswith("tensorflow-cpu~=") for need in requirements(cpu=True))
    assert "keras==3.13.2" in requirements(colab=True)
    assert requirements(backend="jax")[:-1] == needs


def test_requirements_run_without_any_package():
    script = [sys.executable, "-I", "-S", "utils/build/requirements.py"]
    answer = subprocess.run(
        script, cwd=course.ROOT, capture_output=True, text=True, check=True
    )
    assert answer.stdout.splitlines() == requirements()


def test_restarts_give_each_seed_its_own_start_and_the_same_one_again():
    def make():
        model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
        model.compile(keras.optimizers.Adam(0.1), "mse")
        return model

    def run():
        for model in restarts(make, 3):
            start = model.get_weights()[0]
            steps = int(model.optimizer.iterations)
            model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)
            yield start, steps, model.get_weights()[0]

    once, again = list(run()), list(run())
    for (start, steps, end), (start2, _, end2) in zip(once, again, strict=True):
        assert steps == 0 and (start == start2).all() and (end == end2).all()
    assert (once[0][0] != once[1][0]).any()
