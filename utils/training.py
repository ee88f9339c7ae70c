"""Train one compiled model from several seeds without tracing it again."""

import keras


def restarts(make, seeds):
    """Yield the model of `make`, restarted from each seed's weights.

    Tracing costs more than a short training run, so the model is compiled once; each
    seed gives it new weights, a fresh optimizer and its own order of batches. Two
    variants that run through the same seeds are paired.

    Args:
        make: returns a compiled model with all its weights built.
        seeds: how many seeds (0, 1, …).
    """
    model = start = None
    for seed in range(seeds):
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
        yield model
