#include <headrace/pipeline/cache_store.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

void require_room(std::int64_t bytes, std::int64_t limit, const std::string& stage) {
  require<MemoryLimitError>(bytes <= limit, stage, "what is kept must fit the memory limit of ", limit, " bytes, got ",
                            bytes, "; raise memory_limit by with_options, or cache less");
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
    const std::lock_guard lock(mutex_);
    return used_.insert({position, true}).second;
  }

 private:
  mutable std::mutex mutex_;
  std::int64_t bytes_ = 0;
  std::unordered_map<std::int64_t, Element> elements_;
  std::unordered_map<std::int64_t, bool> used_;
};

}  // namespace

std::unique_ptr<PositionStore> make_table_store(const Spec& spec, std::int64_t count) {
  return std::make_unique<TableStore>(spec, count);
}
std::unique_ptr<PositionStore> make_element_store() { return std::make_unique<ElementStore>(); }

}  // namespace headrace
