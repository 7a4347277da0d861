// The rows of arrays in .npz files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromNpz {
  std::vector<std::string> files;
  std::optional<Element> arrays;
  bool mmap = false;
  static constexpr auto name = "from_npz";
  static constexpr auto summary = "Gives the rows of arrays in .npz files.";
  static constexpr auto details =
      "Shape: a row of each array, in the structure of `arrays`; None is a dict of all arrays, in the file's order. "
      "Several\n"
      "    files follow each other as one dataset: row shapes and dtypes must agree. Other members of a file are left "
      "alone.\n"
      "Order: as in the files; random access; the cardinality is exact.\n"
      "Memory: arrays of np.savez are read by row, as by from_npy. Those of np.savez_compressed are inflated as a "
      "whole "
      "when\n"
      "    first used, and kept while the dataset lives: together they take at most three quarters of "
      "with_options(memory_limit).\n"
      "    Checksums are checked: of compressed arrays as they are inflated, of others by reading them once at their "
      "first\n"
      "    use; with mmap, what is mapped is not checked. At most 64 files are open.\n"
      "Errors: as from_npy's; OSError also for a damaged archive or another checksum, and for encrypted members or "
      "other\n"
      "    compressors, when they are named; MemoryError for compressed arrays that are too large: np.savez or "
      "write_hdf5\n"
      "    writes what is read by row; ValueError for first sizes that differ and for names that are not there.\n"
      "Example: from_npz(\"digits.npz\", (\"images\", \"labels\")).shuffle().batch(64).\n"
      "Source: numpy.savez; PKWARE's APPNOTE.TXT, with Zip64.";
  static constexpr auto options() {
    return std::tuple{
        required("files", &FromNpz::files, "a path, a pattern with * ? [...] in it, or a list"),
        optional("arrays", &FromNpz::arrays,
                 "a name, or a list, tuple or dict of names; None: all arrays, of one first size"),
        hint("mmap", &FromNpz::mmap,
             "map what is not compressed: ranges of rows are views; a file must not shrink meanwhile (SIGBUS)")};
  }
  Dataset operator()() const;
};

inline Dataset from_npz(std::vector<std::string> files, std::optional<Element> arrays = {}, bool mmap = false) {
  return make_source(FromNpz{std::move(files), std::move(arrays), mmap});
}

}  // namespace headrace
