#include <headrace/tensor/sparse_rows.hpp>

#include <algorithm>
#include <numeric>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

/// Of each item, its first index; all lie in [0, rows).
std::vector<std::int64_t> rows_of_items(std::string_view stage, const Tensor& indices, std::int64_t rows) {
  const auto all = indices.values<std::int64_t>();
  const auto axes = static_cast<std::size_t>(indices.shape()[1]);
  std::vector<std::int64_t> result(static_cast<std::size_t>(indices.shape()[0]));
  for (std::size_t i = 0; i < result.size(); ++i) {
    result[i] = all[i * axes];
    require(result[i] >= 0 && result[i] < rows, stage, "the indices of a SparseTensor must lie in it, got ", result[i],
            " at item ", i, " for ", rows, " rows");
  }
  return result;
}

/// The items row by row, those of one row in order.
std::vector<std::int64_t> by_row(const std::vector<std::int64_t>& row_of, const Tensor& row_splits) {
  const auto splits = row_splits.values<std::int64_t>();
  std::vector<std::int64_t> next(splits.begin(), splits.end()), order(row_of.size());
  for (std::size_t i = 0; i < row_of.size(); ++i)
    order[static_cast<std::size_t>(next[static_cast<std::size_t>(row_of[i])]++)] = static_cast<std::int64_t>(i);
  return order;
}

/// Without their first column; the lines of `order`, or all of them where that is empty.
Tensor without_rows(const Tensor& indices, const std::vector<std::int64_t>& order) {
  const std::int64_t items = indices.shape()[0], axes = indices.shape()[1];
  Tensor inner = Tensor::empty(int64, {items, axes - 1});
  std::int64_t* to = inner.mutable_values<std::int64_t>().data();
  for (std::int64_t i = 0; i < items; ++i) {
    const std::int64_t from = order.empty() ? i : order[static_cast<std::size_t>(i)];
    const auto* const line = reinterpret_cast<const std::int64_t*>(indices.data()) + from * axes;
    to = std::copy(line + 1, line + axes, to);
  }
  return inner;
}

}  // namespace

SparseRows::SparseRows(std::string_view stage, const SparseTensor& whole) : values_(whole.values()) {
  const auto sizes = whole.dense_shape().values<std::int64_t>();
  require(!sizes.empty(), stage, "a SparseTensor must have a first axis to slice, got one without axes");
  // Copied before they are checked: whoever changes his own later must not lead us out of the values.
  const Tensor indices = whole.indices().copy();
  const std::int64_t rows = sizes.front();
  const std::vector<std::int64_t> row_of = rows_of_items(stage, indices, rows);
  row_splits_ = Tensor::zeros(int64, {rows + 1});
  const auto splits = row_splits_.mutable_values<std::int64_t>();
  for (const std::int64_t row : row_of) ++splits[static_cast<std::size_t>(row) + 1];
  std::partial_sum(splits.begin(), splits.end(), splits.begin());
  std::vector<std::int64_t> order;
  if (!std::is_sorted(row_of.begin(), row_of.end())) {
    order = by_row(row_of, row_splits_);
    values_ = gather(values_, Positions::of(order.data(), static_cast<std::int64_t>(order.size())));
  }
  indices_ = without_rows(indices, order).read_only();
  dense_shape_ = Tensor::copy_of<std::int64_t>(sizes.subspan(1)).read_only();
}

void SparseRows::append_row(std::int64_t i, std::vector<Tensor>& parts) const {
  const auto* const splits = reinterpret_cast<const std::int64_t*>(row_splits_.data());
  const std::int64_t begin = splits[i], count = splits[i + 1] - begin;
  parts.push_back(indices_.rows(begin, count));
  parts.push_back(values_.rows(begin, count));
  parts.push_back(dense_shape_);
}

SparseTensor stack_sparse(std::span<const Tensor> indices, std::span<const Tensor> values,
                          std::span<const Tensor> dense_shapes) {
  std::vector<SparseTensor> rows;
  std::int64_t items = 0;
  for (std::size_t i = 0; i < indices.size(); ++i) {
    rows.emplace_back(indices[i], values[i], dense_shapes[i]);
    items += values[i].shape()[0];
  }
  const std::int64_t axes = rows.front().dense_shape().shape()[0];
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(axes) + 1, 0);
  sizes.front() = static_cast<std::int64_t>(rows.size());
  Tensor places = Tensor::empty(int64, {items, axes + 1});
  std::int64_t* to = places.mutable_values<std::int64_t>().data();
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const auto own = rows[row].dense_shape().values<std::int64_t>();
    require(static_cast<std::int64_t>(own.size()) == axes, "SparseTensor",
            "rows must have the same number of axes, got ", own.size(), " for row ", row, " and ", axes, " before");
    for (std::size_t axis = 0; axis < own.size(); ++axis) sizes[axis + 1] = std::max(sizes[axis + 1], own[axis]);
    const auto lines = rows[row].indices().values<std::int64_t>();
    for (std::int64_t item = 0; item < rows[row].values().shape()[0]; ++item) {
      *to++ = static_cast<std::int64_t>(row);
      to = std::copy_n(lines.begin() + item * axes, axes, to);
    }
  }
  return SparseTensor(std::move(places), concatenate(values), Tensor::copy_of<std::int64_t>(sizes));
}

std::array<TensorSpec, 3> sparse_leaves(DType dtype, std::int64_t axes) {
  return {TensorSpec{int64, {-1, axes}}, TensorSpec{dtype, {-1}}, TensorSpec{int64, {axes}}};
}

}  // namespace headrace
