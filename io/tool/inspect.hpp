#pragma once

#include <headrace/io/tool/command.hpp>

namespace headrace::tool {

struct Inspect {
  std::vector<std::string> files;
  bool json = false;
  std::string memory = "1G";
  std::int64_t batch = 256;
  static constexpr auto name = "inspect";
  static constexpr auto summary = "Shows what HDF5 files hold, and what shuffled reading of it costs.";
  static constexpr auto details =
      "Each dataset is shown with its dtype and shape, its bytes and those it takes in the file, its chunks and "
      "filters, "
      "and a verdict: 'fits' (all its decoded rows fit the memory limit), 'direct' (it lies as it is), 'fine', "
      "'costly' "
      "(chunks are decoded again and again), 'small chunks', or 'one thread' (only libhdf5 can read it). Where other "
      "chunks would help, the command that makes them follows. No elements are read.\n"
      "With --json each file is a line: {file, bytes, groups: [{name, attributes}], links_to_nowhere: [name], "
      "datasets: "
      "[{name, dtype, shape, max_shape, rows, row_bytes, bytes, stored_bytes, ratio, layout, chunk, filters, "
      "attributes, "
      "verdict: {kind, text, decodes, read_over, chunk_rows, repack}}]}. What is unknown is null; a dataset or group "
      "that "
      "cannot be looked at has name and error alone. Later versions may add keys.\n"
      "The exit code is 1 where something cannot be looked at.";
  static std::vector<Example> examples() {
    return {
        {"headrace inspect train.h5", "a tree with verdicts"},
        {"headrace inspect --memory 8G --batch 64 data/*.h5", "for with_options(memory_limit=8 << 30) and batch(64)"},
        {"headrace inspect --json train.h5 | jq '.datasets[].verdict.repack'", "the commands alone"}};
  }
  static constexpr auto parameters() {
    return std::tuple{argument("FILE", &Inspect::files, "HDF5 files"),
                      option("json", '\0', "", &Inspect::json, "a JSON object a line for each file"),
                      option("memory", 'm', "BYTES", &Inspect::memory, "the memory limit that verdicts are for"),
                      option("batch", 'b', "N", &Inspect::batch, "rows a batch that verdicts are for")};
  }
  int run(Console& console) const;
};

}  // namespace headrace::tool
