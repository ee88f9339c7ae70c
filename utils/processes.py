"""Run a function in fresh processes side by side, and never leave one behind.

How many devices a process has is settled before its backend is imported, and several
processes find each other by environment variables. So each worker is a Python of its
own, which knows nothing of the notebook: it is given the text of a function, those of
its helpers, and its arguments.

`python -m utils.processes FOLDER NUMBER` is such a worker.
"""

import inspect
import os
import pickle
import socket
import subprocess
import sys
import tempfile
import textwrap
import threading
import time
import traceback
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
# What Keras imports where it is installed, and no worker needs: half of its start.
UNUSED = ("tensorflow", "sklearn", "matplotlib")
KILLED = (-9, -15)  # by SIGKILL (as where memory is short), by SIGTERM


class WorkerFailed(RuntimeError):
    """A worker ended without a result, or took too long; all of them are gone."""


def together(
    work, *helpers, processes=2, devices=1, backend="jax", limit=300, **arguments
):
    """Call a function in several fresh processes; a list of what each returns.

    Keras is told of the others as it would be on several machines, by the variables
    KERAS_DISTRIBUTION_…, so `keras.distribution.initialize()` needs no arguments.
    Whatever happens, no worker is left when this returns. Once all have returned they
    are killed, so what they registered for their exit may not run.

    Args:
        work: a function that imports what it needs itself.
        helpers: functions that `work` calls by their names.
        processes: how many.
        devices: how many CPU devices JAX sees in each.
        backend: of Keras, there.
        limit: seconds for all of it.
        arguments: of `work`, the same for all. They and the results must be picklable.

    Raises:
        WorkerFailed: a worker stopped, or the time was up. It names the first worker
            that stopped, and its error; the whole of it is in a note.
    """
    texts = [textwrap.dedent(inspect.getsource(one)) for one in (*helpers, work)]
    job = {"texts": texts, "name": work.__name__, "arguments": arguments}
    variables = {
        "JAX_NUM_CPU_DEVICES": str(devices),
        "JAX_PLATFORMS": "cpu",
        "KERAS_BACKEND": backend,
        "KERAS_DISTRIBUTION_JOB_ADDRESSES": f"127.0.0.1:{_free_port()}",
        "KERAS_DISTRIBUTION_NUM_PROCESSES": str(processes),
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    workers = []
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        folder = Path(folder)
        (folder / "job").write_bytes(pickle.dumps(job))
        try:
            for number in range(processes):
                variables["KERAS_DISTRIBUTION_PROCESS_ID"] = str(number)
                command = [sys.executable, "-m", __name__, str(folder), str(number)]
                quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
                workers.append(
                    subprocess.Popen(
                        command,
                        cwd=ROOT,
                        env=os.environ | variables,
                        stdin=subprocess.PIPE,  # never written to: see `_leave_with`
                        **quiet,
                    )
                )
            _wait(workers, folder, time.monotonic() + limit, limit)
        finally:
            for worker in workers:
                worker.kill()
            for worker in workers:
                worker.wait()
                worker.stdin.close()
        return [
            pickle.loads((folder / f"{number}.result").read_bytes())
            for number in range(processes)
        ]


def _free_port():
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def _wait(workers, folder, end, limit):
    """Until there is a result of each worker; how they exit is not waited for.

    Raises:
        WorkerFailed: one failed, or the time was up.
    """
    results = [folder / f"{number}.result" for number in range(len(workers))]
    while True:
        codes = [worker.poll() for worker in workers]
        late = [number for number, path in enumerate(results) if not path.exists()]
        if not late:
            return
        failed = [number for number in late if codes[number] is not None]
        if failed:
            first = min(failed, key=lambda n: _when(folder / f"{n}.error", codes[n]))
            error = folder / f"{first}.error"
            why, whole = f"it ended with status {codes[first]}", ""
            if codes[first] in KILLED:
                why = f"it was killed (signal {-codes[first]})"
            elif error.exists():
                why, whole = error.read_text("utf-8").split("\n", 1)
            failure = WorkerFailed(f"Worker {first} of {len(workers)} stopped: {why}")
            failure.add_note(whole)
            raise failure
        if time.monotonic() > end:
            many = ", ".join(map(str, late))
            raise WorkerFailed(f"After {limit:g} seconds no result of worker {many}.")
        time.sleep(0.02)


def _when(error, code):
    """When a worker failed. Who was killed went first: the others then miss it."""
    if code in KILLED:
        return 0
    return error.stat().st_mtime if error.exists() else float("inf")


def _leave_with(parent):
    """End this process when the other end of the pipe closes: the parent is gone."""
    while os.read(parent, 1):  # not sys.stdin, whose lock is wanted at the exit
        pass
    os._exit(1)


def _work(folder, number):
    threading.Thread(target=_leave_with, args=(0,), daemon=True).start()
    for name in UNUSED:
        if name != os.environ["KERAS_BACKEND"]:
            sys.modules[name] = None
    try:
        job = pickle.loads((folder / "job").read_bytes())
        names = {"__name__": "worker"}
        for text in job["texts"]:
            exec(text, names)
        result = pickle.dumps(names[job["name"]](**job["arguments"]))
        part = folder / f"{number}.part"
        part.write_bytes(result)
        part.rename(folder / f"{number}.result")  # so it is there whole or not at all
    except BaseException as error:
        short = traceback.format_exception_only(error)[-1].splitlines()[0]
        text = f"{short}\n{traceback.format_exc()}"
        (folder / f"{number}.error").write_text(text, "utf-8")
        os._exit(1)  # an ordinary exit would wait for the others, and they for this one


if __name__ == "__main__":
    _work(Path(sys.argv[1]), sys.argv[2])
