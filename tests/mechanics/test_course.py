"""The set-up: scale, backend, errors that say what to do."""

import json
import os
import subprocess
import sys

import keras
import numpy as np
import pytest

from utils import course, training
from utils.build.requirements import requirements
from utils.training import fit, rates, restarts, widest


def test_a_scale_picks_its_setting():
    assert course.Scale("small")(small=1, full=2) == 1
    assert course.Scale("full")(small=1, full=2) == 2


def test_an_unknown_scale_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("COURSE_SCALE", "medium")
    with pytest.raises(ValueError, match="'medium' is no scale.*setup"):
        course.setup()


def test_an_unknown_backend_is_one_clear_error(monkeypatch):
    monkeypatch.setenv("KERAS_BACKEND", "theano")
    with pytest.raises(ValueError, match="'theano'.*'tensorflow', 'jax' or 'torch'"):
        course.setup()


def test_a_chapter_says_what_it_lacks_in_one_line():
    course.needs("keras")
    with pytest.raises(course.Lacking, match="nowhere, which is not installed") as why:
        course.needs("nowhere")
    (line,) = why.value._render_traceback_()
    assert "make lab VENV=.venv-nowhere" in line


@pytest.mark.parametrize("name", ["COURSE_STRICT", "COURSE_SMOKE"])
def test_a_switch_that_is_neither_1_nor_0_is_one_clear_error(monkeypatch, name):
    ask = {"COURSE_STRICT": course.strict, "COURSE_SMOKE": course.smoke}[name]
    for value, on in {"1": True, "0": False, "": False}.items():
        monkeypatch.setenv(name, value)
        assert ask() is on
    monkeypatch.setenv(name, "true")
    with pytest.raises(ValueError, match=f"{name} is 'true': set it to 1 or to 0"):
        course.setup()


@pytest.mark.parametrize("backend", ["jax", "torch"])
def test_a_backend_that_is_not_installed_is_one_clear_error(backend):
    code = f"import sys; sys.modules[{backend!r}] = None\n"
    code += "from utils.course import setup; setup()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=course.ROOT,
        env=os.environ | {"KERAS_BACKEND": backend},
        capture_output=True,
        text=True,
    )
    *_, last = done.stderr.strip().splitlines()
    assert last.startswith(
        f"ImportError: KERAS_BACKEND is {backend!r}, which cannot be"
    )
    assert last.endswith("then restart the kernel.")
    assert "The above exception" not in done.stderr


@pytest.mark.parametrize("found", [[], ["gpu:0"]])
def test_the_scale_is_small_unless_more_is_asked_for(monkeypatch, found, capsys):
    monkeypatch.delenv("COURSE_SCALE", raising=False)
    monkeypatch.setattr(course, "accelerators", lambda: found)
    assert course.setup().name == course.scale.name == "small"
    assert course.setup("full").name == course.scale.name == "full"
    monkeypatch.setenv("COURSE_SCALE", "small")
    assert course.setup("full").name == "small"


def test_the_first_line_says_where_it_runs_and_how_to_ask_for_more(monkeypatch):
    said = []
    monkeypatch.delenv("COURSE_SCALE", raising=False)
    monkeypatch.setattr("IPython.display.display", lambda text: said.append(text.data))
    course.setup()
    monkeypatch.setattr(course, "accelerators", lambda: ["gpu:0"])
    course.setup()
    assert said[0].endswith("; small scale.") and keras.backend.backend() in said[0]
    assert 'setup("full")' in said[1] and "gpu:0" in said[1]


def test_devices_are_found_where_keras_cannot_list_them(monkeypatch):
    monkeypatch.delattr(keras.distribution, "list_devices")
    assert all(not name.lower().startswith("cpu") for name in course.accelerators())


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
            fit(model, np.ones((4, 2)), np.ones((4, 1)), epochs=1)
            yield start, steps, model.get_weights()[0]

    once, again = list(run()), list(run())
    for (start, steps, end), (start2, _, end2) in zip(once, again, strict=True):
        assert steps == 0 and (start == start2).all() and (end == end2).all()
    assert (once[0][0] != once[1][0]).any()


def dense(units=1):
    """A small compiled model."""
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(units)])
    model.compile("sgd", "mse")
    return model


def test_a_reader_sees_progress_and_nbval_does_not(monkeypatch, capsys):
    x, y = np.ones((4, 2)), np.ones((4, 1))
    monkeypatch.setenv("COURSE_STRICT", "0")
    for model in restarts(dense, 2):
        history = fit(model, x, y, epochs=3)
        assert len(history["loss"]) == 3
    said = capsys.readouterr().out
    assert "seed 2 of 2, epoch 3 of 3" in said and "\n" not in said
    assert said.endswith("\r") and not said.rstrip("\r").endswith("3")  # wiped
    monkeypatch.setenv("COURSE_STRICT", "1")
    fit(model, x, y, epochs=1)
    assert capsys.readouterr().out == ""


def test_a_full_run_goes_on_after_the_last_trained_model(monkeypatch, tmp_path):
    x, y = np.ones((4, 2)), np.ones((4, 1))
    monkeypatch.setenv("COURSE_RESUME", str(tmp_path))
    monkeypatch.setattr(training, "_trained", 0)
    first = dense()
    history = fit(first, x, y, epochs=2)
    assert [path.name for path in tmp_path.iterdir()] == ["001.npz"]
    monkeypatch.setattr(training, "_trained", 0)
    again = dense()
    monkeypatch.setattr(again, "fit", None)  # must not be called
    assert fit(again, x, y, epochs=2)["loss"] == pytest.approx(history["loss"])
    for one, other in zip(first.get_weights(), again.get_weights(), strict=True):
        assert (one == other).all()


def test_a_loaded_model_that_is_trained_on_predicts_all_rows(monkeypatch, tmp_path):
    x, y, many = np.ones((4, 2)), np.ones((4, 1)), np.ones((1000, 2))
    monkeypatch.setenv("COURSE_RESUME", str(tmp_path))
    monkeypatch.setattr(training, "_trained", 0)
    fit(dense(), x, y, epochs=1)
    monkeypatch.setattr(training, "_trained", 0)
    again = dense()
    for _ in ("loaded", "trained"):
        fit(again, x, y, epochs=1)
        assert again.predict(many, batch_size=32, verbose=0).shape == (1000, 1)


def test_the_widest_network_has_at_most_so_many_weights():
    assert widest(dense, 30) == 10  # 3 weights a unit
    assert widest(dense, 32) == 10 and widest(dense, 33) == 11


def test_rates_are_those_that_were_tuned_for_this_scale(monkeypatch, tmp_path):
    monkeypatch.setattr(course, "ROOT", tmp_path)
    monkeypatch.setattr(course, "scale", course.Scale("small"))
    with pytest.raises(FileNotFoundError, match="make tune CHAPTER=4_9 SCALE=small"):
        rates("4.9")
    folder = tmp_path / "benchmarks/tuning"
    folder.mkdir(parents=True)
    found = {"small": {"networks": {"RNN": {"chosen": 0.003}}}}
    (folder / "4_9.json").write_text(json.dumps(found))
    assert rates("4.9") == {"RNN": 0.003}
    monkeypatch.setattr(course, "scale", course.Scale("full"))
    with pytest.raises(KeyError, match="make tune CHAPTER=4_9 SCALE=full"):
        rates("4.9")
