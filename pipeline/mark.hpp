// Where a cursor stands: a few named numbers. One format serves anchors in memory and saved states.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <headrace/tensor/error.hpp>

namespace headrace {

/// Names are string literals. Making a mark costs a few nanoseconds a number. A cursor whose rows are not its inner
/// cursor's, one for one, puts an entry of its own after the inner ones ("close" if it has none): an "ahead" that
/// follows is then about its rows.
class Mark {
 public:
  struct Entry {
    std::string_view name;
    std::int64_t value;
  };
  void put(std::string_view name, std::int64_t value) { entries_.push_back({name, value}); }
  void append(const Mark& other) { entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end()); }
  void clear() { entries_.clear(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// Reads a mark in the order it was put. Throws ValueError for another name, a missing entry or a number out of range.
class MarkReader {
 public:
  explicit MarkReader(const std::vector<std::pair<std::string, std::int64_t>>& entries) : entries_(entries) {}
  bool next_is(std::string_view name) const { return next_ < entries_.size() && entries_[next_].first == name; }
  std::int64_t get(std::string_view name, std::int64_t least, std::int64_t most);
  std::int64_t get_count(std::string_view name);  // >= 0
  bool at_end() const { return next_ == entries_.size(); }

 private:
  const std::vector<std::pair<std::string, std::int64_t>>& entries_;
  std::size_t next_ = 0;
};

}  // namespace headrace
