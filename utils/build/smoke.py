"""Run chapters with two training steps a network: does every path run?

    python -m utils.build.smoke                     # every chapter
    COURSE_SCALE=full python -m utils.build.smoke 4_0
    KERAS_BACKEND=torch python -m utils.build.smoke

Proofs and shapes are asserted as ever, verdicts are worked out and not compared.
Nothing is written.
"""

import argparse
import os
import re
import sys
import time

from nbclient.exceptions import CellExecutionError, DeadKernelError

from utils.build.notebooks import ENVIRONMENT, chapters, execute

COLOURS = re.compile(r"\x1b\[[\d;]*m")
# Chapters that do not run on a backend yet. The lists only shrink.
NOT_YET = {"torch": ["4_1_bidirectional", "4_1_four_directions", "4_2_deep"]}


def smoke(paths, not_yet=()):
    """Run the chapters; how many did not do what is expected of them."""
    os.environ |= ENVIRONMENT | {"COURSE_SMOKE": "1"}
    surprises = 0
    for path in paths:
        print(f"{path.stem} …", end=" ", flush=True)
        start, error = time.perf_counter(), None
        try:
            execute(path)
        except (CellExecutionError, DeadKernelError) as stopped:
            error = COLOURS.sub("", str(stopped)).strip()
        seconds = f"{time.perf_counter() - start:.0f} s"
        expected = path.stem in not_yet
        surprises += bool(error) != expected
        if not error:
            print(seconds, "– runs now: take it off NOT_YET" if expected else "")
        elif expected:
            print(f"{seconds}, stops as expected: {error.splitlines()[-1]}")
        else:
            print(f"FAILED\n{error}")
    return surprises


def main():
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.build.smoke")
    parser.add_argument("names", nargs="*", help="how files begin, as in 4_0")
    names = tuple(parser.parse_args().names)
    paths = [path for path in chapters() if not names or path.stem.startswith(names)]
    if not paths:
        print(f"No chapter begins with {' or '.join(names)}.", file=sys.stderr)
        return 2
    return bool(smoke(paths, NOT_YET.get(os.environ.get("KERAS_BACKEND"), ())))


if __name__ == "__main__":
    sys.exit(main())
