"""Learning rates of chapter 4.1 in two dimensions: `make tune CHAPTER=4_1_2d`.

Both scales train alike and differ in seeds only, so one search serves both.
"""

import json
from functools import partial

from benchmarks.tuning import FOLDER, cells_above, choose
from data import mnist5k
from utils.build.notebooks import write
from utils.course import Scale

HELD_OUT = 800  # of the 4,000 training digits


def main():
    """Tune each network of the race on pictures of digits that were held out."""
    chapter = cells_above("4_1_four_directions", "rates(", Scale("small"))
    whole = chapter["train_part"]
    parts = [
        mnist5k.Part(whole.images[cut], whole.digits[cut])
        for cut in (slice(-HELD_OUT), slice(-HELD_OUT, None))
    ]
    distances, columns = chapter["distances"], chapter["columns"]
    chapter["train"], held_out = (
        mnist5k.canvases(part, 2000, distances, columns, seed=seed)
        for part, seed in zip(parts, (2, 3), strict=True)
    )

    def validate(model):
        chapter["train_reader"](model)
        answers = model.predict(held_out.images, batch_size=256, verbose=0).argmax(-1)
        return (answers != chapter["asked"](held_out)).mean()

    networks = {
        name: partial(chapter["reader"], layers)
        for name, layers in chapter["networks"].items()
    }
    choose("4.1_2d", Scale("small"), networks, validate)
    path = FOLDER / "4_1_2d.json"
    found = json.loads(path.read_text("utf-8"))
    found["full"] = found["small"]
    write(path, json.dumps(found, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
