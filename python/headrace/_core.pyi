# Written by python/stubs.py from the list of stages; edit that, or the docs in pipeline/ and io/.
from collections.abc import Callable, Iterable, Sequence
from collections.abc import Iterator as Iterator_
from os import PathLike
from typing import Any, ClassVar, SupportsIndex, final

from headrace.dataset import Dataset

__all__ = ["choose_from_datasets", "counter", "from_generator", "from_tensor_slices", "from_tensors", "random", "range", "sample_from_datasets", "zip", "from_csv", "from_fixed_records", "from_hdf5", "from_image_folder", "from_npy", "from_npz", "from_text", "list_files", "load"]

__version__: str
operations: dict[str, dict[str, Callable[..., Any]]]

def choose_from_datasets(datasets: Sequence[Plan], choice_dataset: Plan, stop_on_empty_dataset: bool = True, *, name: str | None = None) -> Dataset:
    """Gives the next element of one of several datasets, as another dataset says.

    Shape: as each dataset's; one structure, dtype and rank.
    Args:
        datasets: a list or tuple of datasets, one or more.
        choice_dataset: a dataset of scalar integers, each within [0, len(datasets)).
        stop_on_empty_dataset: end at a choice that falls on a dataset without more; False: pass over such choices.
        name: a label for explain(), stats() and errors.
    Order: element k is the next one of datasets[choice k]; a stream. Nothing is read of a dataset before it is chosen.
        Ends with choice_dataset; with stop_on_empty_dataset also at the first choice that falls on a dataset without
        more, else such choices are passed over until every dataset was found empty. Its state is the place in each dataset.
    Errors: TypeError where the datasets are known to differ, or choices to be no scalar integers; IndexError in the place of
        an element whose choice is out of range.
    Example: choose_from_datasets([a, b], Dataset.range(2).repeat()) alternates.
    Source: tf.data.Dataset.choose_from_datasets.
    """

def counter(start: SupportsIndex = 0, step: SupportsIndex = 1, dtype: Any = 'int64', *, name: str | None = None) -> Dataset:
    """Counts without end.

    Shape: dtype ().
    Args:
        start: the first number.
        step: the distance, may be negative.
        dtype: of the numbers: int8 to uint64, float32 or float64.
        name: a label for explain(), stats() and errors.
    Order: start, start + step ...; random access; nothing is stored. Whole numbers wrap around at the end of dtype.
    Errors: TypeError for a dtype that is no whole or real number; ValueError for a start or step that it cannot hold.
    Example: counter(10, -2).take(3).
    Source: tf.data.Dataset.counter.
    """

def from_generator(generator: Callable[..., Iterable[Any]], output_signature: Any | None = None, args: Any | None = None, *, name: str | None = None) -> Dataset:
    """Gives what a generator yields, calling it anew for each pass.

    Shape: what it yields: any structure of arrays, scalars and strings.
    Args:
        generator: a function that returns an iterator or an iterable.
        output_signature: what it yields, as element_spec gives it; None: found when asked.
        args: a tuple of its arguments, as arrays; None: it takes none.
        name: a label for explain(), stats() and errors.
    Order: its own; a stream of unknown length. It is advanced on the thread that asks, one element at a time and only when that
        is asked for, unless prefetch allows more. Never before a run: element_spec without output_signature computes one element.
    Memory: a yielded array is adopted only where it owns its memory and nobody else refers to it, else copied.
        A state holds how many elements were taken, and restoring yields them again. If what generator() returns has state_dict()
        and load_state_dict(state), of JSON values, they are asked every 64 elements instead, and at most 63 are yielded again.
        After a Ctrl-C inside a Python generator, which ends it, another one is begun and brought there in the same way.
    Errors: the generator's own, in the element's place; a Python generator has ended then, and so does the pass. TypeError for
        an element unlike output_signature. Python numbers and lists of them become its dtype where nothing is lost but
        a float's last digits; arrays and NumPy's scalars are not cast.
    Source: tf.data.Dataset.from_generator.
    """

def from_tensor_slices(tensors: Any, *, name: str | None = None) -> Dataset:
    """Gives the slices of arrays along their first axis.

    Shape: components (n, ...) -> n elements (...); a RaggedTensor gives its rows, a SparseTensor
        SparseTensors of one axis less.
    Args:
        tensors: arrays of one first size, in any structure.
        name: a label for explain(), stats() and errors.
    Order: by index; random access.
    Memory: numeric arrays are used in place, never copied: later changes to them are seen, and without a shuffle
        batches are read-only views of them. row_splits and indices are copied, and a SparseTensor's values where they
        do not lie row by row.
    Errors: ValueError for no component, a scalar, or first sizes that differ.
    Example: from_tensor_slices((images, {'label': labels}))
    Source: tf.data.Dataset.from_tensor_slices.
    """

def from_tensors(tensors: Any, *, name: str | None = None) -> Dataset:
    """Gives one element: the arrays as they are.

    Shape: components (...) -> 1 element (...).
    Args:
        tensors: arrays in any structure.
        name: a label for explain(), stats() and errors.
    Memory: as from_tensor_slices.
    Errors: TypeError for what is no array.
    Source: tf.data.Dataset.from_tensors.
    """

def random(seed: SupportsIndex | None = None, rerandomize_each_iteration: bool | None = None, *, name: str | None = None) -> Dataset:
    """Gives random whole numbers without end.

    Shape: int64 (), each of [0, 2**32) as likely.
    Args:
        seed: any integer; None draws one, kept in the state.
        rerandomize_each_iteration: other numbers each epoch; None: the same.
        name: a label for explain(), stats() and errors.
    Order: by (seed, position) alone, and by the epoch too where they are drawn anew; random access; nothing is stored.
    Memory: none. The state is a position, and the seed where none was given.
    Example: random(seed=3).take(4).
    Source: tf.data.Dataset.random; the numbers are splitmix64's (Steele, Lea and Flood, OOPSLA 2014).
    """

def range(start: SupportsIndex, stop: SupportsIndex | None = None, step: SupportsIndex = 1, *, name: str | None = None) -> Dataset:
    """Gives evenly spaced whole numbers.

    Shape: int64 ().
    Args:
        start: the first number; the only argument is stop, from 0.
        stop: the first number not given; None: start is stop.
        step: the distance, not 0.
        name: a label for explain(), stats() and errors.
    Order: as Python's range; random access; nothing is stored.
    Errors: ValueError for step 0.
    Example: range(5), range(1, 10, 3).
    Source: tf.data.Dataset.range.
    """

def sample_from_datasets(datasets: Sequence[Plan], weights: Any | None = None, seed: SupportsIndex | None = None, stop_on_empty_dataset: bool = False, rerandomize_each_iteration: bool | None = None, *, name: str | None = None) -> Dataset:
    """Gives the next element of one of several datasets, drawn by weight.

    Shape: as each dataset's; one structure, dtype and rank.
    Args:
        datasets: a list or tuple of datasets, one or more.
        weights: a number for each dataset, >= 0, of any sum, or a dataset that gives such a vector for each element; None: equal.
        seed: any integer; None draws one.
        stop_on_empty_dataset: end at a draw that falls on a dataset without more.
        rerandomize_each_iteration: other draws each epoch; None: False.
        name: a label for explain(), stats() and errors.
    Order: random between the datasets, kept within each; a stream. Nothing is read of a dataset before it is drawn. A draw
        that falls on a dataset without more ends the run with stop_on_empty_dataset; else that dataset's weight counts no
        longer, and the run ends where no weight is left. Draw k follows from (seed, epoch, k); its state is the place in each
        dataset. Every epoch repeats the draws unless rerandomize_each_iteration=True.
    Errors: TypeError where the datasets are known to differ; ValueError for weights that are not as many finite numbers >= 0,
        one of them > 0, as there are datasets; in the place of an element where a dataset gives them.
    Example: sample_from_datasets([a, b], [0.9, 0.1], seed=1) takes nine in ten from a.
    Source: tf.data.Dataset.sample_from_datasets.
    """

def zip(datasets: Any, *, name: str | None = None) -> Dataset:
    """Gives elements of several datasets together.

    Shape: a structure of datasets -> the same structure of their elements.
    Args:
        datasets: a dataset, or a tuple or dict of datasets, nested at will.
        name: a label for explain(), stats() and errors.
    Order: ends with the shortest; random access if all are. An element fails where any part fails.
    Errors: TypeError for a list; use a tuple. ValueError for no dataset.
    Source: tf.data.Dataset.zip.
    """

def from_csv(files: str | PathLike[str] | Sequence[str | PathLike[str]], columns: Any | None = None, dtypes: Any | None = None, defaults: Any | None = None, header: bool = True, delimiter: str | PathLike[str] = ',', quote: str | PathLike[str] | None = '"', comment: str | PathLike[str] | None = None, missing: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None, *, name: str | None = None) -> Dataset:
    """Gives the rows of CSV files.

    Shape: a scalar of each column, in the structure of `columns`. Dtypes that are not given are found in the first
        megabyte of the first file, and kept to from there on: int64, float64, bool (true, True, TRUE and so on), else
        str. Numbers in quotes are numbers. A value is missing where there is nothing, or one of NA, N/A, n/a, #N/A,
        #N/A N/A, #NA, <NA>, NaN, -NaN, nan, -nan, null, NULL, None, 1.#IND, -1.#IND, 1.#QNAN, -1.#QNAN: NaN among real
        numbers, which integers with gaps are, too. Text is as it is, missing only where it is empty.
        Lines end in \n or \r\n. A quote opens where a field begins, and within it is doubled; delimiters and line
        ends in quotes are data. Empty lines and those that begin with `comment` are left out, as is a byte order
        mark. Every file has the first one's header.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        columns: a name or a position, a list, tuple or dict of them; None: a dict of all columns.
        dtypes: bool, integers, float32, float64, str or bytes: one, or a dict by name.
        defaults: a dict by name of what stands for missing values.
        header: the first line has the names; else they are "0", "1" and so on.
        delimiter: what stands between fields: one character, such as "\t".
        quote: what fields may stand in: one character; None: nothing is a quote.
        comment: the character that lines to be left out begin with.
        missing: texts that stand for a missing value, besides nothing; None: those above.
        name: a label for explain(), stats() and errors.
    Order: as in the files, one after the other; a stream. Gzip is known by its content.
    Memory: some blocks of 512 KiB, of which texts are views; a row has at most 64 MiB. Blocks are read in order and
        parsed on all threads. The state is a place in a file; of gzip what lies before it is inflated again.
    Errors: ValueError in the place of a row, by line and file, for values that do not fit their column, rows of more
        or fewer fields, quotes that do not close or close before the field ends, a \r alone, zero bytes, and text that
        is not UTF-8; for another header, and UTF-16, once for the file. OSError for a file that is missing or no plain
        file, and in the place of the next row of one that cannot be read further or was changed since.
    Example: from_csv("runs-*.csv.gz", ("age", "name"), dtypes={"age": "float32"}).shuffle(1000).batch(64).
    Source: RFC 4180; values as pandas.read_csv has them.
    """

def from_fixed_records(files: str | PathLike[str] | Sequence[str | PathLike[str]], record_bytes: SupportsIndex, header_bytes: SupportsIndex = 0, footer_bytes: SupportsIndex = 0, dtype: Any = 'uint8', shape: Any | None = None, big_endian: bool = False, mmap: bool = False, *, name: str | None = None) -> Dataset:
    """Gives the records of files that hold records of one size and nothing else.

    Shape: `dtype` of `shape`, record_bytes in all; without shape () for one item, (items,) for more.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        record_bytes: the size of a record, >= 1.
        header_bytes: before the first record of each file.
        footer_bytes: behind the last one.
        dtype: of the items, of fixed size; a structured one for fields.
        shape: of a record; None: (), or one axis.
        big_endian: items are stored with the first byte highest.
        mmap: map the files: ranges of records are views; a file must not shrink meanwhile (SIGBUS).
        name: a label for explain(), stats() and errors.
    Order: as in the files, one after the other; random access, and the cardinality is exact. Where a file is gzip, known
        by its content, all of them are a stream of unknown cardinality. Big-endian items come out native.
    Memory: records are read into the batch, neighbours together; with mmap a range of them is a read-only view. Of gzip
        some blocks of 512 KiB.
    Errors: ValueError for a shape that has not record_bytes, and for a file that does not hold whole records between
        header and footer (of gzip in the place of the broken record); OSError for a file that is missing or no plain
        file, and in the place of records of one that was changed since or cannot be read.
    Example: from_fixed_records("train-images-idx3-ubyte", 784, header_bytes=16, shape=(28, 28)).shuffle().batch(64),
        from_fixed_records("signals/*.raw", 4096, dtype="int16", big_endian=True).
    Source: tf.data.FixedLengthRecordDataset, with the decoding of its records.
    """

def from_hdf5(files: str | PathLike[str] | Sequence[str | PathLike[str]], datasets: Any | None = None, groups: str | PathLike[str] | None = None, split_records: bool = False, mmap: bool = False, trusted: bool = False, *, name: str | None = None) -> Dataset:
    """Gives the rows of arrays in HDF5 files.

    Shape: a row of each dataset, in the structure of `datasets`; a group is a nested dict of its datasets. Several
        files follow each other as one dataset: row shapes and dtypes must agree. With `groups` (* ? [...] in the
        last part of the name) each group is an element and `datasets` are names in it, None: all it holds; sizes may
        differ, dtypes and ranks must not. Groups come by name, numbers in it by value: sample_2 before sample_10.
        A row of sequences of variable length is an array (None, ...): for padded_batch, ragged_batch and the like.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        datasets: a name, a list, tuple or dict of names, or a group's; None: all datasets, of one first size.
        groups: "/samples/*": each group that matches is an element, of whole datasets in it; None: rows.
        split_records: a dataset of records gives a dict of their fields.
        mmap: map what lies in the files as it is: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
        trusted: the file may read other files and load filter plugins.
        name: a label for explain(), stats() and errors.
    Order: as in the files; random access; the cardinality is exact. Rows of other byte order come out native.
    Memory: rows are read by whole chunks, decoded on all threads and kept in one cache for all files, which stays inside
        with_options(memory_limit). A batch inside one chunk is a read-only view of it. A full shuffle() of more than
        fits decodes chunks again and again: shuffle(buffer_size=...) decodes each once an epoch. stats() counts them
        as 'decoded', explain() says how each dataset is read. At most 64 files are open at a time. Groups'
        datasets are read as a whole, sequences row by row, each time anew.
    Errors: OSError for a file that is missing, no HDF5 file, or was changed since, and in the place of a row whose chunk
        cannot be read; ValueError for first sizes that differ; TypeError for types without a dtype. Unless trusted,
        external links and storage and filter plugins are refused, and virtual datasets outside the file's folder.
    Example: from_hdf5("train-*.h5", ("images", "labels")).shuffle(buffer_size=10_000).batch(64),
        from_hdf5("scans.h5", groups="/scans/*").shuffle().padded_batch(8).
    """

def from_image_folder(directory: str | PathLike[str], size: Any | None = None, classes: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None, decode: bool = True, channels: SupportsIndex = 3, method: str | PathLike[str] = 'bilinear', antialias: bool = False, exif_orientation: bool = False, max_pixels: SupportsIndex = 134217728, *, name: str | None = None) -> Dataset:
    """Gives the images in a folder with their classes, its sub-folders.

    Shape: (image, label): uint8 (height, width, channels) and int64 (); with size all images have that height and width,
        resized, rounded to uint8; with decode=False the file's bytes () in place of the image.
    Args:
        directory: a folder with a sub-folder for each class.
        size: (height, width) to resize to; None: as they are.
        classes: the sub-folders, in the order of their labels; None: all.
        decode: False gives the encoded bytes.
        channels: 0 as stored, 1 grey, 3 RGB, 4 RGBA.
        method: how to resize, as image.resize.
        antialias: bilinear and bicubic look at all pixels of a larger image.
        exif_orientation: turn images upright, as EXIF says.
        max_pixels: the most pixels of an image that is decoded.
        name: a label for explain(), stats() and errors.
    Order: by class, in it by path (bytes); random access; the cardinality is exact. Classes are the sub-folders in sorted
        order, or as `classes` lists them: label i is its i-th. Files are .jpg, .jpeg and .png, also in folders below; what
        begins with a dot is left out, and links to folders are. The folders are read when the source is made.
    Memory: all paths. Files are read and decoded on all threads, with size straight into the batch.
    Errors: OSError for a folder or class that is not there, where no image is found, and in the place of one whose file
        cannot be read; ValueError, naming the file, in the place of one that is damaged or has more than max_pixels.
    Example: from_image_folder("photos", size=(224, 224)).shuffle(seed=1).batch(32).
    Source: the layout of tf.keras.utils.image_dataset_from_directory and torchvision's ImageFolder.
    """

def from_npy(files: str | PathLike[str] | Sequence[str | PathLike[str]], mmap: bool = False, *, name: str | None = None) -> Dataset:
    """Gives the rows of arrays in .npy files.

    Shape: a row, which is all axes but the first. Several files follow each other as one array: row shapes and dtypes
        must agree. bool bytes other than 0 and 1 are true; records, S, U, datetime64 and so on are as np.load gives them.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        mmap: map the files: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
        name: a label for explain(), stats() and errors.
    Order: as in the files; random access; the cardinality is exact. Other byte orders come out native. Files of which
        one or more are compressed by gzip, known by their content, are a stream.
    Memory: a range of rows is read from the file straight into the batch; with mmap it is a read-only view of the file,
        and nothing is copied (other byte orders are read all the same). Strewn rows are a read each, which mmap spares.
        Arrays in Fortran order are read by blocks of rows, kept inside with_options(memory_limit); with mmap they are
        strided views. At most 64 files are open.
    Errors: OSError for a file that is missing, damaged or no .npy file, or that was cut, written to or replaced since the
        dataset was made; ValueError for a scalar, and for rows that differ between files; TypeError for Python objects,
        which are never unpickled, and other types without a dtype.
    Example: from_npy("train-*.npy").shuffle(seed=1).batch(64), from_npy("x.npy", mmap=True).batch(256).
    Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
    """

def from_npz(files: str | PathLike[str] | Sequence[str | PathLike[str]], arrays: Any | None = None, mmap: bool = False, *, name: str | None = None) -> Dataset:
    """Gives the rows of arrays in .npz files.

    Shape: a row of each array, in the structure of `arrays`; None is a dict of all arrays, in the file's order. Several
        files follow each other as one dataset: row shapes and dtypes must agree. Other members of a file are left alone.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        arrays: a name, or a list, tuple or dict of names; None: all arrays, of one first size.
        mmap: map what is not compressed: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
        name: a label for explain(), stats() and errors.
    Order: as in the files; random access; the cardinality is exact.
    Memory: arrays of np.savez are read by row, as by from_npy. Those of np.savez_compressed are inflated as a whole when
        first used, and kept while the dataset lives: together they take at most three quarters of with_options(memory_limit).
        Checksums are checked: of compressed arrays as they are inflated, of others by reading them once at their first
        use; with mmap, what is mapped is not checked. At most 64 files are open.
    Errors: as from_npy's; OSError also for a damaged archive or another checksum, and for encrypted members or other
        compressors, when they are named; MemoryError for compressed arrays that are too large: np.savez or write_hdf5
        writes what is read by row; ValueError for first sizes that differ and for names that are not there.
    Example: from_npz("digits.npz", ("images", "labels")).shuffle().batch(64).
    Source: numpy.savez; PKWARE's APPNOTE.TXT, with Zip64.
    """

def from_text(files: str | PathLike[str] | Sequence[str | PathLike[str]], as_bytes: bool = False, *, name: str | None = None) -> Dataset:
    """Gives the lines of text files.

    Shape: str (), or bytes () with as_bytes: a line without its end, which is \n or \r\n; the last line of a file
        needs none. Empty lines are lines. A byte order mark of UTF-8 is left out.
    Args:
        files: a path, a pattern with * ? [...] in it, or a list.
        as_bytes: lines as bytes, of any encoding.
        name: a label for explain(), stats() and errors.
    Order: as in the files, one after the other; a stream. Gzip is known by its content.
    Memory: some blocks of 512 KiB, of which lines are views; a line has at most 64 MiB. Blocks are read in order and
        split on all threads. The state is a place in a file; of gzip what lies before it is inflated again.
    Errors: OSError for a file that is missing or no plain file, and in the place of the next line of one that cannot
        be read further or was changed since; then the next file goes on. ValueError for a line that is not UTF-8, and
        for a file of UTF-16.
    Example: from_text("logs/*.txt.gz").filter(lambda line: line != "").batch(64).
    Source: tf.data.TextLineDataset.
    """

def list_files(file_pattern: str | PathLike[str] | Sequence[str | PathLike[str]], shuffle: bool = False, seed: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
    """Gives the paths that match patterns.

    Shape: str (), a path as the pattern begins it.
    Args:
        file_pattern: a path with * ? [...] in it, or a list.
        shuffle: random order, another one each epoch.
        seed: any integer; None draws one, kept in the state.
        name: a label for explain(), stats() and errors.
    Order: sorted by bytes, each path once; with shuffle as shuffle(seed=seed) after it. Random access.
        The folders are read when the source is made, and again when it is unpickled.
    Memory: all paths.
    Errors: OSError where nothing matches, or where a folder that must be read cannot be; ValueError for a name that is
        not UTF-8.
    Example: list_files("data/part-??.npy"), list_files(["a/*.csv", "b/[0-9]*.csv"], shuffle=True, seed=1).
    Source: tf.data.Dataset.list_files; patterns as fnmatch (POSIX): * ? [...], none of them matches a slash.
    """

def load(path: str | PathLike[str], element_spec: Any | None = None, *, name: str | None = None) -> Dataset:
    """Gives the elements of a folder that save, cache or snapshot wrote.

    Shape: the elements as they were, in their structure; sizes that differed are None in element_spec. A
        namedtuple or dataclass comes back as such if its module is imported or element_spec has it, else as a
        plain tuple.
    Args:
        path: the folder.
        element_spec: what elements must look like, with the classes of their structure; None: whatever they do.
        name: a label for explain(), stats() and errors.
    Order: as they were written; random access; the cardinality is exact.
    Memory: files are mapped, not read: elements and ranges of them are read-only views, which outlive the
        Dataset. The files must not be cut short meanwhile; saving anew to the same path does no harm.
    Errors: OSError for a missing file; ValueError for one whose size or head is not what manifest.json says,
        naming it, and for elements unlike element_spec. The bytes of elements are not checked. A Dataset pickles
        by its path.
    Source: tf.data.Dataset.load, without compression and reader_func.
    """

class Plan:
    """A plan: sources and stages. headrace.Dataset is its public face."""

    @staticmethod
    def choose_from_datasets(datasets: Sequence[Plan], choice_dataset: Plan, stop_on_empty_dataset: bool = True, *, name: str | None = None) -> Dataset:
        """Gives the next element of one of several datasets, as another dataset says.

        Shape: as each dataset's; one structure, dtype and rank.
        Args:
            datasets: a list or tuple of datasets, one or more.
            choice_dataset: a dataset of scalar integers, each within [0, len(datasets)).
            stop_on_empty_dataset: end at a choice that falls on a dataset without more; False: pass over such choices.
            name: a label for explain(), stats() and errors.
        Order: element k is the next one of datasets[choice k]; a stream. Nothing is read of a dataset before it is chosen.
            Ends with choice_dataset; with stop_on_empty_dataset also at the first choice that falls on a dataset without
            more, else such choices are passed over until every dataset was found empty. Its state is the place in each dataset.
        Errors: TypeError where the datasets are known to differ, or choices to be no scalar integers; IndexError in the place of
            an element whose choice is out of range.
        Example: choose_from_datasets([a, b], Dataset.range(2).repeat()) alternates.
        Source: tf.data.Dataset.choose_from_datasets.
        """

    @staticmethod
    def counter(start: SupportsIndex = 0, step: SupportsIndex = 1, dtype: Any = 'int64', *, name: str | None = None) -> Dataset:
        """Counts without end.

        Shape: dtype ().
        Args:
            start: the first number.
            step: the distance, may be negative.
            dtype: of the numbers: int8 to uint64, float32 or float64.
            name: a label for explain(), stats() and errors.
        Order: start, start + step ...; random access; nothing is stored. Whole numbers wrap around at the end of dtype.
        Errors: TypeError for a dtype that is no whole or real number; ValueError for a start or step that it cannot hold.
        Example: counter(10, -2).take(3).
        Source: tf.data.Dataset.counter.
        """

    @staticmethod
    def from_generator(generator: Callable[..., Iterable[Any]], output_signature: Any | None = None, args: Any | None = None, *, name: str | None = None) -> Dataset:
        """Gives what a generator yields, calling it anew for each pass.

        Shape: what it yields: any structure of arrays, scalars and strings.
        Args:
            generator: a function that returns an iterator or an iterable.
            output_signature: what it yields, as element_spec gives it; None: found when asked.
            args: a tuple of its arguments, as arrays; None: it takes none.
            name: a label for explain(), stats() and errors.
        Order: its own; a stream of unknown length. It is advanced on the thread that asks, one element at a time and only when that
            is asked for, unless prefetch allows more. Never before a run: element_spec without output_signature computes one element.
        Memory: a yielded array is adopted only where it owns its memory and nobody else refers to it, else copied.
            A state holds how many elements were taken, and restoring yields them again. If what generator() returns has state_dict()
            and load_state_dict(state), of JSON values, they are asked every 64 elements instead, and at most 63 are yielded again.
            After a Ctrl-C inside a Python generator, which ends it, another one is begun and brought there in the same way.
        Errors: the generator's own, in the element's place; a Python generator has ended then, and so does the pass. TypeError for
            an element unlike output_signature. Python numbers and lists of them become its dtype where nothing is lost but
            a float's last digits; arrays and NumPy's scalars are not cast.
        Source: tf.data.Dataset.from_generator.
        """

    @staticmethod
    def from_tensor_slices(tensors: Any, *, name: str | None = None) -> Dataset:
        """Gives the slices of arrays along their first axis.

        Shape: components (n, ...) -> n elements (...); a RaggedTensor gives its rows, a SparseTensor
            SparseTensors of one axis less.
        Args:
            tensors: arrays of one first size, in any structure.
            name: a label for explain(), stats() and errors.
        Order: by index; random access.
        Memory: numeric arrays are used in place, never copied: later changes to them are seen, and without a shuffle
            batches are read-only views of them. row_splits and indices are copied, and a SparseTensor's values where they
            do not lie row by row.
        Errors: ValueError for no component, a scalar, or first sizes that differ.
        Example: from_tensor_slices((images, {'label': labels}))
        Source: tf.data.Dataset.from_tensor_slices.
        """

    @staticmethod
    def from_tensors(tensors: Any, *, name: str | None = None) -> Dataset:
        """Gives one element: the arrays as they are.

        Shape: components (...) -> 1 element (...).
        Args:
            tensors: arrays in any structure.
            name: a label for explain(), stats() and errors.
        Memory: as from_tensor_slices.
        Errors: TypeError for what is no array.
        Source: tf.data.Dataset.from_tensors.
        """

    @staticmethod
    def random(seed: SupportsIndex | None = None, rerandomize_each_iteration: bool | None = None, *, name: str | None = None) -> Dataset:
        """Gives random whole numbers without end.

        Shape: int64 (), each of [0, 2**32) as likely.
        Args:
            seed: any integer; None draws one, kept in the state.
            rerandomize_each_iteration: other numbers each epoch; None: the same.
            name: a label for explain(), stats() and errors.
        Order: by (seed, position) alone, and by the epoch too where they are drawn anew; random access; nothing is stored.
        Memory: none. The state is a position, and the seed where none was given.
        Example: random(seed=3).take(4).
        Source: tf.data.Dataset.random; the numbers are splitmix64's (Steele, Lea and Flood, OOPSLA 2014).
        """

    @staticmethod
    def range(start: SupportsIndex, stop: SupportsIndex | None = None, step: SupportsIndex = 1, *, name: str | None = None) -> Dataset:
        """Gives evenly spaced whole numbers.

        Shape: int64 ().
        Args:
            start: the first number; the only argument is stop, from 0.
            stop: the first number not given; None: start is stop.
            step: the distance, not 0.
            name: a label for explain(), stats() and errors.
        Order: as Python's range; random access; nothing is stored.
        Errors: ValueError for step 0.
        Example: range(5), range(1, 10, 3).
        Source: tf.data.Dataset.range.
        """

    @staticmethod
    def sample_from_datasets(datasets: Sequence[Plan], weights: Any | None = None, seed: SupportsIndex | None = None, stop_on_empty_dataset: bool = False, rerandomize_each_iteration: bool | None = None, *, name: str | None = None) -> Dataset:
        """Gives the next element of one of several datasets, drawn by weight.

        Shape: as each dataset's; one structure, dtype and rank.
        Args:
            datasets: a list or tuple of datasets, one or more.
            weights: a number for each dataset, >= 0, of any sum, or a dataset that gives such a vector for each element; None: equal.
            seed: any integer; None draws one.
            stop_on_empty_dataset: end at a draw that falls on a dataset without more.
            rerandomize_each_iteration: other draws each epoch; None: False.
            name: a label for explain(), stats() and errors.
        Order: random between the datasets, kept within each; a stream. Nothing is read of a dataset before it is drawn. A draw
            that falls on a dataset without more ends the run with stop_on_empty_dataset; else that dataset's weight counts no
            longer, and the run ends where no weight is left. Draw k follows from (seed, epoch, k); its state is the place in each
            dataset. Every epoch repeats the draws unless rerandomize_each_iteration=True.
        Errors: TypeError where the datasets are known to differ; ValueError for weights that are not as many finite numbers >= 0,
            one of them > 0, as there are datasets; in the place of an element where a dataset gives them.
        Example: sample_from_datasets([a, b], [0.9, 0.1], seed=1) takes nine in ten from a.
        Source: tf.data.Dataset.sample_from_datasets.
        """

    @staticmethod
    def zip(datasets: Any, *, name: str | None = None) -> Dataset:
        """Gives elements of several datasets together.

        Shape: a structure of datasets -> the same structure of their elements.
        Args:
            datasets: a dataset, or a tuple or dict of datasets, nested at will.
            name: a label for explain(), stats() and errors.
        Order: ends with the shortest; random access if all are. An element fails where any part fails.
        Errors: TypeError for a list; use a tuple. ValueError for no dataset.
        Source: tf.data.Dataset.zip.
        """

    @staticmethod
    def from_csv(files: str | PathLike[str] | Sequence[str | PathLike[str]], columns: Any | None = None, dtypes: Any | None = None, defaults: Any | None = None, header: bool = True, delimiter: str | PathLike[str] = ',', quote: str | PathLike[str] | None = '"', comment: str | PathLike[str] | None = None, missing: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None, *, name: str | None = None) -> Dataset:
        """Gives the rows of CSV files.

        Shape: a scalar of each column, in the structure of `columns`. Dtypes that are not given are found in the first
            megabyte of the first file, and kept to from there on: int64, float64, bool (true, True, TRUE and so on), else
            str. Numbers in quotes are numbers. A value is missing where there is nothing, or one of NA, N/A, n/a, #N/A,
            #N/A N/A, #NA, <NA>, NaN, -NaN, nan, -nan, null, NULL, None, 1.#IND, -1.#IND, 1.#QNAN, -1.#QNAN: NaN among real
            numbers, which integers with gaps are, too. Text is as it is, missing only where it is empty.
            Lines end in \n or \r\n. A quote opens where a field begins, and within it is doubled; delimiters and line
            ends in quotes are data. Empty lines and those that begin with `comment` are left out, as is a byte order
            mark. Every file has the first one's header.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            columns: a name or a position, a list, tuple or dict of them; None: a dict of all columns.
            dtypes: bool, integers, float32, float64, str or bytes: one, or a dict by name.
            defaults: a dict by name of what stands for missing values.
            header: the first line has the names; else they are "0", "1" and so on.
            delimiter: what stands between fields: one character, such as "\t".
            quote: what fields may stand in: one character; None: nothing is a quote.
            comment: the character that lines to be left out begin with.
            missing: texts that stand for a missing value, besides nothing; None: those above.
            name: a label for explain(), stats() and errors.
        Order: as in the files, one after the other; a stream. Gzip is known by its content.
        Memory: some blocks of 512 KiB, of which texts are views; a row has at most 64 MiB. Blocks are read in order and
            parsed on all threads. The state is a place in a file; of gzip what lies before it is inflated again.
        Errors: ValueError in the place of a row, by line and file, for values that do not fit their column, rows of more
            or fewer fields, quotes that do not close or close before the field ends, a \r alone, zero bytes, and text that
            is not UTF-8; for another header, and UTF-16, once for the file. OSError for a file that is missing or no plain
            file, and in the place of the next row of one that cannot be read further or was changed since.
        Example: from_csv("runs-*.csv.gz", ("age", "name"), dtypes={"age": "float32"}).shuffle(1000).batch(64).
        Source: RFC 4180; values as pandas.read_csv has them.
        """

    @staticmethod
    def from_fixed_records(files: str | PathLike[str] | Sequence[str | PathLike[str]], record_bytes: SupportsIndex, header_bytes: SupportsIndex = 0, footer_bytes: SupportsIndex = 0, dtype: Any = 'uint8', shape: Any | None = None, big_endian: bool = False, mmap: bool = False, *, name: str | None = None) -> Dataset:
        """Gives the records of files that hold records of one size and nothing else.

        Shape: `dtype` of `shape`, record_bytes in all; without shape () for one item, (items,) for more.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            record_bytes: the size of a record, >= 1.
            header_bytes: before the first record of each file.
            footer_bytes: behind the last one.
            dtype: of the items, of fixed size; a structured one for fields.
            shape: of a record; None: (), or one axis.
            big_endian: items are stored with the first byte highest.
            mmap: map the files: ranges of records are views; a file must not shrink meanwhile (SIGBUS).
            name: a label for explain(), stats() and errors.
        Order: as in the files, one after the other; random access, and the cardinality is exact. Where a file is gzip, known
            by its content, all of them are a stream of unknown cardinality. Big-endian items come out native.
        Memory: records are read into the batch, neighbours together; with mmap a range of them is a read-only view. Of gzip
            some blocks of 512 KiB.
        Errors: ValueError for a shape that has not record_bytes, and for a file that does not hold whole records between
            header and footer (of gzip in the place of the broken record); OSError for a file that is missing or no plain
            file, and in the place of records of one that was changed since or cannot be read.
        Example: from_fixed_records("train-images-idx3-ubyte", 784, header_bytes=16, shape=(28, 28)).shuffle().batch(64),
            from_fixed_records("signals/*.raw", 4096, dtype="int16", big_endian=True).
        Source: tf.data.FixedLengthRecordDataset, with the decoding of its records.
        """

    @staticmethod
    def from_hdf5(files: str | PathLike[str] | Sequence[str | PathLike[str]], datasets: Any | None = None, groups: str | PathLike[str] | None = None, split_records: bool = False, mmap: bool = False, trusted: bool = False, *, name: str | None = None) -> Dataset:
        """Gives the rows of arrays in HDF5 files.

        Shape: a row of each dataset, in the structure of `datasets`; a group is a nested dict of its datasets. Several
            files follow each other as one dataset: row shapes and dtypes must agree. With `groups` (* ? [...] in the
            last part of the name) each group is an element and `datasets` are names in it, None: all it holds; sizes may
            differ, dtypes and ranks must not. Groups come by name, numbers in it by value: sample_2 before sample_10.
            A row of sequences of variable length is an array (None, ...): for padded_batch, ragged_batch and the like.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            datasets: a name, a list, tuple or dict of names, or a group's; None: all datasets, of one first size.
            groups: "/samples/*": each group that matches is an element, of whole datasets in it; None: rows.
            split_records: a dataset of records gives a dict of their fields.
            mmap: map what lies in the files as it is: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
            trusted: the file may read other files and load filter plugins.
            name: a label for explain(), stats() and errors.
        Order: as in the files; random access; the cardinality is exact. Rows of other byte order come out native.
        Memory: rows are read by whole chunks, decoded on all threads and kept in one cache for all files, which stays inside
            with_options(memory_limit). A batch inside one chunk is a read-only view of it. A full shuffle() of more than
            fits decodes chunks again and again: shuffle(buffer_size=...) decodes each once an epoch. stats() counts them
            as 'decoded', explain() says how each dataset is read. At most 64 files are open at a time. Groups'
            datasets are read as a whole, sequences row by row, each time anew.
        Errors: OSError for a file that is missing, no HDF5 file, or was changed since, and in the place of a row whose chunk
            cannot be read; ValueError for first sizes that differ; TypeError for types without a dtype. Unless trusted,
            external links and storage and filter plugins are refused, and virtual datasets outside the file's folder.
        Example: from_hdf5("train-*.h5", ("images", "labels")).shuffle(buffer_size=10_000).batch(64),
            from_hdf5("scans.h5", groups="/scans/*").shuffle().padded_batch(8).
        """

    @staticmethod
    def from_image_folder(directory: str | PathLike[str], size: Any | None = None, classes: str | PathLike[str] | Sequence[str | PathLike[str]] | None = None, decode: bool = True, channels: SupportsIndex = 3, method: str | PathLike[str] = 'bilinear', antialias: bool = False, exif_orientation: bool = False, max_pixels: SupportsIndex = 134217728, *, name: str | None = None) -> Dataset:
        """Gives the images in a folder with their classes, its sub-folders.

        Shape: (image, label): uint8 (height, width, channels) and int64 (); with size all images have that height and width,
            resized, rounded to uint8; with decode=False the file's bytes () in place of the image.
        Args:
            directory: a folder with a sub-folder for each class.
            size: (height, width) to resize to; None: as they are.
            classes: the sub-folders, in the order of their labels; None: all.
            decode: False gives the encoded bytes.
            channels: 0 as stored, 1 grey, 3 RGB, 4 RGBA.
            method: how to resize, as image.resize.
            antialias: bilinear and bicubic look at all pixels of a larger image.
            exif_orientation: turn images upright, as EXIF says.
            max_pixels: the most pixels of an image that is decoded.
            name: a label for explain(), stats() and errors.
        Order: by class, in it by path (bytes); random access; the cardinality is exact. Classes are the sub-folders in sorted
            order, or as `classes` lists them: label i is its i-th. Files are .jpg, .jpeg and .png, also in folders below; what
            begins with a dot is left out, and links to folders are. The folders are read when the source is made.
        Memory: all paths. Files are read and decoded on all threads, with size straight into the batch.
        Errors: OSError for a folder or class that is not there, where no image is found, and in the place of one whose file
            cannot be read; ValueError, naming the file, in the place of one that is damaged or has more than max_pixels.
        Example: from_image_folder("photos", size=(224, 224)).shuffle(seed=1).batch(32).
        Source: the layout of tf.keras.utils.image_dataset_from_directory and torchvision's ImageFolder.
        """

    @staticmethod
    def from_npy(files: str | PathLike[str] | Sequence[str | PathLike[str]], mmap: bool = False, *, name: str | None = None) -> Dataset:
        """Gives the rows of arrays in .npy files.

        Shape: a row, which is all axes but the first. Several files follow each other as one array: row shapes and dtypes
            must agree. bool bytes other than 0 and 1 are true; records, S, U, datetime64 and so on are as np.load gives them.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            mmap: map the files: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
            name: a label for explain(), stats() and errors.
        Order: as in the files; random access; the cardinality is exact. Other byte orders come out native. Files of which
            one or more are compressed by gzip, known by their content, are a stream.
        Memory: a range of rows is read from the file straight into the batch; with mmap it is a read-only view of the file,
            and nothing is copied (other byte orders are read all the same). Strewn rows are a read each, which mmap spares.
            Arrays in Fortran order are read by blocks of rows, kept inside with_options(memory_limit); with mmap they are
            strided views. At most 64 files are open.
        Errors: OSError for a file that is missing, damaged or no .npy file, or that was cut, written to or replaced since the
            dataset was made; ValueError for a scalar, and for rows that differ between files; TypeError for Python objects,
            which are never unpickled, and other types without a dtype.
        Example: from_npy("train-*.npy").shuffle(seed=1).batch(64), from_npy("x.npy", mmap=True).batch(256).
        Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.
        """

    @staticmethod
    def from_npz(files: str | PathLike[str] | Sequence[str | PathLike[str]], arrays: Any | None = None, mmap: bool = False, *, name: str | None = None) -> Dataset:
        """Gives the rows of arrays in .npz files.

        Shape: a row of each array, in the structure of `arrays`; None is a dict of all arrays, in the file's order. Several
            files follow each other as one dataset: row shapes and dtypes must agree. Other members of a file are left alone.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            arrays: a name, or a list, tuple or dict of names; None: all arrays, of one first size.
            mmap: map what is not compressed: ranges of rows are views; a file must not shrink meanwhile (SIGBUS).
            name: a label for explain(), stats() and errors.
        Order: as in the files; random access; the cardinality is exact.
        Memory: arrays of np.savez are read by row, as by from_npy. Those of np.savez_compressed are inflated as a whole when
            first used, and kept while the dataset lives: together they take at most three quarters of with_options(memory_limit).
            Checksums are checked: of compressed arrays as they are inflated, of others by reading them once at their first
            use; with mmap, what is mapped is not checked. At most 64 files are open.
        Errors: as from_npy's; OSError also for a damaged archive or another checksum, and for encrypted members or other
            compressors, when they are named; MemoryError for compressed arrays that are too large: np.savez or write_hdf5
            writes what is read by row; ValueError for first sizes that differ and for names that are not there.
        Example: from_npz("digits.npz", ("images", "labels")).shuffle().batch(64).
        Source: numpy.savez; PKWARE's APPNOTE.TXT, with Zip64.
        """

    @staticmethod
    def from_text(files: str | PathLike[str] | Sequence[str | PathLike[str]], as_bytes: bool = False, *, name: str | None = None) -> Dataset:
        """Gives the lines of text files.

        Shape: str (), or bytes () with as_bytes: a line without its end, which is \n or \r\n; the last line of a file
            needs none. Empty lines are lines. A byte order mark of UTF-8 is left out.
        Args:
            files: a path, a pattern with * ? [...] in it, or a list.
            as_bytes: lines as bytes, of any encoding.
            name: a label for explain(), stats() and errors.
        Order: as in the files, one after the other; a stream. Gzip is known by its content.
        Memory: some blocks of 512 KiB, of which lines are views; a line has at most 64 MiB. Blocks are read in order and
            split on all threads. The state is a place in a file; of gzip what lies before it is inflated again.
        Errors: OSError for a file that is missing or no plain file, and in the place of the next line of one that cannot
            be read further or was changed since; then the next file goes on. ValueError for a line that is not UTF-8, and
            for a file of UTF-16.
        Example: from_text("logs/*.txt.gz").filter(lambda line: line != "").batch(64).
        Source: tf.data.TextLineDataset.
        """

    @staticmethod
    def list_files(file_pattern: str | PathLike[str] | Sequence[str | PathLike[str]], shuffle: bool = False, seed: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Gives the paths that match patterns.

        Shape: str (), a path as the pattern begins it.
        Args:
            file_pattern: a path with * ? [...] in it, or a list.
            shuffle: random order, another one each epoch.
            seed: any integer; None draws one, kept in the state.
            name: a label for explain(), stats() and errors.
        Order: sorted by bytes, each path once; with shuffle as shuffle(seed=seed) after it. Random access.
            The folders are read when the source is made, and again when it is unpickled.
        Memory: all paths.
        Errors: OSError where nothing matches, or where a folder that must be read cannot be; ValueError for a name that is
            not UTF-8.
        Example: list_files("data/part-??.npy"), list_files(["a/*.csv", "b/[0-9]*.csv"], shuffle=True, seed=1).
        Source: tf.data.Dataset.list_files; patterns as fnmatch (POSIX): * ? [...], none of them matches a slash.
        """

    @staticmethod
    def load(path: str | PathLike[str], element_spec: Any | None = None, *, name: str | None = None) -> Dataset:
        """Gives the elements of a folder that save, cache or snapshot wrote.

        Shape: the elements as they were, in their structure; sizes that differed are None in element_spec. A
            namedtuple or dataclass comes back as such if its module is imported or element_spec has it, else as a
            plain tuple.
        Args:
            path: the folder.
            element_spec: what elements must look like, with the classes of their structure; None: whatever they do.
            name: a label for explain(), stats() and errors.
        Order: as they were written; random access; the cardinality is exact.
        Memory: files are mapped, not read: elements and ranges of them are read-only views, which outlive the
            Dataset. The files must not be cut short meanwhile; saving anew to the same path does no harm.
        Errors: OSError for a missing file; ValueError for one whose size or head is not what manifest.json says,
            naming it, and for elements unlike element_spec. The bytes of elements are not checked. A Dataset pickles
            by its path.
        Source: tf.data.Dataset.load, without compression and reader_func.
        """

    def batch(self, batch_size: SupportsIndex, drop_remainder: bool = False, num_parallel_calls: SupportsIndex | None = None, deterministic: bool | None = None, *, name: str | None = None) -> Dataset:
        """Stacks consecutive elements along a new leading axis.

        Shape: (...) -> (batch_size, ...); the last batch may be shorter. SparseTensors become one with an axis more, whose
            sizes are the largest of each axis.
        Args:
            batch_size: elements per batch, >= 1.
            drop_remainder: drop a short last batch.
            num_parallel_calls: batches made at once, >= 1: in this version as many as there are threads, whatever it says.
            deterministic: False allows another order; order is kept all the same in this version.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays.
        Memory: over from_tensor_slices without a shuffle a batch is a view of the array, else a new buffer.
        Errors: ValueError for batch_size < 1, or for elements of unequal shapes or dtypes, naming the first that differs.
            A batch with a failing element fails whole; the next begins where it would have anyway.
        Example: Dataset.range(10).batch(4) gives [0 1 2 3], [4 5 6 7], [8 9].
        Source: tf.data.Dataset.batch.
        """

    def bucket_by_sequence_length(self, element_length_func: Callable[..., Any], bucket_boundaries: Any, bucket_batch_sizes: Any | None = None, padded_shapes: Any | None = None, padding_values: Any | None = None, pad_to_bucket_boundary: bool = False, no_padding: bool = False, drop_remainder: bool = False, tokens_per_batch: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Batches elements of similar length, padded to the longest of their batch.

        Shape: (a, ...) -> (batch size of the bucket, longest a, ...).
        Args:
            element_length_func: a function of an element that returns its length.
            bucket_boundaries: lengths at which buckets end, ascending ints.
            bucket_batch_sizes: elements per batch, an int for each bucket: one more than boundaries; None with tokens_per_batch.
            padded_shapes: as of padded_batch.
            padding_values: as of padded_batch.
            pad_to_bucket_boundary: pad what is open in padded_shapes to the bucket's boundary - 1, not to the longest.
            no_padding: batch as they are elements that have one shape in each batch.
            drop_remainder: drop batches that are not full.
            tokens_per_batch: in place of bucket_batch_sizes: as many elements as stay within rows * longest <= this, >= 1.
            name: a label for explain(), stats() and errors.
        Order: bucket i takes lengths from boundary i - 1 up to below boundary i; a batch is given as its last element
            comes, and at the end what is left, by ascending bucket. A stream from here on.
        Memory: the elements of batches that are not full. The state names their places; restoring reads the input again from
            the oldest on.
        Errors: ValueError for boundaries that do not ascend, sizes that do not fit them, or elements too long to be padded to a
            boundary. A failing element stands where it was read.
        Example: ds.bucket_by_sequence_length(len, [10, 100], [64, 32, 8])
        Source: tf.data.Dataset.bucket_by_sequence_length; tokens_per_batch is ours.
        """

    def concatenate(self, dataset: Plan, *, name: str | None = None) -> Dataset:
        """Gives another dataset's elements after this one's.

        Shape: as upstream.
        Args:
            dataset: what follows.
            name: a label for explain(), stats() and errors.
        Order: this one, then dataset; random access stays if all but the last are finite.
        Errors: TypeError where structures, dtypes or ranks are known to differ.
        Source: tf.data.Dataset.concatenate.
        """

    def enumerate(self, start: SupportsIndex = 0, *, name: str | None = None) -> Dataset:
        """Puts a counter before each element.

        Shape: (...) -> (int64 (), (...)).
        Args:
            start: the first number.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. A failing element counts too.
        Source: tf.data.Dataset.enumerate.
        """

    def filter(self, predicate: Callable[..., Any], *, name: str | None = None) -> Dataset:
        """Keeps the elements for which a function is true.

        Shape: as upstream, of unknown number.
        Args:
            predicate: a function of an element that returns a bool.
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. Its state is a place in the input.
        Errors: TypeError where the predicate gives something else than one bool; the predicate's own, in the element's place.
        Example: Dataset.range(5).filter(lambda x: x % 2 == 0) gives 0, 2, 4.
        Source: tf.data.Dataset.filter.
        """

    def flat_map(self, map_func: Callable[..., Any], *, name: str | None = None) -> Dataset:
        """Makes a dataset of each element and gives their elements, one dataset after the other.

        Shape: that of the datasets' elements, of unknown number.
        Args:
            map_func: a function of an element that returns a Dataset.
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. A dataset made by the function runs in this epoch, and what is random in it and
            has no seed draws one from (this stage, epoch, place).
        Memory: nothing besides the open dataset, whose elements pass without a copy. The state is a place in the input and one
            in that dataset; restoring calls the function again for it.
        Errors: TypeError where the function gives no Dataset; that and its own errors stand in the place of the whole
            dataset, an element's error in that of the element.
        Example: Dataset.range(3).flat_map(lambda i: hr.Dataset.range(i)) gives 0, 0, 1.
        Source: tf.data.Dataset.flat_map.
        """

    def group_by_window(self, key_func: Callable[..., Any], reduce_func: Callable[..., Any], window_size: SupportsIndex | None = None, window_size_func: Callable[..., Any] | None = None, *, name: str | None = None) -> Dataset:
        """Collects elements by key; each full window of one key becomes a dataset.

        Shape: that of the datasets' elements, of unknown number.
        Args:
            key_func: a function of an element that returns an int.
            reduce_func: a function of (key, Dataset of the window's elements) that returns a Dataset.
            window_size: elements of a window, >= 1.
            window_size_func: a function of a key that returns that, in place of window_size.
            name: a label for explain(), stats() and errors.
        Order: a window is given as its last element comes; at the end what is left, by ascending key.
        Memory: the elements of windows that are not full. The state names their places; restoring reads the input again from
            the oldest on, calls key_func for them and reduce_func for the window being given.
        Errors: ValueError unless one of window_size and window_size_func is given; TypeError where key_func gives no integer
            or reduce_func no Dataset. A failing element stands where it was read; a failing reduce_func in the place of its
            window.
        Example: Dataset.range(6).group_by_window(lambda x: x % 2, lambda key, w: w.batch(3), 3) gives [0 2 4], [1 3 5].
        Source: tf.data.Dataset.group_by_window.
        """

    def ignore_errors(self, log_warning: bool = False, max_fraction: float | None = None, log_file: str | PathLike[str] | None = None, *, name: str | None = None) -> Dataset:
        """Drops failing elements, and keeps count of them.

        Shape: as upstream, of unknown number.
        Args:
            log_warning: warn of each one: hr.HeadraceWarning.
            max_fraction: the largest share of elements that may fail, within [0, 1]; None: any.
            log_file: a file that lines of JSON are appended to.
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. stats() counts what was dropped by the exceptions' types. What is no element's error
            (KeyboardInterrupt, SystemExit) is never dropped.
            log_file gets a line for each, as the next element is taken: {"position": ..., "origin": "[map] element 3 ...",
            "error": "ValueError: ..."}; a run resumed from a state goes on after the lines of those before it.
        Errors: RuntimeError where the share of failing elements passes max_fraction: judged at each one from the hundredth
            element on, or the 1 / max_fraction-th if that is later, and at the end; for 0 at once. It stops the run: every further
            next() raises it. OSError where log_file cannot be written.
        Example: ds.map(decode).ignore_errors(max_fraction=0.01, log_file='bad.jsonl')
        Source: tf.data.Dataset.ignore_errors, which has log_warning only.
        """

    def interleave(self, map_func: Callable[..., Any], cycle_length: SupportsIndex = 8, block_length: SupportsIndex = 1, num_parallel_calls: SupportsIndex | None = None, deterministic: bool | None = None, *, name: str | None = None) -> Dataset:
        """Makes a dataset of each element and takes turns in giving their elements.

        Shape: that of the datasets' elements, of unknown number.
        Args:
            map_func: a function of an element that returns a Dataset.
            cycle_length: datasets open at once, >= 1.
            block_length: elements of one dataset in a row, >= 1.
            num_parallel_calls: datasets made and read at once, >= 1, at most cycle_length of them; None: one, in which built-in work runs ahead by itself.
            deterministic: False allows another order; order is kept all the same in this version.
            name: a label for explain(), stats() and errors.
        Order: cycle_length datasets are open at once; each gives block_length elements in its turn. One that has ended
            is replaced by the next element's when its turn comes again. A stream from here on. A dataset made by the
            function runs in this epoch, and what is random in it and has no seed draws one from (this stage, epoch, place).
        Memory: what the open datasets hold. The state is a place in the input and one in each open dataset; restoring calls
            the function again for these and goes over the elements since the oldest of them.
        Errors: TypeError where the function gives no Dataset; that and its own errors stand in the place of the whole
            dataset, an element's error in that of the element.
        Example: Dataset.range(1, 4).interleave(lambda i: hr.Dataset.range(i)) gives 0, 0, 0, 1, 1, 2.
        Source: tf.data.Dataset.interleave.
        """

    def map(self, map_func: Callable[..., Any], num_parallel_calls: SupportsIndex | None = None, deterministic: bool | None = None, output_signature: Any | None = None, seed: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Applies a function to each element.

        Shape: what the function returns: any structure of arrays, scalars and strings.
        Args:
            map_func: a function of an element; a plain tuple is unpacked into its arguments.
            num_parallel_calls: calls at once, >= 1; None or AUTOTUNE: built-in functions as many as there are threads, others one.
            deterministic: False allows another order; order is kept all the same in this version.
            output_signature: what the function returns, as element_spec gives it; None: found when asked.
            seed: any integer: the function gets a numpy.random.Generator as its last argument; None: none.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. A Python function is called by one thread at a time, in order, once an element and
            only when its output is asked for, unless num_parallel_calls > 1 or prefetch allow more.
            With seed, what the Generator draws follows from (seed, epoch, position) alone, on a stream from the ordinal: the same for any
            number of threads, after a resume and for ds[i]. It is the function's during the call only. Maps of one seed draw alike.
        Memory: a returned array is adopted only where it owns its memory and nobody else refers to it, else copied.
        Errors: the function's own, in the element's place, with a note of where.
        Source: tf.data.Dataset.map.
        """

    def padded_batch(self, batch_size: SupportsIndex, padded_shapes: Any | None = None, padding_values: Any | None = None, drop_remainder: bool = False, *, name: str | None = None) -> Dataset:
        """Stacks consecutive elements along a new leading axis, padding them to one shape.

        Shape: (a, ...) -> (batch_size, longest a, ...); the last batch may be shorter.
        Args:
            batch_size: elements per batch, >= 1.
            padded_shapes: a shape for each component, in the structure of the elements; None or -1 in it, or None for all: as long as the longest of the batch.
            padding_values: a scalar for all components, or a structure of scalars; None: 0, False, '', b'', NaT.
            drop_remainder: drop a short last batch.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays.
        Memory: each row is copied once, into a new buffer; straight from the values of a RaggedTensor given to
            from_tensor_slices, also after shuffle, take and the like.
        Errors: ValueError for batch_size < 1, a row larger than padded_shapes, rows of unequal ranks or dtypes, or a
            padding value that does not fit, naming element, component and shapes. A batch with a failing element fails
            whole; the next begins where it would have anyway.
        Example: Dataset.from_tensor_slices(RaggedTensor([1, 2, 3], [0, 1, 3])).padded_batch(2) gives [[1 0] [2 3]].
        Source: tf.data.Dataset.padded_batch.
        """

    def prefetch(self, buffer_size: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Reads elements ahead on another thread.

        Shape: as upstream.
        Args:
            buffer_size: elements held ready at most, >= 0; None or AUTOTUNE: chosen.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. Moves Python functions before it off the consumer's thread. Built-in work on random
            access runs ahead by itself, within the memory limit.
        Errors: in their places.
        Source: tf.data.Dataset.prefetch.
        """

    def ragged_batch(self, batch_size: SupportsIndex, drop_remainder: bool = False, *, name: str | None = None) -> Dataset:
        """Joins consecutive elements of differing lengths into RaggedTensors.

        Shape: components (a, ...) whose sizes are not known -> a RaggedTensor of batch_size rows; the others are
            stacked as by batch. The last batch may be shorter.
        Args:
            batch_size: elements per batch, >= 1.
            drop_remainder: drop a short last batch.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays.
        Memory: rows in order of a RaggedTensor given to from_tensor_slices stay where they are: values is a view of its
            values. Others are copied once, into a new buffer.
        Errors: ValueError for batch_size < 1, or for rows that differ in more than their first size, naming the element.
            A batch with a failing element fails whole; the next begins where it would have anyway.
        Example: Dataset.from_tensor_slices(RaggedTensor([1, 2, 3], [0, 1, 3])).ragged_batch(2) gives the same again.
        Source: tf.data.Dataset.ragged_batch.
        """

    def rebatch(self, batch_size: SupportsIndex, drop_remainder: bool = False, *, name: str | None = None) -> Dataset:
        """Cuts the rows of batches into batches of another size.

        Shape: (b, ...) -> (batch_size, ...); the last batch may be shorter. RaggedTensors and SparseTensors stay what they are,
            of which an element has one kind.
        Args:
            batch_size: rows per batch, >= 1.
            drop_remainder: drop a short last batch.
            name: a label for explain(), stats() and errors.
        Order: of the rows, kept; random access stays where all batch sizes follow from the plan.
        Memory: a batch that lies in one batch of the input is a view of it; else its rows are copied once.
        Errors: ValueError for batch_size < 1, a scalar component or first sizes that differ within an element. What
            holds a row of a failing batch fails; on a stream, where its size is not known, that counts as one row.
        Example: Dataset.range(7).batch(4).rebatch(3) gives [0 1 2], [3 4 5], [6].
        Source: tf.data.Dataset.rebatch.
        """

    def rejection_resample(self, class_func: Callable[..., Any], target_dist: Any, initial_dist: Any | None = None, seed: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Drops elements at random so that classes come in given shares.

        Shape: (...) -> (int64 (), (...)): the class and the element, of unknown number.
        Args:
            class_func: a function of an element that returns its class, an integer within [0, len(target_dist)).
            target_dist: the share of each class that should come out.
            initial_dist: the share of each class in the input; None: counted as it comes.
            seed: any integer; None draws one.
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. An element of class c is kept with probability r[c] / max(r), r = target_dist / the
            share of c: initial_dist or, without it, what was counted so far, this element among it, with 10 to begin with for
            every class. The choice follows from (seed, epoch, position). Every element is read once and comes at most once (tf.data
            also mixes in elements of a second pass). The state is a place in the input and, without initial_dist, the counts.
        Errors: ValueError for distributions that are not as many finite numbers >= 0 of sum 1 (to 1e-6), for a class of the target
            that initial_dist never has, and in the place of an element whose class is out of range; TypeError where it is no integer.
        Example: ds.rejection_resample(lambda x, y: y, [0.5, 0.5], initial_dist=[0.9, 0.1], seed=1)
        Source: tf.data.Dataset.rejection_resample.
        """

    def repeat(self, count: SupportsIndex | None = None, *, name: str | None = None) -> Dataset:
        """Gives all elements again, each pass in its own epoch.

        Shape: as upstream.
        Args:
            count: passes; None or negative: for ever.
            name: a label for explain(), stats() and errors.
        Order: pass after pass; pass r of epoch e reads upstream in epoch e*count + r, so that a shuffle before it differs.
            Random access stays. repeat() of an empty dataset ends.
        Source: tf.data.Dataset.repeat.
        """

    def scan(self, initial_state: Any, scan_func: Callable[..., Any], *, name: str | None = None) -> Dataset:
        """Applies a function that hands a state from element to element.

        Shape: what the function returns second: any structure of arrays, scalars and strings.
        Args:
            initial_state: the state before the first element; copied now.
            scan_func: a function of (state, element) that returns (new_state, output).
            name: a label for explain(), stats() and errors.
        Order: kept; a stream. scan_func(state, element) returns (new_state, output); neither argument is unpacked. It is called once
            an element, in order, a Python function only when its output is asked for, on the thread that asks.
        Memory: the state, and it is copied unless the function made it and keeps no reference to it. A saved state holds it as text
            and grows with it; restoring calls no function.
        Errors: the function's own, in the element's place; the state is then as before. TypeError for a new state of another
            structure or dtype than initial_state; shapes may change.
        Example: range(4).scan(0, lambda total, x: (total + x, total + x)) gives 0, 1, 3, 6.
        Source: tf.data.Dataset.scan.
        """

    def shard(self, num_shards: SupportsIndex, index: SupportsIndex, *, name: str | None = None) -> Dataset:
        """Keeps every num_shards-th element.

        Shape: as upstream.
        Args:
            num_shards: number of parts, >= 1.
            index: which part, from 0.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. The shards of one dataset are disjoint and cover it.
        Errors: ValueError for num_shards < 1 or index outside [0, num_shards), or downstream of a random stage without a seed.
        Source: tf.data.Dataset.shard.
        """

    def shuffle(self, buffer_size: SupportsIndex | None = None, seed: SupportsIndex | None = None, reshuffle_each_iteration: bool = True, *, name: str | None = None) -> Dataset:
        """Gives the elements in random order, another one each epoch.

        Shape: as upstream.
        Args:
            buffer_size: elements mixed at once, >= 1; None: all.
            seed: any integer; None draws one, kept in the state.
            reshuffle_each_iteration: another order each epoch.
            name: a label for explain(), stats() and errors.
        Order: by (seed, epoch) alone. Without buffer_size every order is as likely, in constant memory; needs random access.
            With it, on random access, blocks of rows are permuted and then each run of at most buffer_size rows: it bounds
            memory, not distance. On a stream it is the usual buffer of elements. 1 keeps the order.
        Memory: nothing on random access; on a stream buffer_size elements. The state is a few numbers either way; restoring
            reads about buffer_size * ln(buffer_size) elements again on a stream. Over more HDF5 chunks than memory_limit holds,
            a shuffle without buffer_size decodes them again and again: a HeadraceWarning says so, once, with the cure.
        Errors: ValueError on a stream without buffer_size, on infinite random access without it, or for buffer_size < 1.
        Source: tf.data.Dataset.shuffle; the permutation is a mixed-radix Feistel network (Black and Rogaway, CT-RSA 2002).
        """

    def skip(self, count: SupportsIndex, *, name: str | None = None) -> Dataset:
        """Leaves out the first elements.

        Shape: as upstream.
        Args:
            count: elements left out; negative: all.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. A failing element counts.
        Source: tf.data.Dataset.skip.
        """

    def sparse_batch(self, batch_size: SupportsIndex, row_shape: Any, *, name: str | None = None) -> Dataset:
        """Joins consecutive arrays of differing shapes into SparseTensors.

        Shape: (a, ...) -> a SparseTensor of dense shape (batch_size, *row_shape); the last batch may be shorter.
        Args:
            batch_size: elements per batch, >= 1.
            row_shape: the shape that holds every row; None or -1 in it: as long as the longest of the batch.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays.
        Memory: every item of a row is listed, zeros too, in a new buffer.
        Errors: ValueError for batch_size < 1, rows larger than row_shape or of another rank, naming the element, and for
            elements that are more than one array. A batch with a failing element fails whole; the next begins where it
            would have anyway.
        Example: from rows [7] and [8 9], sparse_batch(2, [3]) gives values [7 8 9] at (0, 0), (1, 0), (1, 1) of (2, 3).
        Source: tf.data.experimental.dense_to_sparse_batch, tf.data.Dataset.sparse_batch.
        """

    def take(self, count: SupportsIndex, *, name: str | None = None) -> Dataset:
        """Gives at most the first elements.

        Shape: as upstream.
        Args:
            count: elements given; negative: all.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. A failing element counts.
        Source: tf.data.Dataset.take.
        """

    def take_while(self, predicate: Callable[..., Any], *, name: str | None = None) -> Dataset:
        """Gives elements until a function is false for one, and ends there.

        Shape: as upstream, of unknown number.
        Args:
            predicate: a function of an element that returns a bool.
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. A Python predicate is called once an element, in order, never after the one it
            is false for. Its state is a place in the input.
        Errors: a failing element, or one that the predicate raises for, is an error in its place and does not end it; TypeError
            where the predicate gives something else than one bool.
        Example: Dataset.range(10).take_while(lambda x: x < 3) gives 0, 1, 2.
        Source: tf.data.Dataset.take_while.
        """

    def unbatch(self, *, name: str | None = None) -> Dataset:
        """Splits each element along its first axis.

        Shape: (b, ...) -> b elements (...); a RaggedTensor gives its rows, a SparseTensor SparseTensors.
        Args:
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays where all batch sizes follow from the plan.
        Errors: ValueError for a scalar component or first sizes that differ within an element.
        Source: tf.data.Dataset.unbatch.
        """

    def unique(self, *, name: str | None = None) -> Dataset:
        """Drops elements that are equal to an earlier one of the same pass.

        Shape: as upstream, of unknown number.
        Args:
            name: a label for explain(), stats() and errors.
        Order: kept; a stream from here on. Equal are elements of one structure, dtypes and shapes with the same bytes: a NaN
            equals itself, 0.0 and -0.0 differ; texts are equal by value, dicts in any order of their keys.
        Memory: a key of each different element, its bytes or, above 32 of them, its BLAKE2b digest of 33 bytes, and 32 to 64
            bytes more; MemoryError past memory_limit. The state holds all keys, four bytes for three.
        Errors: failing elements pass; TypeError in the place of an element that holds a dataset.
        Example: from_tensor_slices(np.array([3, 1, 3, 2, 1])).unique() gives 3, 1, 2.
        Source: tf.data.Dataset.unique, which takes one component of integers or strings.
        """

    def window(self, size: SupportsIndex, shift: SupportsIndex | None = None, stride: SupportsIndex = 1, drop_remainder: bool = False, *, name: str | None = None) -> Dataset:
        """Groups elements into windows; each is a dataset, in the place of each component.

        Shape: an element's structure, with a Dataset of up to size elements for each component.
        Args:
            size: elements of a window, >= 1.
            shift: elements from one window's beginning to the next, >= 1; None: size.
            stride: elements from one of a window to the next, >= 1.
            drop_remainder: drop windows of fewer elements.
            name: a label for explain(), stats() and errors.
        Order: window i begins at element i * shift and takes every stride-th; random access stays.
        Memory: a window's rows are gathered when it is made: views where a batch would be one. On a stream the rows between
            the beginnings of the oldest and the newest window are kept; the state is a place in the input.
        Errors: ValueError for a size, shift or stride < 1. A failing element stands in its place in each window.
        Example: Dataset.range(7).window(3, shift=2).flat_map(lambda w: w.batch(3)) gives [0 1 2], [2 3 4], [4 5 6], [6].
        Source: tf.data.Dataset.window.
        """

    def with_options(self, threads: SupportsIndex | None = None, memory_limit: SupportsIndex | None = None, deterministic: bool | None = None, writable: bool | None = None, *, name: str | None = None) -> Dataset:
        """Sets options for runs of this dataset.

        Shape: as upstream.
        Args:
            threads: threads that may work, >= 1, the caller among them; None: as many as cores.
            memory_limit: bytes in flight, >= 1; None: 1 GiB.
            deterministic: False allows another order; order is kept all the same in this version.
            writable: True: every delivered array may be written to.
            name: a label for explain(), stats() and errors.
        Order: of several set values the outermost wins, field by field.
        Memory: with writable=True, delivered arrays that others may read are copied.
        Errors: ValueError for threads < 1 or memory_limit < 1.
        Source: tf.data.Dataset.with_options.
        """

    def cache(self, filename: str | PathLike[str] = '', *, name: str | None = None) -> Dataset:
        """Keeps every element the first time it is read, in memory or in a folder.

        Shape: as upstream.
        Args:
            filename: the folder, in one that exists; '': in memory.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. Everything before it is read as epoch 0.
        Memory: without a filename all elements, once for all iterators of this Dataset; read-only. Passing the
            memory limit is a MemoryError. On a stream a partial pass is thrown away. Not pickled, not in the state.
            With a filename nothing: elements are written beside the folder as they are read, and it appears once all
            of them were; on a stream by one pass to its end, on random access in any order and by any number of
            passes of one process. From then on it is mapped, also by other processes, and elements are views of it.
            Of two processes that write at once one names the folder; both go on right.
        Errors: never kept. A failing element is computed again; on a stream a pass with one is not kept, and on
            random access the folder waits until every element was good once. With a filename also: ValueError when
            attached if the folder holds another plan's elements (a changed function body is not seen), and for an
            element whose structure, dtype or number of axes is unlike the others'; OSError with the path and the
            system's reason where it cannot be written: on random access for each element, on a stream once, and
            it then goes on uncached.
        Source: tf.data.Dataset.cache.
        """

    def snapshot(self, path: str | PathLike[str], *, name: str | None = None) -> Dataset:
        """Writes the elements on the first run and reads them on later ones.

        Shape: as upstream.
        Args:
            path: the folder of the snapshots.
            name: a label for explain(), stats() and errors.
        Order: kept; random access stays. Everything before it is read as epoch 0.
        Memory: as cache(filename), which it is but for one thing: the folder is path/FINGERPRINT, so that plans
            that give other elements keep theirs side by side; a changed plan writes anew instead of being refused.
            Old ones stay until somebody deletes them. path is made by the first one, in a folder that exists.
        Errors: as cache(filename). The fingerprint does not cover the contents of arrays and files (from_hdf5's,
            too) nor function bodies: after a change of those give another path, or delete the folder.
        Source: tf.data.Dataset.snapshot, without compression, reader_func and shard_func.
        """

@final
class Iterator:
    """One pass over a Dataset, made by iter(dataset) or dataset.iterator(). Threads may share it."""

    def __iter__(self) -> Iterator: ...
    def __next__(self) -> Any: ...
    def __len__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __enter__(self) -> Iterator: ...
    def __exit__(self, *exception: object) -> None: ...
    def state_dict(self) -> dict[str, Any]: ...
    def load_state_dict(self, state: dict[str, Any], /) -> None: ...
    def close(self) -> None: ...
    def stats(self) -> list[dict[str, Any]]: ...
    @property
    def epoch(self) -> int: ...
    @property
    def position(self) -> int: ...

@final
class Tensor:
    """An array of one dtype that headrace, NumPy and others share; made by hr.tensor, hr.from_dlpack and ds.as_tensor_iterator()."""

    __array_priority__: float
    __hash__: ClassVar[None]  # type: ignore[assignment]

    @property
    def shape(self) -> tuple[int, ...]: ...
    @property
    def strides(self) -> tuple[int, ...]: ...
    @property
    def dtype(self) -> Any: ...
    @property
    def ndim(self) -> int: ...
    @property
    def size(self) -> int: ...
    @property
    def nbytes(self) -> int: ...
    @property
    def itemsize(self) -> int: ...
    @property
    def writable(self) -> bool: ...
    @property
    def T(self) -> Tensor: ...
    def numpy(self) -> Any: ...
    def copy(self) -> Tensor: ...
    def astype(self, dtype: Any, copy: bool = True) -> Tensor: ...
    def reshape(self, *shape: Any) -> Tensor: ...
    def transpose(self, *axes: Any) -> Tensor: ...
    def sum(
        self, axis: int | Sequence[int] | None = None, keepdims: bool = False, *, dtype: None = None, out: None = None
    ) -> Tensor: ...
    def mean(
        self, axis: int | Sequence[int] | None = None, keepdims: bool = False, *, dtype: None = None, out: None = None
    ) -> Tensor: ...
    def min(
        self, axis: int | Sequence[int] | None = None, keepdims: bool = False, *, dtype: None = None, out: None = None
    ) -> Tensor: ...
    def max(
        self, axis: int | Sequence[int] | None = None, keepdims: bool = False, *, dtype: None = None, out: None = None
    ) -> Tensor: ...
    def __add__(self, value: Any, /) -> Tensor: ...
    def __radd__(self, value: Any, /) -> Tensor: ...
    def __sub__(self, value: Any, /) -> Tensor: ...
    def __rsub__(self, value: Any, /) -> Tensor: ...
    def __mul__(self, value: Any, /) -> Tensor: ...
    def __rmul__(self, value: Any, /) -> Tensor: ...
    def __truediv__(self, value: Any, /) -> Tensor: ...
    def __rtruediv__(self, value: Any, /) -> Tensor: ...
    def __and__(self, value: Any, /) -> Tensor: ...
    def __rand__(self, value: Any, /) -> Tensor: ...
    def __or__(self, value: Any, /) -> Tensor: ...
    def __ror__(self, value: Any, /) -> Tensor: ...
    def __xor__(self, value: Any, /) -> Tensor: ...
    def __rxor__(self, value: Any, /) -> Tensor: ...
    def __neg__(self) -> Tensor: ...
    def __pos__(self) -> Tensor: ...
    def __abs__(self) -> Tensor: ...
    def __invert__(self) -> Tensor: ...
    def __eq__(self, value: Any, /) -> Any: ...
    def __ne__(self, value: Any, /) -> Any: ...
    def __lt__(self, value: Any, /) -> Tensor: ...
    def __le__(self, value: Any, /) -> Tensor: ...
    def __gt__(self, value: Any, /) -> Tensor: ...
    def __ge__(self, value: Any, /) -> Tensor: ...
    def item(self) -> Any: ...
    def tolist(self) -> Any: ...
    def __len__(self) -> int: ...
    def __iter__(self) -> Iterator_[Tensor]: ...
    def __getitem__(self, key: Any, /) -> Tensor: ...
    def __setitem__(self, key: Any, value: Any, /) -> None: ...
    def __delitem__(self, key: Any, /) -> None: ...
    def __float__(self) -> float: ...
    def __int__(self) -> int: ...
    def __index__(self) -> int: ...
    def __bool__(self) -> bool: ...
    def __buffer__(self, flags: int, /) -> memoryview: ...
    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any: ...
    def __dlpack__(
        self, *, stream: int | None = None, max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None, copy: bool | None = None,
    ) -> Any: ...
    def __dlpack_device__(self) -> tuple[int, int]: ...
    def __copy__(self) -> Tensor: ...
    def __deepcopy__(self, memo: Any, /) -> Tensor: ...
    def __format__(self, format_spec: str, /) -> str: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

def tensor(data: Any, dtype: Any = None) -> Tensor: ...
def add(a: Any, b: Any, /) -> Tensor: ...
def subtract(a: Any, b: Any, /) -> Tensor: ...
def multiply(a: Any, b: Any, /) -> Tensor: ...
def divide(a: Any, b: Any, /) -> Tensor: ...
def minimum(a: Any, b: Any, /) -> Tensor: ...
def maximum(a: Any, b: Any, /) -> Tensor: ...
def equal(a: Any, b: Any, /) -> Tensor: ...
def not_equal(a: Any, b: Any, /) -> Tensor: ...
def less(a: Any, b: Any, /) -> Tensor: ...
def less_equal(a: Any, b: Any, /) -> Tensor: ...
def greater(a: Any, b: Any, /) -> Tensor: ...
def greater_equal(a: Any, b: Any, /) -> Tensor: ...
def logical_and(a: Any, b: Any, /) -> Tensor: ...
def logical_or(a: Any, b: Any, /) -> Tensor: ...
def logical_xor(a: Any, b: Any, /) -> Tensor: ...
def bitwise_and(a: Any, b: Any, /) -> Tensor: ...
def bitwise_or(a: Any, b: Any, /) -> Tensor: ...
def bitwise_xor(a: Any, b: Any, /) -> Tensor: ...
def negative(a: Any, /) -> Tensor: ...
def abs(a: Any, /) -> Tensor: ...
def sqrt(a: Any, /) -> Tensor: ...
def exp(a: Any, /) -> Tensor: ...
def log(a: Any, /) -> Tensor: ...
def logical_not(a: Any, /) -> Tensor: ...
def invert(a: Any, /) -> Tensor: ...
def clip(a: Any, min: Any = None, max: Any = None) -> Tensor: ...
def where(condition: Any, a: Any, b: Any, /) -> Tensor: ...
def cast(a: Any, dtype: Any) -> Tensor: ...
def sum(a: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor: ...
def mean(a: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor: ...
def min(a: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor: ...
def max(a: Any, axis: int | Sequence[int] | None = None, keepdims: bool = False) -> Tensor: ...
def take_dlpack(capsule: Any, /) -> Tensor: ...
def at(plan: Plan, position: int, /) -> Any: ...
def cardinality(plan: Plan, /) -> int: ...
def element_spec(plan: Plan, /) -> Any: ...
def explain(plan: Plan, /) -> str: ...
def fingerprint(plan: Plan, /) -> str: ...
def gather(plan: Plan, indices: Any, /) -> Any: ...
def iterator(plan: Plan, epoch: int | None, tensors: bool, /) -> Iterator: ...
def make_ndarray(message: Any, max_bytes: Any, /) -> Any: ...
def make_tensor_proto(tensor: Any, /) -> bytes: ...
def memory() -> dict[str, int]: ...
def run_program(words: list[bytes]) -> int: ...
def options(plan: Plan, /) -> tuple[int | None, int | None, bool | None, bool | None]: ...
def hdf5_rows(file: str, name: bytes, trusted: bool, /) -> int | None: ...
def read_hdf5_array(file: str, name: bytes, begin: int | None, end: int | None, trusted: bool, /) -> Any: ...
def read_hdf5_group(file: str, group: bytes, trusted: bool, /) -> tuple[Any, Any, Any]: ...
def parts(plan: Plan, array: Callable[[Any], Any], function: Callable[[str, Any], Any], /) -> tuple[Any, ...]: ...
def padded(ragged: Any, value: Any, /) -> Any: ...
def peak_workers() -> int: ...
def random_access(plan: Plan, /) -> bool: ...
def rebuild(*parts: Any) -> Dataset: ...
def reset_peak_workers() -> None: ...
def set_component_classes(ragged: type, sparse: type, /) -> None: ...
def save(plan: Plan, path: str, /) -> None: ...
def set_dataset_class(cls: type[Plan], /) -> None: ...
def write_csv(plan: Plan, path: str, header: Any, delimiter: Any, progress: Any, /) -> None: ...
def write_hdf5(
    plan: Plan, path: str, chunk_rows: Any, compression: Any, level: Any, shuffle: Any, checksum: Any, attrs: Any, progress: Any, /
) -> None: ...
def write_npy(plan: Plan, path: str, progress: Any, /) -> None: ...
def to_dense(sparse: Any, /) -> Any: ...
def stages() -> list[dict[str, Any]]: ...
def described_operations() -> list[dict[str, Any]]: ...
def stats(plan: Plan, /) -> list[dict[str, Any]]: ...
