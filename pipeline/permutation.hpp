// A random order of 0..n-1 that needs no memory.
#pragma once

#include <cstdint>

#include <headrace/tensor/positions.hpp>

namespace headrace {

/// A keyed bijection of [0, n). Small n: a shuffled table (Fisher and Yates), every order exactly as likely. Otherwise
/// a mixed-radix Feistel network on a * b >= n of six rounds (Black and Rogaway, CT-RSA 2002); what falls outside n
/// goes round again. Cheap to make, immutable.
class Permutation {
 public:
  Permutation(std::int64_t n, std::uint64_t key);

  std::int64_t operator()(std::int64_t i) const;
  /// The i with (*this)(i) == value.
  std::int64_t inverse(std::int64_t value) const;
  /// out[k] = (*this)(positions[k]); a few nanoseconds an index. `out` may be the list of positions itself.
  void apply(const Positions& positions, std::int64_t* out) const;

  static constexpr int kRounds = 6;
  static constexpr std::int64_t kTable = 32;
  struct Halves {
    std::uint32_t* left;
    std::uint32_t* right;
  };

 private:
  void rounds(Halves halves, int count) const;
  std::uint64_t once(std::uint64_t i) const;  // a * b may pass 2^63

  std::int64_t n_;
  std::uint32_t a_ = 0, b_ = 0;
  std::uint32_t keys_[kRounds] = {};
  std::uint8_t table_[kTable] = {};
};

}  // namespace headrace
