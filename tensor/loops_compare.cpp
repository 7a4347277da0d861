// Comparisons, and what is true of truths.
#include <headrace/tensor/loop.hpp>

#include <utility>

namespace headrace::detail {
namespace {

using std::int64_t, std::uint64_t;

template <class T>
[[gnu::always_inline]] inline bool truth(T value) {
  return value != T(0);
}
/// What is compared: a bool by its truth, numbers as they are.
template <class T>
[[gnu::always_inline]] inline auto rank(T value) {
  if constexpr (std::is_same_v<T, Flag>) {
    return static_cast<std::uint8_t>(truth(value));
  } else {
    return value;
  }
}

// clang-format off
struct Equal {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(rank(a) == rank(b)); }
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a >= 0) & (uint64_t(a) == b)); }
};
struct NotEqual {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(rank(a) != rank(b)); }
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a < 0) | (uint64_t(a) != b)); }
};
struct Less {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(rank(a) < rank(b)); }
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a < 0) | (uint64_t(a) < b)); }
};
struct LessEqual {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(rank(a) <= rank(b)); }
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a < 0) | (uint64_t(a) <= b)); }
};
struct Greater {
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a >= 0) & (uint64_t(a) > b)); }
};
struct GreaterEqual {
  [[gnu::always_inline]] static Flag apply(int64_t a, uint64_t b) { return Flag((a >= 0) & (uint64_t(a) >= b)); }
};
struct And {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(truth(a) & truth(b)); }
};
struct Or {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(truth(a) | truth(b)); }
};
struct Xor {
  template <class T> [[gnu::always_inline]] static Flag apply(T a, T b) { return Flag(truth(a) != truth(b)); }
};
struct Not {
  template <class T> [[gnu::always_inline]] static Flag apply(T a) { return Flag(!truth(a)); }
};
// clang-format on

template <class F>
constexpr Versions mixed = versions<F, Flag, int64_t, uint64_t>;

}  // namespace

const LoopTable equal_loops = loop_table<Equal, 2>;
const LoopTable not_equal_loops = loop_table<NotEqual, 2>;
const LoopTable less_loops = loop_table<Less, 2>;
const LoopTable less_equal_loops = loop_table<LessEqual, 2>;
const LoopTable and_loops = loop_table<And, 2>;
const LoopTable or_loops = loop_table<Or, 2>;
const LoopTable xor_loops = loop_table<Xor, 2>;
const LoopTable not_loops = loop_table<Not, 1>;
const Versions mixed_equal_loop = mixed<Equal>, mixed_not_equal_loop = mixed<NotEqual>;
const Versions mixed_less_loop = mixed<Less>, mixed_less_equal_loop = mixed<LessEqual>;
const Versions mixed_greater_loop = mixed<Greater>, mixed_greater_equal_loop = mixed<GreaterEqual>;

}  // namespace headrace::detail
