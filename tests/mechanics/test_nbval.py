"""The strict nbval of conftest.py: what must fail does, and nothing else does.

All notebooks are run by one pytest in a folder of their own, since starting is slow.
"""

import base64
import io
import os
import shutil
import subprocess
import sys
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.image import imsave
from nbformat import v4

from utils.build import outputs
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


def png(colours, size=60):
    """A square picture of so many colours, as a notebook stores it."""
    pixels = np.arange(size * size).reshape(size, size) % colours / 10
    file = io.BytesIO()
    imsave(file, pixels, cmap="gray", vmin=0, vmax=1, format="png")
    return base64.b64encode(file.getvalue()).decode()


def picture(data):
    """The stored output of a figure; without `data` the picture is lost."""
    plain = {"text/plain": "<Figure size 640x480 with 1 Axes>"}
    return v4.new_output("display_data", plain | ({"image/png": data} if data else {}))


DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
UNCHECKED = "it asks not to be checked"


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
        code(DRAW, picture(png(3))),
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
    "other_number_in_a_table": [code(TABLE, table("| gain 2 | 0.8 | HOLDS |"))],
    "no_verdict": [code(TABLE, table("| gain 2 | 0.3 | shown only |"))],
    "a_dot": [code(DRAW, picture(png(1)))],
    "a_small_picture": [code(DRAW, picture(png(9, size=3)))],
    "no_picture": [code(DRAW, picture(None))],
    "ignored": [code("# NBVAL_IGNORE_OUTPUT\nprint(0.13)", stream("0.12\n"))],
    "ignored_by_tag": [code("print(1)", stream("2\n"), tag="nbval-ignore-output")],
    "skipped": [code("# NBVAL_SKIP\nprint(0.13)", stream("0.12\n"))],
    "skipped_by_tag": [code("print(0.13)", stream("0.12\n"), tag="nbval-skip")],
    "cascade": [
        code("x = nowhere"),
        code("print(x)", stream("1\n")),
        code("y = x", tag="raises-exception"),
    ],
}
LACKS = {"lacks": [code("1 / 0"), code('needs("nowhere")')]}


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """Name of a notebook → its cells as (outcome, message, seconds)."""
    folder = tmp_path_factory.mktemp("nbval")
    shutil.copy(ROOT / "conftest.py", folder)
    for name, cells in (NOTEBOOKS | LACKS).items():
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


def test_a_notebook_that_needs_what_is_not_installed_is_skipped(results):
    outcomes = [outcome for outcome, *_ in results["lacks"]]
    assert outcomes == ["skipped"] * (len(LACKS["lacks"]) + 1)
    assert "nowhere is not installed here" in results["lacks"][0][1]


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
        "other_number_in_a_table": "'gain 2' was '0.8' and is '0.3'",
        "no_verdict": "the rows or verdicts of a table were",
        "a_dot": "a stored picture shows nothing",
        "a_small_picture": "a stored picture shows nothing",
        "no_picture": "0 pictures are stored, and 1 were drawn",
        "ignored": UNCHECKED,
        "ignored_by_tag": UNCHECKED,
        "skipped": UNCHECKED,
        "skipped_by_tag": UNCHECKED,
        "cascade": "NameError",
    }.items(),
)
def test_the_failure_says_why(results, name, words):
    assert words in results[name][0][1]


def test_a_dead_kernel_is_noticed_long_before_the_timeout(results):
    assert results["dead_kernel"][0][2] < 15


@pytest.mark.parametrize(
    "stored, new",
    [
        ("0.14", "0.2"),
        ("0.0000", "0.013"),
        ("29.4%", "31.0%"),
        ("0.2%", "1.9%"),
        ("2.0 ×", "3.1 ×"),
        ("1,749", "1749"),
        ("1.44e-07", "9.1e-07"),
        ("-0.0083 (-0.088 … 0.072)", "0.03 (-0.05 … 0.11)"),
        ("2e-18 … 1e-05", "4e-15 … 3e-05"),
        ("−1 … 1", "−1 … 1"),
        ("3 n weights more", "3 n weights more"),
        ("a: 0.11 (0.11 … 0.12); b: 0.03", "a: 0.12 (0.11 … 0.13); b: 0.028"),
        (
            "gain 0.8: 2e-18 … 1e-05; gain 1: 0.4",
            "gain 0.8: 2e-17 … 4e-05; gain 1: 0.4",
        ),
    ],
)
def test_numbers_may_differ_as_they_do_between_machines(stored, new):
    assert outputs.same_numbers(stored, new)
    assert outputs.table_differs([["x", stored]], [["x", new]]) is None


@pytest.mark.parametrize(
    "stored, new",
    [
        ("0.41", "0.14"),
        ("29.4%", "74.0%"),
        ("0.14", "-0.14"),
        ("3 … 7", "3"),
        ("0.14%", "0.14 ×"),
        ("1.44e-02", "1.44e-07"),
        ("0.41 (0.13 … 0.15)", "0.14 (0.13 … 0.15)"),
        ("0.14 (-0.93 … 0.15)", "0.14 (0.13 … 0.15)"),
        ("7e+19 … 4e+22", "7e+10 … 4e+12"),
        ("a: 0.11; b: 0.03", "a: 0.11; b: 0.3"),
        ("a: 0.11; b: 0.03", "a: 0.11"),
        ("a: 0.11", "b: 0.11"),
        ("5 n weights more", "12 n weights more"),
    ],
)
def test_a_changed_number_is_noticed(stored, new):
    found = outputs.table_differs([["x", stored]], [["x", new]])
    assert found == f"a number of the row 'x' was {stored!r} and is {new!r}"


def test_words_that_a_network_wrote_are_not_compared():
    rows = [[["1", word, count]] for word, count in (("bad", "39"), ("dull", "8"))]
    assert outputs.table_differs(*rows) is None
    dates = [[["14 October", date]] for date in ("2006年10月30日", "2006年1月14日")]
    assert outputs.table_differs(*dates) is None
    numbers = [[["x", "0.1"]], [["x", "0.9"]]]
    assert outputs.table_differs(*numbers, numbers=False) is None
    assert outputs.table_differs(numbers[0], numbers[0] * 2)
