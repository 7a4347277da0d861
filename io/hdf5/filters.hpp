// What was done to a chunk's bytes before they were stored, and how it is undone. Knows nothing of libhdf5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace headrace::hdf5 {

/// HDF5's numbers of the filters that are written here.
inline constexpr int kGzip = 1, kShuffle = 2, kFletcher32 = 3, kLzf = 32000;

/// One filter as a dataset declares it.
struct Filter {
  int id = 0;
  std::string name;              // as the file calls it; may be empty
  std::vector<unsigned> values;  // its client data
};

/// A dataset's filters, in the order of writing. Immutable; threads may share one.
class FilterPipeline {
 public:
  FilterPipeline() = default;
  explicit FilterPipeline(std::vector<Filter> filters);

  const std::vector<Filter>& filters() const { return filters_; }
  bool empty() const { return filters_.empty(); }
  /// The first filter that has no decoder here, "szip (4)"; nothing where decode() can be used.
  std::optional<std::string> unknown() const;
  /// "gzip 4, shuffle": for explain() and errors.
  std::string to_string() const;

  /// Undoes all filters but those that `mask` says were skipped (bit i: the i-th). Exactly `to.size()` bytes come out;
  /// anything else is a ValueError that names filter and cause, without a stage: "gzip: the data end too early".
  /// Neither more than `to.size()` plus the filters' own headers is written nor more than that allocated.
  void decode(std::span<const std::byte> stored, std::uint32_t mask, std::span<std::byte> to) const;
  /// Applies all filters.
  std::vector<std::byte> encode(std::span<const std::byte> chunk) const;

 private:
  std::vector<Filter> filters_;
};

}  // namespace headrace::hdf5
