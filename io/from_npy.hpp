// The rows of arrays in .npy files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromNpy {
  std::vector<std::string> files;
  bool mmap = false;
  static constexpr auto name = "from_npy";
  static constexpr auto summary = "Gives the rows of arrays in .npy files.";
  static constexpr auto details =
      "Shape: a row, which is all axes but the first. Several files follow each other as one array: row shapes and "
      "dtypes\n"
      "    must agree. bool bytes other than 0 and 1 are true; records, S, U, datetime64 and so on are as np.load "
      "gives "
      "them.\n"
      "Order: as in the files; random access; the cardinality is exact. Other byte orders come out native. Files of "
      "which\n"
      "    one or more are compressed by gzip, known by their content, are a stream.\n"
      "Memory: a range of rows is read from the file straight into the batch; with mmap it is a read-only view of the "
      "file,\n"
      "    and nothing is copied (other byte orders are read all the same). Strewn rows are a read each, which mmap "
      "spares.\n"
      "    Arrays in Fortran order are read by blocks of rows, kept inside with_options(memory_limit); with mmap they "
      "are\n"
      "    strided views. At most 64 files are open.\n"
      "Errors: OSError for a file that is missing, damaged or no .npy file, or that was cut, written to or replaced "
      "since the\n"
      "    dataset was made; ValueError for a scalar, and for rows that differ between files; TypeError for Python "
      "objects,\n"
      "    which are never unpickled, and other types without a dtype.\n"
      "Example: from_npy(\"train-*.npy\").shuffle(seed=1).batch(64), from_npy(\"x.npy\", mmap=True).batch(256).\n"
      "Source: numpy.lib.format, versions 1.0, 2.0 and 3.0.";
  static constexpr auto options() {
    return std::tuple{required("files", &FromNpy::files, "a path, a pattern with * ? [...] in it, or a list"),
                      hint("mmap", &FromNpy::mmap,
                           "map the files: ranges of rows are views; a file must not shrink meanwhile (SIGBUS)")};
  }
  Dataset operator()() const;
};

inline Dataset from_npy(std::vector<std::string> files, bool mmap = false) {
  return make_source(FromNpy{std::move(files), mmap});
}

}  // namespace headrace
