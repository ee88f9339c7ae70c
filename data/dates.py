"""Dates in English and Chinese, with the field of every character, made by Babel.

Both texts come out of date patterns of the CLDR (year, month, day, weekday), so it is
known which character stands for which field: the gold standard of an alignment.
"""

import datetime
import re
from dataclasses import dataclass

import numpy as np
from babel.dates import format_date, get_date_format

from utils.course import few

START, END = 1, 2  # of a target; 0 is the filling
FIELDS = ("", "year", "month", "day", "weekday")  # 0: of no field
LETTERS = {"y": 1, "M": 2, "d": 3, "E": 4}  # of a date pattern → index into FIELDS
# How an English date may be written. The order of the fields differs.
STYLES = (
    "EEEE, MMMM d, y",
    "EEEE, d MMMM y",
    "EEE, d MMM y",
    "MMMM d, y",
    "d MMMM y",
    "MMM d, y",
    "y-MM-dd",
)
FIRST, LAST = datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)
# Every character that can occur; its index is its id. A source has no START and END.
SOURCE = ["", *" ,-0123456789", *"ADFJMNOSTW", *"abcdeghilmnoprstuvy"]
TARGET = ["", "START", "END", *"0123456789年月日星期一二三四五六"]


@dataclass
class Part:
    """One part of the data: training, validation or test.

    sources, targets: the dates as strings, English and Chinese.
    x: (dates, time) int32; index into SOURCE, 0 is filling.
    y: (dates, time) int32; index into TARGET: START, the date, END, then filling.
    x_fields, y_fields: shaped like x and y; index into FIELDS, 0 where a character
        belongs to no field (a comma, 年, START, filling).
    style: (dates,) int32; index into STYLES.
    days: (dates,) the days, as `datetime64[D]`.
    """

    sources: list
    targets: list
    x: np.ndarray
    y: np.ndarray
    x_fields: np.ndarray
    y_fields: np.ndarray
    style: np.ndarray
    days: np.ndarray

    @property
    def gold(self):
        """(dates, y time, x time) bools: whether both characters are of one field."""
        y, x = self.y_fields[:, :, None], self.x_fields[:, None, :]
        return (y == x) & (y > 0)


@dataclass
class Dates:
    """Three `Part`s of which no two share a day."""

    train: Part
    validation: Part
    test: Part


def load(train=10_000, validation=1_000, test=1_000, seed=0):
    """Random days of the years 1900 to 2099, each written in one random English style.

    The Chinese date names the weekday where the English one does.

    Args:
        train, validation, test: how many dates in each part.
        seed: of days and styles.

    Returns:
        `Dates`.

    Raises:
        ValueError: a part is empty, or there are not so many days.
    """
    sizes = [train, validation, test]
    all_days = (LAST - FIRST).days + 1
    if min(sizes) < 1 or sum(sizes) > all_days:
        raise ValueError(
            f"train, validation and test must be at least 1 and at most {all_days} "
            f"together, got {sizes}."
        )
    rng = np.random.default_rng(seed)
    days = rng.permutation(all_days)[: sum(sizes)]
    styles = rng.integers(len(STYLES), size=sum(sizes))
    pairs = np.split(np.stack([days, styles], axis=1), np.cumsum(sizes)[:-1])
    return Dates(*[_part(few(pair)) for pair in pairs])


def fields(date, pattern, locale="en"):
    """A date as text, and the field of each of its characters.

    Args:
        date: a `datetime.date`.
        pattern: of the CLDR, as in "d MMMM y" or "y年M月d日".
        locale: whose names of months and weekdays are used.

    Returns:
        The text, and a list of indices into FIELDS.
    """
    text, found = "", []
    for letters, letter, other in re.findall(r"(([yMdE])\2*)|([^yMdE]+)", pattern):
        piece = format_date(date, letters, locale=locale) if letters else other
        text += piece
        found += [LETTERS.get(letter, 0)] * len(piece)
    return text, found


def chinese(date, weekday):
    """The date as Chinese writes it, and the field of each of its characters."""
    pattern = get_date_format("full" if weekday else "long", locale="zh").pattern
    return fields(date, pattern, "zh")


def encode(sources):
    """English dates as ids: (dates, time) int32, the time that `load` has too.

    Raises:
        ValueError: a character that no date of `load` has.
    """
    known = {character: i for i, character in enumerate(SOURCE)}
    wrong = sorted(set("".join(sources)) - set(known))
    if wrong:
        raise ValueError(f"No date has the characters {wrong}.")
    return _filled([[known[c] for c in source] for source in sources], LONGEST[0])


def decode(ids):
    """The Chinese text of target ids (time,), up to END; START is left out."""
    text = ""
    for i in ids:
        if i == END:
            break
        text += TARGET[i] if i > END else ""
    return text


# The longest source and target, with START and END: Wednesday, September 30, 2099
LONGEST = 29, 2 + 14


def _part(pairs):
    sources, targets, x_fields, y_fields = [], [], [], []
    for day, style in pairs.tolist():
        date, pattern = FIRST + datetime.timedelta(day), STYLES[style]
        for (text, found), texts, of_field in (
            (fields(date, pattern), sources, x_fields),
            (chinese(date, "E" in pattern), targets, y_fields),
        ):
            texts.append(text)
            of_field.append(found)
    known = {character: i for i, character in enumerate(TARGET)}
    y = [[START, *(known[c] for c in target), END] for target in targets]
    return Part(
        sources,
        targets,
        encode(sources),
        _filled(y, LONGEST[1]),
        _filled(x_fields, LONGEST[0]),
        _filled([[0, *found] for found in y_fields], LONGEST[1]),
        pairs[:, 1].astype("int32"),
        np.datetime64(FIRST, "D") + pairs[:, 0],
    )


def _filled(rows, longest):
    """Rows of ids as one array, with 0 after the end of each."""
    array = np.zeros((len(rows), longest), "int32")
    for row, ids in zip(array, rows, strict=True):
        row[: len(ids)] = ids
    return array
