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

from utils.build.notebooks import ENVIRONMENT, chapters, execute, lacking

COLOURS = re.compile(r"\x1b\[[\d;]*m")


def smoke(paths):
    """Run the chapters; how many failed."""
    os.environ |= ENVIRONMENT | {"COURSE_SMOKE": "1"}
    failed = 0
    for path in paths:
        print(f"{path.stem} …", end=" ", flush=True)
        if why := lacking(path):
            print(f"skipped: {why}")
            continue
        start = time.perf_counter()
        try:
            execute(path)
            print(f"{time.perf_counter() - start:.0f} s")
        except (CellExecutionError, DeadKernelError) as error:
            print("FAILED\n" + COLOURS.sub("", str(error)).strip())
            failed += 1
    return failed


def main():
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m utils.build.smoke")
    parser.add_argument("names", nargs="*", help="how files begin, as in 4_0")
    names = tuple(parser.parse_args().names)
    paths = [path for path in chapters() if not names or path.stem.startswith(names)]
    if not paths:
        print(f"No chapter begins with {' or '.join(names)}.", file=sys.stderr)
        return 2
    return bool(smoke(paths))


if __name__ == "__main__":
    sys.exit(main())
