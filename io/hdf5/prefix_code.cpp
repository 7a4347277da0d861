#include <headrace/io/hdf5/prefix_code.hpp>

namespace headrace::hdf5 {

bool PrefixCode::make(std::span<const std::uint8_t> lengths) {
  count_.fill(0);
  for (const std::uint8_t length : lengths) ++count_[length];
  count_[0] = 0;
  std::array<std::uint16_t, kMostBits + 1> next{};
  int left = 1;  // codes that are free
  for (unsigned length = 1; length <= kMostBits; ++length) {
    next[length] = static_cast<std::uint16_t>(next[length - 1] + count_[length - 1]);
    left = 2 * left - count_[length];
    if (left < 0) return false;
  }
  if (left != 0) return false;
  next[0] = static_cast<std::uint16_t>(next[kMostBits] + count_[kMostBits]);  // what has no code comes last
  for (unsigned symbol = 0; symbol < lengths.size(); ++symbol)
    sorted_[next[lengths[symbol]]++] = static_cast<std::uint16_t>(symbol);
  table_.fill(0);
  each(kTableBits, [&](unsigned symbol, unsigned length, unsigned bits) {
    const auto entry = static_cast<std::uint16_t>(symbol << 4 | length);
    for (std::size_t i = bits; i < table_.size(); i += std::size_t{1} << length) table_[i] = entry;
  });
  return true;
}

PrefixCode::Found PrefixCode::find_long(std::uint64_t bits) const {
  unsigned code = 0, first = 0, place = 0;
  for (unsigned length = 1; length <= kMostBits; ++length, bits >>= 1) {
    code = code << 1 | (bits & 1);
    first <<= 1;
    if (code - first < count_[length]) return {sorted_[place + code - first], length};
    place += count_[length];
    first += count_[length];
  }
  return {0, kMostBits};  // never: the code is complete
}

}  // namespace headrace::hdf5
