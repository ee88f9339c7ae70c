"""Archives: pinned by checksum, fetched once, read without installing them."""

import contextlib
import errno
import functools
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from pathlib import Path

import numpy as np

from utils.course import alone

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements.txt"
FOLDER = HERE / "archives"
CACHE = HERE / "cache"
OF_A_DISK = (errno.EACCES, errno.EDQUOT, errno.EFBIG, errno.ENOSPC, errno.EROFS)
HALF = "half-done-"  # folders of what is not whole yet


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
        The dict of arrays; with a warning if they could not be kept.
    """
    key = hashlib.sha256(json.dumps(inputs).encode()).hexdigest()[:16]
    path = CACHE / f"{name}-{key}.npz"
    try:
        with np.load(path) as file:
            return dict(file)
    except Exception:
        pass  # not there, or damaged: compute it
    arrays = compute()
    try:
        with _workshop(CACHE) as folder:
            np.savez_compressed(folder / path.name, **arrays)
            os.replace(folder / path.name, path)
    except (OSError, ValueError) as error:  # ValueError: of zipfile, on a full disk
        warnings.warn(
            f"{path.name} could not be kept in data/cache, so it is computed again "
            f"next time: {getattr(error, 'strerror', None) or error}",
            stacklevel=2,
        )
    return arrays


@contextlib.contextmanager
def _workshop(folder):
    """A folder in `folder` for what is half done: gone afterwards, whatever happens.

    What a process left behind that was killed is removed when it is an hour old.
    """
    folder.mkdir(exist_ok=True)
    for old in folder.glob(f"{HALF}*"):
        with contextlib.suppress(OSError):  # another process was faster
            if time.time() - old.stat().st_mtime > 3600:
                shutil.rmtree(old)
    with tempfile.TemporaryDirectory(prefix=HALF, dir=folder) as own:
        yield Path(own)


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
    try:
        _download_into(FOLDER, name)
    except OSError as error:
        raise ArchiveError(_not_stored(name, error.strerror)) from None


def _not_stored(name, why):
    return (
        f"{name} {pinned()[name][0]} could not be stored in {FOLDER}: {why}. Make room "
        f"there, or make it writable, and run `python -m data {name}` again."
    )


def _download_into(place, name):
    version, sha256 = pinned()[name]
    with _workshop(place) as folder:
        need = folder / "requirements.txt"
        need.write_text(f"{name}=={version} --hash=sha256:{sha256}\n")
        options = "--no-deps --require-hashes --ignore-requires-python --quiet"
        command = f"-m pip download {options} --only-binary=:all: -r {need.name} -d ."
        done = subprocess.run(
            [sys.executable, *command.split()],
            cwd=folder,
            capture_output=True,
            text=True,
        )
        wheels = list(folder.glob("*.whl"))
        if done.returncode or len(wheels) != 1:
            if "DO NOT MATCH THE HASHES" in done.stderr:
                raise ArchiveError(
                    f"{name} {version} came with a wrong checksum and was not kept. "
                    f"Try `python -m data {name}` again, elsewhere if that goes on."
                )
            last = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
            disk = re.search(r"Error: \[Errno (\d+)\] ([^:]+)", done.stderr)
            if disk and int(disk[1]) in OF_A_DISK:
                raise ArchiveError(_not_stored(name, disk[2]))
            raise ArchiveError(
                f"{name} {version} could not be fetched. Is there a network? Run "
                f"`python -m data {name}` again when there is. pip said: {last}"
            )
        os.replace(wheels[0], _path(name))
