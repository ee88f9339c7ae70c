"""Break each layer in the ways named in `mutants.py`, and see that its tests fail.

    python -m tests.layers.mutations [gru "lstm:no bias" …]    or: make mutants; minutes

A mutant that lives shows what is not tested. The tests of the tests, which break layers
themselves, are left out. Each mutant has a process of its own, forked from one that
has imported TensorFlow but computed nothing, since starting it takes the most time.
"""

import ast
import contextlib
import importlib.util
import os
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT), str(HERE)]

from mutants import MUTANTS  # noqa: E402

DECLARE = ("__init__", "build", "compute_output_shape", "from_config", "get_config")
KILLED, LIVES, BROKEN = "killed", "LIVES", "cannot be tested"


def changed(module, old, new):
    """The module's text with one place changed; None if that place is not there."""
    text = (ROOT / f"utils/layers/{module}.py").read_text("utf-8")
    if not old:
        return text
    return text.replace(old, new) if text.count(old) == 1 else None


def method(module, text):
    """The name of the function in which a module's text differs from the module's."""
    texts = changed(module, "", ""), text
    lines = zip(*(one.splitlines() for one in texts), strict=False)
    first = next((n for n, (a, b) in enumerate(lines, 1) if a != b), 0)
    around = [
        node
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.FunctionDef) and node.lineno <= first <= node.end_lineno
    ]
    return around[-1].name if around else ""


def verdict(module, text, log):
    """Run the module's tests on another text of it, in a process of its own."""
    process = os.fork()
    if process == 0:
        code = 3
        try:
            with open(log, "w") as file:
                os.dup2(file.fileno(), 1)
                os.dup2(file.fileno(), 2)
            code = _test(module, text, Path(log).parent)
        finally:
            os._exit(code)
    _, status = os.waitpid(process, 0)
    # a process that dies, or a test that ends in an error, has noticed as well
    return {0: LIVES, 3: BROKEN}.get(os.waitstatus_to_exitcode(status), KILLED)


def _test(module, text, folder):
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
    import catalogue

    classes = " or ".join(catalogue.exported()[module])
    options = ["-x", "-q", "-p", "no:cacheprovider", "-p", "no:randomly", "--no-header"]
    first = ["test_contract.py", "-k", classes], [f"test_{module}.py"]
    for arguments in (  # first who is likely to notice
        *(first if method(module, text) in DECLARE else reversed(first)),
        ["test_properties.py", "-k", classes],
        ["test_masks.py", "-k", classes],
    ):
        file, *more = arguments
        code = pytest.main([str(HERE / file), *more, *options])
        if code not in (0, 5):  # 5: no test was chosen; 3, 4: pytest itself failed
            return 3 if code in (3, 4) else 1
    return 0


def chosen(asked):
    """(module, mutant) of each module or "module:name" asked for; by default all.

    "module:nothing" is the module as it is, which must live.
    """
    for one in asked or MUTANTS:
        module, _, wanted = one.partition(":")
        nothing = ("nothing", "", "", "it is as it was")
        found = [nothing] if wanted == "nothing" else MUTANTS[module]
        found = [mutant for mutant in found if wanted in ("", mutant[0])]
        if not found:
            raise SystemExit(f"No mutant is called {one}.")
        yield from ((module, mutant) for mutant in found)


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
    for module, (name, old, new, *same) in chosen(asked):
        text, start = changed(module, old, new), time.perf_counter()
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder, "log.txt")
            found = verdict(module, text, log) if text else "its place is gone"
            lines = log.read_text().splitlines() if text else []
        by = [line.split(" - ")[0] for line in lines if line.startswith("FAILED")]
        seconds = time.perf_counter() - start
        why = f" (equivalent: {same[0]})" if same else ""
        who = by[0].rpartition("::")[2] if by else ""
        say(f"{module}: {name}: {found}{why} {seconds:.0f} s {who}")
        if (found == KILLED) is bool(same) or found not in (KILLED, LIVES):
            odd.append((module, name, found))
    return odd


if __name__ == "__main__":
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    with contextlib.chdir(ROOT):
        odd = run(sys.argv[1:], lambda line: print(line, flush=True))
    print(f"{len(odd)} to look at" if odd else "all killed")
    sys.exit(bool(odd))
