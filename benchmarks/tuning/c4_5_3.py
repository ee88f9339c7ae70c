"""Learning rates of chapter 4.5.3: `make tune CHAPTER=4_5_3 SCALE=small`."""

import numpy as np

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.alignment import uniform
from utils.documents import practise


def given(part, decisive):
    """Weights for the guided network: all on the decisive sentence, or uniform ones.

    Those of a trained network, which the chapter gives it, are not there yet.
    """
    if decisive:
        return np.eye(part.ids.shape[1], dtype="float32")[part.decisive]
    return uniform((part.ids > 0).any(axis=-1), 1)[:, 0]


def main():
    """Tune all networks on the validation documents."""
    scale = scale_wanted()
    chapter = cells_above("4_5_3_hierarchical_attention", "rates(", scale)
    data, lesson, plan = chapter["data"], chapter["lesson"], chapter["plan"]
    networks = {name: (make, lesson, plan) for name, make in chapter["makers"].items()}
    once = len(data.train.ids) // chapter["COMPOSITIONS"]
    if scale.name == "small":
        del networks["flat"]  # which the chapter trains at full scale only
    for name, decisive in (("guided, frozen", True), ("guided, uniform", False)):
        parts = [
            ([part.ids[:most], given(part, decisive)[:most]], part.fresh[:most])
            for part, most in ((data.train, once), (data.validation, None))
        ]
        networks[name] = chapter["guided"], parts, plan | {"steps": None}

    def named(name):
        def make(rate):
            model = networks[name][0](rate)
            model.named = name
            return model

        return make

    def validate(model):
        _, its, plan = networks[model.named]
        return min(practise(model, *its, **plan))

    choose("4.5.3", scale, {name: named(name) for name in networks}, validate)


if __name__ == "__main__":
    main()
