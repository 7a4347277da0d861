"""What every row of the benchmark needs: alternating runs, figures with their bars, and child processes."""

import gc
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

RUNS = 9
PEER_RUNS = 3
BUILD = Path(os.environ.get("HEADRACE_BUILD", Path(__file__).parents[2] / "build" / "release"))


@dataclass
class Figure:
    """One number and the bar it has to reach; `at_least` turns the bar round, no bar is for information."""

    what: str
    value: float
    unit: str
    bar: float | None = None
    at_least: bool = False

    @property
    def met(self) -> bool | None:
        if self.bar is None:
            return None
        return self.value >= self.bar if self.at_least else self.value <= self.bar


@dataclass
class Row:
    """One piece of work: who took how long (seconds, medians), and what follows."""

    work: str
    seconds: dict[str, float] = field(default_factory=dict)
    figures: list[Figure] = field(default_factory=list)

    def ratio(self, what: str, over: str, under: str, bar: float | None, at_least: bool = False) -> None:
        if over in self.seconds and under in self.seconds:
            self.figures.append(Figure(what, self.seconds[over] / self.seconds[under], "x", bar, at_least))


def seconds_of(call: Callable[[], object], before: Callable[[], object] = gc.collect) -> float:
    before()
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def alternate(calls: Mapping[str, Callable[[], object]], runs: int = RUNS, before: Callable[[], object] = gc.collect) -> dict[str, float]:
    """Median seconds of each call; they run in turn, after one run each that does not count. What comes `before` each is not timed."""
    times: dict[str, list[float]] = {name: [] for name in calls}
    for call in calls.values():
        call()
    for _ in range(runs):
        for name, call in calls.items():
            times[name].append(seconds_of(call, before))
    return {name: statistics.median(values) for name, values in times.items()}


def count(batches: Iterable[object]) -> int:
    """The body that every loop here has."""
    k = 0
    for b in batches:
        k += len(b)  # type: ignore[arg-type]
    return k


def check(holds: bool, what: str) -> None:
    if not holds:
        raise SystemExit(f"bench: wrong answer, so nothing is timed: {what}")


def child(code: str) -> dict[str, float]:
    """Runs Python code that prints one JSON object, in a process of its own."""
    result = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    answer: dict[str, float] = json.loads(result.stdout)
    return answer


def rss_bytes() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
