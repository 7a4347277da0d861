"""The Dataset: a plan of a source and stages."""

from __future__ import annotations

import operator
import os
from collections.abc import Callable
from typing import Any, SupportsIndex, TypeVar, overload

from headrace import _core
from headrace.options import Options

_T = TypeVar("_T")


def _label(stage: str, name: str | None) -> str:
    return f"[{stage}]" if name is None else f"[{stage} '{name}']"


class Dataset(_core.Plan):
    """An immutable plan of a source and stages; nothing runs until it is iterated over.

    Sources are static methods (Dataset.from_tensor_slices, Dataset.range ...) and functions of the package; stages are
    methods (map, batch, shuffle ...) that give a new Dataset. The object counts its epochs: each iter() starts the
    next one, with another order where a stage shuffles.

    Example:
        ds = Dataset.from_tensor_slices((x, {"label": y})).shuffle(seed=7).batch(256)
        for xb, rest in ds: ...
    """

    def __iter__(self) -> _core.Iterator:
        return _core.iterator(self, None, False)

    def iterator(self, epoch: int | None = None) -> _core.Iterator:
        """Starts a run.

        Args:
            epoch: which pass, from 0, leaving the count alone; None: the next one, counted.
        """
        return _core.iterator(self, epoch if epoch is None else _int("iterator", "epoch", epoch), False)

    def as_numpy_iterator(self) -> _core.Iterator:
        """The same as iter(): elements are NumPy arrays in their structure."""
        return iter(self)

    def as_tensor_iterator(self, epoch: int | None = None) -> _core.Iterator:
        """As iterator(), but components are headrace.Tensor: for batch in ds.as_tensor_iterator(): batch.numpy().

        Args:
            epoch: which pass, from 0, leaving the count alone; None: the next one, counted.
        Memory: that of the arrays which iterator() would give; no more is copied. State, accounts and order are the same.
        """
        return _core.iterator(self, epoch if epoch is None else _int("as_tensor_iterator", "epoch", epoch), True)

    def __len__(self) -> int:
        n = self.cardinality()
        if n < 0:
            size = "infinite" if n == -1 else "not known before it is read"
            raise TypeError(f"[len] the dataset's size is {size}; use cardinality(), or take(n) first")
        return n

    def __bool__(self) -> bool:
        return True

    @overload
    def __getitem__(self, index: SupportsIndex) -> Any: ...
    @overload
    def __getitem__(self, index: slice) -> Dataset: ...
    def __getitem__(self, index: SupportsIndex | slice) -> Any:
        """An element of epoch 0 by its position, or by a slice a Dataset; random access only.

        Errors: IndexError past the end; ValueError for a slice with a step < 1.
        """
        if isinstance(index, slice):
            return self._slice(index)
        return _core.at(self, _int("dataset", "an index", index))

    def _slice(self, index: slice) -> Dataset:
        if not self.random_access:
            raise TypeError("[slice] it needs random access, and this dataset is a stream; use skip, take and shard")
        start, stop, step = index.start, index.stop, 1 if index.step is None else _int("slice", "step", index.step)
        if step < 1:
            raise ValueError(f"[slice] step must be >= 1, got {step}; for another order use gather(range(...))")
        n = self.cardinality()
        if n >= 0:
            start, stop, _ = index.indices(n)
        start = 0 if start is None else _int("slice", "start", start)
        stop = -1 if stop is None else _int("slice", "stop", stop)
        if n < 0 and (start < 0 or (index.stop is not None and stop < 0)):
            raise ValueError(f"[slice] an endless dataset has no positions from its end, got {index.start}:{index.stop}")
        part = self.skip(start) if start else self
        part = part if stop == -1 else part.take(max(stop - start, 0))
        return part.shard(step, 0) if step > 1 else part

    def __getitems__(self, indices: list[int]) -> list[Any]:
        """Elements of epoch 0 as a list; torch's DataLoader asks for its batches by this."""
        return [_core.at(self, operator.index(index)) for index in indices]

    def gather(self, indices: Any) -> Any:
        """Some elements of epoch 0, stacked along a new leading axis; random access only.

        Shape: n indices, elements (...) -> (n, ...).
        Args:
            indices: ints in any order, negative ones from the end.
        Errors: IndexError past the end; ValueError where shapes differ, or for no index.
        """
        return _core.gather(self, indices)

    def cardinality(self) -> int:
        """The number of elements, INFINITE (-1) or UNKNOWN (-2). Reads nothing."""
        return _core.cardinality(self)

    @property
    def element_spec(self) -> Any:
        """What elements look like: their structure with a TensorSpec for each component.

        After a Python function without output_signature this computes one element in a throw-away run that moves no
        epoch. Errors: ValueError where there is none.
        """
        return _core.element_spec(self)

    @property
    def random_access(self) -> bool:
        """Whether positions can be computed, so that len(ds), ds[i] and gather() work."""
        return _core.random_access(self)

    def get_single_element(self, name: str | None = None) -> Any:
        """The only element. Errors: ValueError for none or more than one.

        Args:
            name: a label for errors.
        """
        label = _label("get_single_element", name)
        iterator = iter(self)
        for element in iterator:
            for _ in iterator:
                raise ValueError(f"{label} the dataset must have one element, got more; use take(1)")
            return element
        raise ValueError(f"{label} the dataset must have one element, got none")

    def reduce(self, initial_state: _T, reduce_func: Callable[[_T, Any], _T], name: str | None = None) -> _T:
        """Folds all elements of the next epoch into one value. An error of the function is raised with a note of the element.

        Args:
            initial_state: what the first call gets.
            reduce_func: a function of (state, element) that returns the next state; tuples are not unpacked.
            name: a label for errors.
        """
        state = initial_state
        for position, element in enumerate(self):
            try:
                state = reduce_func(state, element)
            except Exception as error:
                error.add_note(f"{_label('reduce', name)} element {position}")
                raise
        return state

    def apply(self, transformation_func: Callable[[Dataset], Dataset]) -> Dataset:
        """What a function makes of this dataset: for chains of stages with a name.

        Args:
            transformation_func: a function of a Dataset that returns one.
        """
        result = transformation_func(self)
        if not isinstance(result, Dataset):
            raise TypeError(f"[apply] the function must return a Dataset, got {result!r} ({type(result).__qualname__})")
        return result

    def with_options(  # type: ignore[override]
        self,
        options: Options | None = None,
        *,
        threads: int | None = None,
        memory_limit: int | None = None,
        deterministic: bool | None = None,
        writable: bool | None = None,
        name: str | None = None,
    ) -> Dataset:
        """Sets options for runs of this dataset; of several set values the outermost wins, field by field.

        Args:
            options: an Options, or give its fields by name; these come first.
            threads: threads that may work, >= 1, the caller among them; None: as many as cores.
            memory_limit: bytes in flight, >= 1; None: 1 GiB.
            deterministic: False allows another order; order is kept all the same in this version.
            writable: True: every delivered array may be written to.
            name: a label for explain(), stats() and errors.
        Memory: with writable=True, delivered arrays that others may read are copied.
        Errors: ValueError for threads < 1 or memory_limit < 1.
        """
        fields: dict[str, Any] = {"threads": threads, "memory_limit": memory_limit, "deterministic": deterministic, "writable": writable}
        if options is not None:
            if not isinstance(options, Options):
                raise TypeError(f"[with_options] options must be an Options, got {options!r} ({type(options).__qualname__})")
            fields = {key: getattr(options, key) if value is None else value for key, value in fields.items()}
        return super().with_options(**fields, name=name)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Writes all elements of the next epoch to a folder, from which hr.load reads them.

        The folder holds a .npy file for each component, which np.load opens, and manifest.json. Text has a file of its
        bytes besides, components whose shape varies have one of shapes; io/README.md tells the layout.

        Args:
            path: the folder. One that an earlier save, cache or snapshot wrote is replaced, and stays until then.
        Memory: bounded, however many elements there are.
        Errors: an element's own; ValueError where elements differ in structure, dtype or number of axes, or where the
            folder holds something else; OSError with the path and the system's reason. path is then as it was.
        Source: tf.data.Dataset.save, without compression, shard_func and checkpoint_args.
        """
        _core.save(self, os.fspath(path))

    def write_hdf5(
        self,
        path: str | os.PathLike[str],
        chunk_rows: int | None = None,
        compression: str | None = "gzip",
        level: int = 4,
        shuffle: bool = True,
        checksum: bool = True,
        attrs: dict[str, Any] | None = None,
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Writes all elements of the next epoch to an HDF5 file, from which hr.from_hdf5(path) reads them.

        Each component is a dataset: dict keys are names, and groups where they are nested; the parts of a tuple are "0", "1"
        and so on; what is alone is "data". Rows that differ in their first size, (None, ...), are sequences of variable
        length, a RaggedTensor is its values and row_splits. Chunks are compressed on all threads and written in order: equal
        elements give equal files. The file appears whole or not at all; until then it is PATH.part.

        Dtypes are stored so that h5py reads them, too, and come back as they were: fixed-width text (U) is stored as UTF-8
        of four bytes a character, str and bytes objects as text of variable length, which must not hold a zero byte. What is
        of variable length is not compressed. h5py gives all of these as bytes.

        Args:
            path: the file; one that is there is replaced at the end.
            chunk_rows: rows a chunk; None: about 512 KiB of the largest component, a sequence counted as 1 KiB, or all
                rows where those are known to be less.
            compression: "gzip", "lzf" or None.
            level: of gzip, 0 to 9.
            shuffle: reorder bytes before compression, which mostly makes it better.
            checksum: fletcher32, which readers check.
            attrs: attributes of the file, by name.
            progress: a function called with the number of rows written, after each chunk.
        Memory: a few chunks a thread.
        Errors: an element's own, and progress's; ValueError where rows differ in dtype, or in more than their first size; TypeError for records with
            text of characters (U) in them; OSError with the path and the system's reason. path is then as it was.
        """
        _core.write_hdf5(self, os.fspath(path), chunk_rows, compression, level, shuffle, checksum, attrs, progress)

    def write_npy(self, path: str | os.PathLike[str], progress: Callable[[int], object] | None = None) -> None:
        """Writes all elements of the next epoch, each one array, as the rows of a .npy file.

        np.load(path) and hr.from_npy(path) read it. Elements of several components are for write_hdf5 and save. The file
        appears whole or not at all; until then it is PATH.part.

        Args:
            path: the file; one that is there is replaced at the end.
            progress: a function called with the number of rows written, after each block of about 1 MiB.
        Memory: a few blocks, however many rows there are.
        Errors: an element's own, and progress's; ValueError for elements of several components, and rows that differ in
            dtype or shape; TypeError for dtypes that .npy has none for: text of variable length, bfloat16, records with names
            beyond ASCII; OSError with the path and the system's reason. path is then as it was.
        Example: hr.range(10).map(lambda i: i * 0.5).write_npy("halves.npy").
        """
        _core.write_npy(self, os.fspath(path), progress)

    def write_csv(
        self,
        path: str | os.PathLike[str],
        header: bool = True,
        delimiter: str = ",",
        progress: Callable[[int], object] | None = None,
    ) -> None:
        """Writes all elements of the next epoch, of scalars, as the rows of a CSV file, which hr.from_csv(path) reads.

        The header names the components: dict keys, and the numbers of a tuple's parts, joined by "/" where they are nested; what is
        alone is "data". Numbers are as short as they come back equal (1.0, 1e+22, nan), bool is True and False; text stands
        in quotes where it must. Rows are made into text on all threads and written in order. The file appears whole or not
        at all; until then it is PATH.part.

        Dtypes come back as from_csv finds them: int64, float64, bool and str; others, and text that looks like numbers, with its
        `dtypes`.

        Args:
            path: the file; one that is there is replaced at the end.
            header: begin with a line of names.
            delimiter: what stands between fields, one character.
            progress: a function called with the number of rows written, after each 4096.
        Memory: a few blocks of rows a thread.
        Errors: an element's own, and progress's; ValueError for elements that are no scalars, and text with zero bytes; TypeError for
            float16, complex numbers, times and records; OSError with the path and the system's reason. path is then as it was.
        Example: hr.from_tensor_slices({"x": [1, 2], "name": ["a", "b"]}).write_csv("names.csv").
        """
        _core.write_csv(self, os.fspath(path), header, delimiter, progress)

    def options(self) -> Options:
        """The options that a run of this dataset has, None where none is set."""
        return Options(*_core.options(self))

    def explain(self) -> str:
        """The plan as text, a line a stage, the source last; what is unknown prints as `?`."""
        return _core.explain(self)

    def stats(self) -> list[dict[str, Any]]:
        """The accounts of the run that ended last, the last stage first; none yet: an empty list. See Iterator.stats."""
        return _core.stats(self)

    def fingerprint(self) -> str:
        """16 hexadecimal digits over all that decides which elements come.

        It covers stages, options that change values, source dtypes and sizes, and functions by qualified name; not
        contents of arrays and files, function bodies, drawn seeds, threads, prefetch, num_parallel_calls or memory_limit.
        """
        return _core.fingerprint(self)

    def __repr__(self) -> str:
        return f"<headrace.Dataset\n{self.explain()}>"

    def __reduce__(self) -> tuple[Any, ...]:
        from headrace import pickling

        return pickling.reduced(self)


def _int(where: str, what: str, value: Any) -> int:
    try:
        return operator.index(value)
    except TypeError:
        raise TypeError(f"[{where}] {what} must be an int, got {value!r} ({type(value).__qualname__})") from None


_core.set_dataset_class(Dataset)
