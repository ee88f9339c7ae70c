"""Settings of Sphinx. The pages come from `pages.py`, and nothing is executed."""

import importlib.metadata
import re
import shutil
import sys
from pathlib import Path

SITE = Path(__file__).resolve().parent
sys.path.insert(0, str(SITE))

import pages  # noqa: E402

project = "Variants of the recurrent neural network"
author = "The authors of the course"
extensions = ["myst_nb", "sphinx_copybutton"]
html_theme = "sphinx_book_theme"
html_title = "RNN variants"
html_static_path = ["_static"]
html_css_files = ["book.css"]
html_favicon = "_static/icon.svg"
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine
html_js_files = ["verdicts.js"]
language = "en"

nb_execution_mode = "off"
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath", "colon_fence"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]  # a heading may skip a level in an output

mathjax_path = "tex-svg.js"  # one file in _static: no other address is asked

address = pages.address()
github = re.match(r"(https://github\.com/[^/]+/[^/]+?)(\.git)?/?$", address)
html_theme_options = {
    "use_download_button": True,
    "use_fullscreen_button": False,
    "show_toc_level": 2,
    "navbar_persistent": [],  # else there are two search boxes
    "pygments_light_style": "a11y-light",
    "pygments_dark_style": "a11y-dark",
}
if github:  # `make colab` was here
    html_theme_options |= {
        "repository_url": github[1],
        "repository_branch": "main",
        "use_repository_button": True,
        "launch_buttons": {"colab_url": "https://colab.research.google.com"},
    }


def finish(app, error):
    """Add MathJax, and put the notebooks as they are behind the download buttons."""
    if error:
        return
    for file in importlib.metadata.files("sphinx-mathjax-offline"):
        if file.name == "tex-svg.js":
            shutil.copy(file.locate(), Path(app.outdir, "_static"))
    for copy in Path(app.outdir, "_sources/chapters").glob("*.ipynb*"):
        name = copy.name.removesuffix(".txt")
        shutil.copy(pages.ROOT / "chapters" / name, copy)


def setup(app):
    """What Sphinx calls."""
    app.connect("build-finished", finish)
