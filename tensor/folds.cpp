#include <headrace/tensor/folds.hpp>

#include <headrace/tensor/loop.hpp>

#include <concepts>

namespace headrace::detail {
namespace {

/// An item as numbers are made of it.
template <class To, class T>
[[gnu::always_inline]] inline To number(T item) {
  if constexpr (std::is_same_v<T, Flag>) {
    return To(static_cast<std::uint8_t>(item != 0));
  } else {
    return static_cast<To>(item);
  }
}

template <class To>
struct Sum {
  using Held = To;
  template <class T>
  [[gnu::always_inline]] static Held hold(T item) {
    return number<Held>(item) + Held(0);  // the sum of -0.0 is 0.0
  }
  [[gnu::always_inline]] static Held join(Held a, Held b) { return a + b; }
};
template <class T>
struct Min {
  using Held = T;
  [[gnu::always_inline]] static T hold(T item) { return item; }
  [[gnu::always_inline]] static T join(T a, T b) {
    if constexpr (std::is_same_v<T, Flag>) return Flag((a != 0) & (b != 0));
    const T less = a < b ? a : b;
    return a != a ? a : less;  // NaN
  }
};
template <class T>
struct Max {
  using Held = T;
  [[gnu::always_inline]] static T hold(T item) { return item; }
  [[gnu::always_inline]] static T join(T a, T b) {
    if constexpr (std::is_same_v<T, Flag>) return Flag((a | b) != 0);
    const T more = a > b ? a : b;
    return a != a ? a : more;  // NaN
  }
};

/// `Lanes` items side by side, which many steps are added to, four at a time; at the end the lanes, half by half.
template <class R, int Lanes, class Items>
[[gnu::always_inline]] inline typename R::Held fold_lanes(const Items items, std::int64_t count) {
  typename R::Held lanes[Lanes];
  for (int i = 0; i < Lanes; ++i) lanes[i] = R::hold(items[i]);
  std::int64_t done = Lanes;
  for (; done + 4 * Lanes <= count; done += 4 * Lanes) {
    for (int i = 0; i < Lanes; ++i) {
      const auto a = R::join(R::hold(items[done + i]), R::hold(items[done + Lanes + i]));
      const auto b = R::join(R::hold(items[done + 2 * Lanes + i]), R::hold(items[done + 3 * Lanes + i]));
      lanes[i] = R::join(lanes[i], R::join(a, b));
    }
  }
  for (; done + Lanes <= count; done += Lanes)
    for (int i = 0; i < Lanes; ++i) lanes[i] = R::join(lanes[i], R::hold(items[done + i]));
  for (int i = 0; done + i < count; ++i) lanes[i] = R::join(lanes[i], R::hold(items[done + i]));
  for (int half = Lanes / 2; half > 0; half /= 2)
    for (int i = 0; i < half; ++i) lanes[i] = R::join(lanes[i], lanes[i + half]);
  return lanes[0];
}

/// As many lanes as four registers hold, whatever the strides: these do not change a sum.
template <class R, class Items>
[[gnu::always_inline]] inline typename R::Held fold(const Items items, std::int64_t count) {
  constexpr int lanes = 128 / sizeof(typename R::Held);
  if (count >= lanes) return fold_lanes<R, lanes>(items, count);
  typename R::Held total = R::hold(items[0]);
  for (std::int64_t i = 1; i < count; ++i) total = R::join(total, R::hold(items[i]));
  return total;
}

/// `run` of items by steps, which are laid side by side first.
template <class T>
[[gnu::noinline]] HEADRACE_PLAIN void gathered(FoldLoop run, std::byte* total, const std::byte* items,
                                               std::int64_t step, std::int64_t count) {
  alignas(64) T together[kSteppingItems];
  for (std::int64_t i = 0; i < count; ++i) together[i] = Stepping<T>(items, step)[i];
  run(total, reinterpret_cast<const std::byte*>(together), sizeof(T), count);
}

template <class R, class T>
[[gnu::always_inline]] inline void run_gapless(std::byte* total, const std::byte* items, std::int64_t count) {
  *reinterpret_cast<typename R::Held*>(total) = fold<R>(Gapless<T>(items, 0), count);
}

template <class R, class Items>
[[gnu::always_inline]] inline void first_of(std::byte* totals, std::int64_t count, const Items items) {
  auto* __restrict to = reinterpret_cast<typename R::Held*>(totals);
  for (std::int64_t i = 0; i < count; ++i) to[i] = R::hold(items[i]);
}

template <class R, class Items>
[[gnu::always_inline]] inline void join_of(std::byte* totals, std::int64_t count, const Items items) {
  auto* __restrict to = reinterpret_cast<typename R::Held*>(totals);
  for (std::int64_t i = 0; i < count; ++i) to[i] = R::join(to[i], R::hold(items[i]));
}

/// The rows a, b, c and d.
template <class R, class Items>
[[gnu::always_inline]] inline void join_four_of(std::byte* totals, std::int64_t count, const Items a, const Items b,
                                                const Items c, const Items d) {
  auto* __restrict to = reinterpret_cast<typename R::Held*>(totals);
  for (std::int64_t i = 0; i < count; ++i) {
    const auto left = R::join(R::hold(a[i]), R::hold(b[i])), right = R::join(R::hold(c[i]), R::hold(d[i]));
    to[i] = R::join(to[i], R::join(left, right));
  }
}

/// The loops over `Items`, which are gapless or stepping.
template <class R, class Items>
struct Across {
  [[gnu::always_inline]] static void first(std::byte* to, const std::byte* items, std::int64_t step,
                                           std::int64_t count) {
    first_of<R>(to, count, Items(items, step));
  }
  [[gnu::always_inline]] static void join(std::byte* to, const std::byte* items, std::int64_t step,
                                          std::int64_t count) {
    join_of<R>(to, count, Items(items, step));
  }
  [[gnu::always_inline]] static void join_four(std::byte* to, const std::byte* items, std::int64_t step,
                                               std::int64_t count, std::int64_t pitch) {
    join_four_of<R>(to, count, Items(items, step), Items(items + pitch, step), Items(items + 2 * pitch, step),
                    Items(items + 3 * pitch, step));
  }
};

/// By steps, item by item: one for all instruction sets, as in loop.hpp.
template <class R, class T>
struct Plain {
  [[gnu::noinline]] HEADRACE_PLAIN static void first(std::byte* to, const std::byte* items, std::int64_t step,
                                                     std::int64_t count) {
    Across<R, Stepping<T>>::first(to, items, step, count);
  }
  [[gnu::noinline]] HEADRACE_PLAIN static void join(std::byte* to, const std::byte* items, std::int64_t step,
                                                    std::int64_t count) {
    Across<R, Stepping<T>>::join(to, items, step, count);
  }
  [[gnu::noinline]] HEADRACE_PLAIN static void join_four(std::byte* to, const std::byte* items, std::int64_t step,
                                                         std::int64_t count, std::int64_t pitch) {
    Across<R, Stepping<T>>::join_four(to, items, step, count, pitch);
  }
};

template <class R, class T>
struct Baseline {
  HEADRACE_BASELINE static void run(std::byte* to, const std::byte* items, std::int64_t step, std::int64_t count) {
    if (step != sizeof(T)) return gathered<T>(run, to, items, step, count);
    run_gapless<R, T>(to, items, count);
  }
  HEADRACE_BASELINE static void first(std::byte* to, const std::byte* items, std::int64_t step, std::int64_t count) {
    if (step != sizeof(T)) return Plain<R, T>::first(to, items, step, count);
    Across<R, Gapless<T>>::first(to, items, step, count);
  }
  HEADRACE_BASELINE static void join(std::byte* to, const std::byte* items, std::int64_t step, std::int64_t count) {
    if (step != sizeof(T)) return Plain<R, T>::join(to, items, step, count);
    Across<R, Gapless<T>>::join(to, items, step, count);
  }
  HEADRACE_BASELINE static void join_four(std::byte* to, const std::byte* items, std::int64_t step, std::int64_t count,
                                          std::int64_t pitch) {
    if (step != sizeof(T)) return Plain<R, T>::join_four(to, items, step, count, pitch);
    Across<R, Gapless<T>>::join_four(to, items, step, count, pitch);
  }
};

#if defined(__x86_64__)
template <class R, class T>
struct Avx2 {
  [[gnu::target("avx2")]] static void run(std::byte* to, const std::byte* items, std::int64_t step,
                                          std::int64_t count) {
    if (step != sizeof(T)) return gathered<T>(run, to, items, step, count);
    run_gapless<R, T>(to, items, count);
  }
  [[gnu::target("avx2")]] static void first(std::byte* to, const std::byte* items, std::int64_t step,
                                            std::int64_t count) {
    if (step != sizeof(T)) return Plain<R, T>::first(to, items, step, count);
    Across<R, Gapless<T>>::first(to, items, step, count);
  }
  [[gnu::target("avx2")]] static void join(std::byte* to, const std::byte* items, std::int64_t step,
                                           std::int64_t count) {
    if (step != sizeof(T)) return Plain<R, T>::join(to, items, step, count);
    Across<R, Gapless<T>>::join(to, items, step, count);
  }
  [[gnu::target("avx2")]] static void join_four(std::byte* to, const std::byte* items, std::int64_t step,
                                                std::int64_t count, std::int64_t pitch) {
    if (step != sizeof(T)) return Plain<R, T>::join_four(to, items, step, count, pitch);
    Across<R, Gapless<T>>::join_four(to, items, step, count, pitch);
  }
};
#else
template <class R, class T>
using Avx2 = Baseline<R, T>;
#endif

template <class R, class T>
constexpr FoldVersions versions_of = {
    {Baseline<R, T>::run, Baseline<R, T>::first, Baseline<R, T>::join, Baseline<R, T>::join_four},
    {Avx2<R, T>::run, Avx2<R, T>::first, Avx2<R, T>::join, Avx2<R, T>::join_four}};

/// In the order of column(). Integers are summed as uint64: the same bits, without overflow.
template <template <class> class R, class... T>
constexpr FoldTable own_folds = {versions_of<R<T>, T>...};
template <class Integers, class... T>
constexpr FoldTable sums = {versions_of<Sum<Integers>, T>..., versions_of<Sum<double>, float>,
                            versions_of<Sum<double>, double>};
using std::int16_t, std::int32_t, std::int64_t, std::int8_t, std::uint16_t, std::uint32_t, std::uint64_t, std::uint8_t;

}  // namespace

const FoldTable sum_folds =
    sums<uint64_t, Flag, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
const FoldTable mean_folds =
    sums<double, Flag, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t>;
const FoldTable min_folds =
    own_folds<Min, Flag, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, float, double>;
const FoldTable max_folds =
    own_folds<Max, Flag, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t, float, double>;

}  // namespace headrace::detail
