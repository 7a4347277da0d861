// A dataset being read inside a stage of another run: what flat_map, interleave and group_by_window do.
#pragma once

#include <headrace/pipeline/function.hpp>
#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace {

/// The dataset that `function` makes of `element`; a TypeError where it gives something else. `stage` and `option` are
/// for the text.
Dataset call_for_dataset(const Function& function, const Element& element, const Node& stage, const char* option);

/// Reads `dataset` in the epoch of `outer`, in a run of its own inside it. Its drawn seeds follow from the stage's seed
/// and `ordinal`, the place of the call that made the dataset.
class InnerCursor final : public Cursor {
 public:
  InnerCursor(const Dataset& dataset, const Node& stage, const Context& outer, std::int64_t ordinal);

  RowView peek(std::int64_t want) override { return cursor_->peek(want); }
  void take(std::int64_t n) override { cursor_->take(n); }
  std::int64_t skip(std::int64_t n) override { return cursor_->skip(n); }
  void mark(Mark& out) const override { cursor_->mark(out); }
  /// A user's function may run at the next peek: rows that are there must not wait for it.
  bool reads_inline() const { return reads_inline_; }

 protected:
  void do_restore(MarkReader& in) override { cursor_->restore(in); }

 private:
  std::shared_ptr<Run> run_;
  std::unique_ptr<Cursor> cursor_;
  bool reads_inline_;
};

/// Inner rows on their way out: their failures are no longer about the inner plan's stages, which have no account in
/// the outer run.
void leave_inner(Rows& rows, const Node& stage);

}  // namespace headrace
