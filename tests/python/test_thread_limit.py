"""The system refuses threads: fewer do the work, with a warning; nothing hangs, crashes or is lost."""

from __future__ import annotations

import os
import re

import children
import pytest

CHILD = """
import os, resource, warnings
import numpy as np
import headrace as hr

tasks = len(os.listdir("/proc/self/task"))
if os.geteuid() == 0:
    os.setuid({user})  # root has no limit
resource.setrlimit(resource.RLIMIT_NPROC, (tasks + {more}, tasks + {more}))
warnings.simplefilter("always")
with warnings.catch_warnings(record=True) as caught:
    x = np.arange(10_000)
    for _ in range(2):
        for ds in (
            hr.from_tensor_slices(x).map(lambda v: v + 1, num_parallel_calls=5),
            hr.from_tensor_slices(x).batch(100).map(lambda v: v + 1).unbatch().prefetch(2).with_options(threads=5),
        ):
            assert np.array_equal(np.array(list(ds)), x + 1)
        assert float(np.asarray(hr.sum(hr.tensor(np.ones(5_000_000, np.float32))))) == 5_000_000
print(*sorted({{str(warning.message) for warning in caught}}), sep="\\n")
"""


def others_of(user: int) -> int:
    """Threads that count towards its limit already."""
    count = 0
    for process in filter(str.isdigit, os.listdir("/proc")):
        try:
            if os.stat(f"/proc/{process}").st_uid == user:
                count += len(os.listdir(f"/proc/{process}/task"))
        except OSError:  # it has ended
            pass
    return count


@pytest.mark.parametrize("more", [0, 1, 2, 100])
def test_refused_threads_cost_time_only(more: int) -> None:
    user = os.geteuid() or 65_431  # nobody's, so that nobody else's processes count
    if others_of(user) and os.geteuid():
        pytest.skip("other processes of this user count towards its limit, too")
    ended = children.run(CHILD.format(user=user, more=more), limit=60)
    assert ended.code == 0, ended.err
    warned = re.fullmatch(r".*refused (\d+) of (\d+) threads; fewer share the work. Raise its limit .*\n", ended.out)
    if more < 5:
        assert warned, ended.out
        assert int(warned[2]) - int(warned[1]) == 1 + more
    else:
        assert not ended.out.strip()
