// Where cache() keeps elements, shared by all runs of a plan.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <unordered_map>

#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// Elements by position. Thread-safe. What is kept never changes, so readers need no lock for it.
class PositionStore {
 public:
  virtual ~PositionStore() = default;
  virtual bool holds(std::int64_t position) const = 0;
  /// Keeps copies of the good rows; those already kept stay as they are. MemoryLimitError past `limit` bytes in all.
  virtual void keep(const Positions& positions, const Rows& rows, std::int64_t limit, const std::string& stage) = 0;
  /// All of them must be held.
  virtual Rows get(const Positions& positions) const = 0;
  /// Whether this is the first time that a position reaches a consumer (for accounts).
  virtual bool first_use(std::int64_t position) = 0;
};

/// For a known number of elements of one fixed size: a table a component.
std::unique_ptr<PositionStore> make_table_store(const Spec& spec, std::int64_t count);
/// For any elements.
std::unique_ptr<PositionStore> make_element_store();

/// A whole pass over a stream; nothing until one came to its end without an error.
class PassStore {
 public:
  std::shared_ptr<const std::vector<Element>> elements() const {
    const std::lock_guard lock(mutex_);
    return elements_;
  }
  void set(std::vector<Element> elements) {
    const std::lock_guard lock(mutex_);
    if (!elements_) elements_ = std::make_shared<const std::vector<Element>>(std::move(elements));
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const std::vector<Element>> elements_;
};

}  // namespace headrace
