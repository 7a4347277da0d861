// Where a cursor stands: a few named numbers. One format serves anchors in memory and saved states.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <headrace/tensor/error.hpp>

namespace headrace {

/// What cannot be computed again and so goes into a state as data: a set of keys, what a user's function remembers.
/// Made into text only when a state is saved; that may be on another thread than the one that goes on meanwhile.
class MarkData {
 public:
  virtual ~MarkData() = default;
  virtual std::string to_text() const = 0;
};
using MarkDataPtr = std::shared_ptr<const MarkData>;

/// Names are string literals. Making a mark costs a few nanoseconds a number. A cursor whose rows are not its inner
/// cursor's, one for one, puts an entry of its own after the inner ones ("close" if it has none): an "ahead" that
/// follows is then about its rows.
class Mark {
 public:
  struct Entry {
    std::string_view name;
    std::int64_t value;
    MarkDataPtr data;  // in place of the number
  };
  void put(std::string_view name, std::int64_t value) { entries_.push_back({name, value, nullptr}); }
  void put_data(std::string_view name, MarkDataPtr data) { entries_.push_back({name, 0, std::move(data)}); }
  void append(const Mark& other) { entries_.insert(entries_.end(), other.entries_.begin(), other.entries_.end()); }
  void clear() { entries_.clear(); }
  const std::vector<Entry>& entries() const { return entries_; }

 private:
  std::vector<Entry> entries_;
};

/// An entry as a state keeps it.
struct SavedEntry {
  std::string name;
  std::int64_t value = 0;
  std::optional<std::string> data;
};

/// Reads a mark in the order it was put. Throws ValueError for another name, a missing entry or a number out of range.
class MarkReader {
 public:
  explicit MarkReader(const std::vector<SavedEntry>& entries) : entries_(entries) {}
  bool next_is(std::string_view name) const { return next_ < entries_.size() && entries_[next_].name == name; }
  std::int64_t get(std::string_view name, std::int64_t least, std::int64_t most);
  std::int64_t get_count(std::string_view name);  // >= 0
  const std::string& get_data(std::string_view name);
  bool at_end() const { return next_ == entries_.size(); }

 private:
  const SavedEntry& next(std::string_view name) const;
  const std::vector<SavedEntry>& entries_;
  std::size_t next_ = 0;
};

}  // namespace headrace
