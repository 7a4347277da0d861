// Casts between dtypes. What an integer dtype cannot hold of a float is undefined in C++ and up to the processor in
// NumPy; here it is what NumPy gives on x86-64, everywhere.
#include <headrace/tensor/loop.hpp>

#include <concepts>
#include <limits>

namespace headrace::detail {
namespace {

/// Truncated, or the smallest Whole for what is out of its range.
template <class Whole, class T>
[[gnu::always_inline]] inline Whole truncated(T value) {
  constexpr T below = static_cast<T>(std::numeric_limits<Whole>::min()), past = -below;
  const bool inside = (value >= below) & (value < past);  // a bit below is cut to the smallest anyway
  const Whole whole = static_cast<Whole>(inside ? value : T(0));
  return inside ? whole : std::numeric_limits<Whole>::min();
}

/// The upper half of an unsigned range through the signed one.
template <class Whole, class T>
[[gnu::always_inline]] inline std::make_unsigned_t<Whole> truncated_unsigned(T value) {
  constexpr T half = -static_cast<T>(std::numeric_limits<Whole>::min());
  using Result = std::make_unsigned_t<Whole>;
  const bool upper = value >= half;
  const auto bits = static_cast<Result>(truncated<Whole>(upper ? value - half : value));
  return bits ^ (upper ? Result(1) << (8 * sizeof(Result) - 1) : Result(0));
}

template <class To>
struct Cast {
  template <class From>
  [[gnu::always_inline]] static To apply(From value) {
    if constexpr (std::is_same_v<To, Flag>) {
      return Flag(value != From(0));
    } else if constexpr (std::is_same_v<From, Flag>) {
      return static_cast<To>(static_cast<std::uint8_t>(value != 0));
    } else if constexpr (!std::floating_point<From> || std::floating_point<To>) {
      return static_cast<To>(value);
    } else if constexpr (std::same_as<To, std::uint64_t>) {
      return truncated_unsigned<std::int64_t>(value);
    } else if constexpr (std::same_as<To, std::uint32_t>) {
      return truncated_unsigned<std::int32_t>(value);
    } else if constexpr (std::same_as<To, std::int64_t>) {
      return truncated<std::int64_t>(value);
    } else {
      return static_cast<To>(truncated<std::int32_t>(value));
    }
  }
};

}  // namespace

const std::array<LoopTable, kComputing> cast_loops = {
    loop_table<Cast<Flag>, 1>,          loop_table<Cast<std::int8_t>, 1>,   loop_table<Cast<std::int16_t>, 1>,
    loop_table<Cast<std::int32_t>, 1>,  loop_table<Cast<std::int64_t>, 1>,  loop_table<Cast<std::uint8_t>, 1>,
    loop_table<Cast<std::uint16_t>, 1>, loop_table<Cast<std::uint32_t>, 1>, loop_table<Cast<std::uint64_t>, 1>,
    loop_table<Cast<float>, 1>,         loop_table<Cast<double>, 1>};

}  // namespace headrace::detail
