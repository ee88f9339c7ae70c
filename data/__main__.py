"""Fetch and verify the archives: `python -m data [name …]`."""

import argparse
import signal
import sys

from data import archives


def main():
    """Read the command line; the exit status."""
    parser = argparse.ArgumentParser(prog="python -m data", description=__doc__)
    parser.add_argument("names", nargs="*", help="only these archives (default: all)")
    try:
        archives.fetch(parser.parse_args().names, say=print)
    except archives.ArchiveError as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("Stopped. What had not come whole was not kept.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    # told to end, it cleans up behind itself, as after Ctrl-C
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    sys.exit(main())
