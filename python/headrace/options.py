"""Options of a run."""

from __future__ import annotations

from typing import NamedTuple


class Options(NamedTuple):
    """What Dataset.with_options sets; None leaves the choice to others.

    Args:
        threads: threads that may work, the caller's among them, >= 1; None: as many as cores.
        memory_limit: bytes that may be in flight, >= 1; None: 1 GiB.
        deterministic: False allows another order.
        writable: True copies what others may read, so that every delivered array may be written to.
    """

    threads: int | None = None
    memory_limit: int | None = None
    deterministic: bool | None = None
    writable: bool | None = None
