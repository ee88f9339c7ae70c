"""Spoil each chapter as named in `spoilings.py`, and see that the chapter notices.

    python -m tests.mechanics.spoiled [4_0 4_3_1 …]    or: make spoiled; half an hour

A spoiled chapter is run as the tests run it, in a copy of the course, and its first
cell that fails tells what noticed: a verdict, a printed line, a number in a table. The
spoiled cell itself is compared by its outputs alone. Run a chapter as it is with
"4_0:nothing": then nothing may be noticed.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.etree import ElementTree

import nbformat

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from spoilings import SPOILINGS  # noqa: E402

from utils.build.notebooks import chapters, read  # noqa: E402

COLOURS = re.compile(r"(?:\x1b|#x1B)\[[\d;]*m")  # as pytest's report writes them, too
# of a failure's text the line that says what turned, the most telling kind first
TELLING = (
    r"WrongVerdict: (.+?)(?:\. Numbers: .*)?$",
    r"(a number of the row .+)",
    r"(the rows or verdicts of a table were .+)",
    r"(\d+ pictures are stored, and \d+ were drawn)",
    r"^ *- (.+)",  # a printed line, where another one is stored
    r"^(\w*(?:Error|Exception): .+)",
)


def code_cells(notebook):
    """The code cells of a notebook."""
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def spoil(notebook, old, new):
    """Replace one place of a notebook; the number of its code cell.

    Raises:
        ValueError: the place does not occur exactly once.
    """
    cells = code_cells(notebook)
    hits = [i for i, cell in enumerate(cells) for _ in range(cell.source.count(old))]
    if len(hits) != 1:
        raise ValueError(f"{old!r} occurs {len(hits)} times.")
    cells[hits[0]].source = cells[hits[0]].source.replace(old, new)
    return hits[0]


def copy_course(folder):
    """The course's tracked files, and the data that was fetched, in another folder."""
    listed = ["git", "ls-files", "-z"]
    names = subprocess.run(listed, cwd=ROOT, capture_output=True, check=True).stdout
    for name in names.decode().split("\0"):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)
    for name in ("data/archives", "data/cache"):
        if (ROOT / name).exists():
            (folder / name).symlink_to(ROOT / name, target_is_directory=True)


def what_failed(report):
    """(cell, line) of the first failure in pytest's report; None if all passed."""
    cases = list(ElementTree.parse(report).iter("testcase"))
    if not any(case.get("name", "").startswith("Cell ") for case in cases):
        raise RuntimeError("pytest found no cells.")
    for case in cases:
        bad = [part for part in case if part.tag in ("failure", "error")]
        if bad:
            text = f"{bad[0].get('message') or ''}\n{bad[0].text or ''}"
            return case.get("name"), told(text)
    return None


def told(text):
    """The line of a failure's text that says what turned."""
    text = COLOURS.sub("", text)
    for pattern in TELLING:
        found = re.search(pattern, text, re.M)
        if found:
            return found[1].strip()
    return " ".join(text.split())[:200]


def run(stem, old, new):
    """Run one spoiled chapter; what noticed, as of `what_failed`."""
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder).resolve()
        copy_course(folder)
        path = folder / f"chapters/{stem}.ipynb"
        notebook = read(path)
        if old:
            spoil(notebook, old, new)
        nbformat.write(notebook, path)
        options = ["-p", "no:cacheprovider", "--junitxml=report.xml", "-q"]
        done = subprocess.run(
            [sys.executable, "-m", "pytest", str(path), *options],
            cwd=folder,
            env={k: v for k, v in os.environ.items() if k != "PYTHONPATH"},
            capture_output=True,
            text=True,
        )
        if not (folder / "report.xml").exists():
            raise RuntimeError(f"pytest did not run:\n{done.stdout}{done.stderr}")
        return what_failed(folder / "report.xml")


def chosen(asked):
    """(chapter, spoiling) for each name asked for, as in "4_0"; by default all."""
    stems = [path.stem for path in chapters()]
    for one in asked or stems:
        start, _, nothing = one.partition(":")
        found = [stem for stem in stems if stem.startswith(start)]
        if not found:
            raise SystemExit(f"No chapter begins with {start}.")
        for stem in found:
            as_it_is = ("nothing", "", "", "")
            yield stem, as_it_is if nothing else SPOILINGS[stem]


def main(asked, say=print):
    """Run the spoiled chapters; how many are to be looked at."""
    rows, odd = [], 0
    for stem, (mistake, old, new, expected) in chosen(asked):
        start = time.perf_counter()
        found = run(stem, old, new)
        cell, line = found or ("–", "nothing noticed")
        fine = bool(found) and expected in line if old else not found
        odd += not fine
        rows.append((stem, mistake, cell, line, "" if fine else "LOOK"))
        seconds = time.perf_counter() - start
        say(f"{stem}: {mistake}: {cell}: {line} ({seconds:.0f} s) {rows[-1][-1]}")
    say("\n| chapter | mistake | cell | what noticed | |\n|---|---|---|---|---|")
    for row in rows:
        say("| " + " | ".join(cell.replace("|", "/") for cell in row) + " |")
    return odd


if __name__ == "__main__":
    odd = main(sys.argv[1:], lambda line: print(line, flush=True))
    print(f"{odd} to look at" if odd else "every mistake was noticed")
    sys.exit(bool(odd))
