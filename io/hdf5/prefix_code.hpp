// Private to io/hdf5: the codes of deflate, in which frequent symbols have few bits.
#pragma once

#include <array>
#include <cstdint>
#include <span>

namespace headrace::hdf5 {

/// A canonical prefix code of up to 288 symbols and 15 bits, and its reader. Bits are as the stream has them, the first
/// one lowest.
///
/// Source: RFC 1951, 3.2.2.
class PrefixCode {
 public:
  static constexpr unsigned kMostBits = 15;

  /// Makes it of the number of bits of each symbol, 0 for those that it lacks. False, and then it means nothing, unless
  /// it is complete: whatever bits come are one symbol's.
  bool make(std::span<const std::uint8_t> lengths);

  struct Found {
    unsigned symbol, length;
  };
  /// The symbol that `bits` begin with, and how many are its.
  Found find(std::uint64_t bits) const {
    const unsigned entry = table_[bits % table_.size()];
    return entry != 0 ? Found{entry >> 4, entry & 15} : find_long(bits);
  }

  /// Calls body(symbol, length, bits) for the symbols of up to `most` bits, the shortest first.
  template <class Body>
  void each(unsigned most, const Body& body) const {
    unsigned bits = 0;
    std::size_t place = 0;
    for (unsigned length = 1; length <= most; ++length) {
      for (unsigned i = 0; i < count_[length]; ++i, ++place) {
        body(unsigned{sorted_[place]}, length, bits);
        unsigned bit = 1U << (length - 1);  // one more, counted from the far end
        for (; (bits & bit) != 0; bit >>= 1) bits ^= bit;
        bits |= bit;
      }
    }
  }

 private:
  static constexpr unsigned kTableBits = 9;

  Found find_long(std::uint64_t bits) const;

  std::array<std::uint16_t, std::size_t{1} << kTableBits> table_;  // symbol and length; 0 where there are more bits
  std::array<std::uint16_t, kMostBits + 1> count_;                 // of symbols, by length
  std::array<std::uint16_t, 288> sorted_;                          // symbols, by their codes
};

}  // namespace headrace::hdf5
