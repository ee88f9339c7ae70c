"""Learning rates of chapter 4.2: `make tune CHAPTER=4_2 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted

RATES = (3e-3, 1e-2, 3e-2)


def main():
    """Tune each network on the validation pieces."""
    scale = scale_wanted()
    chapter = cells_above("4_2_deep", "rates(", scale)
    validate = lambda model: min(chapter["practise"](model))  # noqa: E731
    choose("4.2", scale, chapter["players"], validate, RATES)


if __name__ == "__main__":
    main()
