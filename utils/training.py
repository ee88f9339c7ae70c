"""Train one compiled model from several seeds, with progress, and resumably."""

import functools
import json
import os
from bisect import bisect
from pathlib import Path

import keras
import numpy as np

from utils import course

_trained = 0  # models trained by this kernel so far


def restarts(make, seeds):
    """Yield the model of `make`, restarted from each seed's weights.

    Tracing costs more than a short training run, so the model is compiled once; each
    seed gives it new weights, a fresh optimizer and its own order of batches. Two
    variants that run through the same seeds are paired.

    Args:
        make: returns a compiled model with all its weights built.
        seeds: how many seeds (0, 1, …), or the seeds themselves.
    """
    seeds = range(seeds) if isinstance(seeds, int) else seeds
    model = start = None
    for number, seed in enumerate(seeds, start=1):
        keras.utils.set_random_seed(seed)
        fresh = make()
        if model is None:
            model = fresh
            model.optimizer.build(model.trainable_variables)
            values = map(keras.ops.convert_to_numpy, model.optimizer.variables)
            start = [value.copy() for value in values]
        else:
            model.set_weights(fresh.get_weights())
            for variable, value in zip(model.optimizer.variables, start, strict=True):
                variable.assign(value)
        model.progress = f"seed {number} of {len(seeds)}, "
        yield model


def fit(model, x, y, epochs, callbacks=(), **options):
    """`model.fit`, quiet and fast; returns its history: name → one number an epoch.

    Shows one line of progress to a reader. Runs several batches a call where the
    backend can. Under `make full` the result is kept, so that a run that was
    interrupted goes on after the last trained model.

    Args:
        model: compiled.
        x, y, epochs, callbacks, options: of `model.fit`.
    """
    global _trained
    _trained += 1
    if keras.backend.backend() != "torch" and not course.smoke():  # there it must be 1
        model.steps_per_execution = 10
    kept = os.environ.get("COURSE_RESUME")
    kept = kept and Path(kept, f"{_trained:03d}.npz")
    if kept and kept.exists():
        with np.load(kept) as arrays:
            names = [name for name in arrays if name.startswith("weight")]
            model.set_weights([arrays[name] for name in sorted(names)])
            return {n[8:]: arrays[n].tolist() for n in arrays if n[:8] == "history "}
    if not course.strict():
        callbacks = [*callbacks, _Progress(epochs, getattr(model, "progress", ""))]
    history = model.fit(
        x, y, epochs=epochs, callbacks=list(callbacks), verbose=0, **options
    ).history
    if kept:
        arrays = {f"weight{i:04d}": w for i, w in enumerate(model.get_weights())}
        arrays |= {f"history {name}": values for name, values in history.items()}
        half = kept.with_suffix(".tmp.npz")
        np.savez(half, **arrays)
        half.replace(kept)
    return history


def shorten_every_fit(steps=2):
    """Make `model.fit` stop after so few steps, whoever calls it: for smoke runs.

    The history still has one entry an epoch, all the same, so that curves can be drawn.
    """
    whole = getattr(keras.Model.fit, "whole", keras.Model.fit)

    @functools.wraps(whole)
    def fit(model, x=None, y=None, batch_size=None, epochs=1, **options):
        model.steps_per_execution = min(model.steps_per_execution, steps)
        few = steps * (batch_size or 32)
        if hasattr(x, "shape"):
            x, y = x[:few], y if y is None else y[:few]
            if options.get("sample_weight") is not None:
                options["sample_weight"] = options["sample_weight"][:few]
        else:  # a data set, or several inputs
            options["steps_per_epoch"] = steps
        if options.get("validation_data") is not None:
            options.setdefault("validation_steps", steps)
        found = whole(model, x, y, batch_size=batch_size, **options)
        found.epoch = list(range(epochs))
        found.history = {k: v * epochs for k, v in found.history.items()}
        return found

    fit.whole = whole
    keras.Model.fit = fit


def rates(section):
    """The learning rate that was chosen for each network: name → rate.

    By `benchmarks/tuning`, on validation data, for the scale of this run.

    Args:
        section: of the chapter, as in "4.0".

    Raises:
        FileNotFoundError, KeyError: the chapter was not tuned (at this scale).
    """
    name = section.replace(".", "_")
    path = course.ROOT / f"benchmarks/tuning/{name}.json"
    again = f"make tune CHAPTER={name} SCALE={course.scale.name}"
    if not path.exists():
        raise FileNotFoundError(f"Chapter {section} was not tuned yet: {again}")
    found = json.loads(path.read_text("utf-8")).get(course.scale.name)
    if found is None:
        raise KeyError(f"Chapter {section} was not tuned at this scale: {again}")
    return {name: tried["chosen"] for name, tried in found["networks"].items()}


def widest(make, weights, most=2048):
    """The most units n with which the model `make(n)` has at most so many weights."""
    return bisect(range(1, most + 1), weights, key=lambda n: make(n).count_params())


class _Progress(keras.callbacks.Callback):
    """One line that is written over, and gone at the end."""

    def __init__(self, epochs, where):
        super().__init__()
        self.epochs, self.where = epochs, where

    def on_epoch_begin(self, epoch, logs=None):
        line = f"\r{self.where}epoch {epoch + 1} of {self.epochs}"
        print(f"{line:50}", end="", flush=True)

    def on_train_end(self, logs=None):
        print(f"\r{'':50}\r", end="", flush=True)
