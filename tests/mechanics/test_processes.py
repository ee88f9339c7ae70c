"""Workers return what they should, and none is left behind, whatever happens."""

import os
import signal
import subprocess
import sys
import time

import numpy as np
import pytest

from utils.course import ROOT
from utils.processes import WorkerFailed, together

PARENT = """
import signal, sys
from utils.processes import together

# a shell's background job would ignore it, and so would what it starts
signal.signal(signal.SIGINT, signal.default_int_handler)


def sleep(folder):
    import os, pathlib, time

    pathlib.Path(folder, str(os.getpid())).touch()
    time.sleep(100)


together(sleep, folder=sys.argv[1])
"""


def here(add=0):
    import os

    names = ("PROCESS_ID", "NUM_PROCESSES", "JOB_ADDRESSES")
    told = [os.environ[f"KERAS_DISTRIBUTION_{name}"] for name in names]
    devices, backend = os.environ["JAX_NUM_CPU_DEVICES"], os.environ["KERAS_BACKEND"]
    return os.getpid(), int(told[0]) + add, *told[1:], devices, backend


def touch(folder):
    import os
    import pathlib

    pathlib.Path(folder, str(os.getpid())).touch()


def second_fails(folder, how):
    import os
    import pathlib
    import signal
    import time

    touch(folder)
    while len(list(pathlib.Path(folder).iterdir())) < 2:
        time.sleep(0.05)
    if os.environ["KERAS_DISTRIBUTION_PROCESS_ID"] == "1":
        if how == "killed":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "left":
            raise SystemExit(3)
        if how == "silent":
            os._exit(0)
        raise ValueError("no luck\nbut a second line")
    time.sleep(100)


def sleep(folder):
    import time

    touch(folder)
    time.sleep(100)


def slow_to_exit(folder):
    import atexit
    import time

    touch(folder)
    atexit.register(time.sleep, 100)


def running(pid):
    """Whether a process still does something; a dead one may keep its number."""
    done = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True
    )
    return bool(done.stdout.strip()) and not done.stdout.strip().startswith("Z")


def left(folder, seconds=10, started=2):
    """The workers that still run after some seconds; each wrote its number there."""
    pids = [int(path.name) for path in folder.iterdir()]
    assert len(pids) == started
    end = time.monotonic() + seconds
    while (found := list(filter(running, pids))) and time.monotonic() < end:
        time.sleep(0.05)
    return found


def test_each_returns_its_own_and_knows_its_place():
    first, second = together(here, add=5, devices=3, backend="torch")
    assert first[1:3] == (5, "2") and second[1:3] == (6, "2")
    assert first[3] == second[3] and first[3].startswith("127.0.0.1:")
    assert first[4:] == second[4:] == ("3", "torch")
    assert len({os.getpid(), first[0], second[0]}) == 3


def test_a_worker_is_given_helpers_and_arrays():
    def scaled(x):
        return twice(x)

    def twice(x):
        return 2 * x

    x = np.arange(6.0).reshape(2, 3)
    found = together(scaled, twice, x=x, processes=1)
    assert len(found) == 1 and np.array_equal(found[0], 2 * x)


@pytest.mark.parametrize(
    "how, why",
    [
        ("bad", "ValueError: no luck"),
        ("left", "SystemExit: 3"),
        ("silent", "it ended with status 0"),
        ("killed", "it was killed (signal 9)"),
    ],
)
def test_one_that_stops_is_one_clear_error_and_ends_the_other(tmp_path, how, why):
    start = time.monotonic()
    with pytest.raises(WorkerFailed) as failure:
        together(second_fails, touch, folder=str(tmp_path), how=how)
    assert str(failure.value) == f"Worker 1 of 2 stopped: {why}"
    (whole,) = failure.value.__notes__
    assert ("in second_fails" in whole) == (how in ("bad", "left"))
    assert time.monotonic() - start < 50  # the other one would sleep for 100 seconds
    assert not left(tmp_path, 0)


def test_the_time_is_bounded(tmp_path):
    with pytest.raises(WorkerFailed, match="After 3 seconds no result of worker 0, 1"):
        together(sleep, touch, folder=str(tmp_path), limit=3)
    assert not left(tmp_path, 0)


def test_whoever_has_returned_is_not_waited_for(tmp_path):
    start = time.monotonic()
    together(slow_to_exit, touch, folder=str(tmp_path))
    assert time.monotonic() - start < 50
    assert not left(tmp_path, 0)


def test_a_function_without_a_name_it_needs_says_so():
    with pytest.raises(WorkerFailed, match="NameError: name 'touch' is not defined"):
        together(sleep, folder=".", processes=1)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_none_is_left_when_the_parent_is_interrupted_or_killed(tmp_path, end):
    script, folder = tmp_path / "parent.py", tmp_path / "workers"
    script.write_text(PARENT)
    folder.mkdir()
    parent = subprocess.Popen(
        [sys.executable, script, folder],
        env=os.environ | {"PYTHONPATH": str(ROOT)},
        stderr=subprocess.PIPE,
    )
    deadline = time.monotonic() + 30
    while len(list(folder.iterdir())) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
    parent.send_signal(end)
    _, said = parent.communicate(timeout=20)
    assert not left(folder)
    assert (b"KeyboardInterrupt" in said) == (end == signal.SIGINT)


def test_ten_runs_leave_nothing(tmp_path):
    for _ in range(10):
        together(touch, folder=str(tmp_path))
    assert not left(tmp_path, 0, started=20)


def network(layer):
    import keras

    from utils.layers.lstm import LSTM
    from utils.layers.peepholes import PeepholeLSTM

    keras.utils.set_random_seed(0)
    layer = {"LSTM": LSTM, "PeepholeLSTM": PeepholeLSTM}[layer]
    layers = [
        keras.layers.Embedding(9, 4, mask_zero=True),
        layer(5, return_sequences=True),
        keras.layers.Dense(7, "softmax"),
    ]
    model = keras.Sequential([keras.Input((None,), dtype="int32"), *layers])
    model.compile(keras.optimizers.SGD(0.5), "sparse_categorical_crossentropy")
    return model


def trained(x, y):
    import os

    import keras

    number, processes = (
        int(os.environ[f"KERAS_DISTRIBUTION_{name}"])
        for name in ("PROCESS_ID", "NUM_PROCESSES")
    )
    if processes > 1:
        keras.distribution.initialize()
    if len(keras.distribution.list_devices()) > 1:
        parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
        keras.distribution.set_distribution(parallel)
    mine = slice(number * len(x) // processes, (number + 1) * len(x) // processes)
    found, options = {}, {"epochs": 10, "shuffle": False, "verbose": 0}
    for layer in ("LSTM", "PeepholeLSTM"):
        model = network(layer)
        model.fit(x[mine], y[mine], **options)
        found[layer] = model.get_weights()
    return found


@pytest.mark.layers
def test_two_devices_and_two_workers_train_the_weights_of_one():
    pytest.importorskip("jax")
    rng = np.random.default_rng(0)
    lengths = np.array([6, 6, 5, 5, 2, 1, 1, 1])  # so the halves differ in letters
    x = rng.integers(1, 9, (8, 6)) * (np.arange(6) < lengths[:, None])
    given = {"x": x.astype("int32"), "y": x % 7}
    ((alone,), (split,), both) = (
        together(trained, network, **given, **how)
        for how in ({"processes": 1}, {"processes": 1, "devices": 2}, {})
    )
    for layer, weights in alone.items():
        for found in (split, *both):
            for w, same in zip(weights, found[layer], strict=True):
                np.testing.assert_allclose(w, same, atol=1e-6)
