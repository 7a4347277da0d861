// Where cache(filename) and snapshot keep elements: a folder, shared with other processes.
#pragma once

#include <headrace/io/folder_writer.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace {

/// `upstream` with its elements kept in the folder of `note`: read from there if it is whole, and written the first
/// time all of them were read. Checked now, as far as it can be known: ValueError for a folder of another plan's
/// elements, with `way_out`; IoError where the folder that it shall stand in cannot be written to.
Dataset cache_in_folder(const Dataset& upstream, FolderNote note, std::string way_out);

}  // namespace headrace
