#include <headrace/io/npy/python_literal.hpp>

#include <cctype>
#include <charconv>

namespace headrace {

namespace {

constexpr int kDeepest = 32;

void append_utf8(std::string& text, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return put(code);
  if (code < 0x800) return put(0xC0 | code >> 6), put(0x80 | (code & 0x3F));
  if (code < 0x10000) return put(0xE0 | code >> 12), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
  put(0xF0 | code >> 18), put(0x80 | (code >> 12 & 0x3F)), put(0x80 | (code >> 6 & 0x3F)), put(0x80 | (code & 0x3F));
}

class Parser {
 public:
  explicit Parser(std::string_view source) : source_(source) {}

  PythonLiteral whole() {
    PythonLiteral value = any(0);
    skip_space();
    if (at_ < source_.size()) fail("the end");
    return value;
  }

 private:
  using Kind = PythonLiteral::Kind;

  [[noreturn]] void fail(std::string_view wanted) const {
    const std::string got = at_ < source_.size() ? "'" + std::string(1, source_[at_]) + "'" : "the end";
    const bool shown = at_ >= source_.size() || (source_[at_] >= ' ' && source_[at_] <= '~');
    throw LiteralError("at character " + std::to_string(at_) + " there must be " + std::string(wanted) + ", got " +
                       (shown ? got : "byte " + std::to_string(static_cast<unsigned char>(source_[at_]))));
  }
  char next() const { return at_ < source_.size() ? source_[at_] : '\0'; }
  void skip_space() {
    while (next() == ' ' || (next() >= '\t' && next() <= '\r' && next() != '\v')) ++at_;
  }
  bool takes(char wanted) {
    skip_space();
    if (next() != wanted || at_ == source_.size()) return false;
    ++at_;
    return true;
  }
  bool takes_word(std::string_view word) {
    if (source_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  PythonLiteral any(int depth) {
    if (depth > kDeepest) fail("fewer brackets within brackets");
    if (takes('(')) return sequence(Kind::tuple, ')', depth);
    if (takes('[')) return sequence(Kind::list, ']', depth);
    if (takes('{')) return dict(depth);
    PythonLiteral value;
    if (takes_word("True")) {
      value.number = 1;
      return value;
    }
    if (takes_word("False")) return value;
    if (next() == '-' || (next() >= '0' && next() <= '9')) return integer();
    const std::size_t prefix = next() == 'u' || next() == 'b' ? 1 : 0;
    const char quote = at_ + prefix < source_.size() ? source_[at_ + prefix] : '\0';
    if (quote != '\'' && quote != '"') fail("a text, a number, True, False or a bracket");
    at_ += prefix + 1;
    return text(quote);
  }

  PythonLiteral integer() {
    PythonLiteral value{Kind::integer, {}, 0, {}};
    const char *const begin = source_.data() + at_, *const end = source_.data() + source_.size();
    const auto [stop, error] = std::from_chars(begin, end, value.number);
    if (error != std::errc()) fail("an integer of 64 bits");
    const std::string_view digits(begin, static_cast<std::size_t>(stop - begin));
    if (digits.size() > 1 && digits[digits[0] == '-'] == '0') fail("a number without zeros before it");
    at_ += digits.size();
    if (next() == 'L') ++at_;  // Python 2
    if (std::isalnum(static_cast<unsigned char>(next())) || next() == '.' || next() == '_') fail("the end of a number");
    return value;
  }

  PythonLiteral text(char quote) {
    PythonLiteral value{Kind::text, {}, 0, {}};
    for (;; ++at_) {
      if (at_ == source_.size() || static_cast<unsigned char>(next()) < ' ') fail("the end of a text");
      if (next() == quote) break;
      if (next() == '\\')
        escape(value.text);
      else
        value.text += next();
    }
    ++at_;
    return value;
  }

  /// Leaves at_ at its last character.
  void escape(std::string& text) {
    static constexpr std::string_view codes = "\\'\"abfnrtv", meanings = "\\'\"\a\b\f\n\r\t\v";
    ++at_;
    if (const std::size_t code = codes.find(next()); code != std::string_view::npos && next() != '\0') {
      text += meanings[code];
      return;
    }
    const std::size_t digits = next() == 'x' ? 2 : next() == 'u' ? 4 : next() == 'U' ? 8 : 0;
    const char* const begin = source_.data() + at_ + 1;
    std::uint32_t code = 0;
    if (digits == 0 || source_.size() - at_ <= digits ||
        std::from_chars(begin, begin + digits, code, 16).ptr != begin + digits)
      fail("an escape that repr() writes");
    if (code > 0x10FFFF || (code >= 0xD800 && code < 0xE000)) fail("a character of Unicode");
    append_utf8(text, code);
    at_ += digits;
  }

  PythonLiteral sequence(Kind kind, char close, int depth) {
    PythonLiteral value{kind, {}, 0, {}};
    bool comma = true;
    while (!takes(close)) {
      if (!comma) fail("',' or a closing bracket");
      value.items.push_back(any(depth + 1));
      comma = takes(',');
    }
    if (kind == Kind::tuple && value.items.size() == 1 && !comma) return std::move(value.items.front());  // (3) is 3
    return value;
  }

  PythonLiteral dict(int depth) {
    PythonLiteral value{Kind::dict, {}, 0, {}};
    bool comma = true;
    while (!takes('}')) {
      if (!comma) fail("',' or '}'");
      PythonLiteral key = any(depth + 1);
      if (!key.is(Kind::text) || value.find(key.text) != nullptr) fail("':' after a text that is no key before");
      if (!takes(':')) fail("':'");
      value.items.push_back(std::move(key));
      value.items.push_back(any(depth + 1));
      comma = takes(',');
    }
    return value;
  }

  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace

const PythonLiteral* PythonLiteral::find(std::string_view key) const {
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

PythonLiteral parse_python_literal(std::string_view source) { return Parser(source).whole(); }

}  // namespace headrace
