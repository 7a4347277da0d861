#include <headrace/io/csv/numbers.hpp>

#include <algorithm>
#include <charconv>
#include <cstring>
#include <limits>

namespace headrace::csv {

namespace {

std::string_view without_plus(std::string_view text) {
  return text.size() > 1 && text[0] == '+' && text[1] != '-' ? text.substr(1) : text;
}

template <class T>
bool read(std::string_view text, T& value) {
  text = without_plus(text);
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stop == end;
}

/// What a number beyond all that T holds comes to: by where its first digit but 0 stands.
template <class T>
T limit_of(std::string_view text) {
  const bool negative = text[0] == '-';
  const std::size_t end = std::min(text.find_first_of("eE"), text.size());
  const std::size_t point = std::min(text.find('.'), end), digit = text.find_first_of("123456789");
  const auto place = static_cast<std::int64_t>(point) - static_cast<std::int64_t>(digit);
  std::int64_t exponent = 0;
  const bool huge = end < text.size() && !read(text.substr(end + 1), exponent);
  const bool small = huge ? text[end + 1] == '-' : place + exponent < 0;
  const T limit = small ? 0 : std::numeric_limits<T>::infinity();
  return negative ? -limit : limit;
}

template <class T>
bool real(std::string_view text, std::byte* to) {
  text = without_plus(text);
  T value{};
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (stop != end || error == std::errc::invalid_argument || text.back() == ')') return false;  // nan(12)
  if (error == std::errc::result_out_of_range) value = limit_of<T>(text);
  std::memcpy(to, &value, sizeof value);
  return true;
}

bool integer(std::string_view text, DType dtype, std::byte* to) {
  const std::int64_t bits = 8 * dtype.itemsize();
  if (dtype.kind() >= Kind::uint8) {
    std::uint64_t value = 0;
    if (!read(text, value) || (bits < 64 && value >> bits != 0)) return false;
    std::memcpy(to, &value, static_cast<std::size_t>(dtype.itemsize()));  // the low bytes come first
    return true;
  }
  std::int64_t value = 0;
  if (!read(text, value) || value >> (bits - 1) != (value < 0 ? -1 : 0)) return false;
  std::memcpy(to, &value, static_cast<std::size_t>(dtype.itemsize()));
  return true;
}

bool truth(std::string_view text, std::byte* to) {
  const bool yes = text == "true" || text == "True" || text == "TRUE" || text == "1";
  const bool no = text == "false" || text == "False" || text == "FALSE" || text == "0";
  *to = static_cast<std::byte>(yes);
  return yes || no;
}

}  // namespace

Quick<double> other_real(const char* at, const char* end) {
  double value = 0;
  const auto [stop, error] = std::from_chars(at, end, value);
  const bool number = error == std::errc() && stop[-1] != ')';  // nan(12)
  return {value, number ? stop : nullptr};
}

/// Where long doubles have 64 bits, of which digits and power of ten are exact, the quotient is rounded to those, and
/// then to 53. That is the same as once, unless the first lies in the middle of two doubles.
std::optional<double> divided(std::uint64_t digits, std::ptrdiff_t places) {
  if constexpr (std::numeric_limits<long double>::digits != 64) return std::nullopt;
  const long double quotient = static_cast<long double>(digits) / static_cast<long double>(kTens[places]);
  std::uint64_t bits = 0;
  std::memcpy(&bits, &quotient, sizeof bits);
  if ((bits & 0x7FF) == 0x400) return std::nullopt;
  return static_cast<double>(quotient);
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  if (first == text.npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

bool parse(std::string_view text, DType dtype, std::byte* to) {
  text = trimmed(text);
  if (text.empty()) return false;
  switch (dtype.kind()) {
    case Kind::boolean:
      return truth(text, to);
    case Kind::float32:
      return real<float>(text, to);
    case Kind::float64:
      return real<double>(text, to);
    default:
      return integer(text, dtype, to);
  }
}

}  // namespace headrace::csv
