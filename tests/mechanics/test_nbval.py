"""The strict nbval of conftest.py: what must fail does, and nothing else does.

All notebooks are run by one pytest in a folder of their own, since starting is slow.
"""

import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from nbformat import v4

from utils.course import ROOT


def code(source, *outputs, run=True, tag=None):
    """A code cell with its stored outputs."""
    cell = v4.new_code_cell(source, outputs=list(outputs), execution_count=1)
    if not run:
        cell.execution_count = None
    cell.metadata.tags = [tag] if tag else []
    return cell


def stream(text, name="stdout"):
    return v4.new_output("stream", name=name, text=text)


AFTER = code("print('after')", stream("after\n"))
MARKDOWN = "from IPython.display import Markdown, display\ndisplay(Markdown('0.2'))"

SHOWN = {"text/plain": "<IPython.core.display.Markdown object>", "text/markdown": "0.1"}
ROW = "| gain 2 | 0.3 | HOLDS |"
TABLE = f"from IPython.display import Markdown, display\ndisplay(Markdown('{ROW}'))"


def table(row):
    """The stored output of a Markdown table of one row."""
    return v4.new_output("display_data", SHOWN | {"text/markdown": row})


RAISED = v4.new_output("error", ename="ValueError", evalue="x", traceback=["x"])

# name → its first cells; AFTER follows in each
NOTEBOOKS = {
    "good": [
        code(MARKDOWN, v4.new_output("display_data", SHOWN)),
        code("import sys; print('now', file=sys.stderr)", stream("then\n", "stderr")),
        code("sys.stderr.write('a new warning');"),
        code("raise ValueError('x')", RAISED, tag="raises-exception"),
        code("import os; print(os.environ['COURSE_STRICT'])", stream("1\n")),
        code(TABLE, table("| gain 2 | 0.4 | HOLDS |")),
        code("", run=False),
    ],
    "other_number": [code("print(0.13)", stream("0.12\n"))],
    "stripped": [code("print('x')", run=False)],
    "counts_stripped": [code("print('x')", stream("x\n"), run=False)],
    "no_output": [code("print('x')")],
    "dead_kernel": [code("import os; os._exit(1)")],
    "bad_magic": [code("x = 1\n%notmagic")],
    "raises_nothing": [code("x = 1", tag="raises-exception")],
    "other_row": [code(TABLE, table("| gain 1 | 0.3 | HOLDS |"))],
    "other_verdict": [code(TABLE, table("| gain 2 | 0.3 | FALSE |"))],
    "cascade": [
        code("x = nowhere"),
        code("print(x)", stream("1\n")),
        code("y = x", tag="raises-exception"),
    ],
}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Name of a notebook → its cells as (outcome, message, seconds)."""
    folder = tmp_path_factory.mktemp("nbval")
    shutil.copy(ROOT / "conftest.py", folder)
    for name, cells in NOTEBOOKS.items():
        notebook = v4.new_notebook(cells=[*cells, AFTER])
        (folder / f"{name}.ipynb").write_text(v4.writes(notebook), "utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith("COURSE_")}
    env["PYTHONPATH"] = str(ROOT)
    command = "-m pytest --nbval --nbval-current-env --nbval-cell-timeout=60"
    options = "-p no:cacheprovider --junitxml=results.xml"
    subprocess.run(
        [sys.executable, *command.split(), *options.split()],
        cwd=folder,
        env=env,
        capture_output=True,
        timeout=300,
    )
    found = {}
    for case in ElementTree.parse(folder / "results.xml").iter("testcase"):
        bad = next((part for part in case if part.tag in ("failure", "skipped")), None)
        outcome = "passed" if bad is None else bad.tag
        message = "" if bad is None else bad.get("message") + (bad.text or "")
        name = case.get("classname").split(".")[0]
        found.setdefault(name, []).append((outcome, message, float(case.get("time"))))
    return found


def test_a_good_notebook_passes_though_stderr_and_markdown_differ(results):
    outcomes = [outcome for outcome, *_ in results["good"]]
    assert outcomes == ["passed"] * (len(NOTEBOOKS["good"]) + 1)


@pytest.mark.parametrize("name", [name for name in NOTEBOOKS if name != "good"])
def test_the_first_bad_cell_fails_and_the_rest_is_skipped(results, name):
    outcomes = [outcome for outcome, *_ in results[name]]
    assert outcomes == ["failure"] + ["skipped"] * len(NOTEBOOKS[name])
    assert "Cell 0 of this notebook failed" in results[name][1][1]


@pytest.mark.parametrize(
    "name, words",
    {
        "other_number": "0.12",
        "stripped": "never run, so there is nothing to compare: make run",
        "dead_kernel": "the kernel died",
        "bad_magic": "notmagic",
        "raises_nothing": "raised nothing",
        "other_row": "the rows or verdicts of a table were",
        "other_verdict": "the rows or verdicts of a table were",
        "cascade": "NameError",
    }.items(),
)
def test_the_failure_says_why(results, name, words):
    assert words in results[name][0][1]


def test_a_dead_kernel_is_noticed_long_before_the_timeout(results):
    assert results["dead_kernel"][0][2] < 15
