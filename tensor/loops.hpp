// Private to the operations: the loops over items, by operation and dtype. See loop.hpp for how they are made.
#pragma once

#include <array>

#include <headrace/tensor/dtype.hpp>
#include <headrace/tensor/processor.hpp>

namespace headrace::detail {

/// out[i] = f(in[0][i], in[1][i], ...) for i < count. `out` is gapless and aligned, in[k] steps by steps[k] bytes from
/// anywhere; none of them overlaps out.
using Loop = void (*)(std::byte* out, const std::byte* const* in, const std::int64_t* steps, std::int64_t count);

/// The same loop for what every processor has, and for those of today; nullptr where the operation does not exist for
/// a dtype.
struct Versions {
  Loop baseline = nullptr, avx2 = nullptr;
  Loop pick() const { return has_avx2() ? avx2 : baseline; }
};

/// One operation for each dtype that computes.
constexpr int kComputing = 11;
using LoopTable = std::array<Versions, kComputing>;

/// Where `dtype` (which computes) stands in a LoopTable.
inline std::size_t column(DType dtype) {
  return dtype == float32 ? 9 : dtype == float64 ? 10 : static_cast<std::size_t>(dtype.kind());
}

extern const LoopTable add_loops, subtract_loops, multiply_loops, divide_loops, minimum_loops, maximum_loops;
extern const LoopTable negative_loops, abs_loops, clip_loops, where_loops;
extern const LoopTable bit_and_loops, bit_or_loops, bit_xor_loops, invert_loops;
extern const LoopTable sqrt_loops, exp_loops, log_loops;
extern const LoopTable equal_loops, less_loops, less_equal_loops, not_equal_loops;
extern const LoopTable and_loops, or_loops, xor_loops, not_loops;  // logical
/// int64 on the left, uint64 on the right: no dtype holds both.
extern const Versions mixed_equal_loop, mixed_less_loop, mixed_greater_loop, mixed_less_equal_loop,
    mixed_greater_equal_loop, mixed_not_equal_loop;
/// To the row's dtype from the column's.
extern const std::array<LoopTable, kComputing> cast_loops;

}  // namespace headrace::detail
