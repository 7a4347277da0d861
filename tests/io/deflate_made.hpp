// zlib streams made symbol by symbol, with codes, lengths and distances that no compressor chooses.
#pragma once

#include <headrace/io/hdf5/steps.hpp>

#include <zlib.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "hdf5_filters.hpp"

namespace headrace::hdf5 {

/// A literal where `size` is 1, else a match.
struct Token {
  unsigned size, value;  // the literal, or how far back
};

using Lengths = std::vector<std::uint8_t>;  // of codes, by symbol

/// A random complete code: of `used` symbols, two at least, and of no others.
inline Lengths random_code(std::mt19937& random, const std::vector<unsigned>& used, std::size_t symbols) {
  std::vector<std::uint8_t> leaves{0};
  const bool deep = random() % 2 == 0;
  while (leaves.size() < used.size()) {
    auto leaf = leaves.begin() + static_cast<std::ptrdiff_t>(random() % leaves.size());
    if (deep && random() % 8 != 0) leaf = std::max_element(leaves.begin(), leaves.end());
    if (*leaf == 15) leaf = std::min_element(leaves.begin(), leaves.end());
    leaves.push_back(++*leaf);
  }
  std::shuffle(leaves.begin(), leaves.end(), random);
  Lengths lengths(symbols);
  for (std::size_t i = 0; i < used.size(); ++i) lengths[used[i]] = leaves[i];
  return lengths;
}

class DeflateMade {
 public:
  explicit DeflateMade(std::mt19937& random) : random_(random) { bits(0x0178, 16); }

  const Data& plain() const { return plain_; }

  void bits(std::uint64_t value, unsigned count) {
    for (unsigned i = 0; i < count; ++i, ++written_) {
      if (written_ % 8 == 0) stream_.push_back({});
      stream_.back() |= static_cast<std::byte>((i < 64 ? value >> i & 1 : 0) << (written_ % 8));
    }
  }

  void stored_block(const Data& data, bool last) {
    bits(last ? 1 : 0, 3);
    bits(0, (8 - written_ % 8) % 8);
    bits(data.size() | (~data.size() & 0xffff) << 16, 32);
    for (const std::byte byte : data) bits(std::to_integer<unsigned>(byte), 8);
    plain_.insert(plain_.end(), data.begin(), data.end());
  }

  void fixed_block(const std::vector<Token>& tokens, bool last) {
    Lengths symbols(288, 8);
    std::fill_n(symbols.begin() + 144, 112, std::uint8_t{9});
    std::fill_n(symbols.begin() + 256, 24, std::uint8_t{7});
    bits(last ? 3 : 2, 3);
    body(tokens, symbols, Lengths(32, 5));
  }

  /// With codes for a few symbols more than are used.
  void dynamic_block(const std::vector<Token>& tokens, bool last) {
    std::vector<bool> symbols(286), distances(30);
    symbols[kEnd] = true;
    for (const Token& token : tokens) {
      symbols[token.size == 1 ? token.value : kLengths + length_symbol(token.size)] = true;
      if (token.size > 1) distances[distance_symbol(token.value)] = true;
    }
    const Lengths of_symbols = random_code(random_, some_more(symbols), 286);
    const Lengths of_distances = random_code(random_, some_more(distances), 30);
    bits(last ? 5 : 4, 3);
    code_lengths(of_symbols, of_distances);
    body(tokens, of_symbols, of_distances);
  }

  /// The head of a dynamic block with these codes, whatever they are.
  void code_lengths(const Lengths& symbols, const Lengths& distances) {
    bits(symbols.size() - 257, 5);
    bits(distances.size() - 1, 5);
    bits(15, 4);
    for (unsigned i = 0; i < 19; ++i) bits(of_lengths()[kOrder[i]], 3);
    const auto codes = codes_of(of_lengths());
    Lengths all = symbols;
    all.insert(all.end(), distances.begin(), distances.end());
    for (std::size_t i = 0; i < all.size();) {
      std::size_t same = 1;
      while (i + same < all.size() && all[i + same] == all[i]) ++same;
      std::size_t times = 1;
      if (all[i] == 0 && same >= 11 && random_() % 4 != 0) {
        times = std::min<std::size_t>(same, 138);
        bits(codes[18], of_lengths()[18]);
        bits(times - 11, 7);
      } else if (all[i] == 0 && same >= 3 && random_() % 4 != 0) {
        times = std::min<std::size_t>(same, 10);
        bits(codes[17], of_lengths()[17]);
        bits(times - 3, 3);
      } else if (i > 0 && all[i] == all[i - 1] && same >= 3 && random_() % 4 != 0) {
        times = std::min<std::size_t>(same, 6);
        bits(codes[16], of_lengths()[16]);
        bits(times - 3, 2);
      } else {
        bits(codes[all[i]], of_lengths()[all[i]]);
      }
      i += times;
    }
  }

  void body(const std::vector<Token>& tokens, const Lengths& symbols, const Lengths& distances) {
    const auto symbol_codes = codes_of(symbols), distance_codes = codes_of(distances);
    const auto symbol = [&](unsigned which) { bits(symbol_codes[which], symbols[which]); };
    for (const Token& token : tokens) {
      if (token.size == 1) {
        symbol(token.value);
        plain_.push_back(static_cast<std::byte>(token.value));
        continue;
      }
      const unsigned length = length_symbol(token.size), distance = distance_symbol(token.value);
      symbol(kLengths + length);
      bits(token.size - kLengthBase[length], kLengthExtra[length]);
      bits(distance_codes[distance], distances[distance]);
      bits(token.value - kDistanceBase[distance], kDistanceExtra[distance]);
      for (unsigned i = 0; i < token.size && token.value <= plain_.size(); ++i)
        plain_.push_back(plain_[plain_.size() - token.value]);
    }
    symbol(kEnd);
  }

  /// Whole bytes, and the checksum.
  Data stream() {
    Data all = stream_;
    const auto sum = adler32(1, reinterpret_cast<const Bytef*>(plain_.data()), static_cast<uInt>(plain_.size()));
    for (unsigned i = 0; i < 4; ++i) all.push_back(static_cast<std::byte>(sum >> (24 - 8 * i)));
    return all;
  }

  /// A block of any kind, of about `size` bytes.
  void random_block(std::size_t size, bool last) {
    if (random_() % 8 == 0) return stored_block(sample(3, std::min<std::size_t>(size, 65535), random_()), last);
    const std::vector<Token> tokens = random_tokens(size);
    random_() % 4 == 0 ? fixed_block(tokens, last) : dynamic_block(tokens, last);
  }

 private:
  static constexpr std::array<std::uint8_t, 19> kOrder{16, 17, 18, 0, 8,  7, 9,  6, 10, 5,
                                                       11, 4,  12, 3, 13, 2, 14, 1, 15};

  static const Lengths& of_lengths() {  // a complete code of 19 symbols
    static const Lengths lengths{4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5, 5, 5, 5, 5};
    return lengths;
  }

  /// With the first bit lowest.
  static std::vector<unsigned> codes_of(const Lengths& lengths) {
    std::vector<unsigned> codes(lengths.size());
    unsigned code = 0;
    for (unsigned length = 1; length <= 15; ++length, code <<= 1) {
      for (std::size_t i = 0; i < lengths.size(); ++i) {
        if (lengths[i] != length) continue;
        for (unsigned bit = 0; bit < length; ++bit) codes[i] |= (code >> bit & 1) << (length - 1 - bit);
        ++code;
      }
    }
    return codes;
  }

  unsigned length_symbol(unsigned size) {
    const auto after = std::upper_bound(kLengthBase.begin(), kLengthBase.end(), size);
    return static_cast<unsigned>(after - kLengthBase.begin()) - 1;
  }
  unsigned distance_symbol(unsigned distance) {
    const auto after = std::upper_bound(kDistanceBase.begin(), kDistanceBase.end(), distance);
    return static_cast<unsigned>(after - kDistanceBase.begin()) - 1;
  }

  std::vector<unsigned> some_more(std::vector<bool> has) {
    for (unsigned more = random_() % 40; more > 0; --more) has[random_() % has.size()] = true;
    while (std::count(has.begin(), has.end(), true) < 2) has[random_() % has.size()] = true;
    std::vector<unsigned> used;
    for (unsigned i = 0; i < has.size(); ++i)
      if (has[i]) used.push_back(i);
    return used;
  }

  std::vector<Token> random_tokens(std::size_t size) {
    const unsigned alphabet = 1 + random_() % (random_() % 2 == 0 ? 8 : 256), matches = random_() % 10;
    const unsigned longest = random_() % 2 == 0 ? 8 : 256;
    const double furthest = random_() % 2 == 0 ? 40 : 32768;
    std::vector<Token> tokens;
    for (std::size_t made = plain_.size(), end = made + size; made < end;) {
      const double back = std::min(furthest, static_cast<double>(made));
      if (made == 0 || random_() % 10 >= matches)
        tokens.push_back({1, static_cast<unsigned>(random_() % alphabet)});
      else
        tokens.push_back({3 + static_cast<unsigned>(random_() % longest),
                          static_cast<unsigned>(std::exp(std::log(back) * (random_() % 1001) / 1000))});
      made += tokens.back().size;
    }
    return tokens;
  }

  std::mt19937& random_;
  Data stream_, plain_;
  std::size_t written_ = 0;  // bits
};

}  // namespace headrace::hdf5
