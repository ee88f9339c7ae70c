"""The lines that appendix B gives for two machines, run on two hosts of a network.

The hosts are network namespaces of Linux on this machine. Each has an address, a name
and a loopback of its own, so nothing can pass through 127.0.0.1.
"""

import inspect
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from utils.build.notebooks import read
from utils.course import ROOT
from utils.processes import together

CHAPTER = ROOT / "chapters/B_several_devices.ipynb"


def network():
    import keras

    from utils.layers.lstm import LSTM

    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input((5, 2)), LSTM(4), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    return model


def trained(first, last):
    import numpy as np

    x = np.random.default_rng(0).normal(size=(64, 5, 2)).astype("float32")
    y = x.sum(axis=(1, 2))[:, None]
    model = network()
    options = {"batch_size": 64, "epochs": 3, "shuffle": False, "verbose": 0}
    model.fit(x[first:last], y[first:last], **options)
    return model.get_weights()


TRAIN = f"""
import keras

keras.distribution.initialize()
parallel = keras.distribution.DataParallel(auto_shard_dataset=False)
keras.distribution.set_distribution(parallel)

{inspect.getsource(network)}
{inspect.getsource(trained)}

import socket
import numpy as np
import jax

first = 32 * jax.process_index()
np.savez(socket.gethostname(), *trained(first, first + 32))
"""


@pytest.fixture
def hosts(tmp_path):
    """10.0.0.1 and 10.0.0.2, joined by a cable: how a command there begins, by name."""
    pytest.importorskip("jax")
    needed = "ip", "unshare", "timeout"
    if sys.platform != "linux" or os.geteuid() or not all(map(shutil.which, needed)):
        pytest.skip("two hosts take Linux, root, and the command ip")
    addresses = {f"rnn{os.getpid()}-{number}": f"10.0.0.{number}" for number in (1, 2)}
    starts = {}
    try:
        for name, address in addresses.items():
            made = subprocess.run(["ip", "netns", "add", name], capture_output=True)
            if made.returncode:
                pytest.skip(f"no network namespaces here: {made.stderr.decode()}")
            known = tmp_path / f"{name}.hosts"
            known.write_text(f"127.0.0.1 localhost\n{address} {name}\n")
            inside = f'mount --bind {known} /etc/hosts; hostname {name}; exec "$@"'
            apart = ["unshare", "--mount", "--uts", "sh", "-ec", inside, "sh"]
            starts[name] = ["ip", "netns", "exec", name, *apart]
        cable = "ip link add eth0 netns {} type veth peer name eth0 netns {}"
        subprocess.run(cable.format(*addresses).split(), check=True)
        for name, address in addresses.items():
            given = f"addr add {address}/24 dev eth0"
            for what in given, "link set eth0 up", "link set lo up":
                subprocess.run(["ip", "-n", name, *what.split()], check=True)
        yield starts
    finally:
        for name in starts:
            subprocess.run(["ip", "netns", "del", name], check=True)


@pytest.mark.layers
def test_the_lines_for_two_machines_train_the_weights_of_one(hosts, tmp_path):
    (tmp_path / "train.py").write_text(TRAIN)
    text = "\n".join(cell.source for cell in read(CHAPTER).cells)
    lines = re.search(r"```\n(export KERAS_BACKEND=jax.*?)```", text, re.S)[1]
    *exports, first, second = lines.splitlines()
    path = {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    workers = [
        subprocess.Popen(
            ["timeout", "100", *start, "sh", "-ec", "\n".join([*exports, line])],
            cwd=tmp_path,
            env=os.environ | path | {"PYTHONPATH": str(ROOT)},
            stderr=subprocess.PIPE,
        )
        for start, line in zip(hosts.values(), (first, second), strict=True)
    ]
    try:
        said = [worker.communicate()[1].decode()[-2000:] for worker in workers]
    finally:
        for worker in workers:
            worker.terminate()
    assert [worker.returncode for worker in workers] == [0, 0], said
    (alone,) = together(trained, network, first=0, last=64, processes=1)
    (half,) = together(trained, network, first=0, last=32, processes=1)
    for name in hosts:
        found = np.load(tmp_path / f"{name}.npz").values()
        for w, same in zip(alone, found, strict=True):
            np.testing.assert_allclose(w, same, atol=1e-6)
    assert np.abs(alone[0] - half[0]).max() > 1e-3  # so the other half did count
