// Numbered places for rows, overwritten in any order: the memory of a buffered shuffle.
#pragma once

#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// Rows of one dtype and shape lie in one block a component; from the first that differs on, all are kept one by one.
class RowSlab {
 public:
  /// Copies row i of `rows` to `slot` <= size(); at size() it grows. In two steps, of which only the first may throw
  /// (and then has changed nothing), or in one.
  void prepare(std::int64_t slot, const RowView& rows, std::int64_t i);
  void commit(std::int64_t slot, const RowView& rows, std::int64_t i);
  void put(std::int64_t slot, const RowView& rows, std::int64_t i) {
    prepare(slot, rows, i);
    commit(slot, rows, i);
  }
  /// slot = the last one, which goes.
  void fill_with_last(std::int64_t slot);
  std::int64_t size() const { return size_; }
  std::int64_t nbytes() const;

  /// Copies rows out, in the order they are asked for.
  class Output {
   public:
    Output(const RowSlab& slab, std::int64_t expected);
    void append(std::int64_t slot);
    std::int64_t count() const { return count_; }
    Rows finish();

   private:
    void turn_into_list();
    const RowSlab& slab_;
    std::int64_t expected_;
    std::int64_t count_ = 0;
    bool stacked_;
    Rows rows_;
  };

 private:
  static const Element* listed(const RowView& rows, std::int64_t i);
  bool fits(const RowView& rows, std::int64_t i) const;
  void start(const RowView& rows, std::int64_t i);
  void grow();
  void turn_into_list();
  Outcome outcome(std::int64_t slot) const;

  std::int64_t size_ = 0, capacity_ = 0;
  bool started_ = false, stacked_ = false;
  StructurePtr structure_;
  std::vector<Tensor> columns_;
  std::vector<std::int64_t> row_bytes_;
  std::vector<FailurePtr> failures_;  // stacked; as long as the largest slot that ever failed
  std::vector<Outcome> list_;
  Outcome prepared_;
};

}  // namespace headrace
