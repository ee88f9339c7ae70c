"""Break each layer in the ways named in `mutants.py`, and see that its tests fail.

    python -m tests.layers.mutations [gru "lstm:no bias" …]    or: make mutants; hours

A mutant that lives shows what is not tested. The tests of the tests, which break layers
themselves, are left out. A module is tested as it is first: it must live, and how long
each test takes tells the order for its mutants, the shortest first. Each of them has a
process of its own, forked from one that has imported TensorFlow but computed nothing,
since starting it takes the most time.
"""

import collections
import contextlib
import importlib.util
import json
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from mutants import MUTANTS  # noqa: E402

COMMON = "test_contract.py", "test_properties.py", "test_masks.py"
KILLED, LIVES, BROKEN = "killed", "LIVES", "cannot be tested"


class Shortest:
    """A plugin of pytest: the tests of one module, the shortest first, and their time.

    Args:
        module: its name.
        seconds: name of a test → seconds, as known so far.
    """

    def __init__(self, module, seconds):
        import catalogue

        self.names = *catalogue.exported()[module], f"/test_{module}.py"
        self.known, self.seconds = seconds, collections.Counter()

    def pytest_collection_modifyitems(self, items):
        its = [item for item in items if any(n in item.nodeid for n in self.names)]
        items[:] = sorted(its, key=lambda item: self.known.get(item.nodeid, 0))

    def pytest_runtest_logreport(self, report):
        self.seconds[report.nodeid] += report.duration


def changed(module, old, new):
    """The module's text with one place changed; None if that place is not there."""
    text = (ROOT / f"utils/layers/{module}.py").read_text("utf-8")
    return text.replace(old, new) if text.count(old) == 1 else None


def verdict(module, text, folder, seconds):
    """Run the module's tests on another text of it, in a process of its own."""
    process = os.fork()
    if process == 0:
        code = 3
        try:
            with open(folder / "log.txt", "w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            code = _test(module, text, folder, seconds)
        finally:
            os._exit(code)
    _, status = os.waitpid(process, 0)
    # a process that dies, or a test that ends in an error, has noticed as well
    return {0: LIVES, 3: BROKEN}.get(os.waitstatus_to_exitcode(status), KILLED)


def _test(module, text, folder, seconds):
    """0 if all tests pass, 1 if one fails, 3 if there is no module or no test of it."""
    import pytest

    import utils.layers
    from utils import proofs

    proofs.mutant = lambda *_: pytest.skip("a test of the tests")
    path = folder / f"{module}.py"
    path.write_text(text, "utf-8")
    name = f"utils.layers.{module}"
    spec = importlib.util.spec_from_file_location(name, path)
    try:
        sys.modules[name] = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(sys.modules[name])
    except Exception:
        return 3
    setattr(utils.layers, module, sys.modules[name])
    plugin = Shortest(module, seconds)
    files = [str(HERE / file) for file in (f"test_{module}.py", *COMMON)]
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header"]
    code = pytest.main([*files, *options], plugins=[plugin])
    (folder / "seconds.json").write_text(json.dumps(plugin.seconds))
    return code if code == 0 else 3 if code in (3, 4, 5) else 1  # 3 to 5: no test ran


def as_it_is(module):
    """Name of a test → its seconds, on the module as it is.

    Raises:
        SystemExit: a test fails.
    """
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        text = (ROOT / f"utils/layers/{module}.py").read_text("utf-8")
        if verdict(module, text, folder, {}) != LIVES:
            log = (folder / "log.txt").read_text()
            raise SystemExit(f"{log}\nMend {module} first: its own tests fail.")
        return json.loads((folder / "seconds.json").read_text())


def chosen(asked):
    """(module, its mutants) of each module or "module:name" asked for; else all."""
    found = collections.defaultdict(list)
    for one in asked or MUTANTS:
        module, _, wanted = one.partition(":")
        its = [mutant for mutant in MUTANTS[module] if wanted in ("", mutant[0])]
        if not its:
            raise SystemExit(f"No mutant is called {one}.")
        found[module] += its
    return found.items()


def run(asked=(), say=print):
    """Run mutants; those that live, or are killed though equivalent, or can't be run.

    Args:
        asked: as of `chosen`.

    Returns:
        [(module, name, verdict)] of what is to be looked at.
    """
    import keras  # noqa: F401
    import pytest  # noqa: F401

    odd = []
    for module, mutants in chosen(asked):
        seconds = as_it_is(module)
        say(f"{module}: as it is: {LIVES} {sum(seconds.values()):.0f} s")
        for name, old, new, *same in mutants:
            text, start = changed(module, old, new), time.perf_counter()
            with tempfile.TemporaryDirectory() as folder:
                folder = Path(folder)
                found, lines = "its place is gone", []
                if text:
                    found = verdict(module, text, folder, seconds)
                    lines = (folder / "log.txt").read_text().splitlines()
            by = [line.split(" - ")[0] for line in lines if line.startswith("FAILED")]
            took = time.perf_counter() - start
            why = f" (equivalent: {same[0]})" if same else ""
            who = by[0].rpartition("::")[2] if by else ""
            say(f"{module}: {name}: {found}{why} {took:.0f} s {who}")
            if (found == KILLED) is bool(same) or found not in (KILLED, LIVES):
                odd.append((module, name, found))
    return odd


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with contextlib.chdir(ROOT):
        odd = run(sys.argv[1:], lambda line: print(line, flush=True))
    print(f"{len(odd)} to look at" if odd else "all killed")
    sys.exit(bool(odd))
