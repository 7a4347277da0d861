// The inputs of interleave and flat_map, and the datasets made of them.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include <headrace/pipeline/inner_cursor.hpp>

namespace headrace {

/// One of the datasets that take turns.
struct InterleaveSlot {
  std::int64_t input = -1;  // the place of the element it was made of
  Mark before;              // upstream's mark before that element
  std::unique_ptr<InnerCursor> inner;

  bool open() const { return inner != nullptr; }
  void close() {
    inner.reset();
    input = -1;
  }
};

/// An element on its way to a dataset.
struct InterleaveInput {
  std::int64_t input;
  Element element;
  FailurePtr failure;
};

/// Makes a dataset of an element. Thread-safe for different slots.
class InterleaveOpener {
 public:
  InterleaveOpener(const StageNode& node, const Function& map_func, const Context& context);
  /// Where the function fails, says so and leaves the slot closed. An Interrupt passes through.
  FailurePtr open(const InterleaveInput& input, InterleaveSlot& slot) const;

 private:
  const StageNode& node_;
  const Function& map_func_;
  std::shared_ptr<Run> run_;
  std::int64_t epoch_;
};

/// Reads upstream's elements in sequence.
class InterleaveInputs {
 public:
  InterleaveInputs(const StageNode& node, const Function& map_func, const Context& context);

  /// Reads the next element into the slot's place; nothing at the end, which is remembered.
  std::optional<InterleaveInput> read(InterleaveSlot& slot);
  const InterleaveOpener& opener() const { return opener_; }
  bool ended() const { return ended_; }
  std::int64_t count() const { return read_; }
  void mark_upstream(Mark& out) const { upstream_->mark(out); }

  /// Marks upstream at the oldest open input, the number of inputs, and each open slot: "anchor", "inputs", "open", and
  /// for each "slot", "input" and the inner mark.
  void mark(Mark& out, const std::vector<InterleaveSlot>& slots) const;
  void restore(MarkReader& in, std::vector<InterleaveSlot>& slots);
  /// Inputs read since the last call: for the account.
  std::int64_t take_count() { return std::exchange(counted_, 0); }

 private:
  void skip_to(std::int64_t input);
  const StageNode& node_;
  InterleaveOpener opener_;
  std::unique_ptr<Cursor> upstream_;
  std::int64_t read_ = 0;
  std::int64_t counted_ = 0;
  bool ended_ = false;
};

/// One open slot as a mark names it.
struct OpenSlotMark {
  std::int64_t slot;
  std::int64_t input;
  const Mark* before;  // upstream's, before that input
  std::function<void(Mark& out)> mark_inner;
};
/// The part of a mark that InterleaveInputs::mark writes; `upstream` is for where no slot is open.
void mark_slots(Mark& out, std::vector<OpenSlotMark> open, const Mark& upstream, std::int64_t inputs);

}  // namespace headrace
