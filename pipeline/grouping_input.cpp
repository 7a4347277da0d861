#include <headrace/pipeline/grouping_input.hpp>

#include <algorithm>

#include <headrace/pipeline/run.hpp>
#include <headrace/pipeline/slices.hpp>

namespace headrace {

struct InputAnchor {
  std::int64_t ordinal = 0;
  Mark mark;
};

bool GroupingInput::peek() {
  if (placed_ || failure_) return true;
  try {
    placed_ = place_next(failure_);
  } catch (...) {
    failure_ = capture_failure(node_, taken_);
  }
  return placed_ || failure_;
}

void GroupingInput::take(Group* group) {
  if (group) {
    keep_next(*group);
    group->ordinals.push_back(taken_);
    group->longest = std::max(group->longest, placed_->length);
  }
  go_on();
  ++taken_;
  placed_.reset();
  failure_.reset();
}

void GroupingInput::mark(Mark& out, const InputAnchor* oldest) const {
  mark_upstream(out, oldest);
  out.put("inputs", taken_);
}

void GroupingInput::restore(MarkReader& in, std::span<const Member> held) {
  restore_upstream(in);
  const std::int64_t inputs = in.get_count("inputs");
  const auto go = [&](std::int64_t ordinal) {
    require(ordinal >= taken_ && ordinal <= inputs && go_to(ordinal), "state",
            "it stands further than this plan goes; the state is damaged or the data has changed");
  };
  restoring_ = true;
  for (const Member& member : held) {
    go(member.ordinal);
    require(member.ordinal < inputs && peek() && placed_ && placed_->key == member.group->key, "state",
            "an element that it holds is no longer there; the state is damaged or the data has changed");
    take(member.group);
  }
  go(inputs);
  restoring_ = false;
}

namespace {

/// Mark: upstream's at an anchor, "anchor".
class StreamInput final : public GroupingInput {
 public:
  StreamInput(const GroupingNode& node, const Context& context)
      : GroupingInput(node), one_by_one_(node.reads_inline()), upstream_(open(node.up(), context)) {}

 protected:
  std::optional<Placed> place_next(FailurePtr& failed) override {
    if (shown_.empty()) {
      if (taken_ % kAnchorPeriod == 0) set_anchor();
      shown_ = upstream_->peek(one_by_one_ || restoring_ ? 1 : kAnchorPeriod - taken_ % kAnchorPeriod);
      if (shown_.empty()) return std::nullopt;
    }
    failed = shown_.failure(0);
    if (failed) return std::nullopt;
    return node_.place(shown_element());
  }
  void keep_next(Group& group) override {
    if (group.members.empty()) group.anchor = anchor_;
    group.members.push_back({to_keep(shown_element()), nullptr});
  }
  void go_on() override {
    of_block_ = {};
    shown_ = shown_.without_first(1);
    upstream_->take(1);
  }
  bool go_to(std::int64_t ordinal) override {
    const std::int64_t anchor = ordinal / kAnchorPeriod * kAnchorPeriod;
    if (anchor > taken_) {
      if (!skip_to(anchor)) return false;
      set_anchor();
    }
    return skip_to(ordinal);
  }
  void mark_upstream(Mark& out, const InputAnchor* oldest) const override {
    if (oldest)
      out.append(oldest->mark);
    else
      upstream_->mark(out);
    out.put("anchor", oldest ? oldest->ordinal : taken_);
  }
  void restore_upstream(MarkReader& in) override {
    upstream_->restore(in);
    taken_ = in.get_count("anchor");
    set_anchor();
  }

 private:
  static constexpr std::int64_t kAnchorPeriod = 64;

  const Element& shown_element() {
    if (!shown_.rows->stacked) return shown_.rows->list[static_cast<std::size_t>(shown_.begin)].element;
    if (of_block_.components.empty()) of_block_ = shown_.element(0);
    return of_block_;
  }
  void set_anchor() {
    if (anchor_ && anchor_->ordinal == taken_) return;
    auto anchor = std::make_shared<InputAnchor>(InputAnchor{taken_, {}});
    upstream_->mark(anchor->mark);
    anchor_ = std::move(anchor);
  }
  bool skip_to(std::int64_t ordinal) {
    const std::int64_t skipped = upstream_->skip(ordinal - taken_);
    taken_ += skipped;
    return taken_ == ordinal;
  }

  bool one_by_one_;
  std::unique_ptr<Cursor> upstream_;
  RowView shown_;     // upstream's rows, not yet taken
  Element of_block_;  // the first of them, where they are stacked
  std::shared_ptr<const InputAnchor> anchor_;
};

/// The rows of a random-access plan over arrays: any of them can be had again at no cost. No mark of its own.
class SlicedInput final : public GroupingInput {
 public:
  SlicedInput(const GroupingNode& node, const Context& context)
      : GroupingInput(node), context_(context), by_length_(node.places_by_length()) {
    const std::int64_t count = node.up().cardinality();
    count_ = count == kInfinite ? INT64_MAX : count;
    segment_ = context.run.ledger().open_segment(node.up());
  }
  ~SlicedInput() override { context_.run.ledger().close_segment(segment_); }

  void count() override {
    if (counted_ < taken_) context_.run.ledger().consume(node_.up(), *segment_, context_.epoch, counted_, taken_);
    counted_ = taken_;
  }

 protected:
  std::optional<Placed> place_next(FailurePtr&) override {
    if (taken_ == count_) return std::nullopt;
    return by_length_ ? node_.place_length(next_length()) : node_.place(node_.up().at(context_, taken_));
  }
  void keep_next(Group&) override {}
  void go_on() override {}
  bool go_to(std::int64_t ordinal) override {
    taken_ = counted_ = std::min(ordinal, count_);
    return taken_ == ordinal;
  }
  void mark_upstream(Mark&, const InputAnchor*) const override {}
  void restore_upstream(MarkReader&) override {}

 private:
  static constexpr std::int64_t kBlock = 1024;

  std::int64_t next_length() {
    if (taken_ < first_ || taken_ >= first_ + static_cast<std::int64_t>(lengths_.size())) {
      first_ = taken_;
      const std::int64_t count = std::min(restoring_ ? 1 : kBlock, count_ - first_);
      lengths_ = node_.up().slices(context_, Positions::range(first_, count)).lengths();
    }
    return lengths_[static_cast<std::size_t>(taken_ - first_)];
  }

  Context context_;
  bool by_length_;
  std::int64_t count_ = 0;
  Ledger::Segment* segment_;
  std::int64_t counted_ = 0;
  std::int64_t first_ = 0;
  std::vector<std::int64_t> lengths_;  // of the elements from first_ on
};

}  // namespace

std::unique_ptr<GroupingInput> open_grouping_input(const GroupingNode& node, const Context& context) {
  if (node.up().has_slices()) return std::make_unique<SlicedInput>(node, context);
  return std::make_unique<StreamInput>(node, context);
}

}  // namespace headrace
