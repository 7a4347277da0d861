"""Files as bytes. The functions are built in for map, as those of headrace.image are."""

from headrace import _core

globals().update(_core.operations["io"])
__all__ = list(_core.operations["io"])
