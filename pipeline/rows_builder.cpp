#include <cstring>

#include <headrace/pipeline/rows.hpp>

namespace headrace {

RowsBuilder::RowsBuilder(std::int64_t expected, bool with_origins)
    : capacity_(std::max<std::int64_t>(expected, 1)), with_origins_(with_origins) {}

void RowsBuilder::count_rows(std::int64_t n) {
  rows_.count += n;
  if (with_origins_) rows_.origins.insert(rows_.origins.end(), static_cast<std::size_t>(n), origin_);
}

void RowsBuilder::decide(const Element& element) {
  rows_.structure = element.structure;
  const bool stackable = capacity_ > 1 && element.nbytes() <= kSmallElement &&
                         std::none_of(element.components.begin(), element.components.end(),
                                      [](const Tensor& t) { return t.dtype().variable_length(); });
  if (!stackable) {
    turn_into_list();
    return;
  }
  std::vector<Tensor> columns;
  for (const auto& component : element.components) {
    columns.push_back(Tensor::empty(component.dtype(), component.shape().with_front(capacity_)));
  }
  form_ = Form::stacked;
  rows_.stacked = true;
  rows_.columns = std::move(columns);
}

bool RowsBuilder::fits(const Element& element) const {
  if (element.structure != rows_.structure && !element.structure->same_as(*rows_.structure)) return false;
  if (element.structure != rows_.structure && !rows_.structure->leaf_order_in(*element.structure).empty()) return false;
  for (std::size_t leaf = 0; leaf < rows_.columns.size(); ++leaf) {
    const Tensor& column = rows_.columns[leaf];
    const Tensor& component = element.components[leaf];
    if (!(component.dtype() == column.dtype()) || component.ndim() + 1 != column.ndim() ||
        !std::equal(component.shape().begin(), component.shape().end(), column.shape().begin() + 1)) {
      return false;
    }
  }
  return true;
}

void RowsBuilder::reserve(std::int64_t count) {
  if (form_ != Form::stacked || count <= capacity_) return;
  const std::int64_t capacity = std::max(count, 2 * capacity_);
  std::vector<Tensor> larger;
  for (const auto& column : rows_.columns) {
    larger.push_back(Tensor::empty(column.dtype(), column.shape().tail().with_front(capacity)));
    copy(column.rows(0, rows_.count), larger.back().rows(0, rows_.count));
  }
  rows_.columns = std::move(larger);
  capacity_ = capacity;
}

void RowsBuilder::turn_into_list() {
  std::vector<Outcome> list;
  list.reserve(static_cast<std::size_t>(std::max(capacity_, rows_.count + 1)));
  std::size_t failed = 0;
  for (std::int64_t row = 0; row < rows_.count; ++row) {
    if (failed < rows_.failures.size() && rows_.failures[failed].row == row) {
      list.push_back({{}, rows_.failures[failed++].failure});
    } else {
      list.push_back({rows_.element(row), nullptr});
    }
  }
  rows_.failures.clear();
  rows_.columns.clear();
  rows_.stacked = false;
  rows_.list = std::move(list);
  form_ = Form::listed;
}

/// Copies a component into the next row of a stacked block.
void RowsBuilder::store(std::size_t leaf, const Tensor& from) {
  const Tensor& column = rows_.columns[leaf];
  if (from.is_contiguous()) {
    std::memcpy(column.mutable_data() + rows_.count * column.strides()[0], from.data(),
                static_cast<std::size_t>(from.nbytes()));
  } else {
    copy(from, column.row(rows_.count));
  }
}

void RowsBuilder::append(Element element) {
  if (form_ == Form::undecided) decide(element);
  if (form_ == Form::stacked && !fits(element)) turn_into_list();
  if (form_ == Form::listed) {
    rows_.list.push_back({std::move(element), nullptr});
  } else {
    reserve(rows_.count + 1);
    for (std::size_t leaf = 0; leaf < rows_.columns.size(); ++leaf) store(leaf, element.components[leaf]);
  }
  count_rows(1);
}

/// Whether `tensor` goes into the stacked block as it is.
bool RowsBuilder::takes(const Tensor& tensor) const {
  if (form_ != Form::stacked || rows_.columns.size() != 1 || rows_.structure != Structure::leaf()) return false;
  const Tensor& column = rows_.columns.front();
  return tensor.dtype() == column.dtype() && tensor.ndim() + 1 == column.ndim() &&
         std::equal(tensor.shape().begin(), tensor.shape().end(), column.shape().begin() + 1);
}

void RowsBuilder::append(Tensor tensor) {
  if (!takes(tensor)) {
    append(Element(std::move(tensor)));
    return;
  }
  reserve(rows_.count + 1);
  store(0, tensor);
  count_rows(1);
}

void RowsBuilder::append(bool value) {
  const bool direct = form_ == Form::stacked && rows_.columns.size() == 1 && rows_.columns[0].dtype() == boolean &&
                      rows_.columns[0].ndim() == 1;
  if (!direct) {
    append(Element(Tensor::scalar(value)));
    return;
  }
  reserve(rows_.count + 1);
  *reinterpret_cast<bool*>(rows_.columns[0].mutable_data() + rows_.count) = value;
  count_rows(1);
}

void RowsBuilder::append_failure(FailurePtr failure) {
  if (form_ == Form::listed) {
    rows_.list.push_back({{}, std::move(failure)});
  } else {
    reserve(rows_.count + 1);
    rows_.failures.push_back({rows_.count, std::move(failure)});
  }
  count_rows(1);
}

void RowsBuilder::append_rows(const RowView& view, std::span<const std::int64_t> indices) {
  const bool in_bulk = form_ == Form::undecided && rows_.count == 0 && view.rows->stacked && !view.has_failures();
  if (in_bulk) {
    const auto kept = static_cast<std::int64_t>(indices.size());
    std::vector<Tensor> columns;
    for (int leaf = 0; leaf < static_cast<int>(view.rows->columns.size()); ++leaf) {
      const Tensor column = view.column(leaf);
      columns.push_back(kept == view.count ? column : gather(column, Positions::of(indices.data(), kept)));
    }
    append_block(view.rows->structure, std::move(columns), kept);
    if (with_origins_) std::copy(indices.begin(), indices.end(), rows_.origins.end() - kept);
    return;
  }
  for (const std::int64_t index : indices) {
    set_origin(index);
    if (const FailurePtr& failure = view.failure(index))
      append_failure(failure);
    else
      append(view.element(index));
  }
}

void RowsBuilder::append_block(const StructurePtr& structure, std::vector<Tensor> columns, std::int64_t count) {
  if (form_ == Form::undecided && rows_.count == 0) {
    form_ = Form::stacked;
    capacity_ = count;  // full: what follows is copied to a larger block
    rows_.structure = structure;
    rows_.stacked = true;
    rows_.columns = std::move(columns);
    count_rows(count);
    return;
  }
  const Rows block = Rows::of_columns(structure, std::move(columns), count);
  if (form_ == Form::stacked && count > 0 && fits(block.element(0))) {
    reserve(rows_.count + count);
    for (std::size_t leaf = 0; leaf < rows_.columns.size(); ++leaf)
      copy(block.columns[leaf], rows_.columns[leaf].rows(rows_.count, count));
    count_rows(count);
    return;
  }
  for (std::int64_t row = 0; row < count; ++row) append(block.element(row));
}

Rows RowsBuilder::finish() {
  if (form_ == Form::undecided) turn_into_list();
  if (form_ == Form::stacked && rows_.count < capacity_) {
    for (auto& column : rows_.columns) column = column.rows(0, rows_.count);
  }
  return std::move(rows_);
}

}  // namespace headrace
