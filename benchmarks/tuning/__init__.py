"""A learning rate of its own for each network, chosen before the chapter's run.

Each chapter has a script here: `c4_0.py` tunes the networks of chapter 4.0, with that
chapter's own cells, and writes what it finds beside it, `4_0.json`. It chooses on
validation data, from seeds that no chapter uses.
"""

import datetime
import json
import os
import sys
from pathlib import Path

import numpy as np

from utils import course
from utils.build.notebooks import chapters, read
from utils.training import restarts

RATES = (1e-3, 3e-3, 1e-2)
SEEDS = (100, 101)
FOLDER = Path(__file__).parent


def scale_wanted():
    """The scale named on the command line; small by default."""
    return course.Scale(sys.argv[1] if len(sys.argv) > 1 else "small")


def cells_above(stem, line, scale):
    """What the code cells of a chapter define, above the cell that has `line`."""
    os.environ |= {"COURSE_SCALE": scale.name, "COURSE_STRICT": "1"}
    (path,) = [path for path in chapters() if path.stem == stem]
    names = {"display": lambda *things: None}
    os.chdir(path.parent)
    for cell in read(path).cells:
        if cell.cell_type != "code":
            continue
        if line in cell.source:
            return names
        exec(compile(cell.source, path.name, "exec"), names)
    raise ValueError(f"{path.name} has no cell with {line!r}.")


def choose(section, scale, networks, validate, rates=RATES):
    """Try each rate on each network, and write down what is best.

    At an edge one more rate is tried, a factor of 3 further.

    Args:
        section: of the chapter, as in "4.0".
        scale: whose budget is used.
        networks: name → function from a rate to a compiled model.
        validate: trains a model and returns its error on validation data.
        rates: those to try first, in rising order, a factor of 3 apart.
    """
    path = FOLDER / f"{section.replace('.', '_')}.json"
    whole = json.loads(path.read_text("utf-8")) if path.exists() else {}
    found = {}
    for name, make in networks.items():
        tried = {rate: _errors(name, make, rate, validate) for rate in rates}
        best = min(tried, key=lambda rate: np.mean(tried[rate]))
        if best in (rates[0], rates[-1]):
            further = best / 3 if best == rates[0] else best * 3
            tried[further] = _errors(name, make, further, validate)
            best = min(tried, key=lambda rate: np.mean(tried[rate]))
        errors = {f"{rate:.2g}": tried[rate] for rate in sorted(tried)}
        found[name] = {"chosen": float(f"{best:.2g}"), "validation error": errors}
    today = datetime.date.today().isoformat()
    whole[scale.name] = {
        "date": today,
        "device": course.device(),
        "seeds": SEEDS,
        "networks": found,
    }
    path.write_text(json.dumps(whole, indent=1, ensure_ascii=False) + "\n", "utf-8")


def _errors(name, make, rate, validate):
    models = restarts(lambda: make(rate), SEEDS)
    errors = [round(float(validate(model)), 5) for model in models]
    print(f"{name}, rate {rate:.2g}: {errors}", flush=True)
    return errors
