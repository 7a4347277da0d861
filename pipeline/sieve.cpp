#include <headrace/pipeline/sieve.hpp>

#include <algorithm>

#include <headrace/pipeline/host.hpp>

namespace headrace {

SieveCursor::SieveCursor(const Node& node, const Context& context)
    : node_(node),
      run_(context.run),
      epoch_(context.epoch),
      passed_(node, context.run),
      upstream_(open(*node.upstream().front(), {context.run, context.epoch})) {}

RowView SieveCursor::peek(std::int64_t want) {
  for (int blocks = 1;; ++blocks) {
    if (const std::int64_t left = sifted_.outputs - offset_; left > 0) {
      const std::int64_t n = std::min(want, left);
      return shown_ = sifted_.changed ? RowView{&sifted_.rows, offset_, n} : upstream_->peek(n).first(n);
    }
    consume(sifted_.inputs, 0, 0);  // what gave nothing, at the end of the block
    const std::exception_ptr stop = sifted_.stop;
    sifted_ = {};
    offset_ = consumed_ = 0;
    if (stop) std::rethrow_exception(stop);
    if (ended()) return {};
    const RowView input = upstream_->peek(want);
    if (input.empty()) {
      at_end();
      return {};
    }
    sifted_ = sift(input, Positions::range(ordinal_, input.count));
    if (!sifted_.changed && sifted_.outputs > 0) return shown_ = input.first(sifted_.outputs);
    if (blocks % 16 == 0) Host::current().poll();
  }
}

void SieveCursor::take(std::int64_t n) {
  std::int64_t failed = 0;
  for (std::int64_t i = 0; i < n; ++i) failed += shown_.failure(i) != nullptr;
  shown_ = shown_.without_first(n);
  offset_ += n;
  const auto& origins = sifted_.rows.origins;
  consume(origins.empty() ? offset_ : origins[static_cast<std::size_t>(offset_ - 1)] + 1, n, failed);
}

/// Inputs up to index `up_to` of the block, of which `rows` became outputs.
void SieveCursor::consume(std::int64_t up_to, std::int64_t rows, std::int64_t failed) {
  const std::int64_t inputs = up_to - consumed_;
  if (inputs == 0) return;
  Account account;
  account.in = inputs;
  account.failed = failed;
  account.used = rows - failed;
  account.filtered = inputs - rows;
  passed_.set_outputs(account, rows - failed);
  consumed(consumed_, up_to, account);
  passed_.add(account);
  upstream_->take(inputs);
  ordinal_ += inputs;
  consumed_ = up_to;
}

void SieveCursor::mark(Mark& out) const {
  upstream_->mark(out);
  out.put("ordinal", ordinal_);
  mark_more(out);
}

void SieveCursor::do_restore(MarkReader& in) {
  upstream_->restore(in);
  ordinal_ = in.get_count("ordinal");
  restore_more(in);
}

SieveCursor::Sifted SieveCursor::keep_all(const RowView& input) {
  Sifted sifted;
  sifted.inputs = sifted.outputs = input.count;
  return sifted;
}

SieveCursor::Sifted SieveCursor::keep(const RowView& input, const std::vector<std::int64_t>& kept) {
  Sifted sifted;
  sifted.inputs = input.count;
  sifted.outputs = static_cast<std::int64_t>(kept.size());
  if (kept.empty() || kept.back() + 1 == sifted.outputs) return sifted;
  RowsBuilder builder(sifted.outputs, true);
  builder.append_rows(input, kept);
  sifted.changed = true;
  sifted.rows = builder.finish();
  return sifted;
}

}  // namespace headrace
