#include <headrace/pipeline/permutation.hpp>

#include <algorithm>
#include <cmath>

#include <headrace/pipeline/random.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kLeastDomain = 256;
constexpr int kBlock = 256;

/// Murmur3's finaliser, one multiplication short: enough for a round.
inline std::uint32_t round_value(std::uint32_t x, std::uint32_t key, std::uint32_t range) {
  x = (x ^ key) * 0x85ebca6bu;
  x ^= x >> 15;
  x = (x + key) * 0xc2b2ae35u;
  x ^= x >> 16;
  return static_cast<std::uint32_t>((static_cast<std::uint64_t>(x) * range) >> 32);
}

/// value + add modulo `range`, both below it; safe where the sum passes 2^32.
inline std::uint32_t add_modulo(std::uint32_t value, std::uint32_t add, std::uint32_t range) {
  const std::uint32_t rest = range - add;
  return value >= rest ? value - rest : value + add;
}

__attribute__((always_inline)) inline void run_rounds(Permutation::Halves halves, int count, std::uint32_t a,
                                                      std::uint32_t b, const std::uint32_t* keys) {
  for (int round = 0; round < Permutation::kRounds; ++round) {
    std::uint32_t* const changed = round % 2 ? halves.right : halves.left;
    const std::uint32_t* const other = round % 2 ? halves.left : halves.right;
    const std::uint32_t range = round % 2 ? b : a;
    const std::uint32_t key = keys[round];
    for (int i = 0; i < count; ++i) changed[i] = add_modulo(changed[i], round_value(other[i], key, range), range);
  }
}

using RoundsFunction = void (*)(Permutation::Halves, int, std::uint32_t, std::uint32_t, const std::uint32_t*);

void rounds_baseline(Permutation::Halves halves, int count, std::uint32_t a, std::uint32_t b,
                     const std::uint32_t* keys) {
  run_rounds(halves, count, a, b, keys);
}

#if defined(__x86_64__)
__attribute__((target("avx2"), optimize("O3"))) void rounds_avx2(Permutation::Halves halves, int count, std::uint32_t a,
                                                                 std::uint32_t b, const std::uint32_t* keys) {
  run_rounds(halves, count, a, b, keys);
}
const RoundsFunction rounds_function = __builtin_cpu_supports("avx2") ? rounds_avx2 : rounds_baseline;
#else
const RoundsFunction rounds_function = rounds_baseline;
#endif

}  // namespace

Permutation::Permutation(std::int64_t n, std::uint64_t key) : n_(n) {
  if (n <= kTable) {
    for (std::int64_t i = 0; i < n; ++i) table_[i] = static_cast<std::uint8_t>(i);
    for (std::int64_t i = n - 1; i > 0; --i)
      std::swap(table_[i], table_[below(mix(key, static_cast<std::uint64_t>(i)), i + 1)]);
    return;
  }
  const std::int64_t domain = std::max(n, kLeastDomain);
  auto a = static_cast<std::int64_t>(std::sqrt(static_cast<double>(domain)));
  const std::int64_t b = 1 + (domain - 1) / a;
  a = 1 + (domain - 1) / b;
  a_ = static_cast<std::uint32_t>(a);
  b_ = static_cast<std::uint32_t>(b);
  for (int round = 0; round < kRounds; ++round)
    keys_[round] = static_cast<std::uint32_t>(mix(key, static_cast<std::uint64_t>(round)) >> 32);
}

void Permutation::rounds(Halves halves, int count) const { rounds_function(halves, count, a_, b_, keys_); }

std::uint64_t Permutation::once(std::uint64_t i) const {
  auto left = static_cast<std::uint32_t>(i / b_), right = static_cast<std::uint32_t>(i % b_);
  run_rounds({&left, &right}, 1, a_, b_, keys_);
  return std::uint64_t{left} * b_ + right;
}

std::int64_t Permutation::operator()(std::int64_t i) const {
  if (n_ <= kTable) return table_[i];
  auto value = static_cast<std::uint64_t>(i);
  do value = once(value);
  while (value >= static_cast<std::uint64_t>(n_));
  return static_cast<std::int64_t>(value);
}

std::int64_t Permutation::inverse(std::int64_t value) const {
  if (n_ <= kTable) return std::find(table_, table_ + n_, static_cast<std::uint8_t>(value)) - table_;
  auto at = static_cast<std::uint64_t>(value);
  do {
    auto left = static_cast<std::uint32_t>(at / b_), right = static_cast<std::uint32_t>(at % b_);
    for (int round = kRounds - 1; round >= 0; --round) {
      std::uint32_t& changed = round % 2 ? right : left;
      const std::uint32_t range = round % 2 ? b_ : a_;
      const std::uint32_t add = round_value(round % 2 ? left : right, keys_[round], range);
      changed = changed >= add ? changed - add : changed + (range - add);
    }
    at = std::uint64_t{left} * b_ + right;
  } while (at >= static_cast<std::uint64_t>(n_));
  return static_cast<std::int64_t>(at);
}

void Permutation::apply(const Positions& positions, std::int64_t* out) const {
  if (n_ <= kTable) {
    for (std::int64_t i = 0; i < positions.count; ++i) out[i] = table_[positions[i]];
    return;
  }
  std::uint32_t left[kBlock], right[kBlock];
  for (std::int64_t begin = 0; begin < positions.count; begin += kBlock) {
    const int count = static_cast<int>(std::min<std::int64_t>(kBlock, positions.count - begin));
    const bool consecutive = !positions.list && positions.step == 1;
    if (consecutive) {
      const std::int64_t first = positions[begin];
      auto l = static_cast<std::uint32_t>(first / b_), r = static_cast<std::uint32_t>(first % b_);
      for (int i = 0; i < count; ++i) {
        left[i] = l;
        right[i] = r;
        if (++r == b_) r = 0, ++l;
      }
    } else {
      for (int i = 0; i < count; ++i) {
        left[i] = static_cast<std::uint32_t>(positions[begin + i] / b_);
        right[i] = static_cast<std::uint32_t>(positions[begin + i] % b_);
      }
    }
    rounds({left, right}, count);
    for (int i = 0; i < count; ++i) {
      std::uint64_t value = std::uint64_t{left[i]} * b_ + right[i];
      while (value >= static_cast<std::uint64_t>(n_)) value = once(value);
      out[begin + i] = static_cast<std::int64_t>(value);
    }
  }
}

}  // namespace headrace
