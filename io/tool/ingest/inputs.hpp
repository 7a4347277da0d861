// The rows of the inputs of ingest, whatever kind of file they lie in.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headrace/io/input_files.hpp>
#include <headrace/pipeline/dataset.hpp>

namespace headrace::tool {

struct Ingest;

struct Inputs {
  Dataset rows;
  bool strewn = false;               // rows in any order cost little
  std::vector<InputFile> files;      // none: a folder
  std::vector<std::string> classes;  // what the labels of images stand for
  bool as_bytes = false;             // images are kept as they are
  std::int64_t bytes() const;        // of all files

  /// ValueError, TypeError or IoError "[ingest] ..." or of the source.
  static Inputs of(const Ingest& options);
};

}  // namespace headrace::tool
