"""nbval, made strict: closes the ways in which a notebook can pass unchecked.

What differs between machines is not compared: stderr, pictures, HTML and Markdown.
All else is. Of a Markdown table the row labels and the verdicts are compared, and not
the numbers. In addition a cell fails that was never run, that was to raise and
did not, that holds an unknown magic, or whose kernel died. The rest of a notebook is
skipped after its first failure, since what follows would fail for no reason of its
own.
"""

import os
import re
import time
from queue import Empty

import nbval.kernel
import nbval.plugin
import pytest

from utils.build.notebooks import ENVIRONMENT

VERDICT = re.compile("HOLDS( WHEN .+)?|NOT SHOWN|FALSE|NO GAIN HERE")
NOT_COMPARED = ("stderr", "text/html", "text/markdown", "image/svg+xml")

# Inherited by every kernel that nbval starts.
os.environ |= ENVIRONMENT
os.environ.setdefault("COURSE_SCALE", "small")


class WatchedKernel(nbval.kernel.RunningKernel):
    """A kernel whose death is noticed at once, and not at the cell's timeout."""

    def execute_cell_input(self, cell_input, allow_stdin=None):
        # with history, a trailing `;` silences a value, as it does in Jupyter
        options = {"store_history": True, "stop_on_error": False}
        return self.kc.execute(cell_input, allow_stdin=allow_stdin, **options)

    def await_reply(self, msg_id, timeout=None):
        end = time.monotonic() + (float("inf") if timeout is None else timeout)
        while True:
            left = end - time.monotonic()
            try:
                return super().await_reply(msg_id, timeout=max(0.05, min(2.0, left)))
            except Empty:
                if not self.km.is_alive():
                    raise RuntimeError("the kernel died (out of memory?)") from None
                if left <= 0:
                    raise


nbval.plugin.RunningKernel = WatchedKernel


def pytest_collectstart(collector):
    if isinstance(collector, nbval.plugin.IPyNbFile):
        collector.skip_compare += NOT_COMPARED


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    failed = getattr(item.parent, "first_failure", None)
    if failed:
        pytest.skip(f"{failed} of this notebook failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not isinstance(item, nbval.plugin.IPyNbCell):
        return (yield)
    try:
        yield
        reason = _passed_unchecked(item)
        if reason:
            item.raise_cell_error(reason)
    except pytest.skip.Exception:
        raise
    except BaseException:
        item.parent.first_failure = item.name
        raise


def _passed_unchecked(item):
    """Why a cell that nbval let pass proves nothing, or None."""
    outputs = item.test_outputs or []
    if item.options["skip"]:
        return None
    if item.options["check_exception"]:
        if not any(output.output_type == "error" for output in outputs):
            return "tagged raises-exception, but raised nothing"
    for output in outputs:
        if output.get("name") == "stderr" and "UsageError" in output.text:
            return f"not run to its end: {output.text.strip()}"
    if item.config.option.nbval and item.cell.source.strip():
        if item.cell.execution_count is None:
            return "never run, so there is nothing to compare: make run"
        stored, new = _tables(item.cell.outputs), _tables(outputs)
        if stored != new:
            return f"the rows or verdicts of a table were {stored} and are {new}"
    return None


def _tables(outputs):
    """What must not change in a table of numbers: the labels of its rows, and verdicts.

    The numbers differ between machines, and so do the words that a network writes.
    """
    rows = []
    for output in outputs:
        text = output.get("data", {}).get("text/markdown", "")
        for line in "".join(text).splitlines():
            if line.startswith("|"):
                label, *cells = [cell.strip() for cell in line.strip("|").split("|")]
                verdicts = list(filter(VERDICT.fullmatch, cells))
                if verdicts or re.search(r"\d", " ".join(cells)):
                    rows.append([label, *verdicts])
    return rows
