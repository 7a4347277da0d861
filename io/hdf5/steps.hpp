// Private to io/hdf5: what the next bits of a deflate block do, all in one word.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include <headrace/io/hdf5/prefix_code.hpp>

namespace headrace::hdf5 {

// The symbols of deflate, and how many bytes, and how far back, a match's two stand for: a base, and what extra bits
// add. Source: RFC 1951, 3.2.5.
inline constexpr unsigned kEnd = 256, kLengths = 257;
inline constexpr std::array<std::uint16_t, 29> kLengthBase{
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258};
inline constexpr std::array<std::uint8_t, 29> kLengthExtra{0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2,
                                                           2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0};
inline constexpr std::array<std::uint16_t, 30> kDistanceBase{
    1,   2,   3,   4,   5,   7,    9,    13,   17,   25,   33,   49,   65,    97,    129,
    193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145, 8193, 12289, 16385, 24577};
inline constexpr std::array<std::uint8_t, 30> kDistanceExtra{0, 0, 0, 0, 1, 1, 2, 2,  3,  3,  4,  4,  5,  5,  6,
                                                             6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13};

/// A word of 64 bits: up to two literals, then a match of up to 10 bytes or none. From the lowest bit on: how many bits
/// it takes (6), its literals (2), the bytes that it makes (8), the literals (16), how far back the match is without
/// its extra bits (16), how many bits before those (8), how many those are (7), and whether all of this is otherwise
/// (1).
struct Step {
  static constexpr unsigned kMostMatch = 10, kMostBytes = 2 + kMostMatch;
  static constexpr unsigned kNowhere = 64;  // how far back where there is no match: not what was written just now

  std::uint64_t word;

  unsigned bits() const { return word & 63; }
  unsigned literals() const { return word >> 6 & 3; }
  unsigned bytes() const { return static_cast<std::uint8_t>(word >> 8); }
  std::uint16_t both() const { return static_cast<std::uint16_t>(word >> 16); }
  /// How far back the match is: `from` are the bits that the step begins with.
  std::size_t distance(std::uint64_t from) const { return base() + part(from, code_bits(), word >> 56); }
  unsigned base() const { return static_cast<std::uint16_t>(word >> 32); }
  unsigned code_bits() const { return static_cast<std::uint8_t>(word >> 48); }

  /// No step. Where it has bits() it is the first half of a match of any length; the other half is distance_at().
  bool is_odd() const { return static_cast<std::int64_t>(word) < 0; }
  std::size_t length(std::uint64_t from) const {
    return static_cast<std::uint16_t>(word >> 16) + part(from, static_cast<std::uint8_t>(word >> 8), word >> 32 & 7);
  }

 private:
  static std::uint64_t part(std::uint64_t of, unsigned begin, std::uint64_t count) {
    return (of >> begin) & ((std::uint64_t{1} << count) - 1);
  }
};

/// The steps of a block, by the next kIndex bits; 28 KiB.
class Steps {
 public:
  static constexpr unsigned kIndex = 11, kDistanceIndex = 9;  // 16 KiB of the first cache's 32, and 4

  void make(const PrefixCode& symbols, const PrefixCode& distances);

  Step operator[](std::uint64_t bits) const { return {steps_[bits % steps_.size()]}; }
  /// The second half of a match: its bits() and distance(). Odd where it has more than kDistanceIndex bits.
  Step distance_at(std::uint64_t bits) const { return {distances_[bits % distances_.size()]}; }

 private:
  void make_distances(const PrefixCode& distances);
  void make_behind(const PrefixCode& symbols);
  void fill_literal(unsigned symbol, unsigned length, unsigned bits);
  void fill_match(std::span<std::uint64_t> steps, unsigned symbol, unsigned length, unsigned bits);

  std::array<std::uint64_t, std::size_t{1} << kIndex> steps_;
  std::array<std::uint64_t, std::size_t{1} << kDistanceIndex> distances_;
  std::array<std::uint64_t, std::size_t{1} << (kIndex - 1)> behind_;  // what a literal may take in
};

}  // namespace headrace::hdf5
