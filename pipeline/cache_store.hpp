// Where a cache keeps elements, shared by all runs of a plan.
#pragma once

#include <memory>
#include <string>

#include <headrace/pipeline/rows.hpp>

namespace headrace {

class Run;

/// Elements by position. Thread-safe. What is kept never changes.
class PositionStore {
 public:
  virtual ~PositionStore() = default;
  /// All positions are held, and a range of them is a view.
  virtual bool gives_views() const { return false; }
  /// All positions are held: then holds() need not be asked one by one.
  virtual bool whole() const { return false; }
  /// All positions were held when the plan was made: nothing upstream is ever read.
  virtual bool was_whole() const { return false; }
  virtual bool holds(std::int64_t position) const = 0;
  /// Keeps the good rows; those already kept stay as they are. MemoryLimitError past `limit` bytes in all.
  virtual void keep(const Positions& positions, const Rows& rows, std::int64_t limit, const std::string& stage) = 0;
  /// All of them must be held.
  virtual Rows get(const Positions& positions) const = 0;
  /// What to deliver of rows that were just kept, none of them failed.
  virtual Rows delivered(const Positions& positions, Rows rows) const {
    static_cast<void>(rows);
    return get(positions);
  }
  /// Whether reaching a consumer now means, for the accounts, that a position was read upstream: the first time since
  /// it was kept here, and always where it could not be kept.
  virtual bool first_use(std::int64_t position) = 0;
};

/// For a known number of elements of one fixed size: a table a component.
std::unique_ptr<PositionStore> make_table_store(const Spec& spec, std::int64_t count);
/// For any elements.
std::unique_ptr<PositionStore> make_element_store();

/// A whole pass over a stream. Threads may share it.
class KeptPass {
 public:
  virtual ~KeptPass() = default;
  virtual std::int64_t count() const = 0;
  virtual Rows get(std::int64_t begin, std::int64_t count) const = 0;
};

/// Keeps one pass as it goes by.
class PassWriter {
 public:
  virtual ~PassWriter() = default;
  /// Throws what stands against going on: memory ran out, a write failed. Called before more is shown.
  virtual void check(const Run& run, const std::string& stage) = 0;
  /// Upstream's rows as the consumer shall see them; valid until the next call.
  virtual RowView shown(const RowView& rows) { return rows; }
  /// Those of the rows shown that were consumed, none of them failed. Throws nothing: check does.
  virtual void keep(const RowView& shown) = 0;
  /// The pass came to its end: from now on others find it. May throw once.
  virtual void finish() = 0;
};

/// Passes over a stream: one is kept, as soon as it came to its end without an error. Thread-safe.
class PassStore {
 public:
  virtual ~PassStore() = default;
  /// nullptr: none yet.
  virtual std::shared_ptr<const KeptPass> kept() = 0;
  virtual std::unique_ptr<PassWriter> begin() = 0;
};

std::unique_ptr<PassStore> make_pass_store();

}  // namespace headrace
