// The rows of arrays in HDF5 files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromHdf5 {
  std::vector<std::string> files;
  std::optional<Element> datasets;
  std::optional<std::string> groups;
  bool split_records = false;
  bool mmap = false;
  bool trusted = false;
  static constexpr auto name = "from_hdf5";
  static constexpr auto summary = "Gives the rows of arrays in HDF5 files.";
  static constexpr auto details =
      "Shape: a row of each dataset, in the structure of `datasets`; a group is a nested dict of its datasets. "
      "Several\n"
      "    files follow each other as one dataset: row shapes and dtypes must agree. With `groups` (* ? [...] in the\n"
      "    last part of the name) each group is an element and `datasets` are names in it, None: all it holds; sizes "
      "may\n"
      "    differ, dtypes and ranks must not. Groups come by name, numbers in it by value: sample_2 before sample_10.\n"
      "    A row of sequences of variable length is an array (None, ...): for padded_batch, ragged_batch and the "
      "like.\n"
      "Order: as in the files; random access; the cardinality is exact. Rows of other byte order come out native.\n"
      "Memory: rows are read by whole chunks, decoded on all threads and kept in one cache for all files, which stays "
      "inside\n"
      "    with_options(memory_limit). A batch inside one chunk is a read-only view of it. A full shuffle() of more "
      "than\n"
      "    fits decodes chunks again and again: shuffle(buffer_size=...) decodes each once an epoch. stats() counts "
      "them\n"
      "    as 'decoded', explain() says how each dataset is read. At most 64 files are open at a time. Groups'\n"
      "    datasets are read as a whole, sequences row by row, each time anew.\n"
      "Errors: OSError for a file that is missing, no HDF5 file, or was changed since, and in the place of a row whose "
      "chunk\n"
      "    cannot be read; ValueError for first sizes that differ; TypeError for types without a dtype. Unless "
      "trusted,\n"
      "    external links and storage and filter plugins are refused, and virtual datasets outside the file's folder.\n"
      "Example: from_hdf5(\"train-*.h5\", (\"images\", \"labels\")).shuffle(buffer_size=10_000).batch(64),\n"
      "    from_hdf5(\"scans.h5\", groups=\"/scans/*\").shuffle().padded_batch(8).";
  static constexpr auto options() {
    return std::tuple{
        required("files", &FromHdf5::files, "a path, a pattern with * ? [...] in it, or a list"),
        optional("datasets", &FromHdf5::datasets,
                 "a name, a list, tuple or dict of names, or a group's; None: all datasets, of one first size"),
        optional("groups", &FromHdf5::groups,
                 "\"/samples/*\": each group that matches is an element, of whole datasets in it; None: rows"),
        optional("split_records", &FromHdf5::split_records, "a dataset of records gives a dict of their fields"),
        hint(
            "mmap", &FromHdf5::mmap,
            "map what lies in the files as it is: ranges of rows are views; a file must not shrink meanwhile (SIGBUS)"),
        hint("trusted", &FromHdf5::trusted, "the file may read other files and load filter plugins")};
  }
  Dataset operator()() const;
};

inline Dataset from_hdf5(std::vector<std::string> files, std::optional<Element> datasets = {}) {
  return make_source(FromHdf5{std::move(files), std::move(datasets)});
}

}  // namespace headrace
