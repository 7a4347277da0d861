// The rows of .npy files of which some are compressed by gzip: in order, since nothing else can be read of such a file.
#pragma once

#include <headrace/io/input_files.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

/// A stream of the rows of all files. IoError for what is no .npy file; ValueError for arrays that are scalars, in
/// Fortran order, or of rows that are not as the first one's.
std::shared_ptr<Node> make_npy_stream(std::string_view stage, std::vector<InputFile> files);

}  // namespace headrace
