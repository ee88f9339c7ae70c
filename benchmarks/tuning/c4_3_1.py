"""Learning rates of chapter 4.3.1: `make tune CHAPTER=4_3_1 SCALE=small`."""

from functools import partial

from benchmarks.tuning import cells_above, choose, scale_wanted
from data import generated
from utils.training import fit


def main():
    """Tune the five networks on sequences that the chapter does not use."""
    scale = scale_wanted()
    chapter = cells_above("4_3_1_lstm", "rates(", scale)
    other = generated.adding(1000, chapter["lag"], seed=2)
    epochs = scale(small=8, full=10)

    def make(layer, rate):
        return chapter["adder"](layer(), rate)

    def validate(model):
        options = {"validation_data": other, "batch_size": 32}
        return fit(model, *chapter["adding"], epochs, **options)["val_loss"][-1]

    networks = {
        name: partial(make, layer) for name, layer in chapter["networks"].items()
    }
    choose("4.3.1", scale, networks, validate)


if __name__ == "__main__":
    main()
