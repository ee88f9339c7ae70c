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
from concurrent.futures import ThreadPoolExecutor

from nbclient.exceptions import CellExecutionError, DeadKernelError

from utils.build.notebooks import ENVIRONMENT, chapters, execute, lacking

MOST = 4  # side by side: each may take 2 GB
COLOURS = re.compile(r"\x1b\[[\d;]*m")


def smoke(paths):
    """Run the chapters side by side, one thread each; how many failed."""
    os.environ |= ENVIRONMENT | {"COURSE_SMOKE": "1"}
    with ThreadPoolExecutor(min(os.cpu_count(), MOST)) as pool:
        return sum(pool.map(failed, paths))


def failed(path):
    """Run a chapter and print how it went; whether it failed."""
    if why := lacking(path):
        print(f"{path.stem}: skipped: {why}", flush=True)
        return False
    start, how = time.perf_counter(), ""
    try:
        execute(path)
    except (CellExecutionError, DeadKernelError) as error:
        how = "FAILED\n" + COLOURS.sub("", str(error)).strip()
    seconds = time.perf_counter() - start
    print(f"{path.stem}: {how or f'{seconds:.0f} s'}", flush=True)
    return bool(how)


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
