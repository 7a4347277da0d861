#include <headrace/pipeline/window.hpp>

#include <algorithm>
#include <deque>

#include <headrace/pipeline/held_rows.hpp>
#include <headrace/pipeline/random_access.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace {

namespace {

class WindowNode final : public StageNode {
 public:
  WindowNode(NodePtr upstream, std::int64_t size, std::int64_t shift, std::int64_t stride, bool drop_remainder)
      : StageNode(std::move(upstream)), size_(size), shift_(shift), stride_(stride), drop_remainder_(drop_remainder) {}

  Access access() const override { return up().access() == Access::random ? Access::random : Access::stream; }
  std::int64_t cardinality() const override {
    const std::int64_t n = up().cardinality();
    if (n < 0) return n;
    if (drop_remainder_) return n < span() ? 0 : (n - span()) / shift_ + 1;
    return n / shift_ + (n % shift_ != 0);
  }
  std::optional<Spec> spec() const override {
    const auto element = up().spec();
    return element ? std::optional(datasets_of_components(*element)) : std::nullopt;
  }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;

  bool tallies_by_count() const override { return false; }
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override {
    Account account;
    account.outputs = outputs.count;
    for (std::int64_t i = 0; i < outputs.count; ++i) {
      const Positions rows = rows_of(outputs[i]);
      account.in += rows.count;
      up().tally(context, rows, tally);
    }
    account.used = account.in;
    tally.add(*this, account);
  }

  std::int64_t size() const { return size_; }
  std::int64_t shift() const { return shift_; }
  std::int64_t stride() const { return stride_; }
  bool drop_remainder() const { return drop_remainder_; }
  /// From a window's first element to its last, both counted.
  std::int64_t span() const { return (size_ - 1) * stride_ + 1; }
  Element window_of(const Rows& rows) const {
    const auto element = up().spec();
    return datasets_of_components(rows, *this, element ? element->structure : nullptr);
  }

 protected:
  Element do_at(const Context& context, std::int64_t position) const override {
    return window_of(gather_rows(up(), context, rows_of(position)));
  }

 private:
  Positions rows_of(std::int64_t position) const {
    const std::int64_t n = up().cardinality(), start = position * shift_;
    const std::int64_t there = n < 0 ? size_ : (n - start - 1) / stride_ + 1;
    Positions rows = Positions::range(start, std::min(size_, there));
    rows.step = stride_;
    return rows;
  }

  std::int64_t size_, shift_, stride_;
  bool drop_remainder_;
};

/// Mark: upstream's, "row" (where that is), "windows".
class WindowCursor final : public FillingCursor {
 public:
  WindowCursor(std::unique_ptr<Cursor> upstream, const WindowNode& node, Run& run)
      : upstream_(std::move(upstream)), node_(node), run_(run), cell_(run.ledger().cell(node)) {}

 protected:
  Rows fill(std::int64_t) override {
    const std::int64_t start = windows_ * node_.shift();
    read_to(start, start + node_.span());
    const std::int64_t there = read_ - start;
    if (there <= 0 || (node_.drop_remainder() && there < node_.span())) {
      pending_.dropped += std::exchange(pending_.used, 0);
      run_.ledger().add(node_, cell_, std::exchange(pending_, {}));
      return {};
    }
    std::vector<Outcome> list(1);
    try {
      list[0].element = node_.window_of(window(start, there));
    } catch (...) {
      list[0].failure = capture_failure(node_, windows_);
    }
    ++windows_;
    forget_before(windows_ * node_.shift());
    return Rows::of_list(std::move(list));
  }

  void mark_here(Mark& out) const override {
    const std::int64_t start = windows_ * node_.shift();
    const bool anchored = !anchors_.empty() && anchors_.front().row == start;
    if (anchored)
      out.append(anchors_.front().mark);
    else
      upstream_->mark(out);
    out.put("row", anchored ? start : read_);
    out.put("windows", windows_);
  }

  void taken(const RowView& rows) override {
    if (rows.failure(0))
      pending_.failed += std::exchange(pending_.used, 0);
    else
      ++pending_.outputs;
    run_.ledger().add(node_, cell_, std::exchange(pending_, {}));
  }

  void do_restore(MarkReader& in) override {
    upstream_->restore(in);
    read_ = in.get_count("row");
    windows_ = in.get("windows", 0, INT64_MAX / node_.shift());
  }

 private:
  struct Part {
    std::int64_t first;
    Rows rows;
  };
  struct Anchor {
    std::int64_t row;
    Mark mark;
  };

  /// Keeps the rows [begin, end), as far as there are so many; those before are gone over. No part crosses a multiple
  /// of the shift, where a later window begins.
  void read_to(std::int64_t begin, std::int64_t end) {
    if (read_ < begin) {
      const std::int64_t skipped = upstream_->skip(begin - read_);
      read_ += skipped;
      pending_.in += skipped;
      pending_.dropped += skipped;
      if (read_ < begin) return;
    }
    while (read_ < end) {
      const std::int64_t to_next = node_.shift() - read_ % node_.shift();
      if (to_next == node_.shift() && (anchors_.empty() || anchors_.back().row < read_)) {
        anchors_.push_back({read_, {}});
        upstream_->mark(anchors_.back().mark);
      }
      const RowView rows = upstream_->peek(std::min(end - read_, to_next));
      if (rows.empty()) return;
      parts_.push_back({read_, rows.share()});
      parts_.back().rows.origins.clear();
      upstream_->take(rows.count);
      pending_.in += rows.count;
      pending_.used += rows.count;
      read_ += rows.count;
    }
  }

  /// Every stride-th row from `start` on, of the next `there`.
  Rows window(std::int64_t start, std::int64_t there) const {
    const std::int64_t stride = node_.stride();
    std::vector<Rows> parts;
    std::vector<std::vector<std::int64_t>> to;
    for (const Part& part : parts_) {
      const std::int64_t skip = (stride - (part.first - start) % stride) % stride;
      const std::int64_t last = std::min(part.rows.count, start + there - part.first);
      if (skip >= last) continue;
      Positions rows = Positions::range(skip, (last - skip - 1) / stride + 1);
      rows.step = stride;
      parts.push_back(pick_rows(part.rows, rows));
      to.emplace_back();
      for (std::int64_t i = 0; i < rows.count; ++i) to.back().push_back((part.first + rows[i] - start) / stride);
    }
    if (parts.size() == 1) return std::move(parts.front());
    std::vector<Positions> places;
    std::int64_t count = 0;
    for (const auto& list : to) {
      places.push_back(Positions::of(list.data(), static_cast<std::int64_t>(list.size())));
      count += places.back().count;
    }
    return scatter_rows(parts, places, count);
  }

  void forget_before(std::int64_t row) {
    while (!parts_.empty() && parts_.front().first + parts_.front().rows.count <= row) parts_.pop_front();
    while (!anchors_.empty() && anchors_.front().row < row) anchors_.pop_front();
  }

  std::unique_ptr<Cursor> upstream_;
  const WindowNode& node_;
  Run& run_;
  Account& cell_;
  std::deque<Part> parts_;  // from the next window's beginning on
  std::deque<Anchor> anchors_;
  std::int64_t read_ = 0;
  std::int64_t windows_ = 0;
  Account pending_;  // rows read and not yet accounted for
};

std::unique_ptr<Cursor> WindowNode::open_stream(const Context& context) const {
  return std::make_unique<WindowCursor>(open(up(), context), *this, context.run);
}

}  // namespace

Dataset Window::operator()(const Dataset& upstream) const {
  constexpr std::int64_t kMost = std::int64_t{1} << 31;  // so that places stay within 63 bits
  const std::int64_t step = shift.value_or(size);
  require(size >= 1 && size <= kMost, name, "size must be within [1, 2**31], got ", size);
  require(step >= 1 && step <= kMost, name, "shift must be within [1, 2**31], got ", step);
  require(stride >= 1 && stride <= kMost, name, "stride must be within [1, 2**31], got ", stride);
  return Dataset(std::make_shared<WindowNode>(upstream.node_ptr(), size, step, stride, drop_remainder));
}

}  // namespace headrace
