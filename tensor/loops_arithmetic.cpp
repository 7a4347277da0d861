// Sums, products and choices. Integers wrap, as NumPy's do; NaN wins over every number.
#include <headrace/tensor/loop.hpp>

#include <cmath>
#include <concepts>

namespace headrace::detail {
namespace {

/// Where T's sums and products are made: unsigned, and not narrower than what C++ would widen to.
template <std::integral T>
using Ring = std::common_type_t<unsigned, std::make_unsigned_t<T>>;

// clang-format off
struct Add {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Flag((a | b) != 0); }
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) { return a + b; }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(Ring<T>(a) + Ring<T>(b)); }
};
struct Subtract {  // not of bools
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) { return a - b; }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(Ring<T>(a) - Ring<T>(b)); }
};
struct Multiply {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Flag((a != 0) & (b != 0)); }
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) { return a * b; }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(Ring<T>(a) * Ring<T>(b)); }
};
struct Divide {
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) { return a / b; }
};
struct Minimum {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Multiply::apply(a, b); }
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) {
    const T less = a < b ? a : b;
    return a != a ? a : less;
  }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return a < b ? a : b; }
};
struct Maximum {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Add::apply(a, b); }
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a, T b) {
    const T more = a > b ? a : b;
    return a != a ? a : more;
  }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return a > b ? a : b; }
};
struct Clip {
  template <class T> [[gnu::always_inline]] static T apply(T value, T least, T most) {
    return Minimum::apply(Maximum::apply(value, least), most);
  }
};
struct Negative {  // not of bools
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a) { return -a; }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a) { return T(Ring<T>(0) - Ring<T>(a)); }
};
struct Abs {
  [[gnu::always_inline]] static Flag apply(Flag a) { return Flag(a != 0); }
  template <std::floating_point T> [[gnu::always_inline]] static T apply(T a) { return std::fabs(a); }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a) { return a < 0 ? Negative::apply(a) : a; }
};
struct BitAnd {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Multiply::apply(a, b); }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(a & b); }
};
struct BitOr {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Add::apply(a, b); }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(a | b); }
};
struct BitXor {
  [[gnu::always_inline]] static Flag apply(Flag a, Flag b) { return Flag((a != 0) != (b != 0)); }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a, T b) { return T(a ^ b); }
};
struct Invert {
  [[gnu::always_inline]] static Flag apply(Flag a) { return Flag(a == 0); }
  template <std::integral T> [[gnu::always_inline]] static T apply(T a) { return T(~a); }
};
struct Where {
  template <class T> [[gnu::always_inline]] static T apply(Flag choice, T yes, T no) { return choice ? yes : no; }
};
// clang-format on

/// Only the size of items counts.
template <class T>
constexpr Versions where = versions<Where, T, Flag, T, T>;
using std::uint16_t, std::uint32_t, std::uint64_t, std::uint8_t;

}  // namespace

const LoopTable add_loops = loop_table<Add, 2>;
const LoopTable subtract_loops = loop_table<Subtract, 2>;
const LoopTable multiply_loops = loop_table<Multiply, 2>;
const LoopTable divide_loops = loop_table<Divide, 2>;
const LoopTable minimum_loops = loop_table<Minimum, 2>;
const LoopTable maximum_loops = loop_table<Maximum, 2>;
const LoopTable clip_loops = loop_table<Clip, 3>;
const LoopTable negative_loops = loop_table<Negative, 1>;
const LoopTable abs_loops = loop_table<Abs, 1>;
const LoopTable bit_and_loops = loop_table<BitAnd, 2>;
const LoopTable bit_or_loops = loop_table<BitOr, 2>;
const LoopTable bit_xor_loops = loop_table<BitXor, 2>;
const LoopTable invert_loops = loop_table<Invert, 1>;
const LoopTable where_loops = {where<uint8_t>,  where<uint8_t>,  where<uint16_t>, where<uint32_t>,
                               where<uint64_t>, where<uint8_t>,  where<uint16_t>, where<uint32_t>,
                               where<uint64_t>, where<uint32_t>, where<uint64_t>};

}  // namespace headrace::detail
