#include <headrace/tensor/copy_nest.hpp>

#include <headrace/tensor/copy_kernels.hpp>

#include <cstring>

namespace headrace::detail {

Nest::Nest(const Tensor& from_tensor, const Tensor& to_tensor, int first_axis, std::int64_t itemsize) : run(itemsize) {
  for (int axis = from_tensor.ndim() - 1; axis >= first_axis; --axis) {
    add(from_tensor.shape()[axis], from_tensor.strides()[axis], to_tensor.strides()[axis]);
  }
}

void Nest::add(std::int64_t size, std::int64_t from_stride, std::int64_t to_stride) {
  if (size == 1) return;
  const int last = sizes.size() - 1;
  if (last < 0 && from_stride == run && to_stride == run) {
    run *= size;
  } else if (last >= 0 && from_stride == from[last] * sizes[last] && to_stride == to[last] * sizes[last]) {
    sizes[last] *= size;
  } else {
    sizes = sizes.with_back(size);
    from = from.with_back(from_stride);
    to = to.with_back(to_stride);
  }
}

std::int64_t Nest::nbytes() const {
  std::int64_t bytes = run;
  for (const std::int64_t size : sizes) bytes *= size;
  return bytes;
}

void Nest::copy(int axes, const std::byte* from_data, std::byte* to_data) const {
  if (axes == 0) {
    std::memcpy(to_data, from_data, static_cast<std::size_t>(run));
  } else if (axes == 1) {
    move_runs(from_data, {nullptr, from[0]}, to_data, {nullptr, to[0]}, sizes[0], run);
  } else {
    const int axis = axes - 1;
    for (std::int64_t i = 0; i < sizes[axis]; ++i) copy(axis, from_data + i * from[axis], to_data + i * to[axis]);
  }
}

}  // namespace headrace::detail
