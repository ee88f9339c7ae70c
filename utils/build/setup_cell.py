# Setup: finds the course around this notebook, or fetches it where the notebook
# stands alone, as on Colab. This cell is the same in every chapter.
import sys
from pathlib import Path
from subprocess import PIPE, run

SOURCE = ""  # where the notebook stands alone: an address from which git can clone
home, mark, tried, why = Path("course").absolute(), "utils/course.py", "", ""
while not (roots := [p for p in (*home.parents, *home.glob("**/")) if [*p.glob(mark)]]):
    assert not tried, f"No course in {tried}: {why}. Set SOURCE, or upload its .zip"
    zips = ["a.zip", *sorted(Path().glob("*.zip"), key=lambda p: p.stat().st_mtime)]
    tool = ["git", "clone", "-q"] if SOURCE else [sys.executable, "-m", "zipfile", "-e"]
    done = run([*tool, tried := SOURCE or zips[-1], "course"], stderr=PIPE, text=True)
    *_, why = f"no {mark}", *[line for line in done.stderr.splitlines() if ": " in line]
sys.path.insert(0, str(roots[0]))
sys.modules.pop("utils", None)  # if it is a foreign one
from utils.course import setup

scale = setup()
