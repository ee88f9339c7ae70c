"""What nbval does not compare: the numbers of a table, and whether a picture is one.

Numbers differ between machines, so they are compared loosely, with what this run found
as the measure: a stored number may be off by twice the width of the interval that now
stands in its place, by a factor of `FACTOR` (`POWER` where both are written as powers
of ten), or by `FLOOR` (`FLOOR` times 100 where a % sign follows).
"""

import base64
import io
import re
from itertools import zip_longest

import numpy as np

FACTOR, POWER, FLOOR = 2, 10, 0.02
VERDICT = re.compile(
    "HOLDS( WHEN .+)?|NOT SHOWN|FALSE|NO GAIN HERE|shown only|not run|under review|–"
)
NUMBER = r"[-−+]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?"
# a name or none, a number, its interval or a second number or none, and its unit
VALUE = re.compile(
    rf"(?P<name>.*: )?(?P<value>{NUMBER})(?P<sign> ?[%×])?"
    rf"(?: \((?P<low>{NUMBER}) … (?P<high>{NUMBER})\)| … (?P<to>{NUMBER}))?"
    r"(?P<unit> ?\D*)"
)
SMALLEST = 50  # pixels of a picture's shorter side


def rows(outputs):
    """The rows of all Markdown tables among a cell's outputs, with verdicts or digits.

    A row is a list of cells, of which the first is its label.
    """
    found = []
    for output in outputs:
        text = output.get("data", {}).get("text/markdown", "")
        for line in "".join(text).splitlines():
            if line.startswith("|"):
                label, *cells = [cell.strip() for cell in line.strip("|").split("|")]
                if re.search(r"\d", " ".join(cells)) or any(map(_verdict, cells)):
                    found.append([label, *cells])
    return found


def table_differs(stored, new, numbers=True):
    """Why what is stored does not follow from what this run found, or None.

    Args:
        stored, new: `rows`.
        numbers: whether numbers are compared, and not only labels and verdicts.
    """
    for old, now in zip_longest(stored, new):
        was, found = (row and [row[0], *filter(_verdict, row)] for row in (old, now))
        if was != found:
            return f"the rows or verdicts of a table were {was} and are {found}"
        if not numbers or _words(old) != _words(now):  # a network's words may differ
            continue
        for was, found in zip(old[1:], now[1:], strict=True):
            if _values(found) and not same_numbers(was, found):
                return f"a number of the row {old[0]!r} was {was!r} and is {found!r}"
    return None


def same_numbers(stored, new):
    """Whether the numbers of a table's cell are those of this run, loosely.

    Cells are such as "0.14", "29.4%", "0.1 (0.05 … 0.15)", "2e-18 … 1e-05", or several
    of them with names: "gain 0.8: 2e-18 … 1e-05; gain 1: 3e-15 … 0.4".
    """
    pairs = zip_longest(_values(stored), _values(new))
    return all(old and now and _close(old, now) for old, now in pairs)


def blank(png):
    """Whether a picture (base64) shows nothing: a dot, or fewer than three colours."""
    from matplotlib.image import imread

    pixels = np.asarray(imread(io.BytesIO(base64.b64decode(png))))
    if min(pixels.shape[:2]) < SMALLEST:
        return True
    parts = np.rint(pixels.reshape(len(pixels), pixels.shape[1], -1) * 255)
    colours = parts.astype("int64") @ 256 ** np.arange(parts.shape[-1])
    return len(np.unique(colours)) < 3


def pictures(outputs):
    """The PNGs among a cell's outputs."""
    found = [output.get("data", {}).get("image/png") for output in outputs]
    return [png for png in found if png]


def _verdict(cell):
    return bool(VERDICT.fullmatch(cell))


def _words(row):
    """The cells of a row, without those that are numbers."""
    return row and [None if _values(cell) else cell for cell in row[1:]]


def _values(cell):
    """The parts of a cell that holds numbers; nothing if it holds other words."""
    parts = [VALUE.fullmatch(part) for part in cell.split("; ")]
    return parts if all(parts) else []


def _close(old, now):
    if any(old[part] != now[part] for part in ("name", "sign", "unit")):
        return False
    if [p for p in old.groupdict() if old[p]] != [p for p in now.groupdict() if now[p]]:
        return False
    ends = (now["low"], now["high"]) if now["low"] else (now["value"], now["to"])
    width = abs(_number(ends[1]) - _number(ends[0])) if all(ends) else 0
    floor = FLOOR * (100 if "%" in (now["sign"] or "") else 1)
    for part in ("value", "low", "high", "to"):
        if not now[part]:
            continue
        a, b = _number(old[part]), _number(now[part])
        powers = "e" in old[part] and "e" in now[part]
        low, high = sorted((abs(a), abs(b)))
        by_factor = a * b > 0 and high <= (POWER if powers else FACTOR) * low
        off = abs(a - b)
        if not (by_factor or off <= 2 * width or off <= floor * (not powers)):
            return False
    return True


def _number(text):
    return float(text.replace("−", "-").replace(",", ""))
