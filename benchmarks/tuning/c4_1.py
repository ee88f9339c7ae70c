"""Learning rates of chapter 4.1: `make tune CHAPTER=4_1 SCALE=small`."""

from benchmarks.tuning import cells_above, choose, scale_wanted
from utils.build.notebooks import chapters, read

CHAPTER = "4_1_bidirectional"
PENS = ("pens = ", "n_pen, ", "n_pen = ", "def names_for(")  # how their cells begin


def main():
    """Tune the taggers on validation words, the namers on validation digits."""
    scale = scale_wanted()
    chapter = cells_above(CHAPTER, "rates(", scale)
    (path,) = [path for path in chapters() if path.stem == CHAPTER]
    for cell in read(path).cells:
        if cell.cell_type == "code" and cell.source.startswith(PENS):
            exec(compile(cell.source, path.name, "exec"), chapter)
    words, pens = chapter["words"].validation, chapter["pens"].validation

    def validate(model):
        if len(model.input_shape) == 2:
            chapter["study"](model)
            return chapter["wrong"](model, words).sum() / (words.letters > 0).sum()
        chapter["practise"](model)
        return chapter["misnamed"](model, pens).mean()

    choose("4.1", scale, chapter["taggers"] | chapter["namers"], validate)


if __name__ == "__main__":
    main()
