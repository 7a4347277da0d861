"""Child processes of the tests: code in, exit code and output out, and never longer than a limit."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from dataclasses import dataclass

PREAMBLE = """
import faulthandler, os, signal, sys, threading, time
faulthandler.dump_traceback_later(60, exit=True)  # so that none is left behind
import numpy as np
import headrace as hr

def slowly(i):
    time.sleep(0.001)
    return i

def busy():
    # Work in flight on all threads: Python functions and plain gathers.
    return hr.from_tensor_slices(np.arange(400_000.0).reshape(-1, 4)).shuffle(seed=1).map(slowly).batch(4).prefetch(4)
"""


@dataclass
class Ended:
    code: int
    out: str
    err: str
    seconds: float


def start(code: str, *arguments: str, preamble: str = PREAMBLE) -> "subprocess.Popen[str]":
    command = [sys.executable, "-c", preamble + textwrap.dedent(code), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True)


def wait(process: "subprocess.Popen[str]", limit: float = 10) -> Ended:
    begin = time.monotonic()
    try:
        out, err = process.communicate(timeout=limit)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)  # and what it forked
        out, err = process.communicate()
        raise AssertionError(f"a child hung for {limit} s\n{out}\n{err}") from None
    return Ended(process.returncode, out, err, time.monotonic() - begin)


def run(code: str, *arguments: str, limit: float = 10, preamble: str = PREAMBLE) -> Ended:
    return wait(start(code, *arguments, preamble=preamble), limit)
