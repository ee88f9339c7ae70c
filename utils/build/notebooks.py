"""Run the chapters, keep them in one form, and write what they export.

    python -m utils.build.notebooks run [chapters/4_0_recurrent_layer.ipynb …]
    python -m utils.build.notebooks export        write utils/layers and README's tables
    python -m utils.build.notebooks check         write nothing; say what is stale
    python -m utils.build.notebooks colab URL     stamp badges, setup cells and README

The notebooks are the only source of the layers. A code cell whose first line is, for
example, `# export to utils/layers/gru.py` is copied to that module.
"""

import argparse
import ast
import importlib.util
import os
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from utils.verdicts import claims

ROOT = Path(__file__).resolve().parents[2]
SETUP = ROOT / "utils/build/setup_cell.py"
EXPORT = re.compile(r"# export to utils/layers/(\w+)\.py\n")
CLAIM = re.compile(r'\b(?:claim|fact)\(\s*"([A-Z\d][\w.]*-[\w-]+)"')
NEEDS = re.compile(r'^needs\("(\w+)"\)', re.M)
SOURCE = re.compile(r'^SOURCE = "(.*?)"', re.M)
BADGE = re.compile(r"\n\n\[!\[Open in Colab\]\(.*?\)\]\(.*?\)")
COLAB = "https://colab.research.google.com"
TABLE = r"(?<=<!-- {0} -->\n).*?(?=<!-- /{0} -->)"
# Of every kernel that checks or stores a chapter. One thread each, so that chapters run
# side by side, and that stored numbers are those of every run.
ENVIRONMENT = {
    "COURSE_STRICT": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
METADATA = {
    "accelerator": "GPU",  # Colab then offers one
    "colab": {"provenance": [], "toc_visible": True},
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}


class ExportError(Exception):
    """A chapter exports what cannot become a module; the message says why."""


def chapters(root=ROOT):
    """The chapters by their sections, 4.5 before 4.5.1; then the appendices, A, B."""

    def place(path):
        section = re.match(r"[\d_]*", path.stem)[0]
        parts = [int(part) for part in re.findall(r"\d+", section)]
        return not section, parts, path.name

    return sorted((root / "chapters").glob("*.ipynb"), key=place)


def notebooks(root=ROOT):
    """The chapters and the solutions to their exercises."""
    return [*chapters(root), *sorted((root / "chapters/solutions").glob("*.ipynb"))]


def read(path):
    """The notebook at `path`."""
    return nbformat.read(path, as_version=4)


def lacking(path):
    """Why a notebook cannot run here: a package that it needs is missing. Or None."""
    for cell in read(path).cells:
        found = cell.cell_type == "code" and NEEDS.search(cell.source)
        if found and not importlib.util.find_spec(found[1]):
            return f"{found[1]} is not installed here"
    return None


def canonical(notebook):
    """The notebook's text without what differs from run to run."""
    notebook.metadata = nbformat.from_dict(METADATA)
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    _renew_setup(notebook)
    count = 0
    for i, cell in enumerate(notebook.cells):
        cell.metadata = nbformat.from_dict(_metadata(cell))
        cell.source = cell.source.rstrip("\n")
        if any(cell.id == other.id for other in notebook.cells[:i]):
            cell.id = f"cell-{i:03d}"
        if cell.cell_type == "code":
            count += 1
            if cell.execution_count is not None:
                cell.execution_count = count
            cell.outputs = _outputs(cell)
    return nbformat.writes(notebook) + "\n"


def _renew_setup(notebook):
    """The setup cell is one text, in utils/build/setup_cell.py; its address stays."""
    for cell in notebook.cells[:2]:
        address = cell.cell_type == "code" and SOURCE.search(cell.source)
        if address and "utils.course" in cell.source:
            text = SETUP.read_text("utf-8").rstrip("\n")
            cell.source = text.replace('SOURCE = ""', address[0])
            cell.metadata["jupyter"] = {"source_hidden": True}


def _metadata(cell):
    """What is kept: tags, that the setup cell is folded, and alt texts for the book."""
    kept = {k: cell.metadata[k] for k in ("tags", "jupyter") if k in cell.metadata}
    pictures = [
        o.metadata.get("image/png", {})
        for o in cell.get("outputs", ())
        if "metadata" in o
    ]
    alts = [picture["alt"] for picture in pictures if "alt" in picture]
    return kept | ({"mystnb": {"image": {"alt": " ".join(alts)}}} if alts else {})


def _outputs(cell):
    kept = []
    for output in cell.outputs:
        if output.get("name") == "stderr":
            continue
        if output.output_type == "stream" and kept:
            if kept[-1].output_type == "stream":
                kept[-1].text += output.text
                continue
        if "metadata" in output:
            picture = output.metadata.get("image/png")
            output.metadata = nbformat.from_dict(
                {"image/png": picture} if picture else {}
            )
        if "execution_count" in output:
            output.execution_count = cell.execution_count
        output.pop("transient", None)
        kept.append(output)
    return kept


def execute(path):
    """Run a notebook as its reader would; its text with new outputs.

    Raises:
        CellExecutionError: a cell failed. The file is as it was.
    """
    notebook = read(path)
    NotebookClient(
        notebook,
        timeout=1200,
        kernel_name="python3",
        record_timing=False,
        # what C++ code writes to stderr is no output of the chapter
        extra_arguments=["--IPKernelApp.capture_fd_output=False"],
        resources={"metadata": {"path": str(path.parent)}},
    ).execute(stderr=subprocess.DEVNULL)
    return canonical(notebook)


def modules(root=ROOT):
    """The text of each module that the chapters export, by path."""
    files, origin = {}, {}
    for path in chapters(root):
        for cell in read(path).cells:
            mark = cell.cell_type == "code" and EXPORT.match(cell.source)
            if not mark:
                continue
            name = mark[1]
            if origin.setdefault(name, path) != path:
                raise ExportError(
                    f"{origin[name].name} and {path.name} both export {name}.py: "
                    "give one of them another name."
                )
            files.setdefault(name, []).append(cell.source[mark.end() :].strip())
    return {
        root / "utils/layers" / f"{name}.py": _module(name, cells, origin[name])
        for name, cells in files.items()
    }


def _module(name, cells, path):
    """One module: the imports of all its cells first, then the rest."""
    imports, bodies = [], []
    for source in cells:
        lines, end = source.splitlines(), 0
        tree = ast.parse(source)
        for node in ast.walk(tree):
            if isinstance(node, (ast.Import, ast.ImportFrom)):
                _check_import(node, path)
        for node in tree.body:
            if not isinstance(node, (ast.Import, ast.ImportFrom)):
                break
            end = node.end_lineno
            text = "\n".join(lines[node.lineno - 1 : end])
            if text not in imports:
                imports.append(text)
        bodies.append("\n".join(lines[end:]).strip())
    head = f"# Generated from chapters/{path.name}: edit that, not this."
    own = [line for line in imports if "utils.layers" in line]
    groups = [[line for line in imports if line not in own], own]
    groups = [sorted(g, key=lambda line: (line[:4] == "from", line)) for g in groups]
    blocks = ["\n".join(group) for group in groups if group]
    return "\n\n\n".join([head + "\n\n" + "\n\n".join(blocks), *bodies]) + "\n"


def _check_import(node, path):
    names = [alias.name for alias in node.names]
    if isinstance(node, ast.ImportFrom):
        names = ["." * node.level + (node.module or "")]
    for name in names:
        if name.split(".")[0] not in ("keras", "math") and not name.startswith(
            "utils.layers."
        ):
            raise ExportError(
                f"{path.name} exports a cell that imports {name}: a layer may import "
                "only keras and earlier layers, so that its file can be copied."
            )


def chapter_table(root=ROOT):
    """The README's table of chapters."""
    rows = ["| chapter | section | layers | Colab |", "|---|---|---|---|"]
    for path in chapters(root):
        cells = read(path).cells
        number, title = re.match(r"# ([A-Z\d][\d.]*) (.+)", cells[0].source).groups()
        code = [cell for cell in cells if cell.cell_type == "code"]
        exports = {m[1]: None for c in code if (m := EXPORT.match(c.source))}
        badge = BADGE.search(cells[0].source)
        row = (
            f"[{title}](chapters/{path.name})",
            number,
            ", ".join(f"[`{e}`](utils/layers/{e}.py)" for e in exports),
            badge[0].strip() if badge else "",
        )
        rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def verdict_table(root=ROOT):
    """The README's table of verdicts, in words."""
    rows = ["| claim | whose | verdict | chapter |", "|---|---|---|---|"]
    entries = claims(root / "chapters/claims.toml")
    for path in chapters(root):
        for id in claims_of(path):
            entry = entries[id]
            small, full = (entry.expected.get(scale) for scale in ("small", "full"))
            verdict = small or f"{full} (at full scale)"
            if small and full not in (small, None):
                verdict = f"{small}; at full scale {full}"
            row = (
                entry.words,
                "the document's" if entry.whose == "document" else "ours",
                verdict if entry.earned else "under review",
                f"[{id}](chapters/{path.name})",
            )
            rows.append(f"| {' | '.join(row)} |")
    return "\n".join(rows) + "\n"


def claims_of(path):
    """The ids of a chapter's claims, in the order in which they are made."""
    code = [cell.source for cell in read(path).cells if cell.cell_type == "code"]
    return CLAIM.findall("\n".join(code))


def stale(root=ROOT):
    """What each stale file should hold; None if it should not exist."""
    layers = root / "utils/layers"
    files = dict.fromkeys(p for p in layers.glob("*.py") if p.stem != "__init__")
    files |= modules(root)
    readme = root / "README.md"
    text = readme.read_text("utf-8")
    for name, table in (("chapters", chapter_table), ("verdicts", verdict_table)):
        found = re.compile(TABLE.format(name), re.S)
        text = found.sub(lambda _, table=table: table(root), text)
    files[readme] = text
    for path in notebooks(root):
        files[path] = canonical(read(path))
    return {
        path: text
        for path, text in files.items()
        if not path.exists() or text is None or path.read_text("utf-8") != text
    }


def stamp(notebook, name, url):
    """Write the course's address into a notebook: badge and setup cell."""
    first, setup = notebook.cells[:2]
    setup.source = SOURCE.sub(lambda _: f'SOURCE = "{url}"', setup.source)
    first.source = BADGE.sub("", first.source)
    github = re.match(r"https://github\.com/([^/]+/[^/]+?)(\.git)?/?$", url)
    if github:
        page = f"{COLAB}/github/{github[1]}/blob/main/chapters/{name}"
        picture = f"{COLAB}/assets/colab-badge.svg"
        badge = f"\n\n[![Open in Colab]({picture})]({page})"
        title, *rest = first.source.split("\n", 1)
        first.source = title + badge + "".join("\n" + text for text in rest)


def with_source(text, url):
    """The README's text with a sentence on where the course lives, or without one."""
    github = re.match(r"https://github\.com/[^/]+/[^/]+?(?=(\.git)?/?$)", url)
    where = f"at <{github[0]}/issues>" if github else "there"
    line = f"Get it with `git clone {url}`, and report what is wrong {where}.\n"
    found = re.compile(TABLE.format("source"), re.S)
    return found.sub(lambda _: line if url else "", text)


def write(path, text):
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def run(paths):
    """Execute notebooks and store their outputs; how many failed.

    One that needs what is not installed here is skipped, and stays as it is.
    """
    os.environ |= ENVIRONMENT
    os.environ.setdefault("COURSE_SCALE", "small")
    failed = 0
    for path in paths:
        print(f"{path.stem} …", end=" ", flush=True)
        if why := lacking(path):
            print(f"skipped: {why}")
            continue
        start = time.perf_counter()
        try:
            write(path, execute(path))
        except (CellExecutionError, DeadKernelError) as error:
            print(f"FAILED, left as it was\n{error}")
            failed += 1
            continue
        seconds = time.perf_counter() - start
        print(f"{seconds:.0f} s, {path.stat().st_size / 1000:.0f} kB")
    return failed


def export(root=ROOT):
    """Write what is stale, delete the modules that no chapter exports."""
    for path, text in stale(root).items():
        print("deleted" if text is None else "wrote", path.relative_to(root))
        if text is None:
            path.unlink()
        else:
            write(path, text)


def main():
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.build.notebooks")
    verbs = parser.add_subparsers(dest="verb", required=True)
    verbs.add_parser("run").add_argument("paths", nargs="*", type=Path)
    verbs.add_parser("export")
    verbs.add_parser("check")
    verbs.add_parser("colab").add_argument("url")
    options = parser.parse_args()
    try:
        if options.verb == "check":
            found = [str(path.relative_to(ROOT)) for path in stale()]
            print("stale, run `make export`: " + ", ".join(found) if found else "fresh")
            return bool(found)
        if options.verb == "colab":
            for path in notebooks():
                notebook = read(path)
                stamp(notebook, path.relative_to(ROOT / "chapters"), options.url)
                write(path, canonical(notebook))
            readme = ROOT / "README.md"
            write(readme, with_source(readme.read_text("utf-8"), options.url))
        export()  # first, since a chapter may import what another one exports
        failed = 0
        if options.verb == "run":
            paths = [path.resolve() for path in options.paths] or notebooks()
            failed = run(paths)
            export()
    except ExportError as error:
        print(error, file=sys.stderr)
        return 1
    return failed


if __name__ == "__main__":
    sys.exit(main())
