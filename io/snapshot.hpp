// Elements kept across runs, a folder a plan.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct Snapshot {
  std::string path;
  static constexpr auto name = "snapshot";
  static constexpr auto summary = "Writes the elements on the first run and reads them on later ones.";
  static constexpr auto details =
      "Shape: as upstream.\n"
      "Order: kept; random access stays. Everything before it is read as epoch 0.\n"
      "Memory: as cache(filename), which it is but for one thing: the folder is path/FINGERPRINT, so that plans\n"
      "    that give other elements keep theirs side by side; a changed plan writes anew instead of being refused.\n"
      "    Old ones stay until somebody deletes them. path is made by the first one, in a folder that exists.\n"
      "Errors: as cache(filename). The fingerprint does not cover the contents of arrays and files (from_hdf5's,\n"
      "    too) nor function bodies: after a change of those give another path, or delete the folder.\n"
      "Source: tf.data.Dataset.snapshot, without compression, reader_func and shard_func.";
  static constexpr auto options() {
    return std::tuple{required_hint("path", &Snapshot::path, "the folder of the snapshots")};
  }
  Dataset operator()(const Dataset& upstream) const;
};

}  // namespace headrace
