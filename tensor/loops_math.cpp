// sqrt, exp and log as loops without branches, which the compiler makes vectors of. Only operations that IEEE 754
// defines, in a fixed order and none of them fused: the same bits on every processor.
#include <headrace/tensor/loop.hpp>

#include <bit>
#include <cmath>
#include <concepts>
#include <limits>

namespace headrace::detail {
namespace {

template <class T>
struct Format;
template <>
struct Format<float> {
  using Bits = std::uint32_t;
  static constexpr float lowest = -104, highest = 89;  // beyond, exp is 0 and infinite
  static constexpr int exp_terms = 7, log_terms = 5;
  static constexpr float ln2_high = 0x1.62e4p-1f, ln2_low = 0x1.7f7d1cp-20f;  // high times an exponent is exact
};
template <>
struct Format<double> {
  using Bits = std::uint64_t;
  static constexpr double lowest = -746, highest = 710;
  static constexpr int exp_terms = 13, log_terms = 11;
  static constexpr double ln2_high = 0x1.62e42feep-1, ln2_low = 0x1.a39ef35793c76p-33;
};

template <class T>
struct Float : Format<T> {
  using typename Format<T>::Bits;
  static constexpr int fraction = std::numeric_limits<T>::digits - 1;
  static constexpr Bits bias = std::numeric_limits<T>::max_exponent - 1;
  static constexpr T whole = T(Bits(1) << fraction);  // from here on, the last bit counts ones
  static constexpr Bits sqrt_half = std::bit_cast<Bits>(T(0.70710678118654752440));
  [[gnu::always_inline]] static Bits bits(T value) { return std::bit_cast<Bits>(value); }
  [[gnu::always_inline]] static T from(Bits bits) { return std::bit_cast<T>(bits); }
};

/// Coefficients of the series, highest power first: those of exp from x^2/2! on, half of those of log((1+s)/(1-s))
/// from s^3/3 on.
template <class T>
constexpr auto exp_series = [] {
  std::array<T, Format<T>::exp_terms - 1> result{};
  double factorial = 1;
  for (int n = 2; n <= Format<T>::exp_terms; ++n) result[result.size() + 1 - n] = T(1 / (factorial *= n));
  return result;
}();
template <class T>
constexpr auto log_series = [] {
  std::array<T, Format<T>::log_terms> result{};
  for (int n = 1; n <= Format<T>::log_terms; ++n) result[result.size() - n] = T(2.0 / (2 * n + 1));
  return result;
}();

template <class T, std::size_t N>
[[gnu::always_inline]] inline T polynomial(const std::array<T, N>& coefficients, T x) {
  T sum = coefficients[0];
  for (std::size_t i = 1; i < N; ++i) sum = sum * x + coefficients[i];
  return sum;
}

// clang-format off
struct Sqrt {
  static constexpr bool takes_long = true;
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a) { return std::sqrt(a); }
};
// clang-format on

/// 2^n e^r with x = n ln 2 + r. The power is put on in two halves, so that results below the least normal number are
/// rounded once, and those above the largest become infinite.
struct Exp {
  static constexpr bool takes_long = true;
  template <std::floating_point T>
  [[gnu::always_inline]] static T apply(T value) {
    using F = Float<T>;
    constexpr T magic = F::whole * T(1.5);  // a sum with it is rounded to an integer, which stands in its last bits
    const T above = value < F::lowest ? F::lowest : value;  // NaN stays
    const T x = above > F::highest ? F::highest : above;
    const T shifted = x * T(1.44269504088896340736) + magic, n = shifted - magic;
    const T r = (x - n * F::ln2_high) - n * F::ln2_low;
    const T power = T(1) + (r + r * r * polynomial(exp_series<T>, r));
    const typename F::Bits both = F::bits(shifted) + (2 * F::bias - F::bits(magic)), half = both >> 1;
    return power * F::from(half << F::fraction) * F::from((both - half) << F::fraction);
  }
};

/// n ln 2 + log m with x = 2^n m and m in [sqrt(1/2), sqrt(2)); log m as a series in (m-1)/(m+1), whose first term is
/// written so that m-1, which is exact, carries the sum.
struct Log {
  static constexpr bool takes_long = true;
  template <std::floating_point T>
  [[gnu::always_inline]] static T apply(T value) {
    using F = Float<T>;
    using Bits = typename F::Bits;
    constexpr T infinity = std::numeric_limits<T>::infinity();
    const bool tiny = value < std::numeric_limits<T>::min();
    const Bits shifted = F::bits(tiny ? value * F::whole : value) + (F::bits(T(1)) - F::sqrt_half);
    const T exponent = F::from((shifted >> F::fraction) | F::bits(F::whole)) - (F::whole + T(F::bias));
    const T n = exponent - (tiny ? T(F::fraction) : T(0));
    const T f = F::from((shifted & ((Bits(1) << F::fraction) - 1)) + F::sqrt_half) - T(1);
    const T s = f / (T(2) + f), z = s * s, half = f * f * T(0.5);
    const T rest = z * polynomial(log_series<T>, z);
    const T result = n * F::ln2_high - ((half - (s * (half + rest) + n * F::ln2_low)) - f);
    const T known = value < infinity ? result : value;  // NaN stays
    const T positive = value == T(0) ? -infinity : known;
    return value < T(0) ? std::numeric_limits<T>::quiet_NaN() : positive;
  }
};

}  // namespace

const LoopTable sqrt_loops = loop_table<Sqrt, 1>;
const LoopTable exp_loops = loop_table<Exp, 1>;
const LoopTable log_loops = loop_table<Log, 1>;

}  // namespace headrace::detail
