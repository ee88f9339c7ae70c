"""Write the pages of the book: chapters, verdicts, layers, data, glossary.

    python site/pages.py                  into site/_build/source

The standard library is enough. Everything comes from what `chapters/` and its
neighbours hold today; only `index.md`, `glossary.toml` and `uses/` are written by hand.
Nothing is executed: the outputs are the stored ones.
"""

import ast
import base64
import json
import re
import shutil
import textwrap
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SITE = Path(__file__).resolve().parent
SOURCE = SITE / "_build/source"
ADDRESS = re.compile(r'^SOURCE = "(.+?)"', re.M)
BADGE = re.compile(r"\n\n\[!\[Open in Colab\]\(.*?\)\]\(.*?\)")
CLAIM = re.compile(r'\b(?:claim|fact)\(\s*"([A-Z\d][\w.]*-[\w-]+)"')
EXPORT = re.compile(r"# export to utils/layers/(\w+)\.py\n")
HAN = re.compile(r"[\u4e00-\u9fff]")
NO_SIDEBAR = "---\nhtml_theme.sidebar_secondary.remove: true\n---\n"


class Chapter:
    """A notebook of `chapters/`, as it is stored."""

    def __init__(self, path):
        self.path, self.name = path, path.stem
        self.notebook = json.loads(path.read_text("utf-8"))
        self.cells = self.notebook["cells"]
        self.sources = ["".join(cell["source"]) for cell in self.cells]
        self.first = BADGE.sub("", self.sources[0])
        heading = re.match(r"# ([A-Z\d][\d.]*) (.+)", self.first)
        self.number, self.title = heading.groups()

    def code(self):
        """Each code cell with its text."""
        both = zip(self.cells, self.sources, strict=True)
        return [(c, text) for c, text in both if c["cell_type"] == "code"]

    def claims(self):
        """The ids of its claims, in the order in which they are made."""
        return [id for _, text in self.code() for id in CLAIM.findall(text)]

    def exports(self):
        """The names of the layers' files that it writes."""
        found = (EXPORT.match(text) for _, text in self.code())
        return list(dict.fromkeys(mark[1] for mark in found if mark))

    def hook(self, least=90):
        """The first sentences of its opening."""
        parts = [part for part in self.first.split("\n\n")[1:] if part.strip()]
        text = next(part for part in parts if not part.startswith("*About"))
        taken = ""
        for sentence in re.split(r"(?<=[.?!]) (?=[A-Z*])", text):
            taken = f"{taken} {sentence}".strip()
            if len(taken) >= least:
                break
        return taken

    def cover(self):
        """Picture and alt text: the last of "The idea", else the first of all."""
        found, section = [], ""
        for cell, text in zip(self.cells, self.sources, strict=True):
            if cell["cell_type"] == "markdown":
                section = (re.findall(r"^## (.+)$", text, re.M) or [section])[-1]
            for output in cell.get("outputs", []):
                picture = output.get("data", {}).get("image/png")
                if picture:
                    about = output.get("metadata", {}).get("image/png", {})
                    found.append((section, "".join(picture), about.get("alt", "")))
        if not found:
            return None
        ideas = [one for one in found if one[0] == "The idea"]
        _, picture, alt = ideas[-1] if ideas else found[0]
        return base64.b64decode(picture), alt

    def found(self):
        """id → verdict and number of the stored run, from its table of findings."""
        rows = {}
        for cell, text in self.code():
            if "what_we_found()" not in text:
                continue
            for output in cell["outputs"]:
                table = "".join(output.get("data", {}).get("text/markdown", ""))
                for line in table.splitlines()[2:]:
                    claim, verdict, _, _, number, *_ = line.strip("| ").split(" | ")
                    if id := re.search(r"\(([A-Z\d][\w.]*-[\w-]+)\)$", claim.strip()):
                        rows[id[1]] = verdict.strip(), number.strip()
        return rows

    def page(self):
        """The notebook as the book shows it."""
        cells = []
        for i, (cell, text) in enumerate(zip(self.cells, self.sources, strict=True)):
            cell = json.loads(json.dumps(cell))
            about = cell["metadata"]
            if i == 0:
                cell["source"] = self.first  # the theme has a button of its own
            if about.get("jupyter", {}).get("source_hidden"):
                about["tags"] = [*about.get("tags", []), "hide-input"]
            widths = [
                output.get("metadata", {}).get("image/png", {}).get("width")
                for output in cell.get("outputs", [])
            ]
            if any(widths) and "mystnb" in about:
                about["mystnb"]["image"]["width"] = f"{max(filter(None, widths))}px"
            for id in CLAIM.findall(text) if cell["cell_type"] == "code" else ():
                mark = {"id": f"claim-{len(cells)}", "cell_type": "markdown"}
                cells.append(mark | {"metadata": {}, "source": f"({anchor(id)})="})
            cells.append(cell)
        return json.dumps(self.notebook | {"cells": cells}, ensure_ascii=False)


def chapters(root=ROOT):
    """The chapters by their sections, 4.5 before 4.5.1; then the appendices, A, B."""

    def place(path):
        section = re.match(r"[\d_]*", path.stem)[0]
        parts = [int(part) for part in re.findall(r"\d+", section)]
        return not section, parts, path.name

    return [Chapter(p) for p in sorted((root / "chapters").glob("*.ipynb"), key=place)]


def address(root=ROOT):
    """The course's address, where `make colab` has stamped one, or ""."""
    for chapter in chapters(root):
        for _, text in chapter.code()[:1]:
            if found := ADDRESS.search(text):
                return found[1]
    return ""


def anchor(id):
    """Where the book jumps to for a claim."""
    return "claim-" + id.replace(".", "-")


def link(id):
    """A link to the experiment that judges a claim."""
    return f"[{id}](#{anchor(id)})"


# --- the start page ---------------------------------------------------------------


def start_page(all_chapters, entries):
    """The text of `index.md` with the map of chapters and what there is of each."""
    cards = []
    for chapter in all_chapters:
        page, cover = f"chapters/{chapter.name}.ipynb", chapter.cover()
        parts = [f"**[{chapter.number} {chapter.title}]({page})**", chapter.hook()]
        if cover:
            alt = plain(cover[1])
            parts.insert(0, f"[![{alt}](covers/{chapter.name}.png)]({page})")
        parts = ['<div class="card-of-map">', *parts, "</div>"]
        cards.append("\n\n".join(parts))
    text = (SITE / "index.md").read_text("utf-8")
    layers = [name for chapter in all_chapters for name in chapter.exports()]
    for mark, value in {
        "map": '<div class="map">\n\n' + "\n\n".join(cards) + "\n\n</div>",
        "chapters": "\n".join(f"chapters/{chapter.name}" for chapter in all_chapters),
        "number of chapters": len(all_chapters),
        "number of claims": len(entries),
        "number of layers": len(layers),
    }.items():
        text = text.replace(f"<!-- {mark} -->", str(value))
    return text


def plain(text):
    """Text that may stand between the brackets of a Markdown picture or link."""
    return re.sub(r"([\[\]_*`$|<>\\])", r"\\\1", text.replace("\n", " "))


# --- verdicts ---------------------------------------------------------------------


def claims(root=ROOT):
    """id → what `chapters/claims.toml` says."""
    return tomllib.loads((root / "chapters/claims.toml").read_text("utf-8"))


def records(root=ROOT):
    """id → verdict and number of the run at full scale."""
    found = {}
    for path in sorted((root / "benchmarks/full").glob("*.json")):
        record = json.loads(path.read_text("utf-8"))
        for id, claim in record["claims"].items():
            found[id] = claim["verdict"], claim["measured"] or short(claim["numbers"])
    return found


def short(numbers, most=3):
    """The first numbers of a record, where it has no sentence about them."""
    parts = []
    for name, value in list(numbers.items())[:most]:
        if not isinstance(value, list):
            parts.append(f"{name}: {value:.2g}")
        elif len(value) == 3 and value[1] <= value[0] <= value[2]:
            parts.append(f"{name}: {value[0]:.2g} ({value[1]:.2g} … {value[2]:.2g})")
        else:
            flat = [x for row in value for x in (row if type(row) is list else [row])]
            parts.append(f"{name}: {min(flat):.2g} … {max(flat):.2g}")
    return "; ".join(parts)


def verdicts(all_chapters, entries, at_full):
    """The rows of the table of verdicts: column → text."""
    rows = []
    for chapter in all_chapters:
        stored = chapter.found()
        for id in chapter.claims():
            if id not in entries:  # a chapter that is being rewritten
                print(f"{id} of {chapter.name} is not in claims.toml: left out")
                continue
            entry, here, full = entries[id], stored.get(id), at_full.get(id)
            earned = entry.get("earned", True)
            expected = entry["expected"]
            small = expected.get("small", "shown only")
            large = full[0] if full else "not run yet"
            judged_here = "small" in expected and here
            number = here[1] if judged_here else full[1] if full else ""
            identity = entry["kind"] == "identity"
            settles = entry.get("settles", "settled by algebra" if identity else "")
            rows.append(
                {
                    "claim": entry["words"],
                    "whose": "document" if entry["whose"] == "document" else "ours",
                    "kind": entry["kind"],
                    "small scale": small if earned else "under review",
                    "full scale": large if earned else "under review",
                    "number": number,
                    "what would settle it": settles,
                    "experiment": link(id),
                }
            )
    return rows


def verdict_page(rows):
    """The table of verdicts."""
    heads = list(rows[0])
    lines = [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads)]
    for row in rows:
        cells = [
            text if head == "experiment" else plain(text) or "–"
            for head, text in row.items()
        ]
        lines.append(f"| {' | '.join(cells)} |")
    intro = (SITE / "verdicts.md").read_text("utf-8")
    table = '<div class="verdicts">\n\n' + "\n".join(lines) + "\n\n</div>"
    return NO_SIDEBAR + intro.replace("<!-- verdicts -->", table)


# --- layers -----------------------------------------------------------------------


def documented(path):
    """Classes, then functions, of a file: name, kind, signature, docstring."""
    found = []
    for node in ast.parse(path.read_text("utf-8")).body:
        if not isinstance(node, (ast.ClassDef, ast.FunctionDef)):
            continue
        if node.name.startswith("_") or not ast.get_docstring(node):
            continue
        maker, kind = node, "function"
        if isinstance(node, ast.ClassDef):
            own = [part for part in node.body if isinstance(part, ast.FunctionDef)]
            maker = next((part for part in own if part.name == "__init__"), None)
            bases = [ast.unparse(base) for base in node.bases]
            models = ["keras.Model", *(one[0] for one in found if one[1] == "model")]
            kind = "model" if set(bases) & set(models) else "layer"
        words = ast.unparse(maker.args) if maker else f"...)  # as {bases[0]}("
        words = re.sub(r"^self(, )?", "", words)
        signature = f"{node.name}({words})".removesuffix("()")
        found.append((node.name, kind, signature, ast.get_docstring(node)))
    return sorted(found, key=lambda one: one[1] == "function")


def keras_has(doc):
    """Whether the docstring names a layer of Keras to which this one is equal."""
    equal = re.search(r"Equal to\s+`keras\.", doc)
    return bool(equal) and "No built-in" not in doc


def as_markdown(doc):
    """A docstring as Markdown: equations as they stand, arguments as a list."""
    blocks = []
    for block in doc.split("\n\n"):
        lines = block.splitlines()
        if all(line.startswith("    ") for line in lines):
            blocks.append("```text\n" + textwrap.dedent(block) + "\n```")
            continue
        text = []
        for i, line in enumerate(lines):
            head = re.match(r"(Args|Returns|Raises):$", line)
            if head:
                text.append(f"\n**{head[1]}**\n")
            elif re.match(r"    \S.*?: ", line) or (
                line.startswith("    ") and lines[i - 1].endswith("s:")
            ):
                text.append("- " + prose(line.strip()))
            elif line.startswith("    "):
                text.append("  " + prose(line.strip()))
            else:
                text.append(prose(line.strip()))
        blocks.append("\n".join(text).strip())
    return "\n\n".join(blocks)


def prose(text):
    """A line of a docstring, safe as Markdown outside of its code."""
    parts = re.split(r"(`[^`]*`)", text)
    return "".join(
        p if p.startswith("`") else re.sub(r"([*_\[\]<>$|])", r"\\\1", p) for p in parts
    )


def named_by(name, root=ROOT):
    """A file of layers, and those that it imports, however far that goes."""
    text = (root / "utils/layers" / f"{name}.py").read_text("utf-8")
    others = re.findall(r"^from utils\.layers\.(\w+) import", text, re.M)
    return {name}.union(*(named_by(other, root) for other in others))


def layer_page(chapter, name, root=ROOT):
    """The page of one file of layers, and its row in the list of all."""
    path = root / "utils/layers" / f"{name}.py"
    parts = documented(path)
    classes = [part for part in parts if part[1] != "function"]
    lacking = [part[0] for part in classes if not keras_has(part[3])]
    about = "`, `".join(lacking)
    has = f"Keras lacks: `{about}`." if lacking else "Keras has all of these."
    needs = sorted(named_by(name, root) - {name})
    use = SITE / "uses" / f"{name}.py"
    title = name.replace("_", " ").capitalize()
    lines = [
        f"# {name.upper() if name.upper() in [p[0] for p in parts] else title}",
        f"{has} Explained, proved and tried in chapter [{chapter.number} "
        f"{chapter.title}](../chapters/{chapter.name}.ipynb).",
        f"**Download** {{download}}`{name}.py <files/{name}.py>`. It imports nothing "
        "but Keras"
        + (
            ", and from the course "
            + ", ".join(f"[{need}.py]({need}.md)" for need in needs)
            + ": put all of them into a folder `utils/layers/`."
            if needs
            else ": put it beside your own file."
        ),
    ]
    if use.exists():
        code = use.read_text("utf-8").partition('"""\n')[2].strip()
        if not needs:
            code = code.replace("from utils.layers.", "from ")
        lines.append(f"## Use\n\n```python\n{code}\n```")
    for part, kind, signature, doc in parts:
        lines += [f"## {part}", f"```python\n{signature}\n```", as_markdown(doc)]
        if kind != "function" and not keras_has(doc) and "built-in" not in doc:
            lines.append("*Keras has no such layer.*")
    row = (
        f"[{name}]({name}.md)",
        ", ".join(f"`{part[0]}`" for part in classes),
        ", ".join(f"`{part}`" for part in lacking) or "–",
        f"[{chapter.number}](../chapters/{chapter.name}.ipynb)",
    )
    return "\n\n".join(lines) + "\n", f"| {' | '.join(row)} |"


def layer_list(rows, names):
    """The list of all files of layers."""
    text = (SITE / "layers.md").read_text("utf-8")
    head = ["| file | layers and models | Keras lacks | chapter |", "|---|---|---|---|"]
    text = text.replace("<!-- layers -->", "\n".join(head + rows))
    return text.replace("<!-- names -->", "\n".join(names))


# --- glossary ---------------------------------------------------------------------


def glossary(all_chapters, terms):
    """The page of terms, each with the chapters that use the Chinese word."""
    lines = ["| English | 中文 | what it is | chapters |", "|---|---|---|---|"]
    texts = {}
    for chapter in all_chapters:
        both = zip(chapter.cells, chapter.sources, strict=True)
        texts[chapter] = "".join(t for c, t in both if c["cell_type"] == "markdown")
    for english, term in sorted(terms.items(), key=lambda item: item[0].lower()):
        chinese = "|".join(map(re.escape, term["chinese"].split(", ")))
        first = rf"\b{re.escape(english.split(',')[0])}\b"
        for wanted in (rf"[(（][^()（）]*({chinese})\b", chinese, first):
            found = [c for c, text in texts.items() if re.search(wanted, text, re.I)]
            if found:
                break
        where = [f"[{c.number}](chapters/{c.name}.ipynb)" for c in found[:4]]
        row = english, term["chinese"], term["is"], ", ".join(where) or "–"
        lines.append(f"| {' | '.join(row)} |")
    intro = (SITE / "glossary.md").read_text("utf-8")
    return intro.replace("<!-- terms -->", "\n".join(lines))


# --- all of it --------------------------------------------------------------------


def build(target=SOURCE, root=ROOT):
    """Write all pages into `target`, which is emptied first."""
    shutil.rmtree(target, ignore_errors=True)
    for folder in ("chapters", "covers", "layers/files"):
        (target / folder).mkdir(parents=True)
    all_chapters, entries = chapters(root), claims(root)
    pages = {}
    rows, names = [], []
    for chapter in all_chapters:
        pages[f"chapters/{chapter.name}.ipynb"] = chapter.page()
        if cover := chapter.cover():
            (target / "covers" / f"{chapter.name}.png").write_bytes(cover[0])
        for name in chapter.exports():
            pages[f"layers/{name}.md"], row = layer_page(chapter, name, root)
            shutil.copy(root / "utils/layers" / f"{name}.py", target / "layers/files")
            rows.append(row)
            names.append(name)
    terms = tomllib.loads((SITE / "glossary.toml").read_text("utf-8"))
    pages["index.md"] = start_page(all_chapters, entries)
    pages["verdicts.md"] = verdict_page(verdicts(all_chapters, entries, records(root)))
    pages["layers/index.md"] = layer_list(rows, names)
    pages["glossary.md"] = glossary(all_chapters, terms)
    pages["data.md"] = (root / "data/README.md").read_text("utf-8")
    for name, text in pages.items():
        (target / name).write_text(text, "utf-8")
    return pages


if __name__ == "__main__":
    print(f"{len(build())} pages")
