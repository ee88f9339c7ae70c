"""Archives: pinned by checksum, fetched once, read without installing them."""

import functools
import hashlib
import json
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np

from utils.course import alone

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
FOLDER = HERE / "archives"
CACHE = HERE / "cache"


class ArchiveError(Exception):
    """An archive is missing, damaged or not to be had; the message says what to do."""


def pinned():
    """name → (version, sha256) of every archive."""
    lines = re.findall(
        r"^([\w-]+)==(\S+) --hash=sha256:(\w+)$", REQUIREMENTS.read_text("utf-8"), re.M
    )
    return {name: (version, sha256) for name, version, sha256 in lines}


def fetch(names=(), say=lambda line: None):
    """Download the archives that are not here yet, and verify all of them.

    Args:
        names: which; none means all.
        say: is told what is done, one line at a time.

    Raises:
        ArchiveError: a name is unknown, or the download fails.
    """
    known = pinned()
    unknown = sorted(set(names) - set(known))
    if unknown:
        raise ArchiveError(
            f"No archive is called {', '.join(unknown)}. There are: {', '.join(known)}."
        )
    for name in names or known:
        if _whole(name):
            say(f"{name} {known[name][0]}: here, checksum right")
            continue
        say(f"{name} {known[name][0]}: fetching …")
        _download(name)
        say(f"{name} {known[name][0]}: fetched, checksum right")


def open_archive(name):
    """The archive as an open `zipfile.ZipFile`.

    A notebook that stands alone, as on Colab, fetches what is missing here.

    Raises:
        ArchiveError: the archive is missing or damaged.
    """
    if not _path(name).exists() and alone():
        fetch([name], say=print)  # not to stderr, which Jupyter shows in red
    if not _path(name).exists():
        raise ArchiveError(
            f"The data archive {_path(name).name} is missing. Fetch it in the course's "
            f"folder with: python -m data {name}"
        )
    if not _whole(name):
        raise ArchiveError(
            f"The data archive {_path(name).name} is damaged: its checksum is wrong. "
            f"Fetch it again in the course's folder with: python -m data {name}"
        )
    return zipfile.ZipFile(_path(name))


def cached(name, inputs, compute):
    """Arrays that are slow to compute, kept in data/cache under a key of their inputs.

    Args:
        name: of the file.
        inputs: all that the result depends on: numbers, strings, lists of them. Count
            the version of the computation among them.
        compute: returns a dict of arrays.

    Returns:
        The dict of arrays.
    """
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]
    path = CACHE / f"{name}-{key}.npz"
    try:
        with np.load(path) as file:
            return dict(file)
    except Exception:
        pass  # not there, or damaged: compute it
    arrays = compute()
    CACHE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=CACHE) as folder:
        np.savez_compressed(Path(folder, path.name), **arrays)
        os.replace(Path(folder, path.name), path)
    return arrays


def _path(name):
    version, _ = pinned()[name]
    return FOLDER / f"{name.replace('-', '_')}-{version}-py3-none-any.whl"


def _whole(name):
    path = _path(name)
    if not path.exists():
        return False
    stat = path.stat()
    return _sha256(path, stat.st_mtime_ns, stat.st_size) == pinned()[name][1]


@functools.cache
def _sha256(path, changed, size):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _download(name):
    version, sha256 = pinned()[name]
    FOLDER.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=FOLDER) as folder:
        need = Path(folder, "requirements.txt")
        need.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        options = "--no-deps --require-hashes --ignore-requires-python --quiet"
        command = f"-m pip download {options} --only-binary=:all: -r {need.name} -d ."
        done = subprocess.run(
            [sys.executable, *command.split()],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        wheels = list(Path(folder).glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            if "DO NOT MATCH THE HASHES" in done.stderr:
                raise ArchiveError(
                    f"{name} {version} came with a wrong checksum and was not kept. "
                    f"Try `python -m data {name}` again, elsewhere if that goes on."
                )
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            raise ArchiveError(
                f"{name} {version} could not be fetched. Is there a network? Run "
                f"`python -m data {name}` again when there is. pip said: {last}"
            )
        os.replace(wheels[0], _path(name))
