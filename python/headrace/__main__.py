"""The program `headrace`: `python -m headrace --help`."""

import os
import signal
import sys

from headrace import _core


def main() -> int:
    """Runs the program with this process's arguments; its exit code."""
    for number in (signal.SIGINT, signal.SIGPIPE):  # as a program has them that is not Python
        signal.signal(number, signal.SIG_DFL)
    return _core.run_program([os.fsencode(word) for word in sys.argv[1:]])


if __name__ == "__main__":
    sys.exit(main())
