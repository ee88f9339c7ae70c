"""Learning rates of the peepholes: `make tune CHAPTER=4_3_1_p SCALE=small`.

On spikes the outcome depends on the start so much that, at full scale, each of the two
seeds stands for three starts. The controls are not tuned: they take the LSTM's rate.
"""

import random
from functools import partial

import numpy as np

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.training import restarts

CONTROLS = ("words, both ways", "spikes, told")


def main():
    """Tune the taggers on the validation words, and the timers on what follows."""
    scale = scale_wanted()
    chapter = cells_above("4_3_1_peepholes", "rates(", scale)
    words = chapter["words"].validation
    lengths = (words.letters > 0).sum(axis=1)

    def tagging(network, rate):
        model = network(rate)
        chapter["train_tagger"](model)
        return np.average(chapter["wrong"](model, words), weights=lengths)

    def timing(network, rate):
        how_many = scale(small=1, full=3)
        starts = random.sample(range(1000, 10**6), how_many)  # `choose` has seeded it
        errors = []
        for model in restarts(partial(network, rate), starts):
            chapter["train_timer"](model)
            errors.append(chapter["missed"](model))
        return np.mean(errors)

    trials = {}
    for name, network in chapter["networks"].items():
        if name not in CONTROLS:
            trial = tagging if name.startswith("words") else timing
            trials[name] = partial(partial, trial, network)  # runs when validated
    choose("4.3.1_p", scale, trials, lambda trial: trial())


if __name__ == "__main__":
    main()
