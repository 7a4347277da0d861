#include <headrace/io/csv/scanner.hpp>

#include <cctype>

#include <headrace/tensor/error.hpp>

namespace headrace::csv {

namespace {

constexpr std::string_view kMark = "\xEF\xBB\xBF";

const char* find(const char* at, const char* end, int character) {
  if (character == Dialect::kNone) return nullptr;
  return static_cast<const char*>(std::memchr(at, character, static_cast<std::size_t>(end - at)));
}

int character(std::string_view stage, const char* option, std::string_view value) {
  const auto c = static_cast<unsigned char>(value.empty() ? 0 : value[0]);
  const bool part_of_values = std::isalnum(c) || c == '.' || c == '+' || c == '-' || c == '\n' || c == '\r';
  require(value.size() == 1 && c > 0 && c < 0x80 && !part_of_values, stage, option,
          " must be one ASCII character, no letter, digit, line end or sign of a number, got '", value, "'");
  return c;
}

}  // namespace

Dialect dialect_of(std::string_view stage, std::string_view delimiter, const std::optional<std::string>& quote,
                   const std::optional<std::string>& comment) {
  Dialect dialect;
  dialect.delimiter = character(stage, "delimiter", delimiter);
  dialect.quote = quote ? character(stage, "quote", *quote) : Dialect::kNone;
  dialect.comment = comment ? character(stage, "comment", *comment) : Dialect::kNone;
  require(dialect.delimiter != dialect.quote && dialect.delimiter != dialect.comment &&
              (!quote || dialect.quote != dialect.comment),
          stage, "delimiter, quote and comment must differ, got '", delimiter, "', '", quote.value_or("None"),
          "' and '", comment.value_or("None"), "'");
  return dialect;
}

std::string_view without_mark(std::string_view bytes) {
  return bytes.substr(0, kMark.size()) == kMark ? bytes.substr(kMark.size()) : bytes;
}

const char* Scanner::record(const char* at) const {
  while (at < end_) {
    if (is(*at, dialect_.comment)) {
      const char* const line_end = find(at, end_, '\n');
      at = line_end ? line_end + 1 : end_;
    } else if (*at == '\n') {
      ++at;
    } else if (*at == '\r' && at + 1 < end_ && at[1] == '\n') {
      at += 2;
    } else {
      break;
    }
  }
  return at;
}

Field Scanner::quoted(const char* at) const {
  Field field{at + 1, end_, end_};
  for (const char* next = at + 1;;) {
    const char* const quote = find(next, end_, dialect_.quote);
    if (!quote) {
      field.wrong = Wrong::unclosed;
      return field;
    }
    if (quote + 1 == end_ || !is(quote[1], dialect_.quote)) {
      field.end = quote;
      break;
    }
    field.doubled = true;
    next = quote + 2;
  }
  field.next = plain_end(field.end + 1);
  if (field.next != field.end + 1) field.wrong = Wrong::after_quote;
  return returned(field);
}

/// A \r that no \n follows is no line end, though nothing that a field may hold: it reaches to the next separator.
Field Scanner::returned(Field field) const {
  while (field.next < end_ && *field.next == '\r' && !(field.next + 1 < end_ && field.next[1] == '\n')) {
    field.wrong = Wrong::lone_return;
    field.next = plain_end(field.next + 1);
  }
  return field;
}

const char* Scanner::after_record(const char* at) const {
  const char* next = field(at).next;
  while (is_delimiter(next)) next = field(next + 1).next;
  return after_line(next);
}

std::size_t whole_records(const Dialect& dialect, std::string_view bytes, bool at_start) {
  const auto quote = static_cast<char>(dialect.quote);
  if (dialect.quote == Dialect::kNone || bytes.find(quote) == bytes.npos) return bytes.rfind('\n') + 1;  // npos + 1: 0
  const char* const end = bytes.data() + bytes.size();
  const char* const first = at_start ? end - without_mark(bytes).size() : bytes.data();
  const char* whole = first;  // behind the last record's end
  for (const char* at = first; at < end;) {
    if (at == whole && static_cast<unsigned char>(*at) == dialect.comment) {
      const char* const line_end = find(at, end, '\n');
      if (!line_end) break;
      whole = at = line_end + 1;
      continue;
    }
    const char* const next = first_of(at, end, everywhere(quote), everywhere('\n'), everywhere('\n'));
    if (next == end) break;
    at = next + 1;
    if (*next == '\n') {
      whole = at;
    } else if (next == whole || static_cast<unsigned char>(next[-1]) == dialect.delimiter) {  // it opens
      const char* close = find(at, end, quote);
      while (close && close + 1 < end && close[1] == quote) close = find(close + 2, end, quote);
      if (!close) break;
      at = close + 1;
    }
  }
  return static_cast<std::size_t>(whole == first ? 0 : whole - bytes.data());
}

}  // namespace headrace::csv
