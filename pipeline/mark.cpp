#include <headrace/pipeline/mark.hpp>

namespace headrace {

const SavedEntry& MarkReader::next(std::string_view name) const {
  require(next_ < entries_.size(), "state", "an entry '", name,
          "' is missing; the state is of another plan or truncated");
  const SavedEntry& entry = entries_[next_];
  require(entry.name == name, "state", "entry ", next_, " must be '", name, "', got '", entry.name,
          "'; the state is of another plan");
  return entry;
}

std::int64_t MarkReader::get(std::string_view name, std::int64_t least, std::int64_t most) {
  const SavedEntry& entry = next(name);
  require(!entry.data, "state", "'", name, "' must be a number, got a text; the state is damaged");
  require(entry.value >= least && entry.value <= most, "state", "'", name, "' must be within [", least, ", ", most,
          "], got ", entry.value, "; the state is damaged");
  ++next_;
  return entry.value;
}

std::int64_t MarkReader::get_count(std::string_view name) { return get(name, 0, INT64_MAX); }

const std::string& MarkReader::get_data(std::string_view name) {
  const SavedEntry& entry = next(name);
  require(entry.data.has_value(), "state", "'", name, "' must be a text, got a number; the state is damaged");
  ++next_;
  return *entry.data;
}

}  // namespace headrace
