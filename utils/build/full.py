"""Run a chapter at full scale and record it: `python -m utils.build.full 4_0`.

The record is `benchmarks/full/<chapter>.json`; the notebook stays as it is. A run that
is interrupted goes on, when it is started again, after the last model it has trained.
"""

import argparse
import datetime
import hashlib
import json
import os
import subprocess
import sys
import time

from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError

from utils import course
from utils.build.notebooks import chapters, read, write
from utils.verdicts import RECORDS


def kept_for(notebook):
    """The folder in which the trained models of this very chapter are kept."""
    code = [cell.source for cell in notebook.cells if cell.cell_type == "code"]
    code += [os.environ.get("KERAS_BACKEND", "tensorflow")]
    for path in sorted((course.ROOT / "utils/layers").glob("*.py")):
        code.append(path.read_text("utf-8"))
    key = hashlib.sha256("\n".join(code).encode()).hexdigest()[:16]
    folder = course.ROOT / "data/cache/full" / key
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run(path):
    """Execute the chapter at full scale and write its record.

    Raises:
        CellExecutionError: a cell failed; nothing is recorded.
    """
    notebook = read(path)
    folder = kept_for(notebook)
    found, spent = folder / "found.json", folder / "seconds.json"
    os.environ |= {"COURSE_SCALE": "full", "COURSE_STRICT": "0"}
    os.environ |= {"COURSE_RESUME": str(folder), "COURSE_RECORD": str(found)}
    before = json.loads(spent.read_text()) if spent.exists() else 0
    start = time.perf_counter()
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name="python3",
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=lambda cell, cell_index: print(
            f"cell {cell_index + 1} of {len(notebook.cells)}", flush=True
        ),
    )
    try:
        client.execute(stderr=subprocess.DEVNULL)
    finally:
        seconds = before + time.perf_counter() - start
        spent.write_text(json.dumps(seconds))
    record = {
        "date": datetime.date.today().isoformat(),
        "device": course.device(),
        "commit": course.commit(),
        "minutes": round(seconds / 60, 1),
        **json.loads(found.read_text("utf-8")),
    }
    text = json.dumps(record, indent=1, ensure_ascii=False) + "\n"
    write(RECORDS / f"{path.stem}.json", text)
    for id, claim in record["claims"].items():
        print(f"{id}: {claim['verdict']}")


def main():
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("chapter", help="how its file's name begins, as in 4_0")
    name = parser.parse_args().chapter
    fits = [path for path in chapters() if name and path.stem.startswith(name)]
    exact = [path for path in fits if path.stem == name] or fits
    if len(exact) != 1:
        known = ", ".join(path.stem for path in fits or chapters())
        print(f"CHAPTER={name!r} is not one chapter. Choose: {known}", file=sys.stderr)
        return 2
    try:
        run(exact[0])
    except CellExecutionError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
