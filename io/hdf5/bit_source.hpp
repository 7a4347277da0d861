// Private to io/hdf5: bytes as bits, the lowest of a byte first.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

/// As in Fabian Giesen's "Reading bits in far too many ways" (variant 4): whole words are added to what is left, so
/// above `count` bits there may be some of what follows already.
struct BitSource {
  Bytes bytes;
  std::size_t next = 0;    // of them
  std::uint64_t bits = 0;  // before that, and not taken
  unsigned count = 0;      // of those
  bool is_short = false;   // more was taken than there was: zeros

  static_assert(std::endian::native == std::endian::little, "words are read as they lie in memory");
  static std::uint64_t load(const std::byte* from) {
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }

  std::size_t left() const { return bytes.size() - next; }
  unsigned byte(std::size_t i) const { return std::to_integer<unsigned>(bytes[i]); }

  /// 56 bits at least, or what is left.
  void refill() {
    if (left() >= 8) {
      bits |= load(&bytes[next]) << count;
      next += (63 - count) >> 3;
      count |= 56;
    } else {
      for (; count < 56 && left() > 0; count += 8) bits |= std::uint64_t{byte(next++)} << count;
    }
  }

  /// The next `n` that refill() brought.
  unsigned take(unsigned n) {
    is_short = is_short || n > count;
    if (is_short) return 0;
    const auto value = static_cast<unsigned>(bits & ((std::uint64_t{1} << n) - 1));
    bits >>= n;
    count -= n;
    return value;
  }

  /// The bits up to a whole byte are left out; what refill() brought beyond it is given back.
  void to_byte() {
    next -= count / 8;
    bits = count = 0;
  }
};

}  // namespace headrace::hdf5
