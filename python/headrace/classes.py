"""The class that a saved structure names: found only among modules that are imported, so that data runs no code."""

from __future__ import annotations

import sys
from dataclasses import fields, is_dataclass
from typing import Any


def find(name: str, keys: tuple[str, ...]) -> tuple[Any, bool] | None:
    """The namedtuple or dataclass "module.Class" with just these fields, and whether it is a dataclass; or None."""
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        found: Any = sys.modules.get(".".join(parts[:cut]))
        if found is None:
            continue
        for part in parts[cut:]:
            found = getattr(found, part, None)
        if not isinstance(found, type):
            return None
        if issubclass(found, tuple):
            return (found, False) if getattr(found, "_fields", None) == keys and hasattr(found, "_make") else None
        known = is_dataclass(found) and tuple(field.name for field in fields(found) if field.init) == keys
        return (found, True) if known else None
    return None
