"""The list of mistakes fits the chapters, which are run by hand: make spoiled."""

import ast
import re

import pytest
import spoiled
from nbformat import v4
from spoilings import SPOILINGS

from utils.build.notebooks import chapters, read

STEMS = [path.stem for path in chapters()]
PATHS = dict(zip(STEMS, chapters(), strict=True))


def test_every_chapter_has_a_mistake_of_its_own_and_names_what_notices():
    assert sorted(SPOILINGS) == sorted(STEMS)
    assert len({mistake for mistake, *_ in SPOILINGS.values()}) == len(STEMS)
    assert all(notices for *_, notices in SPOILINGS.values())


@pytest.mark.parametrize("stem", STEMS)
def test_its_place_is_there_once_and_the_spoiled_cell_parses(stem):
    _, old, new, _ = SPOILINGS[stem]
    notebook = read(PATHS[stem])
    cell = spoiled.code_cells(notebook)[spoiled.spoil(notebook, old, new)]
    before = [cell.source for cell in spoiled.code_cells(read(PATHS[stem]))]
    assert ast.dump(ast.parse(cell.source)) not in map(_tree, before)


def _tree(source):
    lines = (line for line in source.splitlines() if not re.match("[%!]", line))
    return ast.dump(ast.parse("\n".join(lines)))


@pytest.mark.parametrize("text", ["x = 1\nx = 1", "y = 1"])
def test_a_place_that_is_not_there_once_is_refused(text):
    notebook = v4.new_notebook(cells=[v4.new_code_cell(text)])
    with pytest.raises(ValueError, match="occurs [02] times"):
        spoiled.spoil(notebook, "x = 1", "x = 2")


TABLE = "a number of the row 'RNN' was '0.16' and is '0.85'"


@pytest.mark.parametrize(
    "text, line",
    [
        (
            "E  x.WrongVerdict: 4.9-wet: found FALSE. Numbers: {}",
            "4.9-wet: found FALSE",
        ),
        (f"Cell 3: {TABLE}\n", TABLE),
        ("mismatch 'stdout'\n  - learns: False\n  + learns: True", "learns: False"),
        ("Traceback:\n#x1B[91mValueError#x1B[0m: no", "ValueError: no"),
    ],
)
def test_the_line_that_turned_is_told(text, line):
    assert spoiled.told(text) == line


def test_an_expected_line_that_does_not_come_is_looked_at(monkeypatch):
    stem, said = STEMS[0], []
    monkeypatch.setattr(spoiled, "run", lambda *_: ("Cell 3", TABLE))
    for expected, odd in (("the row 'RNN'", 0), ("the row 'CNN'", 1)):
        own = {stem: ("a mistake", "x", "y", expected)}
        monkeypatch.setattr(spoiled, "SPOILINGS", own)
        assert spoiled.main([stem], said.append) == odd
    monkeypatch.setattr(spoiled, "run", lambda *_: None)
    assert spoiled.main([stem], said.append) == 1
    assert spoiled.main([f"{stem}:nothing"], said.append) == 0
    assert f"| {stem} | a mistake | Cell 3 | {TABLE} |  |" in said
