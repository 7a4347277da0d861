// A strided, typed view of a buffer. Copying a Tensor copies the view, never the bytes.
#pragma once

#include <algorithm>
#include <cstring>
#include <initializer_list>
#include <span>
#include <string_view>

#include <headrace/tensor/buffer.hpp>
#include <headrace/tensor/dtype.hpp>
#include <headrace/tensor/shape.hpp>

namespace headrace {

/// Threads may share a const Tensor. The bytes live as long as any view of them.
class Tensor {
 public:
  Tensor() = default;  // no dtype, no buffer
  /// Uninitialised, C order, writable. Throws std::bad_alloc, or ValueError for negative or overflowing sizes.
  /// Variable-length items are set to the empty text.
  static Tensor empty(DType dtype, const Shape& shape);
  static Tensor zeros(DType dtype, const Shape& shape);
  /// A view of memory that `buffer` keeps alive. `writable` false: somebody else may read these bytes.
  static Tensor view(Buffer buffer, std::byte* data, DType dtype, Shape shape, Strides strides, bool writable);
  template <class T>
  static Tensor scalar(T value) {
    Tensor result = empty(dtype_of<T>(), {});
    result.set(value);
    return result;
  }
  /// A copy of `values` in C order.
  template <class T>
  static Tensor of(std::initializer_list<T> values, Shape shape = {-1}) {
    return copy_of<T>({values.begin(), values.size()}, std::move(shape));
  }
  template <class T>
  static Tensor copy_of(std::span<const T> values, Shape shape = {-1});
  /// One variable-length item, `dtype` text or bytes.
  static Tensor text_scalar(std::string_view value, DType dtype = headrace::text);
  /// A vector of variable-length items; their bytes are copied into one heap.
  static Tensor texts(std::span<const std::string_view> values, DType dtype = headrace::text);

  DType dtype() const { return dtype_; }
  const Shape& shape() const { return shape_; }
  const Strides& strides() const { return strides_; }
  int ndim() const { return shape_.size(); }
  std::int64_t size() const;  // items
  std::int64_t nbytes() const { return size() * dtype_.itemsize(); }
  bool writable() const { return writable_; }
  bool is_contiguous() const;  // C order, no gaps
  const std::byte* data() const { return data_; }
  std::byte* mutable_data() const { return data_; }  // for kernels filling a tensor they made
  const Buffer& buffer() const { return buffer_; }
  /// Keeps variable-length bytes alive; empty for other dtypes. Every item's bytes lie in it, or are static.
  const Buffer& heap() const { return heap_; }
  void set_heap(Buffer heap) { heap_ = std::move(heap); }

  /// Items in C order. Needs is_contiguous(), aligned bytes and T's dtype, else TypeError.
  template <class T>
  std::span<const T> values() const {
    check_values(dtype_of<T>());
    return {reinterpret_cast<const T*>(data_), static_cast<std::size_t>(size())};
  }
  template <class T>
  std::span<T> mutable_values() {
    check_values(dtype_of<T>());
    return {reinterpret_cast<T*>(data_), static_cast<std::size_t>(size())};
  }
  /// The single item of a tensor of size 1 and T's dtype, else TypeError.
  template <class T>
  T item() const {
    check_item(dtype_of<T>());
    T value;
    std::memcpy(&value, data_, sizeof value);  // the bytes may lie anywhere
    return value;
  }
  /// The single item of a variable-length tensor of size 1.
  std::string_view text() const;

  /// Views. `row(i)` drops the first axis; `rows` keeps it; none checks bounds.
  Tensor row(std::int64_t i) const;
  Tensor rows(std::int64_t start, std::int64_t count, std::int64_t step = 1) const;
  /// Moves the view to another place in the same buffer; for loops over rows that would otherwise make a Tensor each.
  void set_data(std::byte* data) { data_ = data; }
  /// (n*m, ...) -> (n, m, ...); n*m must be the first size.
  Tensor split_rows(std::int64_t n, std::int64_t m) const;
  /// (n, m, ...) -> (n*m, ...): a view where strides allow, else a copy.
  Tensor merge_rows() const;
  /// (...) -> (1, ...).
  Tensor with_leading_axis() const;
  /// The same bytes with another shape of equal size; copies where strides don't allow a view.
  Tensor reshape(const Shape& shape) const;
  /// A C-order copy in a buffer of its own, writable, with its own heap.
  Tensor copy() const;
  /// The same view, marked as read by others.
  Tensor read_only() const;

 private:
  void check_values(DType wanted) const;
  void check_item(DType wanted) const;
  template <class T>
  void set(T value) {
    std::memcpy(data_, &value, sizeof value);
  }

  Buffer buffer_;
  Buffer heap_;
  std::byte* data_ = nullptr;
  DType dtype_;
  bool writable_ = false;
  Shape shape_;
  Strides strides_;
};

template <class T>
Tensor Tensor::copy_of(std::span<const T> values, Shape shape) {
  if (shape.size() == 1 && shape[0] == -1) shape[0] = static_cast<std::int64_t>(values.size());
  Tensor result = empty(dtype_of<T>(), shape);
  std::copy(values.begin(), values.end(), result.mutable_values<T>().begin());
  return result;
}

/// Equal dtype, shape and items (bytes; texts by value). For tests and small checks.
bool equal(const Tensor& a, const Tensor& b);

}  // namespace headrace
