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
  explicit PositionCacheNode(NodePtr upstream) : StageNode(std::move(upstream)) {
    const auto known = spec();
    const bool fixed = known && known->fully_known() && cardinality() >= 0 && !known->components.empty() &&
                       !known->structure->holds_values() &&
                       std::none_of(known->components.begin(), known->components.end(),
                                    [](const TensorSpec& c) { return c.dtype.variable_length(); });
    store_ = fixed ? make_table_store(*known, cardinality()) : make_element_store();
  }

  bool tallies_by_count() const override { return false; }
  void tally(const Context& context, const Positions& outputs, Tally& tally) const override {
    Account account;
    const auto known = spec();
    account.outputs = outputs.count;
    account.bytes = outputs.count * (known ? std::max<std::int64_t>(known->nbytes(), 0) : 0);
    for (std::int64_t i = 0; i < outputs.count; ++i) {
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
    std::vector<std::int64_t> missing;
    for (std::int64_t i = 0; i < positions.count; ++i) {
      if (!store_->holds(positions[i])) missing.push_back(positions[i]);
    }
    if (missing.empty()) return store_->get(positions);
    const Positions wanted = Positions::of(missing.data(), static_cast<std::int64_t>(missing.size()));
    const bool all_missing = wanted.count == positions.count;
    Rows rows = gather_rows(up(), context.at_epoch(0), all_missing ? positions : wanted);
    store_->keep(all_missing ? positions : wanted, rows, context.run.memory_limit(), label());
    if (!rows.has_failures()) return store_->get(positions);
    return with_failures(positions, wanted, rows);
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
  explicit StreamCacheNode(NodePtr upstream) : StageNode(std::move(upstream)) {}
  Access access() const override { return Access::stream; }
  std::unique_ptr<Cursor> open_stream(const Context& context) const override;
  PassStore& store() const { return *store_; }

 private:
  std::unique_ptr<PassStore> store_ = std::make_unique<PassStore>();
};

/// Gives what is kept, or reads upstream and keeps it. Mark: "position".
class StreamCacheCursor final : public Cursor {
 public:
  StreamCacheCursor(const StreamCacheNode& node, const Context& context)
      : node_(node),
        run_(context.run),
        kept_(node.store().elements()),
        upstream_(kept_ ? nullptr : open(node.up(), context.at_epoch(0))),
        passed_(node, context.run) {}

  RowView peek(std::int64_t want) override {
    if (kept_) {
      block_ = {};
      std::vector<Outcome> list;
      const auto n = static_cast<std::int64_t>(kept_->size());
      for (std::int64_t i = position_; i < std::min(n, position_ + want); ++i)
        list.push_back({(*kept_)[static_cast<std::size_t>(i)], nullptr});
      block_ = Rows::of_list(std::move(list));
      return shown_ = all(block_);
    }
    if (bytes_ > run_.memory_limit()) {
      throw MemoryLimitError(sentence(node_.label(), "what is kept must fit the memory limit of ", run_.memory_limit(),
                                      " bytes, got ", bytes_, "; raise memory_limit by with_options, or cache less"));
    }
    shown_ = upstream_->peek(want);
    if (shown_.empty() && whole_ && !published_) {
      published_ = true;
      node_.store().set(std::move(keeping_));
    }
    if (!whole_ || shown_.empty()) return shown_;
    // What is delivered is what is kept: read-only copies, so that nobody's writing changes the next pass.
    std::vector<Outcome> list;
    for (std::int64_t i = 0; i < shown_.count; ++i) {
      if (const FailurePtr& failure = shown_.failure(i)) {
        list.push_back({{}, failure});
        continue;
      }
      Element element = shown_.element(i);
      for (auto& component : element.components) component = component.copy().read_only();
      list.push_back({std::move(element), nullptr});
    }
    block_ = Rows::of_list(std::move(list));
    return shown_ = all(block_);
  }

  void take(std::int64_t n) override {
    const RowView rows = shown_.first(n);
    shown_ = shown_.without_first(n);
    position_ += n;
    count(rows);
    if (kept_) return;
    for (std::int64_t i = 0; i < n && whole_; ++i) {
      if (rows.failure(i)) {
        whole_ = false;
        keeping_.clear();
        break;
      }
      keeping_.push_back(rows.element(i));
      bytes_ += keeping_.back().nbytes();
    }
    upstream_->take(n);
  }

  std::int64_t skip(std::int64_t n) override {
    if (kept_) {
      const std::int64_t skipped = std::min(n, static_cast<std::int64_t>(kept_->size()) - position_);
      position_ += skipped;
      return skipped;
    }
    whole_ = false;  // a pass with a gap is not kept
    keeping_.clear();
    const std::int64_t skipped = upstream_->skip(n);
    position_ += skipped;
    return skipped;
  }

  void mark(Mark& out) const override { out.put("position", position_); }

 protected:
  void do_restore(MarkReader& in) override {
    const std::int64_t position = in.get_count("position");
    if (position == 0) return;
    require(skip(position) == position, "state",
            "it stands further than this plan goes; the state is damaged or the data has changed");
  }

 private:
  void count(const RowView& rows) {
    if (!kept_) {
      passed_.count(rows);
      return;
    }
    Account account;
    account.outputs = rows.count;
    for (std::int64_t i = 0; i < rows.count; ++i)
      account.bytes += rows.rows->list[static_cast<std::size_t>(rows.begin + i)].element.nbytes();
    passed_.add(account);
  }

  const StreamCacheNode& node_;
  Run& run_;
  std::shared_ptr<const std::vector<Element>> kept_;
  std::unique_ptr<Cursor> upstream_;
  PassedRows passed_;
  RowView shown_;
  Rows block_;
  std::vector<Element> keeping_;
  std::int64_t bytes_ = 0;
  std::int64_t position_ = 0;
  bool whole_ = true;
  bool published_ = false;
};

std::unique_ptr<Cursor> StreamCacheNode::open_stream(const Context& context) const {
  return std::make_unique<StreamCacheCursor>(*this, context);
}

}  // namespace

Dataset Cache::operator()(const Dataset& upstream) const {
  if (upstream.random_access()) return Dataset(std::make_shared<PositionCacheNode>(upstream.node_ptr()));
  return Dataset(std::make_shared<StreamCacheNode>(upstream.node_ptr()));
}

}  // namespace headrace
