"""Waiting for what a dropped iterator's threads still hold: its last ticket may end a moment after the loop does."""

import gc
import time
from collections.abc import Callable

import headrace as hr


def comes_true(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """Whether the condition holds at last, garbage being collected and what other threads let go being freed meanwhile."""
    end = time.monotonic() + seconds
    while True:
        next(iter(hr.range(1)))  # a call frees what threads without the GIL have let go
        gc.collect()
        if condition():
            return True
        if time.monotonic() > end:
            return False
        time.sleep(0.001)


def live_bytes() -> int:
    """The bytes of all buffers that headrace holds."""
    return int(hr._core.memory()["live_bytes"])


def settled_bytes() -> int:
    """live_bytes() once nothing of what ran before is let go any more, for 50 ms: neither garbage nor what workers still hold."""
    gc.collect()
    last, since = live_bytes(), time.monotonic()
    while time.monotonic() - since < 0.05:
        time.sleep(0.005)
        if (now := live_bytes()) != last:
            last, since = now, time.monotonic()
    return last
