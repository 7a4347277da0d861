"""What all tests of the Python package share: a limit of time for each, and Hypothesis's settings."""

import faulthandler
import os
import signal
from collections.abc import Iterator

import hypothesis
import pytest

SANITIZED = bool(os.environ.get("HEADRACE_SANITIZER"))
SECONDS = 300 if SANITIZED else 60
STDERR = pytest.StashKey[int]()

# The same examples each time; HYPOTHESIS_PROFILE=explore looks for new ones, and many more.
hypothesis.settings.register_profile("repeat", deadline=None, derandomize=True, max_examples=400, database=None)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=3000, database=None)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "repeat"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "asan: memory-heavy tests that also run under AddressSanitizer")
    config.stash[STDERR] = os.dup(2)  # before pytest takes it
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore Ctrl-C


@pytest.fixture(autouse=True)
def hang_guard(request: pytest.FixtureRequest) -> Iterator[None]:
    """A test that hangs ends the run with every thread's stack, instead of holding it up for ever."""
    stderr = request.config.stash[STDERR]
    faulthandler.dump_traceback_later(SECONDS, exit=True, file=stderr)
    yield
    faulthandler.cancel_dump_traceback_later()
