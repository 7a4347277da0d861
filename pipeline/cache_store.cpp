#include <headrace/pipeline/cache_store.hpp>

#include <atomic>
#include <mutex>
#include <unordered_map>

#include <headrace/pipeline/run.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

void require_room(std::int64_t bytes, std::int64_t limit, const std::string& stage) {
  require<MemoryLimitError>(bytes <= limit, stage, "what is kept must fit the memory limit of ", limit, " bytes, got ",
                            bytes, "; raise memory_limit by with_options, or use cache(filename)");
}

class TableStore final : public PositionStore {
 public:
  TableStore(const Spec& spec, std::int64_t count)
      : spec_(spec),
        count_(count),
        held_(std::make_unique<std::atomic<bool>[]>(static_cast<std::size_t>(count))),
        used_(static_cast<std::size_t>(count)) {}

  bool holds(std::int64_t position) const override {
    return held_[static_cast<std::size_t>(position)].load(std::memory_order_acquire);
  }

  void keep(const Positions& positions, const Rows& rows, std::int64_t limit, const std::string& stage) override {
    require_room(count_ * spec_.nbytes(), limit, stage);
    const std::lock_guard lock(mutex_);
    if (columns_.empty()) {
      for (const auto& component : spec_.components)
        columns_.push_back(Tensor::empty(component.dtype, component.shape.with_front(count_)));
    }
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (rows.failure(row) || holds(positions[row])) continue;
      const Element element = rows.element(row);
      for (std::size_t leaf = 0; leaf < columns_.size(); ++leaf)
        copy(element.components[leaf], columns_[leaf].row(positions[row]));
      held_[static_cast<std::size_t>(positions[row])].store(true, std::memory_order_release);
    }
  }

  Rows get(const Positions& positions) const override {
    Rows rows = Rows::of_columns(spec_.structure, {}, positions.count);
    for (const auto& column : columns_) rows.columns.push_back(gather(column.read_only(), positions));
    return rows;
  }

  bool first_use(std::int64_t position) override {
    if (!holds(position)) return true;
    const std::lock_guard lock(mutex_);
    const bool first = !used_[static_cast<std::size_t>(position)];
    used_[static_cast<std::size_t>(position)] = true;
    return first;
  }

 private:
  Spec spec_;
  std::int64_t count_;
  std::mutex mutex_;
  std::vector<Tensor> columns_;  // set once, before any position is held
  std::unique_ptr<std::atomic<bool>[]> held_;
  std::vector<bool> used_;
};

class ElementStore final : public PositionStore {
 public:
  bool holds(std::int64_t position) const override {
    const std::lock_guard lock(mutex_);
    return elements_.contains(position);
  }

  void keep(const Positions& positions, const Rows& rows, std::int64_t limit, const std::string& stage) override {
    for (std::int64_t row = 0; row < rows.count; ++row) {
      if (rows.failure(row) || holds(positions[row])) continue;
      Element element = rows.element(row);
      for (auto& component : element.components) component = component.copy().read_only();
      const std::lock_guard lock(mutex_);
      require_room(bytes_ + element.nbytes(), limit, stage);
      bytes_ += element.nbytes();
      elements_.emplace(positions[row], std::move(element));
    }
  }

  Rows get(const Positions& positions) const override {
    std::vector<Outcome> list;
    const std::lock_guard lock(mutex_);
    for (std::int64_t i = 0; i < positions.count; ++i) list.push_back({elements_.at(positions[i]), nullptr});
    return Rows::of_list(std::move(list));
  }

  bool first_use(std::int64_t position) override {
    if (!holds(position)) return true;
    const std::lock_guard lock(mutex_);
    return used_.insert({position, true}).second;
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t bytes_ = 0;
  std::unordered_map<std::int64_t, Element> elements_;
  std::unordered_map<std::int64_t, bool> used_;
};

class MemoryPass final : public KeptPass {
 public:
  explicit MemoryPass(std::vector<Element> elements) : elements_(std::move(elements)) {}
  std::int64_t count() const override { return static_cast<std::int64_t>(elements_.size()); }
  Rows get(std::int64_t begin, std::int64_t count) const override {
    std::vector<Outcome> list;
    for (std::int64_t i = begin; i < begin + count; ++i)
      list.push_back({elements_[static_cast<std::size_t>(i)], nullptr});
    return Rows::of_list(std::move(list));
  }

 private:
  std::vector<Element> elements_;
};

class MemoryPassStore final : public PassStore {
 public:
  std::shared_ptr<const KeptPass> kept() override {
    const std::lock_guard lock(mutex_);
    return kept_;
  }
  void set(std::vector<Element> elements) {
    const std::lock_guard lock(mutex_);
    if (!kept_) kept_ = std::make_shared<const MemoryPass>(std::move(elements));
  }
  std::unique_ptr<PassWriter> begin() override;

 private:
  std::mutex mutex_;
  std::shared_ptr<const KeptPass> kept_;
};

/// What is delivered is what is kept: read-only copies, so that nobody's writing changes the next pass.
class MemoryPassWriter final : public PassWriter {
 public:
  explicit MemoryPassWriter(MemoryPassStore& store) : store_(store) {}

  void check(const Run& run, const std::string& stage) override { require_room(bytes_, run.memory_limit(), stage); }

  RowView shown(const RowView& rows) override {
    std::vector<Outcome> list;
    for (std::int64_t i = 0; i < rows.count; ++i) {
      if (const FailurePtr& failure = rows.failure(i)) {
        list.push_back({{}, failure});
        continue;
      }
      Element element = rows.element(i);
      for (auto& component : element.components) component = component.copy().read_only();
      list.push_back({std::move(element), nullptr});
    }
    block_ = Rows::of_list(std::move(list));
    return all(block_);
  }

  void keep(const RowView& shown) override {
    for (std::int64_t i = 0; i < shown.count; ++i) {
      elements_.push_back(shown.element(i));
      bytes_ += elements_.back().nbytes();
    }
  }

  void finish() override { store_.set(std::move(elements_)); }

 private:
  MemoryPassStore& store_;
  Rows block_;
  std::vector<Element> elements_;
  std::int64_t bytes_ = 0;
};

std::unique_ptr<PassWriter> MemoryPassStore::begin() { return std::make_unique<MemoryPassWriter>(*this); }

}  // namespace

std::unique_ptr<PositionStore> make_table_store(const Spec& spec, std::int64_t count) {
  return std::make_unique<TableStore>(spec, count);
}
std::unique_ptr<PositionStore> make_element_store() { return std::make_unique<ElementStore>(); }
std::unique_ptr<PassStore> make_pass_store() { return std::make_unique<MemoryPassStore>(); }

}  // namespace headrace
