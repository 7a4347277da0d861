// Where the records of CSV text and their fields begin and end.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace headrace::csv {

/// A byte in all eight places of a word.
constexpr std::uint64_t everywhere(char c) { return 0x0101010101010101U * static_cast<unsigned char>(c); }

/// The first of three characters, each given everywhere; else `end`.
inline const char* first_of(const char* at, const char* end, std::uint64_t a, std::uint64_t b, std::uint64_t c) {
  static_assert(std::endian::native == std::endian::little, "the first byte is the lowest");
  constexpr std::uint64_t kOnes = everywhere(1), kHighs = everywhere('\x80');
  // The high bit of each byte that is zero; above the first one, also of others.
  const auto zeros = [](std::uint64_t word) { return (word - kOnes) & ~word & kHighs; };
  std::uint64_t word = 0;
  for (; end - at >= 8; at += 8) {
    std::memcpy(&word, at, sizeof word);
    const std::uint64_t found = zeros(word ^ a) | zeros(word ^ b) | zeros(word ^ c);
    if (found != 0) return at + std::countr_zero(found) / 8;
  }
  while (at < end && everywhere(*at) != a && everywhere(*at) != b && everywhere(*at) != c) ++at;
  return at;
}

/// Which characters mean something: bytes, or kNone.
struct Dialect {
  static constexpr int kNone = -1;
  int delimiter = ',';
  int quote = '"';      // opens only where a field begins; doubled within, it stands for itself
  int comment = kNone;  // means something only where a record begins: that line is none
};

/// One character each, which neither numbers nor names are made of; else a ValueError.
Dialect dialect_of(std::string_view stage, std::string_view delimiter, const std::optional<std::string>& quote,
                   const std::optional<std::string>& comment);

/// What is wrong with a field.
enum class Wrong : unsigned char { nothing, unclosed, after_quote, lone_return };

/// One field; [begin, end) is within its quotes, `next` is the delimiter or line end behind it, or the text's end.
struct Field {
  const char* begin;
  const char* end;
  const char* next;
  bool doubled = false;  // there are doubled quotes within
  Wrong wrong = Wrong::nothing;

  std::string_view text() const { return {begin, static_cast<std::size_t>(end - begin)}; }
};

/// Reads text that begins where a record does; a byte order mark is none of it. Threads may share it.
class Scanner {
 public:
  Scanner(const Dialect& dialect, std::string_view text)
      : dialect_(dialect),
        delimiters_(everywhere(static_cast<char>(dialect.delimiter))),
        begin_(text.data()),
        end_(text.data() + text.size()) {}

  const char* begin() const { return begin_; }
  const char* end() const { return end_; }

  /// The first record at or behind `at`, where one may begin: blank lines and comments are none.
  const char* record(const char* at) const;
  /// The field that begins at `at`.
  Field field(const char* at) const {
    if (at < end_ && is(*at, dialect_.quote)) return quoted(at);
    const char* const next = plain_end(at);
    const Field field{at, next, next};
    return next < end_ && *next == '\r' ? returned(field) : field;
  }
  bool is_delimiter(const char* next) const { return next < end_ && is(*next, dialect_.delimiter); }
  /// A delimiter, or what a line end begins with.
  bool separates(char c) const { return is(c, dialect_.delimiter) || c == '\n' || c == '\r'; }
  /// Behind the line end at `next`.
  const char* after_line(const char* next) const {
    if (next < end_ && *next == '\r') ++next;
    return next < end_ ? next + 1 : end_;
  }
  /// Behind the record that begins at `at`.
  const char* after_record(const char* at) const;

 private:
  static bool is(char c, int character) { return static_cast<unsigned char>(c) == character; }

  const char* plain_end(const char* at) const {
    return first_of(at, end_, delimiters_, everywhere('\n'), everywhere('\r'));
  }
  Field quoted(const char* at) const;
  Field returned(Field field) const;

  Dialect dialect_;
  std::uint64_t delimiters_;
  const char *begin_, *end_;
};

/// How many of `bytes`, which begin where a record does, are whole records: up to and with the last line end outside of
/// quotes. `at_start`: a byte order mark may stand before the first one.
std::size_t whole_records(const Dialect& dialect, std::string_view bytes, bool at_start);

/// The byte order mark of UTF-8 taken off.
std::string_view without_mark(std::string_view bytes);

}  // namespace headrace::csv
