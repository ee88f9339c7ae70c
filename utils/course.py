"""What the setup cell of every chapter calls: backend, seeds and scale.

Imports nothing heavy at the top, since the environment must be set before Keras is
imported.
"""

import logging
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
BACKENDS = ("tensorflow", "jax", "torch")


class Scale:
    """`scale(small=…, full=…)` picks the setting for this machine.

    `scale.name` is "small" (two CPU cores, about 100 s a chapter) or "full" (an
    accelerator, at most 8 minutes a chapter).
    """

    NAMES = ("small", "full")

    def __init__(self, name):
        if name not in self.NAMES:
            raise ValueError(
                f"COURSE_SCALE is {name!r}, which is no scale: set it to 'small' or "
                "'full', or unset it."
            )
        self.name = name

    def __call__(self, *, small, full):
        return small if self.name == "small" else full

    def __repr__(self):
        return f"scale {self.name!r}"


def strict():
    """Whether a verdict that differs from the stated one is an error."""
    return os.environ.get("COURSE_STRICT") == "1"


def alone():
    """Whether the setup cell fetched the course for a notebook that stood alone."""
    return Path("course").absolute() in (ROOT, *ROOT.parents)


def setup(seed=0):
    """Choose the backend, seed everything, and return the `Scale` of this machine.

    The backend is KERAS_BACKEND (default: tensorflow). The scale is "full" where
    there is an accelerator and "small" elsewhere; COURSE_SCALE overrides it.

    Raises:
        ValueError: KERAS_BACKEND or COURSE_SCALE names something unknown.
    """
    backend = os.environ.setdefault("KERAS_BACKEND", "tensorflow")
    if backend not in BACKENDS:
        raise ValueError(
            f"KERAS_BACKEND is {backend!r}, which is no backend of this course: set "
            "it to 'tensorflow', 'jax' or 'torch' and restart the kernel."
        )
    wanted = os.environ.get("COURSE_SCALE")
    if wanted is not None:
        Scale(wanted)  # complain before the slow imports
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    # in a notebook, TensorFlow writes its warnings to stdout
    logging.getLogger("tensorflow").addFilter(lambda r: r.levelno >= logging.ERROR)
    _quietly(_import_backend)
    import keras

    keras.utils.set_random_seed(seed)
    return Scale(wanted or ("full" if accelerators() else "small"))


def accelerators():
    """Names of the GPUs and TPUs that the backend sees; an empty list on a CPU."""
    import keras

    found = keras.distribution.list_devices()
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
