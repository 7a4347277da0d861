// RaggedTensors and SparseTensors as one dense tensor, and RaggedTensors from rows.
#include <headrace/tensor/compound.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pad.hpp>

#include <algorithm>
#include <complex>
#include <cstring>
#include <type_traits>

namespace headrace {
namespace {

/// Where each value stands in a dense tensor, as a number of items; throws where one is outside.
std::vector<std::int64_t> places_of(const SparseTensor& sparse, const Shape& shape) {
  const auto lines = sparse.indices().values<std::int64_t>();
  std::vector<std::int64_t> places(static_cast<std::size_t>(sparse.values().shape()[0]));
  const std::int64_t* index = lines.data();
  for (std::size_t i = 0; i < places.size(); ++i) {
    std::int64_t place = 0;
    for (int axis = 0; axis < shape.size(); ++axis, ++index) {
      const std::int64_t at = *index;
      require(at >= 0 && at < shape[axis], "SparseTensor", "indices must lie in dense_shape ", to_string(shape),
              ", got ", at, " in axis ", axis, " of item ", i);
      place = place * shape[axis] + at;
    }
    places[i] = place;
  }
  return places;
}

/// The sum as NumPy has it: integers wrap, bools are or-ed.
template <class T>
T sum(T a, T b) {
  if constexpr (std::is_same_v<T, bool>) {
    return a || b;
  } else if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  } else {
    return a + b;
  }
}

template <class T>
void add_values(const Tensor& values, const std::vector<std::int64_t>& places, Tensor& dense) {
  const auto from = values.values<T>();
  const auto to = dense.mutable_values<T>();
  for (std::size_t i = 0; i < places.size(); ++i) {
    T& item = to[static_cast<std::size_t>(places[i])];
    item = sum(item, from[i]);
  }
}

template <class... T>
bool add_any(const Tensor& values, const std::vector<std::int64_t>& places, Tensor& dense) {
  return ((values.dtype() == dtype_of<T>() && (add_values<T>(values, places, dense), true)) || ...);
}

/// Values of a dtype that has no sum here: each place at most once.
void place_values(const Tensor& values, const std::vector<std::int64_t>& places, Tensor& dense) {
  std::vector<bool> taken(static_cast<std::size_t>(dense.size()));
  const std::int64_t size = values.dtype().itemsize();
  for (std::size_t i = 0; i < places.size(); ++i) {
    const auto place = static_cast<std::size_t>(places[i]);
    require(!taken[place], "SparseTensor", "values of ", values.dtype().name(),
            " are not added up: each place may have one, got a second at item ", i, "; drop it, or use astype");
    taken[place] = true;
    std::memcpy(dense.mutable_data() + places[i] * size, values.data() + static_cast<std::int64_t>(i) * size,
                static_cast<std::size_t>(size));
  }
}

}  // namespace

RaggedTensor RaggedTensor::from_rows(std::span<const Tensor> rows) {
  require(!rows.empty(), "RaggedTensor", "from_rows needs a row, whose dtype counts; give (values, row_splits)");
  Tensor splits = Tensor::zeros(int64, {static_cast<std::int64_t>(rows.size()) + 1});
  const auto ends = splits.mutable_values<std::int64_t>();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    require(rows[i].ndim() > 0, "RaggedTensor", "rows must have a first axis, got a scalar at ", i);
    ends[i + 1] = ends[i] + rows[i].shape()[0];
  }
  return RaggedTensor(concatenate(rows), std::move(splits));
}

Tensor RaggedTensor::padded(const std::optional<Tensor>& value) const {
  const auto splits = row_splits_.values<std::int64_t>();
  std::vector<Slice> rows(static_cast<std::size_t>(size()));
  std::int64_t longest = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i] = {splits[i], splits[i + 1] - splits[i]};
    longest = std::max(longest, rows[i].count);
  }
  const Tensor padding = value ? *value : default_padding(values_.dtype());
  require<TypeError>(padding.dtype() == values_.dtype() && padding.size() == 1, "RaggedTensor",
                     "the value to pad with must be one ", values_.dtype().name(), ", got ", padding.dtype().name(),
                     to_string(padding.shape()));
  return pad(values_, rows, values_.shape().tail().with_front(longest), padding);
}

Tensor SparseTensor::to_dense() const {
  const Shape shape(dense_shape_.values<std::int64_t>());
  const DType dtype = values_.dtype();
  element_count(shape);
  const std::vector<std::int64_t> places = places_of(*this, shape);
  const Tensor values =
      values_.is_contiguous() &&
              reinterpret_cast<std::uintptr_t>(values_.data()) % static_cast<std::size_t>(dtype.alignment()) == 0
          ? values_
          : values_.copy();
  Tensor dense = Tensor::zeros(dtype, shape);
  const bool times = dtype.kind() == Kind::datetime64 || dtype.kind() == Kind::timedelta64;
  if (times) {
    auto* const items = reinterpret_cast<std::int64_t*>(dense.mutable_data());
    std::fill(items, items + dense.size(), kNaT);
  }
  const bool added =
      add_any<bool, std::int8_t, std::int16_t, std::int32_t, std::int64_t, std::uint8_t, std::uint16_t, std::uint32_t,
              std::uint64_t, float, double, std::complex<float>, std::complex<double>>(values, places, dense);
  if (!added) place_values(values, places, dense);
  if (dtype.variable_length()) dense.set_heap(values.heap());
  return dense;
}

}  // namespace headrace
