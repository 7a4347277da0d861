// Rows in another dtype than HDF5 has for them.
#pragma once

#include <headrace/io/hdf5/component.hpp>

namespace headrace::hdf5 {

/// A component of UTF-8 as one of NumPy's U, or one of text as one of bytes: see kDTypeAttribute.
std::unique_ptr<const Component> in_dtype(std::unique_ptr<const Component> stored, DType dtype);

}  // namespace headrace::hdf5
