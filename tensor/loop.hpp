// Private to loops_*.cpp: makes loops out of functions of single items, once for each instruction set. The functions
// must be always_inline, so that they are compiled anew for each; CMake gives these files -O3 and no fused operations.
#pragma once

#include <utility>

#include <headrace/tensor/loops.hpp>

namespace headrace::detail {

// Loops that need not be fast are kept small: there are hundreds.
#define HEADRACE_PLAIN __attribute__((optimize("O2", "no-tree-vectorize")))
#if defined(__x86_64__)
#define HEADRACE_BASELINE HEADRACE_PLAIN  // for processors of before 2013
#else
#define HEADRACE_BASELINE
#endif

/// A bool as it lies in memory, where any byte but 0 is true.
enum Flag : std::uint8_t {};

/// An item at any address.
template <class T>
struct [[gnu::packed, gnu::may_alias]] Loose {
  T value;
};

/// The ways in which items are read: one behind the other, always the same, or by steps.
template <class T>
struct Gapless {
  const Loose<T>* items;
  [[gnu::always_inline]] Gapless(const std::byte* at, std::int64_t) : items(reinterpret_cast<const Loose<T>*>(at)) {}
  [[gnu::always_inline]] T operator[](std::int64_t i) const { return items[i].value; }
};
template <class T>
struct Standing {
  T item;
  [[gnu::always_inline]] Standing(const std::byte* at, std::int64_t) : item(Gapless<T>(at, 0)[0]) {}
  [[gnu::always_inline]] T operator[](std::int64_t) const { return item; }
};
template <class T>
struct Stepping {
  const std::byte* first;
  std::int64_t step;
  [[gnu::always_inline]] Stepping(const std::byte* at, std::int64_t by) : first(at), step(by) {}
  [[gnu::always_inline]] T operator[](std::int64_t i) const { return Gapless<T>(first + i * step, 0)[0]; }
};

template <class F, class Out, class... Inputs>
[[gnu::always_inline]] inline void run_over(Out* __restrict to, std::int64_t count, const Inputs... in) {
  for (std::int64_t i = 0; i < count; ++i) to[i] = F::apply(in[i]...);
}

/// `Stand`: a bit for each input that is always the same item; the others are gapless.
template <unsigned Stand, class F, class Out, class... In, std::size_t... I>
[[gnu::always_inline]] inline bool run_if(std::byte* out, const std::byte* const* in, const std::int64_t* steps,
                                          std::int64_t count, std::index_sequence<I...>) {
  const bool as_wanted = ((steps[I] == (Stand >> I & 1 ? 0 : static_cast<std::int64_t>(sizeof(In)))) && ...);
  if (as_wanted) {
    run_over<F>(reinterpret_cast<Out*>(out), count,
                std::conditional_t<(Stand >> I & 1) != 0, Standing<In>, Gapless<In>>(in[I], steps[I])...);
  }
  return as_wanted;
}

/// Any steps, item by item: where memory is the limit vectors gain nothing, so there is one for all instruction sets.
template <class F, class Out, class... In, std::size_t... I>
[[gnu::noinline]] HEADRACE_PLAIN void run_stepping(std::byte* out, const std::byte* const* in,
                                                   const std::int64_t* steps, std::int64_t count,
                                                   std::index_sequence<I...>) {
  run_over<F>(reinterpret_cast<Out*>(out), count, Stepping<In>(in[I], steps[I])...);
}

template <class F, class Out, class... In, std::size_t... I>
[[gnu::always_inline]] inline void run(std::byte* out, const std::byte* const* in, const std::int64_t* steps,
                                       std::int64_t count, std::index_sequence<I...> inputs) {
  if (run_if<0, F, Out, In...>(out, in, steps, count, inputs)) return;
  if constexpr (sizeof...(In) == 2) {
    if (run_if<1, F, Out, In...>(out, in, steps, count, inputs)) return;
    if (run_if<2, F, Out, In...>(out, in, steps, count, inputs)) return;
  } else if constexpr (sizeof...(In) == 3) {
    if (run_if<2, F, Out, In...>(out, in, steps, count, inputs)) return;
    if (run_if<4, F, Out, In...>(out, in, steps, count, inputs)) return;
    if (run_if<6, F, Out, In...>(out, in, steps, count, inputs)) return;
  }
  if constexpr (requires { F::takes_long; }) {
    run_over<F>(reinterpret_cast<Out*>(out), count, Stepping<In>(in[I], steps[I])...);
  } else {
    run_stepping<F, Out, In...>(out, in, steps, count, inputs);
  }
}

template <class F, class Out, class... In>
HEADRACE_BASELINE void run_baseline(std::byte* out, const std::byte* const* in, const std::int64_t* steps,
                                    std::int64_t count) {
  run<F, Out, In...>(out, in, steps, count, std::index_sequence_for<In...>());
}

#if defined(__x86_64__)
template <class F, class Out, class... In>
[[gnu::target("avx2")]] void run_avx2(std::byte* out, const std::byte* const* in, const std::int64_t* steps,
                                      std::int64_t count) {
  run<F, Out, In...>(out, in, steps, count, std::index_sequence_for<In...>());
}
#else
template <class F, class Out, class... In>
constexpr Loop run_avx2 = run_baseline<F, Out, In...>;
#endif

template <class F, class Out, class... In>
constexpr Versions versions{run_baseline<F, Out, In...>, run_avx2<F, Out, In...>};

/// F::apply of one, two or three T, for the T that it takes; its result is what the loop writes.
template <class F, int Inputs, class T>
constexpr Versions versions_for() {
  if constexpr (Inputs == 1) {
    if constexpr (requires(T a) { F::apply(a); }) return versions<F, decltype(F::apply(T())), T>;
  } else if constexpr (Inputs == 2) {
    if constexpr (requires(T a) { F::apply(a, a); }) return versions<F, decltype(F::apply(T(), T())), T, T>;
  } else {
    if constexpr (requires(T a) { F::apply(a, a, a); }) return versions<F, decltype(F::apply(T(), T(), T())), T, T, T>;
  }
  return {};
}

template <class F, int Inputs, class... T>
constexpr LoopTable table_of() {
  return {versions_for<F, Inputs, T>()...};
}

/// In the order of column().
template <class F, int Inputs>
constexpr LoopTable loop_table = table_of<F, Inputs, Flag, std::int8_t, std::int16_t, std::int32_t, std::int64_t,
                                          std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t, float, double>();

}  // namespace headrace::detail
