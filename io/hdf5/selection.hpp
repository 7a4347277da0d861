// Which arrays of a file make an element, by what its user names.
#pragma once

#include <optional>

#include <headrace/io/hdf5/file.hpp>
#include <headrace/tensor/element.hpp>

namespace headrace::hdf5 {

struct Selection {
  StructurePtr structure;
  std::vector<std::string> names;  // full, a leaf each
};

/// `datasets`: a name, a vector or tuple of them, a dict of them, nested; a group's name stands for the nested dict of
/// its arrays, whose first sizes must be equal. Nothing: what write_hdf5 wrote, else all arrays of the file. Errors say
/// what there is.
Selection select(std::string_view stage, const File& file, const std::optional<Element>& datasets);

/// The same within one group of many that are alike: names are below it, and sizes may be any.
Selection select_in(std::string_view stage, const File& file, const std::string& group,
                    const std::optional<Element>& datasets);

}  // namespace headrace::hdf5
