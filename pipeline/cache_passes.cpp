#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/cache.hpp>
#include <headrace/pipeline/passed.hpp>

namespace headrace {

namespace {

class StreamCacheNode final : public StageNode {
 public:
  StreamCacheNode(NodePtr upstream, std::unique_ptr<PassStore> store)
      : StageNode(std::move(upstream)), store_(std::move(store)) {}
  Access access() const override { return Access::stream; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  PassStore& store() const { return *store_; }

 private:
  std::unique_ptr<PassStore> store_;
};

/// Gives what is kept. Mark: "position".
class KeptCursor final : public Cursor {
 public:
  KeptCursor(const StreamCacheNode& node, const Context& context, std::shared_ptr<const KeptPass> pass)
      : node_(node), pass_(std::move(pass)), passed_(node, context.run) {}

  RowView peek(std::int64_t want) override {
    if (position_ == block_begin_ + block_.count) {
      const std::int64_t count = std::min(std::max(want, kBlock), pass_->count() - position_);
      block_begin_ = position_;
      block_ = count > 0 ? rows(count) : Rows();
    }
    const std::int64_t offset = position_ - block_begin_;
    return {&block_, offset, std::min(want, block_.count - offset)};
  }

  void take(std::int64_t n) override {
    Account account;
    for (std::int64_t i = position_ - block_begin_; i < position_ - block_begin_ + n; ++i) {
      const bool failed = block_.failure(i) != nullptr;
      account.in += failed;
      account.failed += failed;
      account.outputs += !failed;
      if (!failed && !block_.stacked) account.bytes += block_.list[static_cast<std::size_t>(i)].element.nbytes();
    }
    if (block_.stacked) account.bytes = block_.nbytes() / block_.count * n;
    passed_.add(account);
    position_ += n;
  }

  std::int64_t skip(std::int64_t n) override {
    const std::int64_t skipped = std::min(n, pass_->count() - position_);
    position_ += skipped;
    block_ = {};
    block_begin_ = position_;
    return skipped;
  }

  void mark(Mark& out) const override { out.put("position", position_); }

 protected:
  void do_restore(MarkReader& in) override { skip(in.get("position", 0, pass_->count())); }

 private:
  static constexpr std::int64_t kBlock = 64;

  /// What cannot be read stands in its place.
  Rows rows(std::int64_t count) const {
    try {
      return pass_->get(position_, count);
    } catch (const Interrupt&) {
      throw;
    } catch (...) {
      if (count > 1) return rows(1);
      return Rows::of_list({{{}, capture_failure(node_, position_)}});
    }
  }

  const StreamCacheNode& node_;
  std::shared_ptr<const KeptPass> pass_;
  PassedRows passed_;
  Rows block_;
  std::int64_t block_begin_ = 0;
  std::int64_t position_ = 0;
};

/// Reads upstream and keeps it. Mark: "position".
class KeepingCursor final : public Cursor {
 public:
  KeepingCursor(const StreamCacheNode& node, const Context& context)
      : node_(node),
        run_(context.run),
        upstream_(open(node.up(), context.at_epoch(0))),
        passed_(node, context.run),
        writer_(node.store().begin()) {}

  RowView peek(std::int64_t want) override {
    if (writer_) writer_->check(run_, node_.label());
    const RowView rows = upstream_->peek(want);
    if (rows.empty() && writer_) {
      const auto writer = std::move(writer_);
      writer->finish();
    }
    return shown_ = writer_ ? writer_->shown(rows) : rows;
  }

  void take(std::int64_t n) override {
    const RowView rows = shown_.first(n);
    shown_ = shown_.without_first(n);
    position_ += n;
    passed_.count(rows);
    for (std::int64_t i = 0; i < n && writer_; ++i) {
      if (rows.failure(i)) writer_.reset();  // errors are never kept
    }
    if (writer_) writer_->keep(rows);
    upstream_->take(n);
  }

  std::int64_t skip(std::int64_t n) override {
    if (n > 0) writer_.reset();  // nor is a pass with a gap
    const std::int64_t skipped = upstream_->skip(n);
    position_ += skipped;
    return skipped;
  }

  void mark(Mark& out) const override { out.put("position", position_); }

 protected:
  void do_restore(MarkReader& in) override {
    const std::int64_t position = in.get_count("position");
    require(skip(position) == position, "state",
            "it stands further than this plan goes; the state is damaged or the data has changed");
  }

 private:
  const StreamCacheNode& node_;
  Run& run_;
  std::unique_ptr<Cursor> upstream_;
  PassedRows passed_;
  std::unique_ptr<PassWriter> writer_;  // nullptr: this pass is not kept, or is already
  RowView shown_;
  std::int64_t position_ = 0;
};

std::unique_ptr<Cursor> StreamCacheNode::open_stream(const Context& context) const {
  if (auto pass = store_->kept()) return std::make_unique<KeptCursor>(*this, context, std::move(pass));
  return std::make_unique<KeepingCursor>(*this, context);
}

}  // namespace

Dataset cache_passes(const Dataset& upstream, std::unique_ptr<PassStore> store) {
  return Dataset(std::make_shared<StreamCacheNode>(upstream.node_ptr(), std::move(store)));
}

}  // namespace headrace
