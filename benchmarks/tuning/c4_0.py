"""Learning rates of chapter 4.0: `make tune CHAPTER=4_0 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted


def main():
    """Tune the three taggers on the validation words."""
    scale = scale_wanted()
    chapter = cells_above("4_0_recurrent_layer", "rates(", scale)
    words = chapter["words"].validation

    def validate(model):
        chapter["train"](model)
        return chapter["wrong"](model, words).sum() / (words.letters > 0).sum()

    choose("4.0", scale, chapter["networks"], validate)


if __name__ == "__main__":
    main()
