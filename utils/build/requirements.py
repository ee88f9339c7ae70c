"""Print what pip has to install: the pip list of environment.yml.

Standard library only, since it runs before anything is installed.

    python utils/build/requirements.py                 # what the course needs
    python utils/build/requirements.py --cpu           # TensorFlow without GPU code
    python utils/build/requirements.py --colab         # with Colab's versions
    python utils/build/requirements.py --with jax      # and one more backend
    python utils/build/requirements.py --site          # what the web book needs, alone
"""

import argparse
import re
from pathlib import Path

COLAB = {  # as of August 2026
    "tensorflow": "==2.20.0",
    "keras": "==3.13.2",
    "numpy": "==2.1.3",
    "matplotlib": "==3.10.0",
    "pyparsing": "~=3.2.0",  # newer ones make this matplotlib complain
    "jax": "==0.7.2",
}
SITE = [  # builds the book and looks at it; no chapter needs any of these
    "sphinx~=9.0.4",  # newer ones want Python 3.12
    "myst-nb~=1.4.0",
    "sphinx-book-theme~=1.4.0",
    "sphinx-copybutton~=0.5.2",
    "sphinx-mathjax-offline==0.0.2",  # carries MathJax 3.2.2
    "playwright~=1.65",
]
BACKENDS = {"jax": "jax==0.10.2", "torch": "torch==2.13.0"}


def requirements(cpu=False, colab=False, backend=None, site=False):
    """The list of requirements, as pip reads them."""
    if site:
        return SITE
    text = Path(__file__).parents[2].joinpath("environment.yml").read_text("utf-8")
    lines = re.search(r"^  - pip:\n((?:      - \S+\n)+)", text, re.M)[1].split()
    needs = [line for line in lines if line != "-"]
    if colab:
        others = [n for n in needs if re.match(r"[\w-]+", n)[0] not in COLAB]
        needs = others + [name + version for name, version in COLAB.items()]
    if cpu:
        needs = [re.sub(r"^tensorflow(?=\W)", "tensorflow-cpu", n) for n in needs]
    return needs + ([BACKENDS[backend]] if backend else [])


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--cpu", action="store_true")
    parser.add_argument("--colab", action="store_true")
    parser.add_argument("--site", action="store_true")
    parser.add_argument("--with", dest="backend", choices=BACKENDS)
    print(*requirements(**vars(parser.parse_args())), sep="\n")
