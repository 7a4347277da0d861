// Counter-based randomness: everything follows from (seed, what for, epoch, position), never from a thread or the time.
#pragma once

#include <cstdint>
#include <string_view>

namespace headrace {

/// splitmix64's finaliser (Steele, Lea and Flood, OOPSLA 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15u;
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
  x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
  return x ^ (x >> 31);
}

constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) { return mix(mix(a) ^ (b * 0xd1342543de82ef95u + 1)); }

/// The key of one use: equal names and seeds give equal streams, wherever they stand in a plan.
constexpr std::uint64_t random_key(std::int64_t seed, std::string_view use, std::int64_t epoch) {
  std::uint64_t key = mix(static_cast<std::uint64_t>(seed));
  for (const char c : use) key = mix(key, static_cast<unsigned char>(c));
  return mix(key, static_cast<std::uint64_t>(epoch));
}

__extension__ typedef unsigned __int128 WideUnsigned;

/// A number in [0, n) from 64 random bits; n >= 1.
constexpr std::int64_t below(std::uint64_t bits, std::int64_t n) {
  return static_cast<std::int64_t>((static_cast<WideUnsigned>(bits) * static_cast<std::uint64_t>(n)) >> 64);
}

}  // namespace headrace
