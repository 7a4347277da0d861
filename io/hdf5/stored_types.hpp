// Private to this folder: what a dtype is in a file. The other way round: types.hpp. Needs the Library.
#pragma once

#include <headrace/io/hdf5/library.hpp>
#include <headrace/tensor/dtype.hpp>

namespace headrace::hdf5 {

/// As h5py writes and reads it: bool as an enum, complex as a compound of r and i, text as variable-length UTF-8, dates
/// as opaque "NUMPY:M8[ns]", fixed-width text (NumPy's U) as UTF-8 of four bytes a character. TypeError for a record of
/// such, whose bytes would have to be others.
Id stored_type(const Action& action, DType dtype);

}  // namespace headrace::hdf5
