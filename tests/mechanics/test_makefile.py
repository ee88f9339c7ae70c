"""`make` leaves alone what it did not make. A fake python stands in for a real one."""

import subprocess

import pytest

from utils.course import ROOT

FAKE = """#!/bin/sh
# `python -m venv FOLDER` puts this very script there; all else succeeds
test "$1 $2" = "-m venv" && mkdir -p "$3/bin" && cp "$0" "$3/bin/python"
exit 0
"""


@pytest.fixture
def make(tmp_path):
    """Runs `make <folder>/.ready` with the fake python."""
    python = tmp_path / "python"
    python.write_text(FAKE)
    python.chmod(0o755)

    def run(folder):
        command = ["make", f"PYTHON={python}", f"{folder}/.ready"]
        return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)

    return run


def contents(folder):
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("kind", ["folder", "link", "link to its own", "file"])
def test_a_foreign_venv_survives(make, tmp_path, kind):
    folder = other = tmp_path / ".venv"
    if kind.startswith("link"):
        other = tmp_path / "elsewhere"
        folder.symlink_to(other, target_is_directory=True)
    if kind == "file":
        folder.write_text("mine")
    else:
        other.mkdir()
        (other / "mine").write_text("mine")
        if kind == "link to its own":
            (other / ".rnn-course").touch()
    before = folder.read_text() if kind == "file" else contents(other)
    done = make(folder)
    assert done.returncode and "was not made by this Makefile" in done.stderr
    assert "make VENV=" in done.stderr and len(done.stderr.splitlines()) == 2
    assert before == (folder.read_text() if kind == "file" else contents(other))


def test_its_own_venv_is_updated_in_place(make, tmp_path):
    folder = tmp_path / ".venv"
    assert not make(folder).returncode and (folder / ".rnn-course").exists()
    (folder / "lib").mkdir()
    (folder / "lib/added by the user").touch()
    (folder / ".ready").unlink()  # as after an interrupted installation
    assert not make(folder).returncode
    assert (folder / ".ready").exists() and (folder / "lib/added by the user").exists()


def test_an_interrupted_venv_is_made_again(make, tmp_path):
    folder = tmp_path / ".venv"
    folder.mkdir()
    (folder / ".rnn-course").touch()
    (folder / "bin").mkdir()
    (folder / "bin/python").symlink_to(tmp_path / "gone")
    assert not make(folder).returncode and (folder / "bin/python").exists()
