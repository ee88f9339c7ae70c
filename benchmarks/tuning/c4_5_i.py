"""Learning rates of the chapter on captions: `make tune CHAPTER=4_5_i SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.translation import practise


def main():
    """Tune the three kinds of network on the validation scenes, captions glued."""
    scale = scale_wanted()
    chapter = cells_above("4_5_image_captioning", "rates(", scale)
    task, epochs = chapter["lessons"]("glued"), chapter["epochs"]

    def named(name):
        def make(rate):
            model = chapter["networks"][name](rate)
            model.named = "uniform" if name == "uniform" else "attention"
            return model

        return make

    def validate(model):
        return min(practise(model, *task, *epochs[model.named]))

    choose(
        "4.5_i", scale, {name: named(name) for name in chapter["networks"]}, validate
    )


if __name__ == "__main__":
    main()
