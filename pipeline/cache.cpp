#include <headrace/pipeline/cache.hpp>

#include <algorithm>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/cache_store.hpp>
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
    Rows rows = kept(context, wanted, gather_rows(up(), context.at_epoch(0), all_missing ? positions : wanted));
    if (rows.has_failures()) return with_failures(positions, wanted, rows);
    return all_missing ? store_->delivered(positions, std::move(rows)) : store_->get(positions);
  }

 private:
  /// What cannot be kept fails, each in its place: that is not for want of another try, and nothing is computed twice.
  Rows kept(const Context& context, const Positions& positions, Rows rows) const {
    try {
      store_->keep(positions, rows, context.run.memory_limit(), label());
      return rows;
    } catch (const Interrupt&) {
      throw;
    } catch (...) {
      std::vector<Outcome> list;
      for (std::int64_t row = 0; row < rows.count; ++row) {
        if (rows.failure(row))
          list.push_back({{}, rows.failure(row)});
        else if (store_->holds(positions[row]))
          list.push_back({rows.element(row), nullptr});
        else
          list.push_back({{}, capture_failure(*this, positions[row])});
      }
      return Rows::of_list(std::move(list));
    }
  }

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

}  // namespace headrace
