"""Ends at bad moments: exits, Ctrl-C, closing, and what is left over. Each exit runs in a child with a limit of time."""

import gc
import signal
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import children
import headrace as hr
from model import outcomes

EXITS = {
    "the end of the script": ("it = iter(busy()); next(it)", 0),
    "sys.exit": ("it = iter(busy()); next(it); sys.exit(3)", 3),
    "an exception": ("it = iter(busy()); next(it); raise RuntimeError('planned')", 1),
    "a daemon thread": ("t = threading.Thread(target=lambda: list(busy()), daemon=True); t.start(); time.sleep(0.05)", 0),
    "os._exit": ("it = iter(busy()); next(it); os._exit(4)", 4),
    "SIGTERM": ("it = iter(busy()); next(it); os.kill(os.getpid(), signal.SIGTERM); time.sleep(5)", -signal.SIGTERM),
    "atexit": ("import atexit; it = iter(busy()); atexit.register(lambda: print(next(it).shape)); next(it)", 0),
    "finalisation with work in flight": ("class Keep: pass\nKeep.it = iter(busy()); Keep.loop = Keep; next(Keep.it); sys.keep = Keep", 0),
    "a thread that waits": (
        "it = iter(hr.range(9).map(lambda i: time.sleep(1)).prefetch(2))\n"
        "threading.Thread(target=lambda: next(it), daemon=True).start(); time.sleep(0.05)",
        0,
    ),
}


@pytest.mark.parametrize("way", EXITS)
def test_the_interpreter_exits_with_iterators_alive(way: str) -> None:
    code, expected = EXITS[way]
    ended = children.run(code)
    assert ended.code == expected, ended.err
    assert ended.seconds < 5
    assert ("planned" in ended.err) if way == "an exception" else ended.err == ""


def test_200_exits_at_random_moments_are_clean() -> None:
    code = """
        generator = np.random.default_rng(int(sys.argv[1]))
        plans = [busy(), hr.range(10**9).shuffle(seed=1).batch(256), hr.range(10**9).filter(lambda i: i % 2 == 0).batch(8).prefetch(),
                 hr.range(10**9).map(slowly, num_parallel_calls=3), hr.range(10**9).batch(100_000).shuffle(5).prefetch(3)]
        its = [iter(plans[i]) for i in generator.choice(len(plans), 2)]
        end = time.monotonic() + generator.random() * 0.02
        while time.monotonic() < end:
            for it in its:
                next(it)
    """
    for first in range(0, 200, 8):
        processes = [children.start(code, str(seed)) for seed in range(first, first + 8)]
        for seed, process in enumerate(processes, first):
            ended = children.wait(process)
            assert (ended.code, ended.err) == (0, ""), seed


def nap(i: Any, seconds: float) -> Any:
    time.sleep(seconds)
    return i


MAIN = threading.main_thread().ident or 0
INTERRUPTED = {
    "a function on the consumer's thread": lambda: hr.range(10**9).map(lambda i: time.sleep(0.01)).batch(10**6),
    "a function on the pool": lambda: hr.range(10**9).map(lambda i: time.sleep(0.01), num_parallel_calls=2).batch(10**6),
    "waiting for prefetch": lambda: hr.range(10**9).map(lambda i: nap(i, 0.6)).prefetch(2),
    "a filter that keeps nothing": lambda: hr.range(10**9).filter(lambda i: False),
    "a filter that keeps nothing, ahead": lambda: hr.range(10**9).filter(lambda i: False).prefetch(2),
    "skipping far": lambda: hr.range(10**9).filter(lambda i: True).skip(10**8),
    "a huge batch": lambda: hr.range(10**12).shuffle(seed=1).take(3 * 10**8).batch(10**5).unbatch().filter(lambda i: False).batch(2),
}


@pytest.mark.parametrize("what", INTERRUPTED)
def test_ctrl_c_is_noticed_within_a_fifth_of_a_second_and_the_iterator_stays_usable(what: str) -> None:
    iterator = iter(INTERRUPTED[what]())
    for _ in range(2):
        sent: list[float] = []

        def interrupt(sent: list[float] = sent) -> None:
            time.sleep(0.15)
            sent.append(time.monotonic())
            signal.pthread_kill(MAIN, signal.SIGINT)

        worker = threading.Thread(target=interrupt)
        worker.start()
        with pytest.raises(KeyboardInterrupt):
            try:
                while True:
                    next(iterator)
            finally:
                noticed = time.monotonic()
                worker.join()
        assert noticed - sent[0] < 0.2
        iterator.state_dict()
    iterator.close()


def test_an_interrupted_run_loses_nothing() -> None:
    iterator = iter(hr.range(10**6).map(lambda i: nap(i, 0.0005), num_parallel_calls=2).batch(5))
    got: list[Any] = []
    interrupts = 0

    def interrupt() -> None:
        for _ in range(20):
            time.sleep(0.03)
            signal.pthread_kill(MAIN, signal.SIGINT)
        time.sleep(0.1)

    worker = threading.Thread(target=interrupt)
    worker.start()
    alive = True
    while alive:
        try:
            got.append(next(iterator).tolist())
            alive = worker.is_alive()
        except KeyboardInterrupt:
            interrupts += 1
            got += [None] * (iterator.position - len(got))  # it was raised between next() and append()
    worker.join()
    assert all(b in (None, list(range(5 * i, 5 * i + 5))) for i, b in enumerate(got))
    assert got.count(None) < interrupts <= 20


def threads_now() -> int:
    return len(list(Path("/proc/self/task").iterdir()))


def test_no_thread_is_left_over() -> None:
    outcomes(iter(hr.range(100).map(abs).prefetch(2)))
    before, python_threads = threads_now(), threading.active_count()
    for _ in range(50):
        outcomes(iter(hr.range(10_000).map(abs, num_parallel_calls=2).batch(10).prefetch(2)), 3)
    gc.collect()
    assert threads_now() <= before + 1
    assert threading.active_count() == python_threads


def test_64_pipelines_at_once() -> None:
    ds = hr.from_tensor_slices(np.arange(500)).map(lambda i: i * 2, num_parallel_calls=2).shuffle(seed=1).batch(7).prefetch(2)
    expected = outcomes(ds.iterator(epoch=0))
    iterators = [ds.iterator(epoch=0) for _ in range(64)]
    got: list[list[object]] = [[] for _ in iterators]
    for _ in range(len(expected)):
        for mine, iterator in zip(got, iterators, strict=True):
            mine += outcomes(iterator, 1)
    assert all(mine == expected for mine in got)


def test_64_threads_run_a_pipeline_each() -> None:
    ds = hr.range(300).map(lambda i: i + 1).batch(9).prefetch(2).with_options(threads=4)
    expected = outcomes(ds.iterator(epoch=0))
    got: list[list[object]] = []
    workers = [threading.Thread(target=lambda: got.append(outcomes(ds.iterator(epoch=0)))) for _ in range(64)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert got == [expected] * 64


def test_one_thread_is_enough_for_every_stage() -> None:
    ds = hr.range(1000).map(lambda i: i, num_parallel_calls=4).filter(lambda i: True).shuffle(10, seed=1).prefetch(2).batch(10)
    assert sorted(int(i) for b in ds.with_options(threads=1) for i in b) == list(range(1000))


def test_closing_returns_at_once_while_a_function_sleeps() -> None:
    iterator = iter(hr.range(10).map(lambda i: nap(i, 1)).prefetch(3))
    time.sleep(0.05)
    begin = time.monotonic()
    iterator.close()
    del iterator
    assert time.monotonic() - begin < 0.5

