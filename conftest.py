"""nbval, made strict: closes the ways in which a notebook can pass unchecked.

What differs between machines is not compared: stderr, pictures, HTML and Markdown.
All else is. Of a Markdown table the row labels and the verdicts are compared, and the
numbers loosely (see `utils.build.outputs`; on the backend that stored them, since the
others draw other random numbers). In addition a cell fails that was never run, that was
to raise and did not, that asks not to be checked, that holds an unknown magic, whose
stored picture is missing or shows nothing, or whose kernel died. The rest of a notebook
is skipped after its first failure, since what follows would fail for no reason of its
own. A notebook that needs a package which is not installed here is skipped as a whole,
with the reason.
"""

import os
import time
from queue import Empty

import nbval.kernel
import nbval.plugin
import pytest

from utils.build import outputs as found_in
from utils.build.notebooks import ENVIRONMENT, lacking

# chapters are stored as TensorFlow, the default, runs them
HERE = os.environ.get("KERAS_BACKEND", "tensorflow") == "tensorflow"
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
        collector.lacks = lacking(collector.path)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item):
    if why := getattr(item.parent, "lacks", None):
        pytest.skip(why)
    failed = getattr(item.parent, "first_failure", None)
    if failed:
        pytest.skip(f"{failed} of this notebook failed")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item):
    if not isinstance(item, nbval.plugin.IPyNbCell):
        return (yield)
    try:
        if item.options["skip"] or not item.options["check"]:
            item.raise_cell_error("it asks not to be checked: take the mark away")
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
    if item.options["check_exception"]:
        if not any(output.output_type == "error" for output in outputs):
            return "tagged raises-exception, but raised nothing"
    for output in outputs:
        if output.get("name") == "stderr" and "UsageError" in output.text:
            return f"not run to its end: {output.text.strip()}"
    if item.config.option.nbval and item.cell.source.strip():
        if item.cell.execution_count is None:
            return "never run, so there is nothing to compare: make run"
        stored = found_in.pictures(item.cell.outputs)
        drawn = len(found_in.pictures(outputs))
        if len(stored) != drawn:
            return (
                f"{len(stored)} pictures are stored, and {drawn} were drawn: make run"
            )
        if any(map(found_in.blank, stored)):
            return "a stored picture shows nothing: make run"
        tables = found_in.rows(item.cell.outputs), found_in.rows(outputs)
        return found_in.table_differs(*tables, numbers=HERE)
    return None
