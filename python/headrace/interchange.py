"""Arrays of other libraries, each by its own protocol: DLPack, __array__, Arrow's and pandas' own."""

from __future__ import annotations

from typing import Any

from headrace import _core
from headrace._core import Tensor

_VERSION = (1, 1)
_HOST = (1, 0)
_READABLE = (1, 3, 11, 13)  # device types: the host, memory pinned for CUDA and ROCm, CUDA's managed memory


def from_dlpack(x: Any, /, *, copy: bool | None = None) -> Tensor:
    """A Tensor of the memory of another library's array, without copying.

    Args:
        x: an object with __dlpack__ and __dlpack_device__, or a capsule.
        copy: True: a copy; False or None: shared.
    Memory: shared, and kept alive. Read-only where the capsule says so, and where it is of before DLPack 1.0 and can't.
    Errors: BufferError for memory that the host cannot read (hr.tensor copies it), and for types that headrace has not.
    Example:
        >>> x = hr.tensor([0, 1, 2])
        >>> t = hr.from_dlpack(x)
        >>> x[0] = 7
        >>> t
        Tensor([7, 1, 2], shape=(3,), dtype=int64)

    Source: https://dmlc.github.io/dlpack/latest and the Python array API standard, 2023.12.
    """
    if hasattr(x, "__dlpack__"):
        device = x.__dlpack_device__()
        if device[0] not in _READABLE:
            raise BufferError(f"[from_dlpack] the memory must be the host's, got device {tuple(device)}; hr.tensor(x) copies it")
        x = _capsule(x)
    tensor = _core.take_dlpack(x)
    return tensor.copy() if copy else tensor


def _capsule(x: Any, **wanted: Any) -> Any:
    try:
        return x.__dlpack__(max_version=_VERSION, **wanted)
    except TypeError as error:  # of before DLPack 1.0, unless it says something else
        if wanted or not any(word in str(error) for word in ("max_version", "keyword", "arguments")):
            raise
        return x.__dlpack__()


def array_of(value: Any, what: str) -> Any:
    """The value as a Tensor or an array of the host's memory, or None where np.asarray does as well."""
    nulls = getattr(value, "null_count", 0)
    nulls = nulls() if callable(nulls) else nulls
    if nulls:
        raise ValueError(f"{what} has {nulls} nulls; fill them first: fill_null(value)")
    if hasattr(value, "__dlpack__"):
        return _tensor_of(value)
    plain = getattr(getattr(value, "dtype", None), "numpy_dtype", None)  # a nullable column of pandas
    if plain is None or not hasattr(value, "isna"):
        return None
    missing = value.isna()
    if missing.any():
        raise ValueError(f"{what} has {int(missing.sum())} missing values; fill them first: fillna(value)")
    return value.to_numpy(dtype=plain)


def _tensor_of(value: Any) -> Tensor | None:
    """By DLPack if it can be; what is on a device is copied to the host by its own means."""
    for flag, method in (("requires_grad", "detach"), ("is_conj", "resolve_conj"), ("is_neg", "resolve_neg")):  # torch's
        state = getattr(value, flag, False)
        if hasattr(value, method) and (state() if callable(state) else state):
            value = getattr(value, method)()
    if _readable(value):
        return _first(lambda: from_dlpack(value))
    return _first(
        lambda: from_dlpack(value.cpu()),
        lambda: _core.take_dlpack(_capsule(value, dl_device=_HOST)),
        lambda: _core.tensor(value.get()),
    )


def _readable(value: Any) -> bool:
    try:
        return value.__dlpack_device__()[0] in _READABLE
    except Exception:  # a device that DLPack has no number for
        return False


def _first(*ways: Any) -> Tensor | None:
    """The first that works; protocols have too many kinds of errors to name."""
    for way in ways:
        try:
            return way()  # type: ignore[no-any-return]
        except Exception:
            continue
    return None
