#include <headrace/io/hdf5/component.hpp>

#include <algorithm>

#include <headrace/tensor/copy.hpp>

namespace headrace::hdf5 {

std::size_t part_at(const std::vector<std::int64_t>& starts, std::int64_t position) {
  return static_cast<std::size_t>(std::upper_bound(starts.begin(), starts.end(), position) - starts.begin() - 1);
}

std::int64_t Component::row_bytes() const { return std::max<std::int64_t>(row_.nbytes(), 0); }

std::string Component::where(std::int64_t position) const {
  return "row " + std::to_string(position) + " of '" + name_ + "'";
}

Tensor Component::gather(const Reading& reading, const Positions& positions) const {
  if (row_.dtype.variable_length() && positions.count > 0) return stack(list(reading, positions));
  const Tensor column = Tensor::empty(row_.dtype, row_.shape.with_front(positions.count));
  if (positions.count > 0) gather_into(reading, positions, column, Positions::range(0, positions.count));
  return column;
}

std::vector<Tensor> Component::list(const Reading& reading, const Positions& positions) const {
  const Tensor column = gather(reading, positions);
  std::vector<Tensor> rows;
  rows.reserve(static_cast<std::size_t>(positions.count));
  for (std::int64_t i = 0; i < positions.count; ++i) rows.push_back(column.row(i));
  return rows;
}

}  // namespace headrace::hdf5
