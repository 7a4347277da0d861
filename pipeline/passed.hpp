// Stages that pass elements on as they are, and counting for cursors of one-to-one stages on a stream.
#pragma once

#include <headrace/pipeline/run.hpp>

namespace headrace {

class PassedRows {
 public:
  PassedRows(const Node& node, Run& run) : node_(node), run_(run), cell_(run.ledger().cell(node)) {
    const auto spec = node.spec();
    bytes_ = spec ? spec->nbytes() : -1;
  }
  /// Rows that came in and went out as they are.
  void count(const RowView& rows) {
    Account account;
    account.in = rows.count;
    for (std::int64_t i = 0; i < rows.count; ++i) account.failed += rows.failure(i) != nullptr;
    account.used = rows.count - account.failed;
    set_outputs(account, account.used);
    add(account);
  }
  void set_outputs(Account& account, std::int64_t outputs) const {
    account.outputs = outputs;
    account.bytes = bytes_ >= 0 ? outputs * bytes_ : 0;
  }
  void add(const Account& account) { run_.ledger().add(node_, cell_, account); }

 private:
  const Node& node_;
  Run& run_;
  Account& cell_;
  std::int64_t bytes_;
};

/// A stage that changes nothing on a stream: it only counts. Mark: upstream's.
class PassingCursor final : public Cursor {
 public:
  PassingCursor(std::unique_ptr<Cursor> upstream, PassedRows passed)
      : upstream_(std::move(upstream)), passed_(passed) {}
  RowView peek(std::int64_t want) override { return shown_ = upstream_->peek(want); }
  void take(std::int64_t n) override {
    passed_.count(shown_.first(n));
    shown_ = shown_.without_first(n);
    upstream_->take(n);
  }
  std::int64_t skip(std::int64_t n) override { return upstream_->skip(n); }
  void mark(Mark& out) const override { upstream_->mark(out); }

 protected:
  void do_restore(MarkReader& in) override { upstream_->restore(in); }

 private:
  std::unique_ptr<Cursor> upstream_;
  RowView shown_;
  PassedRows passed_;
};

/// A stage that gives upstream's elements as they are, where they are.
class PassNode : public ReindexNode {
 public:
  Batches batches() const override { return up().batches(); }
  Blocks blocks() const override { return up().blocks(); }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override {
    return std::make_unique<PassingCursor>(open(up(), context), PassedRows(*this, context.run));
  }

 protected:
  using ReindexNode::ReindexNode;
  Positions translate(const Context&, const Positions& positions, std::vector<std::int64_t>&) const override {
    return positions;
  }
};

}  // namespace headrace
