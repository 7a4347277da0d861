// Private to the operations: several strided tensors of one shape, walked together in as few and as long runs as can
// be.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace headrace::detail {

constexpr int kMostAxes = 64;  // as in NumPy

/// Axes of N tensors, innermost first; neighbours that step alike are one.
template <int N>
class Axes {
 public:
  using Steps = std::array<std::int64_t, N>;  // bytes
  Axes() {}                                   // sets only what counts
  struct Axis {
    std::int64_t size;
    Steps steps;
  };

  /// Puts an axis around the others.
  void add(std::int64_t size, const Steps& steps) {
    size_ *= size;
    if (size == 1) return;
    if (count_ > 0 && joins(axes_[count_ - 1], steps)) {
      axes_[count_ - 1].size *= size;
    } else {
      axes_[count_++] = {size, steps};
    }
  }
  int count() const { return count_; }
  std::int64_t size() const { return size_; }  // items
  const Axis& operator[](int axis) const { return axes_[axis]; }
  /// The longest run, and how it steps. Of a single item: 1, and no steps.
  std::int64_t run() const { return count_ > 0 ? axes_[0].size : 1; }
  Steps steps() const { return count_ > 0 ? axes_[0].steps : Steps{}; }

 private:
  static bool joins(const Axis& inner, const Steps& steps) {
    for (int i = 0; i < N; ++i)
      if (steps[i] != inner.steps[i] * inner.size) return false;
    return true;
  }

  int count_ = 0;
  std::int64_t size_ = 1;
  Axis axes_[kMostAxes];  // the first count_ are set
};

/// A place on Axes, and the addresses there.
template <int N>
class Walk {
 public:
  using Places = std::array<const std::byte*, N>;

  Walk(const Axes<N>& axes, const Places& bases, std::int64_t position) : axes_(axes), at_(bases) {
    index_[0] = 0;
    for (int axis = 0; axis < axes.count(); ++axis) {
      index_[axis] = position % axes[axis].size;
      move(axis, index_[axis]);
      position /= axes[axis].size;
    }
  }
  const Places& places() const { return at_; }
  /// Items up to the end of the innermost axis.
  std::int64_t left() const { return axes_.run() - index_[0]; }
  /// Goes on by at most left() items.
  void advance(std::int64_t items) {
    if (axes_.count() == 0) return;
    index_[0] += items;
    move(0, items);
    for (int axis = 0; index_[axis] == axes_[axis].size && axis + 1 < axes_.count(); ++axis) {
      move(axis, -index_[axis]);
      index_[axis] = 0;
      move(axis + 1, 1);
      ++index_[axis + 1];
    }
  }

 private:
  void move(int axis, std::int64_t items) {
    for (int i = 0; i < N; ++i) at_[i] += items * axes_[axis].steps[i];
  }

  const Axes<N>& axes_;
  Places at_;
  std::int64_t index_[kMostAxes];  // those of axes_ are set
};

}  // namespace headrace::detail
