#include <headrace/pipeline/unique.hpp>

#include <deque>

#include <headrace/pipeline/key_set.hpp>
#include <headrace/pipeline/sieve.hpp>

namespace headrace {

namespace {

class UniqueNode final : public StageNode {
 public:
  explicit UniqueNode(NodePtr upstream) : StageNode(std::move(upstream)) {}
  Access access() const override { return Access::stream; }
  std::int64_t cardinality() const override { return up().cardinality() == 0 ? 0 : kUnknown; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
};

/// Mark: a sieve's, "seen" (the keys as data).
class UniqueCursor final : public SieveCursor {
 public:
  UniqueCursor(const UniqueNode& node, const Context& context) : SieveCursor(node, context) {}

 protected:
  Sifted sift(const RowView& input, const Positions& positions) override {
    while (!verdicts_.empty() && first_ < positions[0]) {
      verdicts_.pop_front();
      ++first_;
    }
    first_ = positions[0];
    look_at(input, positions);
    std::vector<std::int64_t> kept;
    bool replaced = false;
    for (std::int64_t row = 0; row < input.count; ++row) {
      const Verdict& verdict = verdicts_[static_cast<std::size_t>(row)];
      if (verdict.kept) kept.push_back(row);
      replaced = replaced || verdict.failure;
    }
    return replaced ? with_failures(input, kept) : keep(input, kept);
  }

  void consumed(std::int64_t, std::int64_t end, Account&) override {
    seen_ = verdicts_[static_cast<std::size_t>(end - 1)].seen;
  }
  void mark_more(Mark& out) const override { out.put_data("seen", keys_.up_to(seen_)); }
  void restore_more(MarkReader& in) override {
    keys_.restore(in.get_data("seen"));
    seen_ = keys_.position();
  }

 private:
  struct Verdict {
    bool kept;
    std::int64_t seen;   // where the keys stand after it
    FailurePtr failure;  // in its place, where it cannot be told from others
  };

  /// Decides on rows that have not been decided on: what memory ran out after is not asked again.
  void look_at(const RowView& input, const Positions& positions) {
    require<MemoryLimitError>(keys_.nbytes() <= run().memory_limit(), node().label(),
                              "the keys of the elements seen must fit the memory limit of ", run().memory_limit(),
                              " bytes, got ", keys_.nbytes(), "; raise memory_limit by with_options");
    bool like_last = false;
    for (auto row = static_cast<std::int64_t>(verdicts_.size()); row < input.count; ++row) {
      Verdict& verdict = verdicts_.emplace_back(Verdict{true, 0, nullptr});
      try {
        if (!input.failure(row)) {
          verdict.kept = keys_.add(input, row, like_last);
          like_last = input.rows->stacked;
        }
      } catch (const TypeError&) {
        verdict.failure = capture_failure(node(), positions[row]);
      } catch (...) {
        verdicts_.pop_back();
        throw;
      }
      verdict.seen = keys_.position();
    }
  }

  Sifted with_failures(const RowView& input, const std::vector<std::int64_t>& kept) {
    RowsBuilder builder(input.count, true);
    for (const std::int64_t row : kept) {
      builder.set_origin(row);
      if (const FailurePtr& failure = verdicts_[static_cast<std::size_t>(row)].failure)
        builder.append_failure(failure);
      else
        builder.append_rows(input, {&row, 1});
    }
    Sifted sifted{input.count, static_cast<std::int64_t>(kept.size()), true, builder.finish(), nullptr};
    return sifted;
  }

  KeySet keys_;
  std::int64_t seen_ = 0;         // where the keys stand after the rows consumed
  std::deque<Verdict> verdicts_;  // on the block's rows, perhaps on more
  std::int64_t first_ = 0;        // the ordinal of the first
};

std::unique_ptr<Cursor> UniqueNode::open_stream(const Context& context) const {
  return std::make_unique<UniqueCursor>(*this, context);
}

}  // namespace

Dataset Unique::operator()(const Dataset& upstream) const {
  return Dataset(std::make_shared<UniqueNode>(upstream.node_ptr()));
}

}  // namespace headrace
