#include <headrace/pipeline/cache.hpp>

#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/cache_store.hpp>
#include <headrace/pipeline/passed.hpp>
#include <headrace/pipeline/random_access.hpp>

namespace headrace {

namespace {

/// Everything upstream is read as epoch 0.
class PositionCacheNode final : public StageNode {
 public:
  PositionCacheNode(NodePtr upstream, std::unique_ptr<PositionStore> store)
      : StageNode(std::move(upstream)), store_(std::move(store)) {}

  bool gathers_views() const override { return store_->gives_views(); }
  bool tallies_by_count() const override { return store_->was_whole(); }
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override {
    Account account;
    const auto known = spec();
    account.outputs = outputs.count;
    account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
    for (std::int64_t i = 0; i < outputs.count && !store_->was_whole(); ++i) {
      if (!store_->first_use(outputs[i])) continue;
      ++account.in;
      up().tally(context.at_epoch(0), Positions::range(outputs[i], 1), tally);
    }
    account.used = account.in;
    tally.add(*this, account);
  }

 protected:
  Element do_at(const Context& context, std::int64_t position) const override {
    return do_gather(context, Positions::range(position, 1)).element(0);
  }

  Rows do_gather(const Context& context, const Positions& positions) const override {
    if (store_->whole()) return store_->get(positions);
    std::vector<std::int64_t> missing;
    for (std::int64_t i = 0; i < positions.count; ++i) {
      if (!store_->holds(positions[i])) missing.push_back(positions[i]);
    }
    if (missing.empty()) return store_->get(positions);
    const Positions wanted = Positions::of(missing.data(), static_cast<std::int64_t>(missing.size()));
    const bool all_missing = wanted.count == positions.count;
    Rows rows = gather_rows(up(), context.at_epoch(0), all_missing ? positions : wanted);
    store_->keep(all_missing ? positions : wanted, rows, context.run.memory_limit(), label());
    if (rows.has_failures()) return with_failures(positions, wanted, rows);
    return all_missing ? store_->delivered(positions, std::move(rows)) : store_->get(positions);
  }

 private:
  /// Errors are never kept: their rows come as they are, the others from the store.
  Rows with_failures(const Positions& positions, const Positions& wanted, const Rows& rows) const {
    std::vector<Outcome> list;
    std::int64_t next = 0;
    for (std::int64_t i = 0; i < positions.count; ++i) {
      const bool was_missing = next < wanted.count && wanted[next] == positions[i];
      const FailurePtr failure = was_missing ? rows.failure(next) : nullptr;
      next += was_missing;
      if (failure)
        list.push_back({{}, failure});
      else
        list.push_back({store_->get(Positions::range(positions[i], 1)).element(0), nullptr});
    }
    return Rows::of_list(std::move(list));
  }

  std::unique_ptr<PositionStore> store_;
};

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

bool fits_a_table(const Node& node) {
  const auto known = node.spec();
  return known && known->fully_known() && node.cardinality() >= 0 && !known->components.empty() &&
         !known->structure->holds_values() &&
         std::none_of(known->components.begin(), known->components.end(),
                      [](const TensorSpec& component) { return component.dtype.variable_length(); });
}

}  // namespace

Dataset cache_in_memory(const Dataset& upstream) {
  if (!upstream.random_access()) return cache_passes(upstream, make_pass_store());
  const Node& node = upstream.node();
  return cache_positions(
      upstream, fits_a_table(node) ? make_table_store(*node.spec(), node.cardinality()) : make_element_store());
}

Dataset cache_positions(const Dataset& upstream, std::unique_ptr<PositionStore> store) {
  return Dataset(std::make_shared<PositionCacheNode>(upstream.node_ptr(), std::move(store)));
}

Dataset cache_passes(const Dataset& upstream, std::unique_ptr<PassStore> store) {
  return Dataset(std::make_shared<StreamCacheNode>(upstream.node_ptr(), std::move(store)));
}

}  // namespace headrace
