"""Learning rates of chapter 4.3.2: `make tune CHAPTER=4_3_2 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from data import generated


def main():
    """Tune the networks of both tasks, each on validation data."""
    scale = scale_wanted()
    chapter = cells_above("4_3_2_gru", "rates(", scale)
    tested = generated.adding(1000, chapter["steps"], seed=2)
    networks = {f"{name}, chorales": make for name, make in chapter["players"].items()}
    for name, make in chapter["adders"].items():
        units = chapter["widths"][name]
        networks[f"{name}, adding"] = lambda rate, make=make, units=units: chapter[
            "adder"
        ](make(units), rate)

    def validate(model):
        if model.input_shape[-1] == 2:
            return chapter["add"](model, tested)[-1]
        return min(chapter["practise"](model))

    choose("4.3.2", scale, networks, validate)


if __name__ == "__main__":
    main()
