"""The chapters as they are committed, and the tools that keep them so."""

import ast
import importlib
import re
import tomllib
from importlib import metadata

import nbformat
import pytest
import yaml
from nbformat import v4
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from utils import verdicts
from utils.build import notebooks, outputs
from utils.build.notebooks import SOURCE, ExportError, claims_of, read
from utils.build.requirements import COLAB, requirements
from utils.course import ROOT

CHAPTERS = notebooks.chapters()
# Chapters that were poured before the mould was recast. The list only shrinks.
OLD_FORM = []
NEW_FORM = [path for path in CHAPTERS if path.stem not in OLD_FORM]
SECTIONS = ["The idea", "The equations", "By hand", "The layer", "Is it right?"]
SECTIONS += ["Train it", "Experiment", "In practice", "What we found", "Exercises"]
SECTIONS += ["References"]
VERDICT = re.compile(
    r"^([A-Z\d][\w.]*-[\w-]+): (HOLDS WHEN .+|HOLDS|NOT SHOWN|FALSE|NO GAIN HERE|"
    r"judged at full scale \(.+\))$",
    re.M,
)
UNCHECKED = re.compile(r"#.*(NBVAL|PYTEST_VALIDATE)", re.I)
IN_WORDS = {0.1: "a tenth", 0.5: "half", 3: "three", 1000: "a thousandth"}
ELSEWHERE = re.compile(r"\w+://|0x[0-9a-f]{6}|(^|[\s'\"])(/\w+/|[A-Z]:\\)\w", re.M)


def name_of(path):
    return path.relative_to(ROOT / "chapters").as_posix()


each_notebook = pytest.mark.parametrize("path", notebooks.notebooks(), ids=name_of)
each_chapter = pytest.mark.parametrize("path", CHAPTERS, ids=name_of)
each_new_chapter = pytest.mark.parametrize("path", NEW_FORM, ids=name_of)
each_claim = pytest.mark.parametrize(
    "entry", verdicts.claims().values(), ids=lambda e: e.id
)


def code(path):
    return [cell for cell in read(path).cells if cell.cell_type == "code"]


def number(path):
    """4_5_3_hierarchical_attention → 4.5.3, A_backpropagation_through_time → A"""
    return ".".join(re.findall(r"[A-Z]|\d+", re.match(r"[A-Z\d_]+", path.stem)[0]))


def calls(path, function):
    """(number of the cell, node) of every call of a function, in order."""
    for i, cell in enumerate(code(path)):
        for node in ast.walk(ast.parse(cell.source)):
            if isinstance(node, ast.Call) and ast.unparse(node.func) == function:
                yield i, node


def prose(path):
    cells = [c.source for c in read(path).cells if c.cell_type == "markdown"]
    return "\n".join(cells)


def lines_of(source):
    return len([line for line in source.splitlines() if line.strip()])


def exercises(path):
    return [node.args[0].value for _, node in calls(path, "check")]


def test_a_section_comes_before_its_parts(tmp_path):
    (tmp_path / "chapters").mkdir()
    names = ["4_2_b", "4_5_a", "4_5_b", "4_5_1_a", "4_10_a", "A_a", "B_a"]
    for name in names:
        (tmp_path / f"chapters/{name}.ipynb").touch()
    assert [path.stem for path in notebooks.chapters(tmp_path)] == names


# --- every notebook ---------------------------------------------------------------


def test_nothing_is_stale():
    stale = [path.relative_to(ROOT).as_posix() for path in notebooks.stale()]
    assert not stale, f"stale, mend with `make export`: {', '.join(stale)}"


@each_notebook
def test_it_was_run_from_top_to_bottom(path):
    nbformat.validate(read(path))
    counts = [cell.execution_count for cell in code(path)]
    assert counts == list(range(1, len(counts) + 1)), f"make run, for {path.name}"


@each_notebook
def test_the_setup_cell_is_the_one_of_all(path):
    first, setup = read(path).cells[:2]
    assert first.cell_type == "markdown" and setup.cell_type == "code"
    wanted = (ROOT / "utils/build/setup_cell.py").read_text("utf-8").rstrip("\n")
    found = SOURCE.sub('SOURCE = ""', setup.source)
    assert found == wanted, "make export"


@each_notebook
def test_code_is_plain_python(path):
    for cell in code(path):
        ast.parse(cell.source)  # a magic or `!` is no Python
        assert "get_ipython" not in cell.source


@each_notebook
def test_no_cell_asks_not_to_be_checked(path):
    for cell in code(path):
        assert not UNCHECKED.search(cell.source)
        assert set(cell.metadata.get("tags", ())) <= {"raises-exception"}


@each_notebook
def test_every_picture_shows_something(path):
    for cell in code(path):
        assert not any(map(outputs.blank, outputs.pictures(cell.outputs)))


@each_notebook
def test_outputs_hold_nothing_of_one_machine(path):
    for cell in code(path):
        for output in cell.outputs:
            assert output.output_type != "error" and output.get("name") != "stderr"
            data = output.get("data", {})
            assert not any("widget" in kind for kind in data)
            texts = [text for kind, text in data.items() if kind.startswith("text/")]
            for text in [output.get("text", ""), *texts]:
                assert not ELSEWHERE.search(text), text


@each_notebook
def test_it_is_smaller_than_300_kb(path):
    assert path.stat().st_size < 300_000


# --- every chapter ----------------------------------------------------------------


@each_chapter
def test_a_chapter_has_its_number_and_title(path):
    assert re.match(rf"# {re.escape(number(path))} \w.*\n", prose(path))


@each_chapter
def test_every_claim_is_made_and_then_judged_as_the_file_expects(path):
    made, judged = {}, {}
    for place, cell in enumerate(code(path)):
        for id in notebooks.CLAIM.findall(cell.source):
            assert id not in made and id.startswith(f"{number(path)}-")
            made[id] = place
        printed = "".join(output.get("text", "") for output in cell.outputs)
        for id, verdict in VERDICT.findall(printed):
            assert id not in judged and made[id] <= place
            judged[id] = verdict
    assert made and list(made) == claims_of(path)
    assert len(list(calls(path, "what_we_found"))) == 1
    for id in made:
        entry = verdicts.claims()[id]
        assert judged[id] == entry.expected.get("small", entry.at_full_scale())


@each_chapter
def test_the_last_table_follows_from_the_verdicts(path):
    ((place, _),) = calls(path, "what_we_found")
    rows = outputs.rows(code(path)[place].outputs)
    printed = "".join(o.get("text", "") for c in code(path) for o in c.outputs)
    judged = dict(VERDICT.findall(printed))
    labels = [re.search(r"\(([A-Z\d][^ ]*)\)$", row[0])[1] for row in rows]
    assert labels == list(judged)
    for (label, here, stated, full, measured, so), id in zip(rows, judged, strict=True):
        entry, record = verdicts.claims()[id], verdicts.recorded(id)
        small = entry.expected.get("small")
        assert label == f"{entry.words} ({id})" and so == entry.so
        assert (here, stated) == ((judged[id], small) if small else ("shown only", "–"))
        stated = record["verdict"] if record else "not run"
        stated = stated if entry.earned else "under review"
        assert full == stated, f"make run: {id}"
        if record and not small:
            assert measured == verdicts._measured(record), f"make run: {id}"


def test_every_claim_of_the_file_is_made_in_one_chapter():
    made = [id for path in CHAPTERS for id in claims_of(path)]
    assert sorted(made) == sorted(verdicts.claims())


@each_claim
def test_a_claim_says_what_it_is(entry):
    assert entry.whose in ("document", "ours")
    assert entry.kind in ("identity", "measured")
    assert len(entry.words.split()) <= 8 and entry.so and entry.data and entry.rule
    assert set(entry.expected) and set(entry.expected) <= {"small", "full"}
    for verdict in entry.expected.values():
        verdicts._known(verdict)
    if verdicts.NOT_SHOWN in entry.expected.values():
        assert entry.settles, "say what would settle it"
    for change in entry.changed:
        assert set(change) == {"on", "what", "why"} and change["on"] >= entry.set


@each_claim
def test_the_rule_in_words_names_the_number_that_decides(entry):
    if entry.smallest is not None:
        said = re.findall(r"\d+(?:\.\d+)?", entry.rule)
        words = re.search(rf"\b{IN_WORDS.get(entry.smallest)}\b", entry.rule)
        assert entry.smallest in map(float, said) or words


@each_claim
def test_what_is_expected_at_full_scale_was_recorded(entry):
    record = verdicts.recorded(entry.id)
    if record and "full" in entry.expected:
        assert record["verdict"] == entry.expected["full"]
    if entry.earned and entry.kind == "measured":
        assert record, "make full, for the chapter of this claim"


# --- chapters in the form of the mould ----------------------------------------------


def test_the_list_of_old_chapters_names_chapters():
    assert set(OLD_FORM) <= {path.stem for path in CHAPTERS}


@each_new_chapter
def test_the_sections_come_in_the_order_of_the_mould(path):
    found = re.findall(r"^## (Experiment(?=: )|.*)", prose(path), re.M)
    assert 1 <= found.count("Experiment") <= 4
    once = [h for i, h in enumerate(found) if found.index(h) == i]
    assert [heading for heading in once if heading in SECTIONS] == SECTIONS


@each_new_chapter
def test_a_chapter_can_be_read_in_one_sitting(path):
    counts = [lines_of(cell.source) for cell in code(path)]
    assert 20 <= len(counts) <= 40
    assert sorted(counts)[len(counts) // 2] <= 8
    for cell, lines in zip(code(path), counts, strict=True):
        assert lines <= (60 if notebooks.EXPORT.match(cell.source) else 30)
    assert 1000 <= len(prose(path).split()) <= 3500


@each_new_chapter
def test_every_figure_has_its_text_alternative(path):
    for cell in code(path):
        alts = [
            output.metadata["image/png"]["alt"]
            for output in cell.outputs
            if "image/png" in output.get("data", {})
        ]
        assert all(len(alt) > 40 for alt in alts)
        if alts:
            assert cell.metadata["mystnb"]["image"]["alt"] == " ".join(alts)


@each_new_chapter
def test_the_setup_cell_is_folded_and_the_reader_may_guess_once(path):
    assert code(path)[0].metadata["jupyter"] == {"source_hidden": True}
    source = "\n".join(cell.source for cell in code(path))
    assert source.count("guess = ...\n") + source.count("guess = ...  #") <= 2
    assert "guess = ..." in source


@each_new_chapter
def test_an_identity_is_a_fact_and_a_measured_claim_has_its_rule_before(path):
    source = "\n".join(cell.source for cell in code(path))
    for id in claims_of(path):
        maker = "fact" if verdicts.claims()[id].kind == "identity" else "claim"
        assert re.search(rf'\b{maker}\(\s*"{re.escape(id)}"', source)


@each_new_chapter
def test_thresholds_are_read_from_the_file_of_claims(path):
    for _, call in calls(path, "worth"):
        assert not isinstance(call.args[1], ast.Constant), ast.unparse(call)


@each_new_chapter
def test_a_chapter_says_how_long_it_takes(path):
    head = read(path).cells[0].source
    assert re.search(r"\d+ (seconds|minutes)", head)


# --- exercises ----------------------------------------------------------------------


@each_chapter
def test_every_exercise_has_a_check_and_a_solution(path):
    asked = exercises(path)
    prefix = asked[0].rpartition("-")[0]  # 4.1, or 4.1_2d in a second chapter on 4.1
    assert prefix == number(path) or prefix.startswith(f"{number(path)}_")
    assert asked == [f"{prefix}-{i + 1}" for i in range(len(asked))]
    module = importlib.import_module(f"utils.checks.c{prefix.replace('.', '_')}")
    functions = {name for name in vars(module) if name.startswith("exercise_")}
    assert functions == {f"exercise_{i + 1}" for i in range(len(asked))}
    solutions = path.parent / "solutions" / path.name
    assert exercises(solutions) == asked
    title = read(path).cells[0].source.splitlines()[0].removeprefix("# ")
    assert read(solutions).cells[0].source.startswith(f"# Solutions: {title}")
    printed = "".join(o.get("text", "") for c in code(solutions) for o in c.outputs)
    for name in asked:
        assert f"Exercise {name}: right." in printed.splitlines()


def test_every_solution_belongs_to_a_chapter():
    solutions = set(notebooks.notebooks()) - set(CHAPTERS)
    assert {p.name for p in solutions} == {p.name for p in CHAPTERS}


# --- utils.build.notebooks, on a course of its own --------------------------------

EXPORT = "# export to utils/layers/{}.py\n"
ENTRY = """
["4.9-{0}"]
words = "It is {0}"
whose = "document"
kind = "measured"
quote = "q"
rule = "r"
data = "d"
so = "s"
set = 2026-11-24
{1}
"""
CLAIMS = "".join(
    ENTRY.format(*pair)
    for pair in {
        "wet": 'expected = { small = "HOLDS", full = "HOLDS" }',
        "dry": 'expected = { small = "HOLDS", full = "FALSE" }',
        "odd": 'expected = { full = "NO GAIN HERE" }',
        "old": 'expected = { small = "HOLDS" }\nearned = false',
    }.items()
)


@pytest.fixture
def tiny(tmp_path):
    """Makes a course: chapter → sources of its code cells after the setup cell."""

    def make(**chapters):
        for folder in ("chapters/solutions", "utils/layers"):
            (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        readme = "before\n<!-- chapters -->\n<!-- /chapters -->\nafter\n"
        readme += "<!-- verdicts -->\n<!-- /verdicts -->\nend\n"
        (tmp_path / "chapters/claims.toml").write_text(CLAIMS, "utf-8")
        (tmp_path / "README.md").write_text(readme)
        for name, sources in chapters.items():
            cells = [v4.new_markdown_cell("# 4.9 Test\n\ntext")]
            cells += [v4.new_code_cell(text) for text in ('SOURCE = ""', *sources)]
            path = tmp_path / "chapters" / f"{name}.ipynb"
            path.write_text(v4.writes(v4.new_notebook(cells=cells)), "utf-8")
        return tmp_path

    return make


def test_export_writes_modules_and_table_and_deletes_orphans(tiny, capsys):
    lines = EXPORT.format("one") + "import keras\n\nx = keras"
    more = EXPORT.format("one") + "import keras\nimport math\n\ny = math"
    use = EXPORT.format("two") + "import keras\nfrom utils.layers.one import x\n\nz = x"
    root = tiny(ch_1=[lines, "x = 2", more], ch_2=[use])
    layers = root / "utils/layers"
    (layers / "__init__.py").touch()
    (layers / "orphan.py").touch()
    notebooks.export(root)
    assert {p.stem for p in layers.iterdir()} == {"__init__", "one", "two"}
    head = "# Generated from chapters/ch_{}.ipynb: edit that, not this.\n\n"
    one = "import keras\nimport math\n\n\nx = keras\n\n\ny = math\n"
    one = head.format(1) + one
    assert (layers / "one.py").read_text() == one
    two = "import keras\n\nfrom utils.layers.one import x\n\n\nz = x\n"
    assert (layers / "two.py").read_text() == head.format(2) + two
    readme = (root / "README.md").read_text()
    assert readme.startswith("before\n") and readme.endswith("end\n")
    row = "| [Test](chapters/ch_1.ipynb) | 4.9 | [`one`](utils/layers/one.py) |  |"
    assert row in readme.splitlines()
    assert not notebooks.stale(root)
    (layers / "one.py").write_text(one + "edited = True\n")
    assert notebooks.stale(root) == {layers / "one.py": one}
    assert "deleted utils/layers/orphan.py" in capsys.readouterr().out.splitlines()


def test_the_table_of_verdicts_speaks_in_words(tiny):
    made = [f'claim("4.9-{name}")' for name in ("wet", "dry", "odd")]
    root = tiny(ch_1=[*made, 'fact(\n    "4.9-old", True)'])
    rows = notebooks.verdict_table(root).split("\n")[2:-1]
    assert [row.split(" | ")[2] for row in rows] == [
        "HOLDS",
        "HOLDS; at full scale FALSE",
        "NO GAIN HERE (at full scale)",
        "under review",
    ]
    row = "| It is wet | the document's | HOLDS | [4.9-wet](chapters/ch_1.ipynb) |"
    assert row in notebooks.verdict_table(root)


def test_two_chapters_must_not_export_one_module(tiny):
    cell = EXPORT.format("one") + "x = 1"
    with pytest.raises(ExportError, match="ch_1.ipynb and ch_2.ipynb both export one"):
        notebooks.export(tiny(ch_1=[cell], ch_2=[cell]))


FORBIDDEN = ["import numpy as np", "import keras, numpy", "from tensorflow import nn"]
FORBIDDEN += ["import kerass", "from utils import proofs", "from . import gru"]
FORBIDDEN += ["x = 1\nimport numpy", "def f():\n    import numpy"]


@pytest.mark.parametrize("line", FORBIDDEN)
def test_an_exported_cell_may_import_only_keras_and_layers(tiny, line):
    with pytest.raises(ExportError, match="ch_1.ipynb exports a cell that imports"):
        notebooks.export(tiny(ch_1=[EXPORT.format("one") + line]))


def noisy():
    """A notebook with all that differs from run to run."""
    streams = [("stdout", "a\n"), ("stderr", "now"), ("stdout", "b\n")]
    outputs = [v4.new_output("stream", name=n, text=t) for n, t in streams]
    data = {"text/plain": "3"}
    outputs.append(v4.new_output("execute_result", data, execution_count=7))
    outputs[-1].metadata = {"time": 1, "image/png": {"alt": "A cat."}}
    cells = [v4.new_code_cell(f"{i}\n", metadata={"t": i}) for i in range(3)]
    cells[1] |= {"execution_count": 7, "outputs": outputs}
    cells[1].metadata.tags = ["kept"]
    notebook = v4.new_notebook(cells=cells, metadata={"title": "mine"})
    for cell in cells:
        cell.id = "same"
    return notebook


def test_the_canonical_form_is_without_noise_and_its_own_canonical_form():
    text = notebooks.canonical(noisy())
    notebook = nbformat.reads(text, 4)
    nbformat.validate(notebook)
    assert notebooks.canonical(notebook) == notebooks.canonical(noisy()) == text
    cell = notebook.cells[1]
    book = {"image": {"alt": "A cat."}}
    assert cell.metadata == {"tags": ["kept"], "mystnb": book} and cell.source == "1"
    assert [c.execution_count for c in notebook.cells] == [None, 2, None]
    stream, result = cell.outputs
    assert stream.name == "stdout" and stream.text == "a\nb\n"
    assert result.execution_count == 2
    assert result.metadata == {"image/png": {"alt": "A cat."}}
    assert len({c.id for c in notebook.cells}) == 3 and notebook.cells[0].id == "same"
    assert notebook.metadata == notebooks.METADATA


def test_the_setup_cell_is_renewed_and_keeps_its_address():
    old = 'SOURCE = "https://a.b/c"\nfrom utils.course import old'
    cells = [v4.new_markdown_cell("# 4.9 Test"), v4.new_code_cell(old)]
    text = notebooks.canonical(v4.new_notebook(cells=cells))
    cell = nbformat.reads(text, 4).cells[1]
    assert 'SOURCE = "https://a.b/c"' in cell.source and "import old" not in cell.source
    assert (
        cell.source.replace("https://a.b/c", "") == notebooks.SETUP.read_text().strip()
    )
    assert cell.metadata["jupyter"] == {"source_hidden": True}


@pytest.mark.parametrize("end", ["", ".git", "/"])
def test_a_stamp_can_be_renewed_and_taken_off(tiny, end):
    (path,) = notebooks.chapters(tiny(ch_1=[]))
    notebook = read(path)
    clean = [cell.source for cell in notebook.cells]
    url = f"https://github.com/a/b.c{end}"
    for address in ("https://github.com/someone/else", url, url):
        notebooks.stamp(notebook, path.name, address)
    title, badge, rest = notebook.cells[0].source.split("\n\n")
    assert (title, rest) == ("# 4.9 Test", "text")
    page = (
        "https://colab.research.google.com/github/a/b.c/blob/main/chapters/ch_1.ipynb"
    )
    assert badge.startswith("[![Open in Colab](") and badge.endswith(f"]({page})")
    assert notebook.cells[1].source == f'SOURCE = "{url}"'
    notebooks.stamp(notebook, path.name, "")
    assert [cell.source for cell in notebook.cells] == clean
    notebooks.stamp(notebook, path.name, "file:///elsewhere")
    assert "Colab" not in notebook.cells[0].source
    assert notebook.cells[1].source == 'SOURCE = "file:///elsewhere"'


def test_the_readme_says_where_the_course_lives_or_nothing():
    empty = "a\n<!-- source -->\n<!-- /source -->\nb\n"
    once = notebooks.with_source(empty, "https://github.com/a/b.c.git")
    assert "`git clone https://github.com/a/b.c.git`" in once
    assert "<https://github.com/a/b.c/issues>" in once
    other = notebooks.with_source(once, "https://else.org/x")
    assert "github" not in other and "`git clone https://else.org/x`" in other
    assert notebooks.with_source(other, "") == empty
    assert "<!-- source -->\n" in (ROOT / "README.md").read_text("utf-8")


def test_a_failed_write_leaves_the_old_file_alone(tmp_path):
    path = tmp_path / "new" / "file.txt"
    notebooks.write(path, "old é\n")
    with pytest.raises(UnicodeEncodeError):
        notebooks.write(path, "\ud800")
    assert path.read_text("utf-8") == "old é\n"
    assert list(path.parent.iterdir()) == [path]


def test_run_stores_outputs_but_not_of_a_notebook_that_fails(tiny, monkeypatch):
    for name in (*notebooks.ENVIRONMENT, "COURSE_SCALE"):
        monkeypatch.setenv(name, "x")  # `run` sets them: put them back afterwards
    noise = "import os, sys; print('x', file=sys.stderr); os.write(2, b'x'); print(1)"
    root = tiny(good=[noise, "os.environ['COURSE_STRICT']"], bad=["print(1)", "1 / 0"])
    bad, good = notebooks.chapters(root)
    before = bad.read_bytes()
    assert notebooks.run([bad, good]) == 1
    assert bad.read_bytes() == before
    once = good.read_bytes()
    assert [len(cell.outputs) for cell in code(good)] == [0, 1, 1]
    assert "'1'" in str(code(good)[2].outputs)
    assert notebooks.run([good]) == 0 and good.read_bytes() == once


def test_a_notebook_that_needs_what_is_not_installed_is_left_as_it_was(tiny, capsys):
    root = tiny(ch_1=['needs("nowhere")', "1 / 0"], ch_2=['needs("keras")'])
    lacks, has = notebooks.chapters(root)
    before = lacks.read_bytes()
    assert notebooks.lacking(has) is None and notebooks.run([lacks]) == 0
    assert lacks.read_bytes() == before
    assert "skipped: nowhere is not installed here" in capsys.readouterr().out


# --- environment.yml --------------------------------------------------------------


def test_environment_yml_says_what_is_installed():
    wanted = yaml.safe_load((ROOT / "environment.yml").read_text("utf-8"))
    python, pip, packages = wanted["dependencies"]
    assert python in ("python=3.11", "python=3.12", "python=3.13") and pip == "pip"
    assert packages["pip"] == requirements()
    on_colab = f"=={metadata.version('keras')}" == COLAB["keras"]
    installed = {canonicalize_name(d.name): d.version for d in metadata.distributions()}
    installed.setdefault("tensorflow", installed.get("tensorflow-cpu"))
    for need in map(Requirement, requirements(colab=on_colab)):
        version = installed.get(need.name)
        assert version and need.specifier and need.specifier.contains(version), (
            f"{need} is wanted and {version} is here: make test sets up .venv again"
        )


def test_there_is_no_second_list_of_dependencies():
    names = ["requirements*.txt", "setup.*", "*.lock", "*lock.toml", "Pipfile*"]
    names += ["*/requirements*.txt", ".python-version"]
    found = {p.relative_to(ROOT).as_posix() for n in names for p in ROOT.glob(n)}
    found = {p for p in found if not p.startswith(".venv")}
    assert found == {"data/requirements.txt"}  # archives, not packages
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(settings) == {"tool"}
