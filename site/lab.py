"""Work through a chapter in JupyterLab, in a browser, as `make lab-check` does.

    python site/lab.py .venv/bin/python [4_0]

JupyterLab runs from the given Python on a copy of the course, so that nothing here
changes. Three things are tried: all cells of the chapter run, without an error; an
exercise is answered wrongly, then rightly, with the keyboard; and the notebook alone in
an empty folder, as on Colab, fetches the course and runs (a smoke run, on data archives
that are here).
"""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

from browser import chromium

ROOT = Path(__file__).resolve().parents[1]
SCREENS = Path(__file__).resolve().parent / "_build/screens"
LIMIT = 600  # seconds for all cells of a chapter
LAB = "window.jupyterapp.shell.currentWidget"
KERNEL = f"{LAB}?.sessionContext?.session?.kernel"
CELLS = f"""() => Array.from({LAB}.content.model.cells)
  .map((cell, i) => ({{ i, ...cell.toJSON() }}))
  .filter((cell) => cell.cell_type === "code")"""


@contextmanager
def jupyterlab(python, folder, **environment):
    """JupyterLab on a folder, with settings of its own; its address and token."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token, home = secrets.token_hex(8), tempfile.mkdtemp()
    names = ("_CONFIG", "_DATA", "_RUNTIME", "LAB_SETTINGS", "LAB_WORKSPACES")
    own = {f"JUPYTER{name}_DIR": home for name in names}
    options = {
        "ServerApp.ip": "127.0.0.1",
        "ServerApp.port": port,
        "ServerApp.root_dir": folder,
        "IdentityProvider.token": token,
        "LabApp.expose_app_in_browser": True,
        "LabApp.news_url": None,
        "LabApp.check_for_updates_class": "jupyterlab.NeverCheckForUpdate",
    }
    command = [python, "-m", "jupyterlab", "--no-browser", "--allow-root"]
    command += [f"--{name}={value}" for name, value in options.items()]
    env = os.environ | own | {"COURSE_STRICT": "1"} | environment
    with open(Path(home, "log"), "w") as log:
        server = subprocess.Popen(command, env=env, stdout=log, stderr=log)
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(200):
            try:
                urllib.request.urlopen(f"{address}/api/status?token={token}", timeout=2)
                break
            except OSError:
                time.sleep(0.3)
        else:
            sys.exit("JupyterLab did not start:\n" + Path(home, "log").read_text())
        yield f"{address}/lab/tree/{{}}?reset&token={token}"
    finally:
        server.terminate()
        server.wait(20)
        shutil.rmtree(home, ignore_errors=True)


def opened(browser, address):
    """The page with an open notebook, its kernel idle."""
    page = browser.new_page(viewport={"width": 1280, "height": 1100})
    page.goto(address)
    page.wait_for_selector(".jp-NotebookPanel .jp-Notebook", timeout=90_000)
    page.wait_for_function(f"() => {KERNEL}?.status === 'idle'", timeout=90_000)
    return page


def run_all(page):
    """Run all cells, as the menu does; the code cells with what they put out."""
    command = "window.jupyterapp.commands.execute"
    page.evaluate(f"() => {command}('notebook:clear-all-cell-outputs')")
    page.evaluate(
        f"""() => {{ window.done = false;
        {command}('notebook:run-all-cells').finally(() => (window.done = true)); }}"""
    )
    page.wait_for_function("() => window.done", timeout=LIMIT * 1000)
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=60_000)
    return page.evaluate(CELLS)


def faults(cells):
    """What a reader would be stopped by: errors, cells that did not run, red lines."""
    for cell in cells:
        first = "".join(cell["source"]).split("\n")[0][:60]
        if cell["execution_count"] is None and "".join(cell["source"]).strip():
            yield f"not run: {first}"
        for output in cell["outputs"]:
            if output["output_type"] == "error":
                yield f"{output['ename']}: {output['evalue'][:300]} in: {first}"
            if output.get("name") == "stderr":
                yield f"red lines: {''.join(output['text'])[:200]} in: {first}"


def type_into(page, i, text):
    """Put text into cell i with the keyboard and run it; what it prints."""
    page.evaluate(
        f"""async (i) => {{ const notebook = {LAB}.content;
        notebook.activeCellIndex = i; await notebook.scrollToItem(i); }}""",
        i,
    )
    editor = page.locator(".jp-Notebook-cell.jp-mod-active .cm-content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)
    page.keyboard.press("Shift+Enter")
    page.wait_for_timeout(500)
    page.wait_for_function(f"() => {KERNEL}.status === 'idle'", timeout=60_000)
    cell = next(cell for cell in page.evaluate(CELLS) if cell["i"] == i)
    assert "".join(cell["source"]).strip() == text.strip(), "the text was not typed"
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def exercise(chapter, cells):
    """An exercise of the chapter: its cell, its name, its stub and its solution."""
    path = ROOT / "chapters/solutions" / f"{chapter}.ipynb"
    solved = {}
    for cell in json.loads(path.read_text("utf-8"))["cells"]:
        if name := re.search(r'check\("(.+?)"', text := "".join(cell["source"])):
            solved[name[1]] = text
    for cell in cells:
        text = "".join(cell["source"])
        name = re.search(r'check\("(.+?)"', text)
        if name and "return ..." in text and name[1] in solved:
            return cell["i"], name[1], text, solved[name[1]]
    raise LookupError(f"{chapter} has no exercise in which a function returns ...")


def copy_of_the_course(target):
    """The course without data, outputs of builds and environments."""
    left_out = shutil.ignore_patterns(
        ".*", "archives", "cache", "_build", "__pycache__", "tests"
    )
    shutil.copytree(ROOT, target, ignore=left_out)


def check_the_course(python, browser, chapter, folder):
    """The chapter in the course: all cells, then an exercise."""
    copy_of_the_course(folder)
    for name in ("archives", "cache"):
        (ROOT / "data" / name).mkdir(exist_ok=True)
        (folder / "data" / name).symlink_to(ROOT / "data" / name)
    with jupyterlab(python, folder) as address:
        page = opened(browser, address.format(f"chapters/{chapter}.ipynb"))
        cells = run_all(page)
        found = list(faults(cells))
        page.screenshot(path=SCREENS / "lab.png")
        print(f"{chapter}: {len(cells)} code cells in JupyterLab, {len(found)} faults")
        i, name, stub, solution = exercise(chapter, cells)
        wrong = type_into(page, i, stub.replace("return ...", "return -1"))
        right = type_into(page, i, solution)
        page.screenshot(path=SCREENS / "lab-exercise.png")
        print(f"answered wrongly: {wrong.strip()}\nanswered rightly: {right.strip()}")
        if "not yet." not in wrong:
            found.append(f"a wrong answer to {name}: {wrong!r}")
        if f"{name}: right." not in right:
            found.append(f"the right answer to {name}: {right!r}")
        page.close()
    return found


def check_alone(python, browser, chapter, folder):
    """The notebook in an empty folder, with the course at an address of git."""
    origin, alone = folder / "origin", folder / "content"
    copy_of_the_course(origin)
    me = "-c user.name=x -c user.email=x -c commit.gpgsign=false"
    for command in ("init -q", "add -A", "commit -q -m x"):
        git = ["git", *me.split(), *command.split()]
        subprocess.run(git, cwd=origin, check=True)
    alone.mkdir()
    text = (ROOT / "chapters" / f"{chapter}.ipynb").read_text("utf-8")
    notebook = json.loads(text)
    setup = "".join(notebook["cells"][1]["source"])
    stamp = f'SOURCE = "{origin.as_uri()}"'
    notebook["cells"][1]["source"] = re.sub(r'SOURCE = ".*?"', stamp, setup)
    (alone / f"{chapter}.ipynb").write_text(json.dumps(notebook), "utf-8")
    # pip finds the data archives in this folder instead of the network
    shop = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": (ROOT / "data/archives").as_uri()}
    with jupyterlab(python, alone, COURSE_SMOKE="1", **shop) as address:
        page = opened(browser, address.format(f"{chapter}.ipynb"))
        cells = run_all(page)
        page.screenshot(path=SCREENS / "lab-alone.png")
        page.close()
    # in a smoke run Keras says of every training that it was cut short
    found = [fault for fault in faults(cells) if "input ran out of data" not in fault]
    if not (alone / "course/utils/course.py").exists():
        found.append("the notebook did not fetch the course")
    print(f"{chapter} alone: {len(cells)} code cells, {len(found)} faults")
    return found


def main(python, chapter="4_0"):
    """Try the chapter whose file begins so; whether something was wrong."""
    start = time.monotonic()
    chapter = sorted((ROOT / "chapters").glob(f"{chapter}*.ipynb"))[0].stem
    python = ROOT / python
    SCREENS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, chromium() as browser:
        there = Path(folder)
        found = check_the_course(python, browser, chapter, there / "rnn")
        found += check_alone(python, browser, chapter, there / "alone")
    print(*found, f"{len(found)} faults, {time.monotonic() - start:.0f} s", sep="\n")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
