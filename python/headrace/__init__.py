"""headrace: arrays in, NumPy batches out.

A Dataset is a plan of a source and stages; iterating over it runs the plan on a pool of threads and hands each element
over as NumPy arrays, without copying where that is right.

    import headrace as hr
    for images, labels in hr.from_tensor_slices((x, y)).shuffle(seed=7).batch(256):
        ...
"""

from headrace import image as image
from headrace import io as io
from headrace._core import *  # the sources: from_tensor_slices, range ...
from headrace._core import Iterator as Iterator
from headrace._core import Tensor as Tensor
from headrace._core import __version__ as __version__
from headrace._core import abs as abs
from headrace._core import add as add
from headrace._core import bitwise_and as bitwise_and
from headrace._core import bitwise_or as bitwise_or
from headrace._core import bitwise_xor as bitwise_xor
from headrace._core import cast as cast
from headrace._core import clip as clip
from headrace._core import divide as divide
from headrace._core import equal as equal
from headrace._core import exp as exp
from headrace._core import greater as greater
from headrace._core import greater_equal as greater_equal
from headrace._core import invert as invert
from headrace._core import less as less
from headrace._core import less_equal as less_equal
from headrace._core import log as log
from headrace._core import logical_and as logical_and
from headrace._core import logical_not as logical_not
from headrace._core import logical_or as logical_or
from headrace._core import logical_xor as logical_xor
from headrace._core import max as max
from headrace._core import maximum as maximum
from headrace._core import mean as mean
from headrace._core import min as min
from headrace._core import minimum as minimum
from headrace._core import multiply as multiply
from headrace._core import negative as negative
from headrace._core import not_equal as not_equal
from headrace._core import sqrt as sqrt
from headrace._core import subtract as subtract
from headrace._core import sum as sum
from headrace._core import tensor as tensor
from headrace._core import where as where
from headrace.components import RaggedTensor as RaggedTensor
from headrace.components import SparseTensor as SparseTensor
from headrace.dataset import Dataset as Dataset
from headrace.hdf5 import Hdf5Group as Hdf5Group
from headrace.hdf5 import read_hdf5 as read_hdf5
from headrace.interchange import from_dlpack as from_dlpack
from headrace.options import Options as Options
from headrace.spec import DatasetSpec as DatasetSpec
from headrace.spec import TensorSpec as TensorSpec
from headrace.tensor_proto import make_ndarray as make_ndarray
from headrace.tensor_proto import make_tensor_proto as make_tensor_proto

AUTOTUNE = -1
"""For num_parallel_calls and buffer_size: the same as None."""
INFINITE = -1
"""What cardinality() gives for a dataset without an end."""
UNKNOWN = -2
"""What cardinality() gives where only reading can tell."""


class HeadraceWarning(UserWarning):
    """What headrace warns of."""
