"""Learning rates of chapter 4.5.1: `make tune CHAPTER=4_5_1 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.translation import practise

RATES = (3e-3, 1e-2, 3e-2)  # as in chapter 4.5, 1e-3 is too slow for so few epochs


def main():
    """Tune all networks on the validation dates."""
    scale = scale_wanted()
    chapter = cells_above("4_5_1_local_attention", "rates(", scale)

    def validate(model):
        return min(practise(model, *chapter["task"]))

    choose("4.5.1", scale, chapter["networks"], validate, RATES)


if __name__ == "__main__":
    main()
