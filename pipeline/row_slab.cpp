#include <headrace/pipeline/row_slab.hpp>

#include <algorithm>
#include <cstring>

namespace headrace {

namespace {

constexpr std::int64_t kFirstCapacity = 256;

bool contiguous_rows(const Tensor& column) {
  const Strides packed = contiguous_strides(column.shape(), column.dtype().itemsize());
  return std::equal(packed.begin() + 1, packed.end(), column.strides().begin() + 1);
}

/// Whether `tensor`, from axis `from` on, is like a row of `column`.
bool like_row_of(const Tensor& column, const Tensor& tensor, int from) {
  return tensor.dtype() == column.dtype() && tensor.ndim() - from == column.ndim() - 1 &&
         std::equal(tensor.shape().begin() + from, tensor.shape().end(), column.shape().begin() + 1);
}

Outcome kept(const RowView& rows, std::int64_t i) {
  if (const FailurePtr& failure = rows.failure(i)) return {{}, failure};
  return {to_keep(rows.element(i)), nullptr};
}

}  // namespace

std::int64_t RowSlab::nbytes() const {
  std::int64_t bytes = 0;
  for (const auto& column : columns_) bytes += column.nbytes();
  for (const auto& outcome : list_) bytes += outcome.element.nbytes();
  return bytes;
}

/// Element i of a list, or nullptr where rows are stacked.
const Element* RowSlab::listed(const RowView& rows, std::int64_t i) {
  return rows.rows->stacked ? nullptr : &rows.rows->list[static_cast<std::size_t>(rows.begin + i)].element;
}

void RowSlab::start(const RowView& rows, std::int64_t i) {
  const Element* const element = listed(rows, i);
  const std::vector<Tensor>& models = element ? element->components : rows.rows->columns;
  const bool stackable =
      (!element || (!rows.failure(i) && element->nbytes() <= kSmallElement)) &&
      std::none_of(models.begin(), models.end(), [](const Tensor& model) { return model.dtype().variable_length(); });
  std::vector<Tensor> columns;
  std::vector<std::int64_t> row_bytes;
  for (auto model = models.begin(); stackable && model != models.end(); ++model) {
    const Shape row = element ? model->shape() : model->shape().tail();
    columns.push_back(Tensor::empty(model->dtype(), row.with_front(kFirstCapacity)));
    row_bytes.push_back(columns.back().nbytes() / kFirstCapacity);  // not the stride: a row may have no items
  }
  structure_ = element ? element->structure : rows.rows->structure;
  capacity_ = kFirstCapacity;
  columns_ = std::move(columns);
  row_bytes_ = std::move(row_bytes);
  stacked_ = stackable;
  started_ = true;
}

bool RowSlab::fits(const RowView& rows, std::int64_t i) const {
  const Element* const element = listed(rows, i);
  const StructurePtr& structure = element ? element->structure : rows.rows->structure;
  if (structure != structure_ && !(structure->same_as(*structure_) && structure_->leaf_order_in(*structure).empty()))
    return false;
  const std::vector<Tensor>& tensors = element ? element->components : rows.rows->columns;
  for (std::size_t leaf = 0; leaf < columns_.size(); ++leaf) {
    if (!like_row_of(columns_[leaf], tensors[leaf], element ? 0 : 1)) return false;
  }
  return true;
}

void RowSlab::grow() {
  std::vector<Tensor> larger;
  for (const auto& column : columns_) {
    larger.push_back(Tensor::empty(column.dtype(), column.shape().tail().with_front(2 * capacity_)));
    std::memcpy(larger.back().mutable_data(), column.data(), static_cast<std::size_t>(column.nbytes()));
  }
  columns_ = std::move(larger);
  capacity_ *= 2;
}

Outcome RowSlab::outcome(std::int64_t slot) const {
  if (!stacked_) return list_[static_cast<std::size_t>(slot)];
  if (slot < static_cast<std::int64_t>(failures_.size()) && failures_[static_cast<std::size_t>(slot)])
    return {{}, failures_[static_cast<std::size_t>(slot)]};
  Element element(structure_, {});
  for (const auto& column : columns_) element.components.push_back(column.row(slot).copy());
  return {std::move(element), nullptr};
}

void RowSlab::turn_into_list() {
  std::vector<Outcome> list;
  for (std::int64_t slot = 0; slot < size_; ++slot) list.push_back(outcome(slot));
  list_ = std::move(list);
  stacked_ = false;
  columns_.clear();
  failures_.clear();
}

void RowSlab::prepare(std::int64_t slot, const RowView& rows, std::int64_t i) {
  if (!started_) start(rows, i);
  const FailurePtr& failure = rows.failure(i);
  if (stacked_ && !failure && !fits(rows, i)) turn_into_list();
  if (!stacked_) {
    if (slot == size_ && list_.size() == list_.capacity()) list_.reserve(std::max<std::size_t>(16, 2 * list_.size()));
    prepared_ = kept(rows, i);
    return;
  }
  if (slot == capacity_) grow();
  if (failure && static_cast<std::int64_t>(failures_.size()) <= slot)
    failures_.resize(static_cast<std::size_t>(slot) + 1);
}

void RowSlab::commit(std::int64_t slot, const RowView& rows, std::int64_t i) {
  if (!stacked_) {
    if (slot == size_) list_.emplace_back();
    list_[static_cast<std::size_t>(slot)] = std::move(prepared_);
    size_ = std::max(size_, slot + 1);
    return;
  }
  size_ = std::max(size_, slot + 1);
  const FailurePtr& failure = rows.failure(i);
  if (slot < static_cast<std::int64_t>(failures_.size())) failures_[static_cast<std::size_t>(slot)] = failure;
  if (failure) return;
  if (const Element* const element = listed(rows, i)) {
    for (std::size_t leaf = 0; leaf < columns_.size(); ++leaf)
      copy(element->components[leaf], columns_[leaf].row(slot));
    return;
  }
  for (std::size_t leaf = 0; leaf < columns_.size(); ++leaf) {
    const Tensor& from = rows.rows->columns[leaf];
    std::byte* const to = columns_[leaf].mutable_data() + slot * row_bytes_[leaf];
    if (contiguous_rows(from))
      std::memcpy(to, from.data() + (rows.begin + i) * from.strides()[0], static_cast<std::size_t>(row_bytes_[leaf]));
    else
      copy(from.row(rows.begin + i), columns_[leaf].row(slot));
  }
}

void RowSlab::fill_with_last(std::int64_t slot) {
  const std::int64_t last = --size_;
  if (!stacked_) {
    if (slot != last) list_[static_cast<std::size_t>(slot)] = std::move(list_.back());
    list_.pop_back();
    return;
  }
  if (slot == last) return;
  for (std::size_t leaf = 0; leaf < columns_.size(); ++leaf) {
    std::byte* const data = columns_[leaf].mutable_data();
    std::memcpy(data + slot * row_bytes_[leaf], data + last * row_bytes_[leaf],
                static_cast<std::size_t>(row_bytes_[leaf]));
  }
  if (!failures_.empty()) {
    failures_.resize(
        static_cast<std::size_t>(std::max<std::int64_t>(last + 1, static_cast<std::int64_t>(failures_.size()))));
    failures_[static_cast<std::size_t>(slot)] = failures_[static_cast<std::size_t>(last)];
  }
}

RowSlab::Output::Output(const RowSlab& slab, std::int64_t expected)
    : slab_(slab), expected_(expected), stacked_(slab.stacked_) {
  if (!stacked_) return;
  rows_ = Rows::of_columns(slab.structure_, {}, 0);
  for (const auto& column : slab.columns_)
    rows_.columns.push_back(Tensor::empty(column.dtype(), column.shape().tail().with_front(expected)));
}

void RowSlab::Output::turn_into_list() {
  std::vector<Outcome> list;
  for (std::int64_t row = 0; row < count_; ++row) {
    const FailurePtr& failure = rows_.failure(row);
    list.push_back(failure ? Outcome{{}, failure} : Outcome{rows_.element(row), nullptr});
  }
  rows_ = {};
  rows_.list = std::move(list);
  stacked_ = false;
}

void RowSlab::Output::append(std::int64_t slot) {
  if (stacked_ && !slab_.stacked_) turn_into_list();
  if (!stacked_) {
    rows_.list.push_back(slab_.outcome(slot));
    ++count_;
    return;
  }
  const bool failed =
      slot < static_cast<std::int64_t>(slab_.failures_.size()) && slab_.failures_[static_cast<std::size_t>(slot)];
  if (failed) rows_.failures.push_back({count_, slab_.failures_[static_cast<std::size_t>(slot)]});
  for (std::size_t leaf = 0; leaf < rows_.columns.size(); ++leaf) {
    const std::int64_t bytes = slab_.row_bytes_[leaf];
    std::memcpy(rows_.columns[leaf].mutable_data() + count_ * bytes, slab_.columns_[leaf].data() + slot * bytes,
                static_cast<std::size_t>(bytes));
  }
  ++count_;
}

Rows RowSlab::Output::finish() {
  rows_.count = count_;
  if (!stacked_) return Rows::of_list(std::move(rows_.list));
  if (count_ < expected_) {
    for (auto& column : rows_.columns) column = column.rows(0, count_);
  }
  return std::move(rows_);
}

}  // namespace headrace
