"""The dates are right, and so is the field of every character."""

import datetime
import re

import numpy as np
import pytest
from babel.dates import format_date

from data import dates

MONTHS = "January February March April May June July August September October November"
MONTHS = [*MONTHS.split(), "December"]
WEEKDAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()


@pytest.fixture(scope="module")
def data():
    return dates.load(2_000, 300, 300)


def parts_of(data):
    return data.train, data.validation, data.test


def test_the_counts_and_shapes_are_those_of_the_card(data):
    assert [len(part.sources) for part in parts_of(data)] == [2_000, 300, 300]
    for part in parts_of(data):
        n = len(part.sources)
        assert part.x.shape == part.x_fields.shape == (n, 29)
        assert part.y.shape == part.y_fields.shape == (n, 16)
        arrays = part.x, part.y, part.x_fields, part.y_fields, part.style
        assert {array.dtype.name for array in arrays} == {"int32"}
        assert part.gold.shape == (n, 16, 29)
    assert len(dates.SOURCE) == 43 and len(dates.TARGET) == 24


def test_no_day_is_twice_in_the_data(data):
    days = np.concatenate([part.days for part in parts_of(data)])
    assert len(set(days.tolist())) == len(days)
    assert days.min() >= np.datetime64("1900-01-01")
    assert days.max() <= np.datetime64("2099-12-31")


def test_seeds_differ_and_repeat():
    one, same, other = (dates.load(50, 5, 5, seed) for seed in (0, 0, 1))
    assert one.test.sources == same.test.sources != other.test.sources


def read_english(text):
    """Year, month, day, weekday (None where there is none) by means of its own."""
    if re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return [*map(int, text.split("-")), None]
    words = re.findall(r"[A-Za-z]+", text)
    day, year = sorted(map(int, re.findall(r"\d+", text)))
    number = {name[:3]: i for i, name in enumerate(MONTHS, 1)}
    (month,) = [number[w[:3]] for w in words if w[:3] in number]
    weekday = [i for i, name in enumerate(WEEKDAYS) if name[:3] == words[0][:3]]
    return [year, month, day, *(weekday or [None])]


def test_both_texts_name_the_same_day(data):
    for part in parts_of(data):
        for english, chinese, day in zip(
            part.sources, part.targets, part.days.tolist(), strict=True
        ):
            year, month, number, weekday = read_english(english)
            assert datetime.date(year, month, number) == day
            wanted = f"{year}年{month}月{number}日"
            if weekday is not None:
                assert weekday == day.weekday()
                wanted += "星期" + "一二三四五六日"[weekday]
            assert chinese == wanted


def test_all_styles_occur_and_their_orders_differ(data):
    assert np.bincount(data.train.style).min() > 200
    orders = {re.sub(r"(\w)\1*\W*", r"\1", pattern) for pattern in dates.STYLES}
    assert orders == {"EMdy", "EdMy", "Mdy", "dMy", "yMd"}


@pytest.mark.parametrize("pattern", dates.STYLES)
def test_the_pieces_joined_are_what_babel_writes(pattern):
    for day in range(0, 3000, 37):
        date = dates.FIRST + datetime.timedelta(day)
        text, found = dates.fields(date, pattern)
        assert text == format_date(date, pattern, locale="en")
        assert len(text) == len(found)
        for length in ("full", "long"):
            text, _ = dates.chinese(date, length == "full")
            assert text == format_date(date, length, locale="zh")


def test_one_date_has_its_fields_letter_by_letter():
    date = datetime.date(2026, 9, 5)
    text, found = dates.fields(date, "EEE, d MMM y")
    assert text == "Sat, 5 Sep 2026"
    assert "".join(map(str, found)) == "444003022201111"
    text, found = dates.chinese(date, True)
    assert text == "2026年9月5日星期六"
    assert "".join(map(str, found)) == "111102030444"


def test_the_gold_joins_characters_of_one_field_and_nothing_else(data):
    part = data.validation
    for i in range(50):
        for j, k in np.ndindex(part.gold.shape[1:]):
            same = part.y_fields[i, j] == part.x_fields[i, k] != 0
            assert part.gold[i, j, k] == same
    has = part.gold.any(axis=2)
    assert (
        has == (part.y_fields > 0)
    ).all()  # each field of the target is in the source


def test_the_ids_spell_the_texts_and_the_rest_is_filling(data):
    for part in parts_of(data):
        for i, (english, chinese) in enumerate(
            zip(part.sources, part.targets, strict=True)
        ):
            assert "".join(dates.SOURCE[c] for c in part.x[i]) == english
            assert part.y[i, 0] == dates.START
            assert part.y[i, 1 + len(chinese)] == dates.END
            assert not part.y[i, 2 + len(chinese) :].any()
            assert dates.decode(part.y[i]) == dates.decode(part.y[i, 1:]) == chinese
            assert not part.x_fields[i, len(english) :].any()
    assert part.x.max() < len(dates.SOURCE) and part.y.max() < len(dates.TARGET)


def test_other_dates_can_be_encoded_and_other_letters_cannot():
    assert dates.encode(["Mar 1, 1999"]).shape == (1, 29)
    with pytest.raises(ValueError, match=r"No date has the characters \['/', 'x'\]"):
        dates.encode(["1/2/99", "x"])


@pytest.mark.parametrize("sizes", [(0, 1, 1), (1, 1, 0), (73_000, 40, 10)])
def test_impossible_sizes_are_refused(sizes):
    with pytest.raises(ValueError, match="train, validation and test must be"):
        dates.load(*sizes)
