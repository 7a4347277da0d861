// Mean, spread and range of what is ingested, chunk by chunk.
#pragma once

#include <headrace/io/hdf5/chunks.hpp>
#include <headrace/io/tool/moments.hpp>

namespace headrace::tool {

/// Gives a chunk's moments as bytes.
hdf5::Note moments_note(const std::vector<hdf5::NewArray>& arrays);

/// Of each array, joined in the order of chunks.
class ColumnStats {
 public:
  explicit ColumnStats(const std::vector<hdf5::NewArray>& arrays) : arrays_(arrays), moments_(arrays.size()) {}
  /// What the note said of the next chunk.
  void join(const Tensor& note);
  /// Attributes of the arrays: count, nulls; of numbers also mean, std, min and max, if there are any.
  void write(hdf5::Output& output) const;

 private:
  std::vector<hdf5::NewArray> arrays_;
  std::vector<Moments> moments_;
};

}  // namespace headrace::tool
