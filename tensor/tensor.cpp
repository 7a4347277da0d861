#include <headrace/tensor/tensor.hpp>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

#include <cstring>

namespace headrace {
namespace {

/// Strides that show `tensor` with `shape` (of equal size) without a copy, or false. After NumPy's
/// _attempt_nocopy_reshape: groups of axes of equal product must each be gapless.
bool reshaped_strides(const Tensor& tensor, const Shape& shape, Strides& result) {
  Shape sizes, steps;  // of the axes that matter
  for (int axis = 0; axis < tensor.ndim(); ++axis) {
    if (tensor.shape()[axis] == 1) continue;
    sizes = sizes.with_back(tensor.shape()[axis]);
    steps = steps.with_back(tensor.strides()[axis]);
  }
  int from = 0;
  for (int to = 0; to < shape.size();) {
    std::int64_t wanted = shape[to];
    if (wanted == 1) {
      result[to++] = tensor.dtype().itemsize();
      continue;
    }
    int from_end = from + 1, to_end = to + 1;
    std::int64_t have = sizes[from];
    while (have != wanted) have < wanted ? have *= sizes[from_end++] : wanted *= shape[to_end++];
    for (int axis = from; axis + 1 < from_end; ++axis) {
      if (steps[axis] != sizes[axis + 1] * steps[axis + 1]) return false;
    }
    std::int64_t stride = steps[from_end - 1];
    for (int axis = to_end - 1; axis >= to; --axis) {
      result[axis] = stride;
      stride *= shape[axis];
    }
    from = from_end;
    to = to_end;
  }
  return true;
}

/// "float32(3, 4)".
std::string describe(const Tensor& tensor) {
  return (tensor.dtype() ? tensor.dtype().name() : "no dtype") + to_string(tensor.shape());
}

bool equal_texts(const Tensor& a, const Tensor& b) {
  const auto* left = reinterpret_cast<const Text*>(a.data());
  const auto* right = reinterpret_cast<const Text*>(b.data());
  return std::equal(left, left + a.size(), right, [](Text x, Text y) { return x.view() == y.view(); });
}

}  // namespace

Tensor Tensor::empty(DType dtype, const Shape& shape) {
  std::int64_t bytes = 0;
  const std::int64_t count = element_count(shape);
  if (__builtin_mul_overflow(count, dtype.itemsize(), &bytes)) {
    throw ValueError(sentence("tensor", "the bytes must fit 63 bits, got ", dtype.name(), headrace::to_string(shape)));
  }
  Buffer buffer = Buffer::allocate(static_cast<std::size_t>(bytes));
  std::byte* const data = buffer.data();
  if (dtype.variable_length()) std::memset(data, 0, static_cast<std::size_t>(bytes));
  return view(std::move(buffer), data, dtype, shape, contiguous_strides(shape, dtype.itemsize()), true);
}

Tensor Tensor::zeros(DType dtype, const Shape& shape) {
  Tensor result = empty(dtype, shape);
  std::memset(result.data_, 0, static_cast<std::size_t>(result.nbytes()));
  return result;
}

Tensor Tensor::view(Buffer buffer, std::byte* data, DType dtype, Shape shape, Strides strides, bool writable) {
  Tensor result;
  result.buffer_ = std::move(buffer);
  result.data_ = data;
  result.dtype_ = dtype;
  result.writable_ = writable;
  result.shape_ = std::move(shape);
  result.strides_ = std::move(strides);
  return result;
}

Tensor Tensor::text_scalar(std::string_view value, DType dtype) { return texts({&value, 1}, dtype).reshape({}); }

Tensor Tensor::texts(std::span<const std::string_view> values, DType dtype) {
  require<TypeError>(dtype && dtype.variable_length(), "tensor", "texts need dtype str or bytes, got ",
                     dtype ? dtype.name() : "none");
  Tensor result = empty(dtype, {static_cast<std::int64_t>(values.size())});
  std::size_t total = 0;
  for (const std::string_view value : values) total += value.size();
  if (total == 0) return result;
  result.heap_ = Buffer::allocate(total);
  auto* place = reinterpret_cast<char*>(result.heap_.data());
  auto* item = reinterpret_cast<Text*>(result.data_);
  for (const std::string_view value : values) {
    *item++ = {place, static_cast<std::int64_t>(value.size())};
    place = std::copy(value.begin(), value.end(), place);
  }
  return result;
}

std::int64_t Tensor::size() const {
  std::int64_t product = 1;
  for (const std::int64_t size : shape_) product *= size;
  return product;
}

bool Tensor::is_contiguous() const {
  std::int64_t stride = dtype_.itemsize();
  bool gapless = true;
  for (int axis = ndim() - 1; axis >= 0; --axis) {
    if (shape_[axis] == 0) return true;
    gapless &= shape_[axis] == 1 || strides_[axis] == stride;
    stride *= shape_[axis];
  }
  return gapless;
}

std::string_view Tensor::text() const {
  const bool one = dtype_ && dtype_.variable_length() && size() == 1;
  if (!one) throw TypeError(sentence("tensor", "one text is needed, got ", describe(*this)));
  return reinterpret_cast<const Text*>(data_)->view();
}

Tensor Tensor::row(std::int64_t i) const {
  Tensor result = *this;
  result.data_ += i * strides_[0];
  result.shape_.drop_front();
  result.strides_.drop_front();
  return result;
}

Tensor Tensor::rows(std::int64_t start, std::int64_t count, std::int64_t step) const {
  Tensor result = *this;
  result.data_ += count > 0 ? start * strides_[0] : 0;
  result.shape_[0] = count;
  result.strides_[0] *= step;
  return result;
}

Tensor Tensor::split_rows(std::int64_t n, std::int64_t m) const {
  Tensor result = *this;
  result.shape_ = shape_.tail().with_front(m).with_front(n);
  result.strides_ = strides_.tail().with_front(strides_[0]).with_front(m * strides_[0]);
  return result;
}

Tensor Tensor::merge_rows() const { return reshape(shape_.tail().tail().with_front(shape_[0] * shape_[1])); }

Tensor Tensor::with_leading_axis() const {
  Tensor result = *this;
  const std::int64_t stride = ndim() > 0 ? shape_[0] * strides_[0] : dtype_.itemsize();
  result.shape_ = shape_.with_front(1);
  result.strides_ = strides_.with_front(stride);
  return result;
}

Tensor Tensor::reshape(const Shape& shape) const {
  if (element_count(shape) != size()) {
    throw ValueError(sentence("tensor", "a reshape must keep the number of items, got ", headrace::to_string(shape),
                              " for ", headrace::to_string(shape_)));
  }
  Strides strides = contiguous_strides(shape, dtype_.itemsize());
  if (!is_contiguous() && !reshaped_strides(*this, shape, strides)) return copy().reshape(shape);
  Tensor result = *this;
  result.shape_ = shape;
  result.strides_ = std::move(strides);
  return result;
}

Tensor Tensor::read_only() const {
  Tensor result = *this;
  result.writable_ = false;
  return result;
}

void Tensor::check_values(DType wanted) const {
  const bool aligned = reinterpret_cast<std::uintptr_t>(data_) % static_cast<std::uintptr_t>(wanted.alignment()) == 0;
  if (dtype_ == wanted && aligned && is_contiguous()) return;
  const std::string_view how = dtype_ != wanted ? "" : aligned ? "strided " : "unaligned ";
  throw TypeError(sentence("tensor", "contiguous ", wanted.name(), " is needed, got ", how, describe(*this)));
}

void Tensor::check_item(DType wanted) const {
  if (dtype_ == wanted && size() == 1) return;
  throw TypeError(sentence("tensor", "one item of ", wanted.name(), " is needed, got ", describe(*this)));
}

bool equal(const Tensor& a, const Tensor& b) {
  if (a.dtype() != b.dtype() || a.shape() != b.shape()) return false;
  if (!a.dtype() || a.size() == 0) return true;
  if (!a.is_contiguous()) return equal(a.copy(), b);
  if (!b.is_contiguous()) return equal(a, b.copy());
  if (a.dtype().variable_length()) return equal_texts(a, b);
  return std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.nbytes())) == 0;
}

}  // namespace headrace
