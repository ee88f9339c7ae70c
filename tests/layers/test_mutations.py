"""The tool that breaks layers works; all of it runs by hand: make mutants."""

import subprocess
import sys

import pytest
from catalogue import exported
from mutants import MUTANTS
from mutations import changed

from utils import proofs
from utils.course import ROOT

LEAST = 10


def test_every_module_has_mutants():
    assert set(MUTANTS) == set(exported())


@pytest.mark.parametrize("module", MUTANTS)
def test_all_mutants_can_still_be_made(module):
    names = [name for name, *_ in MUTANTS[module]]
    assert len(set(names)) == len(names) >= LEAST
    gone = [
        name for name, old, new, *_ in MUTANTS[module] if not changed(module, old, new)
    ]
    assert not gone, "the layer has changed: rewrite these mutants"


@pytest.mark.skipif(not proofs.ON_TENSORFLOW, reason="it forks before TensorFlow runs")
def test_a_mutant_is_killed_and_the_layer_itself_lives():
    asked = ["recurrent:no bias", "recurrent:config without initializer"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.layers.mutations", *asked],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    first, *_, last = done.stdout.splitlines()
    assert first.startswith("recurrent: as it is: LIVES") and last == "all killed"
