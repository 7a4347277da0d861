#include <headrace/pipeline/shuffle_buffer.hpp>

#include <algorithm>
#include <deque>
#include <numeric>

#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/row_slab.hpp>
#include <headrace/pipeline/shuffle.hpp>

namespace headrace {

namespace {

std::int64_t pick(std::uint64_t key, std::int64_t output, std::int64_t slots) {
  return below(mix(key + static_cast<std::uint64_t>(output) * 0x9e3779b97f4a7c15u), slots);
}

class ShuffleBufferNode final : public StageNode {
 public:
  ShuffleBufferNode(NodePtr upstream, std::int64_t size, std::optional<std::int64_t> seed, bool reshuffle)
      : StageNode(std::move(upstream)), size_(size), reshuffle_(reshuffle) {
    use_seed(seed);
  }
  Access access() const override { return Access::stream; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  std::int64_t size() const { return size_; }
  std::uint64_t key(const Context& context) const {
    return random_key(context.run.seed(*this), Shuffle::name, reshuffle_ ? context.epoch : 0);
  }

 private:
  std::int64_t size_;
  bool reshuffle_;
};

/// Mark: "taken", "inputs" (-1 until the end is seen), the mark of upstream at an anchor, "anchor" (its ordinal).
class ShuffleBufferCursor final : public Cursor {
 public:
  ShuffleBufferCursor(const ShuffleBufferNode& node, const Context& context)
      : upstream_(open(node.up(), context)),
        node_(node),
        run_(context.run),
        key_(node.key(context)),
        size_(node.size()),
        passed_(node, context.run) {}

  RowView peek(std::int64_t want) override {
    if (offset_ == block_.count) make_block(want);
    return {&block_, offset_, std::min(want, block_.count - offset_)};
  }

  void take(std::int64_t n) override {
    passed_.count({&block_, offset_, n});
    offset_ += n;
  }

  void mark(Mark& out) const override {
    out.put("taken", made_ - (block_.count - offset_));
    out.put("inputs", inputs_);
    if (anchors_.empty()) {
      upstream_->mark(out);
      out.put("anchor", read_);
      return;
    }
    const Anchor& anchor = newest_anchor();
    out.append(anchor.mark);
    out.put("anchor", anchor.ordinal);
  }

 protected:
  void do_restore(MarkReader& in) override;

 private:
  struct Anchor {
    std::int64_t ordinal;
    Mark mark;
  };
  static constexpr std::int64_t kAnchorPeriod = 1024;

  void make_block(std::int64_t want);
  RowView read(std::int64_t want);
  void read_to(std::int64_t ordinal);
  void hold(std::int64_t slot, const RowView& rows, std::int64_t i);
  void find_oldest();
  const Anchor& newest_anchor() const;
  void consume(std::int64_t n);
  void check_memory() const;

  std::unique_ptr<Cursor> upstream_;
  const ShuffleBufferNode& node_;
  Run& run_;
  std::uint64_t key_;
  std::int64_t size_;
  PassedRows passed_;

  RowSlab slab_;
  std::vector<std::int64_t> ordinals_;  // of the rows in the slab
  std::int64_t read_ = 0;               // inputs consumed from upstream
  std::int64_t inputs_ = -1;            // their total, once known
  std::int64_t made_ = 0;               // outputs made
  std::int64_t oldest_ = 0;             // no row held since the last look has a smaller ordinal
  std::deque<Anchor> anchors_;
  Rows block_;
  std::int64_t offset_ = 0;
  std::exception_ptr interrupt_;
};

/// Upstream's next rows, never across an anchor.
RowView ShuffleBufferCursor::read(std::int64_t want) {
  if (inputs_ >= 0) return {};
  if (read_ % kAnchorPeriod == 0 && (anchors_.empty() || anchors_.back().ordinal != read_)) {
    anchors_.push_back({read_, {}});
    upstream_->mark(anchors_.back().mark);
  }
  const RowView rows = upstream_->peek(std::min(want, kAnchorPeriod - read_ % kAnchorPeriod));
  if (rows.empty()) inputs_ = read_;
  return rows;
}

/// Row i, which the slab has prepared, goes to `slot`.
void ShuffleBufferCursor::hold(std::int64_t slot, const RowView& rows, std::int64_t i) {
  slab_.commit(slot, rows, i);
  if (slot == static_cast<std::int64_t>(ordinals_.size())) ordinals_.push_back(0);
  ordinals_[static_cast<std::size_t>(slot)] = read_ + i;
}

void ShuffleBufferCursor::consume(std::int64_t n) {
  if (n > 0) upstream_->take(n);
  read_ += n;
}

void ShuffleBufferCursor::check_memory() const {
  require<MemoryLimitError>(slab_.nbytes() <= run_.memory_limit(), node_.label(),
                            "the buffer must fit the memory limit of ", run_.memory_limit(), " bytes, got ",
                            slab_.nbytes(), "; take a smaller buffer_size, or raise memory_limit by with_options");
}

/// The least ordinal held only grows; it is looked up at fixed outputs, so that marks do not depend on block sizes.
void ShuffleBufferCursor::find_oldest() {
  oldest_ = ordinals_.empty() ? read_ : *std::min_element(ordinals_.begin(), ordinals_.end());
  while (anchors_.size() > 1 && anchors_[1].ordinal <= oldest_) anchors_.pop_front();
}

const ShuffleBufferCursor::Anchor& ShuffleBufferCursor::newest_anchor() const {
  auto best = anchors_.begin();
  while (std::next(best) != anchors_.end() && std::next(best)->ordinal <= oldest_) ++best;
  return *best;
}

void ShuffleBufferCursor::make_block(std::int64_t want) {
  if (interrupt_) std::rethrow_exception(std::exchange(interrupt_, nullptr));
  while (slab_.size() < size_ && inputs_ < 0) {
    const RowView rows = read(size_ - slab_.size());
    for (std::int64_t i = 0; i < rows.count; ++i) {
      try {
        slab_.prepare(slab_.size(), rows, i);
      } catch (...) {
        consume(i);
        throw;
      }
      hold(slab_.size(), rows, i);
    }
    consume(rows.count);
    check_memory();
  }
  const std::int64_t period = std::max<std::int64_t>(size_, kAnchorPeriod);
  if (made_ % period == 0) find_oldest();
  const std::int64_t most = std::min({want, slab_.size() + (inputs_ < 0 ? want : 0), period - made_ % period});
  RowSlab::Output out(slab_, std::max<std::int64_t>(most, 1));
  RowView rows;
  std::int64_t used = 0;
  try {
    while (out.count() < most && slab_.size() > 0) {
      if (used == rows.count && inputs_ < 0) {
        consume(std::exchange(used, 0));
        rows = {};
        rows = read(most - out.count());
      }
      const std::int64_t slot = pick(key_, made_ + out.count(), slab_.size());
      if (used < rows.count) {
        slab_.prepare(slot, rows, used);
        out.append(slot);
        hold(slot, rows, used++);
      } else {
        out.append(slot);
        slab_.fill_with_last(slot);
        ordinals_[static_cast<std::size_t>(slot)] = ordinals_.back();
        ordinals_.pop_back();
      }
    }
  } catch (...) {  // an Interrupt, or memory ran out: what is made so far comes first
    interrupt_ = std::current_exception();
  }
  consume(used);
  made_ += out.count();
  block_ = out.finish();
  offset_ = 0;
  if (block_.count == 0 && interrupt_) std::rethrow_exception(std::exchange(interrupt_, nullptr));
}

void ShuffleBufferCursor::read_to(std::int64_t ordinal) {
  require(upstream_->skip(ordinal - read_) == ordinal - read_, "state",
          "it stands further than this plan goes; the state is damaged or the data has changed");
  read_ = ordinal;
}

void ShuffleBufferCursor::do_restore(MarkReader& in) {
  made_ = in.get_count("taken");
  inputs_ = in.get("inputs", -1, INT64_MAX);
  require(inputs_ < 0 || made_ <= inputs_, "state", "'taken' must not pass 'inputs', got ", made_, " of ", inputs_,
          "; the state is damaged");
  upstream_->restore(in);
  read_ = in.get_count("anchor");
  if (made_ == 0 && inputs_ < 0) return;
  Anchor here{read_, {}};
  upstream_->mark(here.mark);
  anchors_.push_back(std::move(here));
  const auto held = shuffle_buffer_ordinals(key_, size_, made_, inputs_);
  std::vector<std::int64_t> by_ordinal(held.size());
  std::iota(by_ordinal.begin(), by_ordinal.end(), std::int64_t{0});
  std::sort(by_ordinal.begin(), by_ordinal.end(), [&](std::int64_t a, std::int64_t b) {
    return held[static_cast<std::size_t>(a)] < held[static_cast<std::size_t>(b)];
  });
  require(held.empty() || held[static_cast<std::size_t>(by_ordinal.front())] >= read_, "state",
          "'anchor' must not pass what the buffer holds, got ", read_, "; the state is damaged");
  RowSlab in_order;
  std::vector<std::int64_t> place(held.size());
  for (std::size_t k = 0; k < by_ordinal.size(); ++k) {
    const std::int64_t ordinal = held[static_cast<std::size_t>(by_ordinal[k])];
    read_to(ordinal);
    const RowView rows = upstream_->peek(1);
    require(!rows.empty(), "state",
            "it stands further than this plan goes; the state is damaged or the data has changed");
    in_order.put(static_cast<std::int64_t>(k), rows, 0);
    upstream_->take(1);
    ++read_;
    place[static_cast<std::size_t>(by_ordinal[k])] = static_cast<std::int64_t>(k);
  }
  ordinals_ = held;
  RowSlab::Output out(in_order, std::max<std::int64_t>(static_cast<std::int64_t>(held.size()), 1));
  for (const std::int64_t k : place) out.append(k);
  const Rows rows = out.finish();
  for (std::int64_t slot = 0; slot < rows.count; ++slot) slab_.put(slot, all(rows), slot);
  read_to(inputs_ >= 0 ? inputs_ : size_ + made_);
  find_oldest();
}

std::unique_ptr<Cursor> ShuffleBufferNode::open_stream(const Context& context) const {
  return std::make_unique<ShuffleBufferCursor>(*this, context);
}

}  // namespace

std::vector<std::int64_t> shuffle_buffer_ordinals(std::uint64_t key, std::int64_t size, std::int64_t taken,
                                                  std::int64_t inputs) {
  const std::int64_t slots = inputs >= 0 ? std::min(size, inputs) : size;
  const std::int64_t draining_from = inputs >= 0 ? inputs - slots : INT64_MAX;  // outputs from here on are not replaced
  const std::int64_t replaced = std::min(taken, draining_from);
  std::vector<std::int64_t> held(static_cast<std::size_t>(slots), -1);
  std::int64_t left = slots;
  for (std::int64_t output = replaced - 1; output >= 0 && left > 0; --output) {
    auto& slot = held[static_cast<std::size_t>(pick(key, output, slots))];
    if (slot >= 0) continue;
    slot = slots + output;
    --left;
  }
  for (std::int64_t slot = 0; slot < slots; ++slot) {
    if (held[static_cast<std::size_t>(slot)] < 0) held[static_cast<std::size_t>(slot)] = slot;
  }
  for (std::int64_t output = replaced; output < taken; ++output) {
    held[static_cast<std::size_t>(pick(key, output, static_cast<std::int64_t>(held.size())))] = held.back();
    held.pop_back();
  }
  return held;
}

std::shared_ptr<Node> make_shuffle_buffer(NodePtr upstream, std::int64_t size, std::optional<std::int64_t> seed,
                                          bool reshuffle) {
  return std::make_shared<ShuffleBufferNode>(std::move(upstream), size, seed, reshuffle);
}

}  // namespace headrace
