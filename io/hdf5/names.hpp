// What the components of a structure are called in a file: so write_hdf5 writes and from_hdf5 finds them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headrace/tensor/structure.hpp>

namespace headrace::hdf5 {

/// The attribute of the file that holds the structure as JSON.
inline constexpr const char* kStructureAttribute = "headrace_structure";

/// "/image", "/target/0": keys, and numbers in tuples; "/data" for a single leaf. ValueError for a key that cannot be
/// the name of an HDF5 object.
std::vector<std::string> array_names(std::string_view stage, const Structure& structure);

}  // namespace headrace::hdf5
