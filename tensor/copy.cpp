#include <headrace/tensor/copy.hpp>

#include <headrace/tensor/copy_kernels.hpp>
#include <headrace/tensor/copy_nest.hpp>
#include <headrace/tensor/pool.hpp>

#include <algorithm>
#include <cstring>

namespace headrace {
namespace {

using detail::Nest;
using detail::Places;

/// Bytes of a row if rows are gapless in both tensors, else -1.
std::int64_t gapless_row(const Tensor& from, const Tensor& to) {
  std::int64_t run = from.dtype().itemsize();
  for (int axis = from.ndim() - 1; axis > 0; --axis) {
    const std::int64_t size = from.shape()[axis];
    if (size != 1 && (from.strides()[axis] != run || to.strides()[axis] != run)) return size == 0 ? 0 : -1;
    run *= size;
  }
  return run;
}

void check_rows(const Tensor& from, const Tensor& to) {
  const auto tail = [](const Tensor& tensor) {
    return std::span(tensor.shape().begin(), tensor.shape().end()).subspan(1);
  };
  const bool same = from.dtype() == to.dtype() && from.ndim() == to.ndim() && from.ndim() > 0 &&
                    std::equal(tail(from).begin(), tail(from).end(), tail(to).begin());
  if (same) return;
  throw ValueError(sentence("copy_rows", "rows must agree in dtype and shape, got ", from.dtype().name(),
                            to_string(from.shape()), " and ", to.dtype().name(), to_string(to.shape())));
}

Places places(const Positions& rows, std::int64_t stride) {
  return {rows.list, rows.list ? stride : rows.step * stride};
}

std::int64_t base(const Positions& rows, std::int64_t stride) { return rows.list ? 0 : rows.start * stride; }

/// Calls body(begin, end) over [0, n), on the pool where n rows of `bytes` each are worth it.
template <class Body>
void over_rows(std::int64_t n, std::int64_t bytes, const Body& body) {
  if (n <= 1 || n * std::max<std::int64_t>(bytes, 1) <= detail::kParallelBytes) return body(0, n);
  pool::parallel_for(n, std::max<std::int64_t>(detail::kPieceBytes / std::max<std::int64_t>(bytes, 1), 1), body);
}

}  // namespace

namespace detail {

void copy_items(const Tensor& from, const Tensor& to, std::int64_t itemsize) {
  if (from.size() == 0 || itemsize == 0) return;
  Nest nest(from, to, 0, itemsize);
  if (nest.sizes.empty()) return move_bytes(from.data(), to.mutable_data(), nest.run);
  const int outer = nest.sizes.size() - 1;
  const std::int64_t n = nest.sizes[outer];
  over_rows(n, from.size() / n * itemsize, [&](std::int64_t begin, std::int64_t end) {
    Nest part = nest;
    part.sizes[outer] = end - begin;
    part.copy(from.data() + begin * nest.from[outer], to.mutable_data() + begin * nest.to[outer]);
  });
}

}  // namespace detail

void copy(const Tensor& from, const Tensor& to) {
  if (from.dtype() != to.dtype() || from.shape() != to.shape()) {
    throw ValueError(sentence("copy", "tensors must agree in dtype and shape, got ", from.dtype().name(),
                              to_string(from.shape()), " and ", to.dtype().name(), to_string(to.shape())));
  }
  detail::copy_items(from, to, from.dtype().itemsize());
}

void copy_rows(const Tensor& from, const Positions& from_rows, const Tensor& to, const Positions& to_rows) {
  check_rows(from, to);
  const std::int64_t count = std::min(from_rows.count, to_rows.count);
  const std::int64_t run = gapless_row(from, to);
  if (count <= 0 || run == 0) return;
  const std::int64_t from_stride = from.strides()[0], to_stride = to.strides()[0];
  const Places from_places = places(from_rows, from_stride), to_places = places(to_rows, to_stride);
  const std::byte* const from_data = from.data() + base(from_rows, from_stride);
  std::byte* const to_data = to.mutable_data() + base(to_rows, to_stride);
  const auto from_at = [=](std::int64_t i) { return from_data + (from_places.list ? 0 : i * from_places.stride); };
  const auto to_at = [=](std::int64_t i) { return to_data + (to_places.list ? 0 : i * to_places.stride); };
  if (run > 0) {
    return over_rows(count, run, [&](std::int64_t begin, std::int64_t end) {
      detail::move_runs(from_at(begin), from_places.from(begin), to_at(begin), to_places.from(begin), end - begin, run);
    });
  }
  const Nest row(from, to, 1, from.dtype().itemsize());
  over_rows(count, row.nbytes(), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      row.copy(from_data + from_places.offset(i), to_data + to_places.offset(i));
  });
}

Tensor gather(const Tensor& from, const Positions& rows) {
  if (!rows.list) return from.rows(rows.start, rows.count, rows.step);
  Shape shape = from.shape();
  shape[0] = rows.count;
  Tensor result = Tensor::empty(from.dtype(), shape);
  copy_rows(from, rows, result, Positions::range(0, rows.count));
  result.set_heap(from.heap());
  return result;
}

}  // namespace headrace
