// Private to reduce.cpp: the loops that bring many items to one, by reduction and dtype.
#pragma once

#include <array>

#include <headrace/tensor/loops.hpp>

namespace headrace::detail {

/// Items that do not lie side by side may be so many to `run` at once.
constexpr std::int64_t kSteppingItems = 8192;

/// `total` and `totals` are gapless and of the dtype that the reduction holds; items step by `step` bytes, anywhere.
using FoldLoop = void (*)(std::byte* totals, const std::byte* items, std::int64_t step, std::int64_t count);

/// The same of four rows at once, which lie `pitch` bytes apart.
using RowsLoop = void (*)(std::byte* totals, const std::byte* items, std::int64_t step, std::int64_t count,
                          std::int64_t pitch);

/// The loops for one dtype.
struct Fold {
  FoldLoop run = nullptr;    // *total = all items joined; count > 0
  FoldLoop first = nullptr;  // totals[i] = items[i]
  FoldLoop join = nullptr;   // totals[i] = totals[i] joined with items[i]
  RowsLoop join_four = nullptr;
};

struct FoldVersions {
  Fold baseline, avx2;
  const Fold& pick() const { return has_avx2() ? avx2 : baseline; }
};

/// By column() of the items' dtype. Sums of integers are held as 64 bits, of floats as float64; averages as float64.
using FoldTable = std::array<FoldVersions, kComputing>;
extern const FoldTable sum_folds, mean_folds, min_folds, max_folds;

}  // namespace headrace::detail
