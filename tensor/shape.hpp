// A short list of sizes or strides, kept inline up to six axes so that making a view allocates nothing.
#pragma once

#include <algorithm>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <utility>

namespace headrace {

class Dims {
 public:
  Dims() = default;
  Dims(std::initializer_list<std::int64_t> values) : Dims(std::span(values.begin(), values.size())) {}
  explicit Dims(std::span<const std::int64_t> values) {
    resize(static_cast<int>(values.size()));
    std::copy(values.begin(), values.end(), begin());
  }
  Dims(const Dims& other) : size_(other.size_) {
    std::copy(other.inline_, other.inline_ + kInline, inline_);
    if (other.heap_) copy_heap(other);
  }
  Dims(Dims&& other) noexcept : size_(std::exchange(other.size_, 0)), heap_(std::move(other.heap_)) {
    std::copy(other.inline_, other.inline_ + kInline, inline_);
  }
  Dims& operator=(const Dims& other) {
    if (this != &other) *this = Dims(other);
    return *this;
  }
  Dims& operator=(Dims&& other) noexcept {
    std::copy(other.inline_, other.inline_ + kInline, inline_);
    heap_ = std::move(other.heap_);
    size_ = std::exchange(other.size_, 0);
    return *this;
  }

  int size() const { return size_; }
  bool empty() const { return size_ == 0; }
  std::int64_t* begin() { return heap_ ? heap_.get() : inline_; }
  std::int64_t* end() { return begin() + size_; }
  const std::int64_t* begin() const { return heap_ ? heap_.get() : inline_; }
  const std::int64_t* end() const { return begin() + size_; }
  std::int64_t& operator[](int axis) { return begin()[axis]; }
  std::int64_t operator[](int axis) const { return begin()[axis]; }
  std::int64_t front() const { return begin()[0]; }

  /// Drops the first value; not for an empty list.
  void drop_front() {
    if (heap_ && size_ - 1 > kInline) {
      std::copy(begin() + 1, end(), begin());
    } else {
      const std::int64_t* const rest = begin() + 1;
      std::copy(rest, rest + (heap_ ? kInline : kInline - 1), inline_);
      heap_.reset();
    }
    --size_;
  }
  /// The list without its first value; not for an empty one.
  Dims tail() const {
    Dims shorter = *this;
    shorter.drop_front();
    return shorter;
  }
  /// The list with `value` put in front.
  Dims with_front(std::int64_t value) const {
    Dims longer;
    longer.resize(size_ + 1);
    longer[0] = value;
    if (size_ < kInline) {
      std::copy(inline_, inline_ + kInline - 1, longer.inline_ + 1);
    } else {
      std::copy(begin(), end(), longer.begin() + 1);
    }
    return longer;
  }
  /// The list with `value` added at the end.
  Dims with_back(std::int64_t value) const {
    Dims longer;
    longer.resize(size_ + 1);
    std::copy(begin(), end(), longer.begin());
    longer[size_] = value;
    return longer;
  }
  friend bool operator==(const Dims& a, const Dims& b) { return std::equal(a.begin(), a.end(), b.begin(), b.end()); }

 private:
  void resize(int size) {  // once, of an empty list
    if (size > kInline) heap_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(size));
    size_ = size;
  }

  void copy_heap(const Dims& other) {
    heap_ = std::make_unique<std::int64_t[]>(static_cast<std::size_t>(size_));
    std::copy(other.begin(), other.end(), heap_.get());
  }

  static constexpr int kInline = 6;
  int size_ = 0;
  std::int64_t inline_[kInline] = {};
  std::unique_ptr<std::int64_t[]> heap_;
};

using Shape = Dims;    // sizes; in a spec -1 is an unknown size
using Strides = Dims;  // bytes between neighbours, any sign

/// The product of all sizes. Throws ValueError where it or a size is negative or overflows int64.
std::int64_t element_count(const Shape& shape);
/// C order strides in bytes.
Strides contiguous_strides(const Shape& shape, std::int64_t itemsize);
/// "(3, 4)", "(3,)", "()", an unknown size as "?".
std::string to_string(const Shape& shape);

}  // namespace headrace
