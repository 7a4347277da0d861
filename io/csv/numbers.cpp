#include <headrace/io/csv/numbers.hpp>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstring>
#include <iterator>
#include <limits>

namespace headrace::csv {

namespace {

__extension__ typedef unsigned __int128 Wide;

/// 2**(127 + bits) / 5**n, rounded up unless exact: 128 bits, the highest of them set.
struct Reciprocal {
  std::uint64_t high, low;
  int bits;
};

constexpr Reciprocal reciprocal_of_five_to(std::size_t n) {
  const std::uint64_t power = kTens[n] >> n;  // 10**n = 2**n * 5**n
  const int bits = std::bit_width(power - 1);
  Wide quotient = 0, rest = 0;
  for (int i = 0; i < 128 + bits; ++i) {  // by hand, a bit at a time
    rest = rest << 1 | static_cast<Wide>(i == 0);
    quotient = quotient << 1 | static_cast<Wide>(rest >= power);
    if (rest >= power) rest -= power;
  }
  if (rest > 0) ++quotient;
  return {static_cast<std::uint64_t>(quotient >> 64), static_cast<std::uint64_t>(quotient), bits};
}

constexpr auto kReciprocals = [] {
  std::array<Reciprocal, std::size(kTens)> all{};
  for (std::size_t n = 0; n < all.size(); ++n) all[n] = reciprocal_of_five_to(n);
  return all;
}();

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

/// By a multiplication with 1 / 5**places, as D. Lemire has it ("Number Parsing at a Gigabyte per Second", 2021): its
/// high 64 bits tell nearly always, and both of them whatever the digits are, for no more places than 27.
double divided(std::uint64_t digits, int places) {
  constexpr int kMantissa = 52;
  if (digits == 0) return 0;
  const Reciprocal& reciprocal = kReciprocals[static_cast<std::size_t>(places)];
  const int zeros = std::countl_zero(digits);
  digits <<= zeros;
  const Wide product = static_cast<Wide>(digits) * reciprocal.high;
  auto high = static_cast<std::uint64_t>(product >> 64), low = static_cast<std::uint64_t>(product);
  if ((high & 0x1FF) == 0x1FF) {  // a carry could change what is rounded
    const auto more = static_cast<std::uint64_t>(static_cast<Wide>(digits) * reciprocal.low >> 64);
    low += more;
    high += low < more;
  }
  const int top = static_cast<int>(high >> 63), dropped = top + 63 - kMantissa - 2;
  std::uint64_t mantissa = high >> dropped;  // with one bit more, to round by
  const bool tie = low <= 1 && places <= 4 && (mantissa & 3) == 1 && mantissa << dropped == high;
  mantissa = (mantissa + (mantissa & 1 & static_cast<std::uint64_t>(!tie))) >> 1;
  const auto exponent = static_cast<std::uint64_t>(1022 + top + 63 - zeros - places - reciprocal.bits);
  return std::bit_cast<double>((exponent << kMantissa) + mantissa);  // the mantissa's highest bit counts one more
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
