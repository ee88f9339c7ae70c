"""Learning rates of chapter 4.4: `make tune CHAPTER=4_4 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from data import cmudict, generated


def main():
    """Tune the spellers on validation words, the copiers on strings of their own."""
    scale = scale_wanted()
    chapter = cells_above("4_4_encoder_decoder", "rates(", scale)
    words = cmudict.spelling(scale(small=5_000, full=10_000), longest=12)
    lessons, epochs = [words.train, words.validation], scale(small=6, full=20)
    x, y = generated.copying(1000, chapter["far"], seed=2)

    def validate(model):
        if model.sizes["source"] == 27:
            return min(chapter["study"](model, lessons, epochs)["val_loss"])
        chapter["practise"](model)
        return model.evaluate([x, y[:, :-1]], y[:, 1:], batch_size=500, verbose=0)

    choose("4.4", scale, chapter["spellers"] | chapter["copiers"], validate)


if __name__ == "__main__":
    main()
