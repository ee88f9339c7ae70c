"""What the setup cell of every chapter calls: backend, seeds and scale.

Imports nothing heavy at the top, since the environment must be set before Keras is
imported.
"""

import importlib.util
import logging
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BACKENDS = ("tensorflow", "jax", "torch")
FEW = 64  # items of a data set in a smoke run


class Lacking(ImportError):
    """A chapter needs what is not installed; a notebook shows the message alone."""

    def _render_traceback_(self):
        return [str(self)]


class Scale:
    """`scale(small=…, full=…)` picks the setting of this run.

    `scale.name` is "small" (about 100 s a chapter on two CPU cores) or "full" (what
    `make full` records).
    """

    NAMES = ("small", "full")

    def __init__(self, name):
        if name not in self.NAMES:
            raise ValueError(
                f"{name!r} is no scale: write setup('small') or setup('full'), or set "
                "COURSE_SCALE to one of the two."
            )
        self.name = name

    def __call__(self, *, small, full):
        return small if self.name == "small" else full

    def __repr__(self):
        return f"scale {self.name!r}"


scale = Scale("small")  # of this run; `setup` sets it


def strict():
    """Whether a verdict that differs from the stated one is an error."""
    return _switched_on("COURSE_STRICT")


def smoke():
    """Whether this run only sees that everything runs: its numbers mean nothing."""
    return _switched_on("COURSE_SMOKE")


def _switched_on(name):
    """Whether the variable is 1.

    Raises:
        ValueError: it is neither 1 nor 0, nor empty.
    """
    value = os.environ.get(name, "")
    if value not in ("", "0", "1"):
        raise ValueError(f"{name} is {value!r}: set it to 1 or to 0.")
    return value == "1"


def few(items):
    """The items; in a smoke run only the first 64."""
    return items[:FEW] if smoke() else items


def needs(package):
    """Stop a chapter where a package that all the rest of it needs is missing.

    Tests and `make run` then skip the chapter, and say why.

    Raises:
        Lacking: it is not installed.
    """
    if not importlib.util.find_spec(package):
        raise Lacking(
            f"This chapter needs {package}, which is not installed here, so all cells "
            f"below are skipped. `make lab VENV=.venv-{package}` opens the course with "
            "it. Colab has it installed."
        )


def alone():
    """Whether the setup cell fetched the course for a notebook that stood alone."""
    return Path("course").absolute() in (ROOT, *ROOT.parents)


def setup(name="small", seed=0):
    """Choose the backend, seed everything, say where this runs; returns the `Scale`.

    The backend is KERAS_BACKEND (default: tensorflow). COURSE_SCALE, where it is set,
    goes before `name`. Under COURSE_SMOKE=1 every `model.fit` stops after two steps.

    Raises:
        ValueError: KERAS_BACKEND, COURSE_SCALE or `name` is something unknown, or
            COURSE_STRICT or COURSE_SMOKE is neither 1 nor 0.
        ImportError: the backend is not installed.
    """
    global scale
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend not in BACKENDS:
        raise ValueError(
            f"KERAS_BACKEND is {backend!r}, which is no backend of this course: set "
            "it to 'tensorflow', 'jax' or 'torch' and restart the kernel."
        )
    scale = Scale(os.environ.get("COURSE_SCALE", name))
    strict(), smoke()  # each an error here, and not in the middle of a chapter
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    # in a notebook, TensorFlow writes its warnings to stdout
    logging.getLogger("tensorflow").addFilter(lambda r: r.levelno >= logging.ERROR)
    try:
        _quietly(_import_backend)
    except ImportError as error:
        raise ImportError(
            f"KERAS_BACKEND is {backend!r}, which cannot be imported here: {error}. "
            "Install it, or set KERAS_BACKEND to another backend; then restart the "
            "kernel."
        ) from None
    import keras
    from IPython.display import Markdown, display

    keras.utils.set_random_seed(seed)
    more = ""
    if smoke():
        from utils.training import shorten_every_fit

        shorten_every_fit()
        more = " Smoke run: two steps a network, so the numbers mean nothing."
    elif accelerators() and scale.name == "small":
        more = ' There is a GPU: `setup("full")` above makes use of it.'
    display(Markdown(f"{device()}; {scale.name} scale.{more}"))
    return scale


def accelerators():
    """Names of the GPUs and TPUs that the backend sees; an empty list on a CPU."""
    import keras

    try:
        found = keras.distribution.list_devices()
    except AttributeError:  # on PyTorch, before Keras 3.16
        found = [str(keras.ops.zeros(1).device)]
    return [name for name in found if not name.lower().startswith("cpu")]


def device():
    """One line on where the chapter runs, for a person to read."""
    import keras

    where = ", ".join(accelerators()) or f"CPU, {os.cpu_count()} cores"
    return f"Keras {keras.__version__} on {keras.backend.backend()}, {where}"


def commit():
    """The commit the course stands at, or "unknown" outside of a git checkout."""
    git = ["git", "-C", str(ROOT), "rev-parse", "--short", "HEAD"]
    try:
        answer = subprocess.run(git, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return "unknown"
    return answer.stdout.strip()


def _import_backend():
    import keras

    keras.ops.zeros(1)


def _quietly(load):
    """Run `load` without the start-up lines that C++ code writes to stderr."""
    sys.stderr.flush()
    keep, null = os.dup(2), os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, 2)
    try:
        load()
    finally:
        os.dup2(keep, 2)
        os.close(keep)
        os.close(null)
