"""Learning rates of chapter 4.3.3: `make tune CHAPTER=4_3_3 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted

RATES = (3e-3, 1e-2, 3e-2)  # in chapter 4.3.2 no gated cell chose a lower one


def main():
    """Tune the networks of both tasks, each on validation data."""
    scale = scale_wanted()
    chapter = cells_above("4_3_3_gates_and_activations", "rates(", scale)
    networks = {}
    for name, make in chapter["players"].items():
        networks[f"{name}, chorales"] = lambda rate, name=name, make=make: chapter[
            "next_frame"
        ](make(chapter["widths"][name]), rate)
    for name, task in chapter["adders"].items():
        networks[f"{name}, adding"] = lambda rate, name=name, task=task: chapter[
            "adder"
        ](*task, chapter["fits"][name], rate)

    def validate(model):
        if model.input_shape[-1] == 2:
            return chapter["add"](model, seed=2)[-1]  # not those that are judged
        return min(chapter["practise"](model))

    choose("4.3.3", scale, networks, validate, RATES)


if __name__ == "__main__":
    main()
