"""The pages of the web book, as they are written before Sphinx reads them.

`make site` builds the book and `make site-check` looks at it in a browser; both need
more than `make test` installs.
"""

import json
import re
import runpy
import sys
import tomllib

import keras
import pytest

from utils import verdicts
from utils.build import notebooks
from utils.build.requirements import requirements
from utils.course import ROOT

sys.path.append(str(ROOT / "site"))

import lab
import pages

DOC = """One step of a cell (document, section 4.9; Somebody 2020).

    h' = f(W_h h)
    c = h' * h'

Args:
    units: n_h, the size of h;
        else ValueError.

Shapes: x (batch, n) → h' [n_h].
Equal to
`keras.layers.Cell(units)`, with its *packing*.
"""


@pytest.fixture(scope="module")
def book(tmp_path_factory):
    """All pages, name → text, and the folder that holds them."""
    folder = tmp_path_factory.mktemp("site") / "source"
    return pages.build(folder), folder


def rows(text):
    return [line for line in text.splitlines() if line.startswith("| ")]


def test_the_book_has_the_chapters_in_the_order_of_the_readme():
    mine = [chapter.path for chapter in pages.chapters()]
    assert mine == notebooks.chapters()
    for chapter in pages.chapters():
        assert chapter.claims() == notebooks.claims_of(chapter.path)


def test_every_chapter_layer_and_claim_has_its_place(book):
    text, folder = book
    for path in notebooks.chapters():
        assert f"chapters/{path.stem}\n" in text["index.md"]
        assert f"chapters/{path.name}" in text
    for path in notebooks.modules():
        assert path.stem in text["layers/index.md"]
        assert (folder / "layers/files" / path.name).read_text() == path.read_text()
    table = rows(text["verdicts.md"])
    for id in verdicts.claims():
        chapter = [name for name in text if f"({pages.anchor(id)})=" in text[name]]
        assert len(chapter) == 1, f"{id} has {len(chapter)} experiments"
        assert sum(pages.link(id) in row for row in table) == 1


def test_the_table_of_verdicts_says_what_the_readme_says(book):
    table = {}
    for row in rows(book[0]["verdicts.md"]):
        if id := re.search(r"\[([A-Z\d].*)\]\(#", row):
            table[id[1]] = row
    line = re.compile(r"\| (.+?) \| [^|]+ \| (.+?) \| \[([A-Z\d].*?)\]")
    for row in rows(notebooks.verdict_table())[1:]:
        words, verdict, id = line.match(row).groups()
        assert f"| {pages.plain(words)} |" in table[id]
        for said in re.sub(r" \(at full scale\)|at full scale ", "", verdict).split(
            "; "
        ):
            assert f"| {pages.plain(said)} |" in table[id], id


def test_a_claim_under_review_shows_no_verdict_and_no_record():
    entries = {"4.0-memory": dict(pages.claims()["4.0-memory"], earned=False)}
    entries["4.0-vanish"] = pages.claims()["4.0-vanish"]
    first = pages.chapters()[:1]
    one, other = pages.verdicts(first, entries, {"4.0-memory": ("HOLDS", "0.1")})
    assert one["small scale"] == one["full scale"] == "under review"
    assert other["small scale"].startswith("HOLDS")
    assert other["full scale"] == "not run yet"


def test_pictures_keep_their_descriptions_and_sizes(book):
    for path in notebooks.chapters():
        stored = json.loads(path.read_text("utf-8"))["cells"]
        shown = json.loads(book[0][f"chapters/{path.name}"])["cells"]
        shown = {cell["id"]: cell for cell in shown}
        for cell in stored:
            if any("image/png" in o.get("data", {}) for o in cell.get("outputs", [])):
                about = shown[cell["id"]]["metadata"]["mystnb"]["image"]
                assert about["alt"].strip()
                assert re.fullmatch(r"\d+px", about.get("width", "1px"))


def test_a_badge_is_left_out_and_the_address_is_found(tmp_path):
    (tmp_path / "chapters").mkdir()
    path = notebooks.chapters()[0]
    notebook = notebooks.read(path)
    assert pages.address() == ""
    notebooks.stamp(notebook, path.name, "https://github.com/someone/course")
    text = notebooks.canonical(notebook)
    (tmp_path / "chapters" / path.name).write_text(text)
    assert "colab-badge" in text
    (chapter,) = pages.chapters(tmp_path)
    assert "colab-badge" not in chapter.page()
    assert pages.address(tmp_path) == "https://github.com/someone/course"


def test_a_docstring_becomes_markdown():
    text = pages.as_markdown(DOC)
    assert "```text\nh' = f(W_h h)\nc = h' * h'\n```" in text
    assert "**Args**\n\n- units: n\\_h, the size of h;\n  else ValueError." in text
    assert "\\*packing\\*" in text and "`keras.layers.Cell(units)`" in text
    assert pages.keras_has(DOC) and not pages.keras_has("No built-in. Equal to 1.")


def test_what_keras_lacks_is_said(book):
    text = book[0]["layers/peepholes.md"]
    assert "Keras lacks: `PeepholeLSTMCell`, `PeepholeLSTM`." in text
    assert "Keras has all of these." in book[0]["layers/lstm.md"]


def test_every_term_of_the_glossary_has_a_chinese_word_once():
    terms = tomllib.loads((pages.SITE / "glossary.toml").read_text("utf-8"))
    words = [word for term in terms.values() for word in term["chinese"].split(", ")]
    assert len(words) == len(set(words))
    assert all(pages.HAN.search(word) for word in words)
    assert all(term["is"] and "|" not in term["is"] for term in terms.values())


def test_every_file_of_layers_has_an_example_that_runs(monkeypatch):
    names = {path.stem for path in notebooks.modules()}
    examples = {path.stem: path for path in (pages.SITE / "uses").glob("*.py")}
    assert set(examples) == names, "write site/uses/NAME.py, a few lines that use it"
    compile = keras.Model.compile

    def without_a_graph(self, *args, **kwargs):  # it takes longer to build than to run
        compile(self, *args, **kwargs, run_eagerly=True)

    monkeypatch.setattr(keras.Model, "compile", without_a_graph)
    for name in sorted(names):
        runpy.run_path(str(examples[name]))


def test_every_chapter_has_an_exercise_that_lab_check_can_answer():
    for chapter in pages.chapters():
        cells = [{"i": i, **cell} for i, cell in enumerate(chapter.cells)]
        code = [cell for cell in cells if cell["cell_type"] == "code"]
        i, name, stub, solution = lab.exercise(chapter.name, code)
        assert "return ..." in stub and name in solution
        assert cells[i] in code


def test_lab_check_sees_what_stops_a_reader():
    error = {"output_type": "error", "ename": "NameError", "evalue": "no x"}
    red = {"output_type": "stream", "name": "stderr", "text": ["a warning"]}
    cells = [
        {"source": ["x"], "execution_count": 1, "outputs": [error]},
        {"source": ["y"], "execution_count": 2, "outputs": [red]},
        {"source": ["z"], "execution_count": None, "outputs": []},
        {"source": ["fine"], "execution_count": 3, "outputs": []},
    ]
    assert [fault.split()[0] for fault in lab.faults(cells)] == [
        "NameError:",
        "red",
        "not",
    ]


def test_the_book_needs_nothing_of_the_course():
    of_book = {re.match(r"[\w-]+", need)[0] for need in requirements(site=True)}
    of_course = {re.match(r"[\w-]+", need)[0] for need in requirements()}
    assert "sphinx" in of_book and not of_book & of_course
