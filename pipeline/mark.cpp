#include <headrace/pipeline/mark.hpp>

namespace headrace {

std::int64_t MarkReader::get(std::string_view name, std::int64_t least, std::int64_t most) {
  require(next_ < entries_.size(), "state", "an entry '", name,
          "' is missing; the state is of another plan or truncated");
  const auto& [found, value] = entries_[next_];
  require(found == name, "state", "entry ", next_, " must be '", name, "', got '", found,
          "'; the state is of another plan");
  require(value >= least && value <= most, "state", "'", name, "' must be within [", least, ", ", most, "], got ",
          value, "; the state is damaged");
  ++next_;
  return value;
}

std::int64_t MarkReader::get_count(std::string_view name) { return get(name, 0, INT64_MAX); }

}  // namespace headrace
