// Numbers and truth values as they stand in text.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

#include <headrace/tensor/dtype.hpp>

namespace headrace::csv {

/// A number that text begins with, and where it ends; `end` is null where the quick way does not do: the text may still
/// be a number.
template <class T>
struct Quick {
  T value;
  const char* end;
};

/// What some digits come to, and how many they are.
struct Digits {
  std::uint64_t value;
  int count;
};

inline constexpr std::uint64_t kTens[] = {1,
                                          10,
                                          100,
                                          1'000,
                                          10'000,
                                          100'000,
                                          1'000'000,
                                          10'000'000,
                                          100'000'000,
                                          1'000'000'000,
                                          10'000'000'000,
                                          100'000'000'000,
                                          1'000'000'000'000,
                                          10'000'000'000'000,
                                          100'000'000'000'000,
                                          1'000'000'000'000'000,
                                          10'000'000'000'000'000,
                                          100'000'000'000'000'000,
                                          1'000'000'000'000'000'000,
                                          10'000'000'000'000'000'000U};

/// The digits that the eight bytes at `at` begin with, all at once: their number costs no branch that is hard to tell.
inline Digits eight_digits(const char* at) {
  std::uint64_t word = 0;
  std::memcpy(&word, at, sizeof word);
  const std::uint64_t digits = word ^ 0x3030303030303030;                                      // 0 to 9 where they are
  const std::uint64_t others = (digits | (digits + 0x7676767676767676)) & 0x8080808080808080;  // the lowest is right
  const int count = others == 0 ? 8 : std::countr_zero(others) / 8;
  std::uint64_t value = count == 0 ? 0 : digits << (64 - 8 * count);
  value = value * 10 + (value >> 8);
  constexpr std::uint64_t kPairs = 0x000000FF000000FF;
  value = ((value & kPairs) * 0x000F424000000064 + ((value >> 16) & kPairs) * 0x0000271000000001) >> 32;
  return {value & 0xFFFFFFFF, count};
}

/// Up to 24 of them, all of which can be read; where there are more than 19 the value is another.
inline Digits digits_at(const char* at) {
  Digits all = eight_digits(at);
  for (int more = 8; all.count == more && more < 24; more += 8) {
    const Digits next = eight_digits(at + more);
    all = {all.value * kTens[next.count] + next.value, more + next.count};
  }
  return all;
}

/// How many bytes must be there for the quick ways below.
inline constexpr std::ptrdiff_t kQuick = 64;

/// Digits of at most 18 places.
inline Quick<std::int64_t> quick_integer(const char* at, const char* end) {
  if (end - at < kQuick) return {0, nullptr};
  const bool negative = *at == '-';
  at += negative;
  const Digits digits = digits_at(at);
  if (digits.count == 0 || digits.count > 18) return {0, nullptr};
  const auto value = static_cast<std::int64_t>(digits.value), sign = -static_cast<std::int64_t>(negative);
  return {(value ^ sign) - sign, at + digits.count};  // a branch would be told wrong every other time
}

/// The number that the text begins with, by std::from_chars.
Quick<double> other_real(const char* at, const char* end);

/// digits / 10**places, rounded to the nearest double, and to the even one of two. `places` <= 19.
double divided(std::uint64_t digits, int places);

/// A double holds each of them exactly.
inline constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,
                                          1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19};

/// Digits, perhaps with a point among them. Where a double holds them exactly, one division by a power of ten, exact
/// too, rounds correctly (Clinger 1990). Their number tells, which changes less often than whether they are too large.
[[gnu::always_inline]] inline Quick<double> quick_real(const char* at, const char* end) {
  constexpr int kExact = 15;  // so many digits a double holds whatever they are
  if (end - at < kQuick) return {0, nullptr};
  const char* const begin = at;
  const bool negative = *at == '-';
  at += negative;
  Digits all = digits_at(at);
  at += all.count;
  int places = 0;
  if (*at == '.') {
    const Digits behind = digits_at(++at);
    at += behind.count;
    places = behind.count;
    all.count += places;
    if (all.count <= 19) all.value = all.value * kTens[places] + behind.value;
  }
  if (all.count == 0 || all.count > 19 || (*at | 0x20) == 'e') return other_real(begin, end);
  const double value =
      all.count > kExact ? divided(all.value, places) : static_cast<double>(all.value) / kPowersOfTen[places];
  const auto bits = std::bit_cast<std::uint64_t>(value) | static_cast<std::uint64_t>(negative) << 63;
  return {std::bit_cast<double>(bits), at};  // a branch would be told wrong every other time
}

/// Without blanks and tabs around it.
std::string_view trimmed(std::string_view text);

/// The text as one item of `dtype` at `to`: bool (true, True, TRUE, 1 ...), integers, float32, float64. False where it
/// is none or does not fit; a real number beyond the largest is infinite, as Python's float() has it.
bool parse(std::string_view text, DType dtype, std::byte* to);

}  // namespace headrace::csv
