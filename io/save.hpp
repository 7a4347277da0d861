// Elements into a folder.
#pragma once

#include <string>

#include <headrace/pipeline/iterator.hpp>

namespace headrace {

/// Writes what `iterator` has left, an iterator of `dataset`, to the folder `path`, which then is whole: what was there
/// before, a folder of elements, stays until then. Memory is bounded. Throws an element's error as it comes (Failed,
/// with its notes), IoError where the system refuses, ValueError where the folder holds something else or elements are
/// not alike; `path` is then as it was.
void save(Iterator& iterator, const Dataset& dataset, const std::string& path);

/// All elements of the dataset's next epoch. An element's error is thrown as it is.
void save(Dataset& dataset, const std::string& path);

}  // namespace headrace
