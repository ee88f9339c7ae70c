"""Learning rates of chapter 4.5: `make tune CHAPTER=4_5 SCALE=small`."""

import numpy as np

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.translation import practise, ready

RATES = (3e-3, 1e-2, 3e-2)  # 1e-3 is far too slow for so few epochs


def given(part, gold):
    """Weights for the guided network, from the gold alignment or uniform ones.

    Those of a trained network, which the chapter gives it, are not there yet.
    """
    real = np.repeat((part.x > 0)[:, None], part.y.shape[1] - 1, axis=1)
    own = part.gold[:, 1:]
    weights = np.where(own.any(axis=-1, keepdims=True), own, real) if gold else real
    return (weights / weights.sum(axis=-1, keepdims=True)).astype("float32")


def guided(chapter):
    """The chapter's network that is given its weights, for a rate."""
    return lambda rate: ready(chapter["Guided"](), rate, 3)


def main():
    """Tune all networks, each on the validation data of its task."""
    scale = scale_wanted()
    chapter = cells_above("4_5_attention", "rates(", scale)
    data, tasks = chapter["data"], chapter["tasks"]
    networks = {
        name: (make, tasks["dates"]) for name, make in chapter["daters"].items()
    }
    for gold, name in ((True, "guided, frozen"), (False, "guided, uniform")):
        parts = [(p.x, p.y, given(p, gold)) for p in (data.train, data.validation)]
        networks[name] = guided(chapter), (*parts, *tasks["dates"][2:])
    for name, make in chapter["copiers"].items():
        networks[name] = make, tasks["strings"]
    networks["verses"] = chapter["greek"], tasks["verses"]

    def named(name):
        def make(rate):
            model = networks[name][0](rate)
            model.named = name
            return model

        return make

    def validate(model):
        return min(practise(model, *networks[model.named][1]))

    makers = {name: named(name) for name in networks}
    choose("4.5", scale, makers, validate, RATES)


if __name__ == "__main__":
    main()
