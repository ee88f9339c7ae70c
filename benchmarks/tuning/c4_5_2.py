"""Learning rates of chapter 4.5.2: `make tune CHAPTER=4_5_2 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.translation import practise

RATES = (1e-3, 3e-3, 1e-2)


def main():
    """Tune all networks, on the validation dates."""
    scale = scale_wanted()
    chapter = cells_above("4_5_2_self_attention", "rates(", scale)

    def validate(model):
        return min(practise(model, *chapter["task"]))

    choose("4.5.2", scale, chapter["networks"], validate, RATES)


if __name__ == "__main__":
    main()
