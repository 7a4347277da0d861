"""The program `headrace`: `python -m headrace --help`."""

import os
import sys

from headrace import _core


def main() -> int:
    """Runs the program with this process's arguments; its exit code."""
    sys.stdout.flush()
    return _core.run_program([os.fsdecode(word) for word in sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
