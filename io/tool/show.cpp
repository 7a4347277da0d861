#include <headrace/io/tool/show.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <headrace/io/tool/halves.hpp>
#include <headrace/tensor/elementwise.hpp>

namespace headrace::tool {
namespace {

constexpr std::int64_t kEdge = 4;  // items shown at either end of a long axis
constexpr std::size_t kText = 80;  // bytes of a text

template <class T>
std::string digits(T number) {
  char text[64];
  const auto [end, error] = std::to_chars(text, text + sizeof text, number);
  return {text, end};
}

std::string quoted(std::string_view text) {
  const bool cut = text.size() > kText;
  return "'" + printable(text.substr(0, kText)) + (cut ? "...'" : "'");
}

template <class T>
std::string complex_text(const Tensor& value) {
  const auto number = value.item<std::complex<T>>();
  return digits(number.real()) + (std::signbit(number.imag()) ? "" : "+") + digits(number.imag()) + "j";
}

std::string fixed_text(const Tensor& value) {
  std::string text;
  for (std::int64_t i = 0; i + 4 <= value.dtype().itemsize(); i += 4) {
    std::uint32_t letter = 0;
    std::memcpy(&letter, value.data() + i, sizeof letter);
    if (letter == 0) continue;
    if (letter < 0x80)
      text += static_cast<char>(letter);
    else if (letter < 0x800)
      text += {static_cast<char>(0xc0 | letter >> 6), static_cast<char>(0x80 | (letter & 0x3f))};
    else if (letter < 0x10000)
      text += {static_cast<char>(0xe0 | letter >> 12), static_cast<char>(0x80 | (letter >> 6 & 0x3f)),
               static_cast<char>(0x80 | (letter & 0x3f))};
    else
      text += {static_cast<char>(0xf0 | letter >> 18), static_cast<char>(0x80 | (letter >> 12 & 0x3f)),
               static_cast<char>(0x80 | (letter >> 6 & 0x3f)), static_cast<char>(0x80 | (letter & 0x3f))};
  }
  return quoted(text);
}

std::string record_text(const Tensor& value) {
  if (value.dtype().fields().empty()) return digits(value.dtype().itemsize()) + " bytes";
  std::string text = "{";
  for (const Field& field : value.dtype().fields()) {
    const Shape shape(std::span<const std::int64_t>(field.shape));
    const Tensor part = Tensor::view(value.buffer(), value.mutable_data() + field.offset, field.dtype, shape,
                                     contiguous_strides(shape, field.dtype.itemsize()), false);
    text += (text.size() > 1 ? ", " : "") + printable(field.name) + ": " + show(part);
  }
  return text + "}";
}

std::string item_text(const Tensor& value) {
  switch (value.dtype().kind()) {
    case Kind::boolean:
      return value.item<bool>() ? "true" : "false";
    case Kind::uint64:
      return digits(value.item<std::uint64_t>());
    case Kind::float32:
      return digits(value.item<float>());
    case Kind::float64:
      return digits(value.item<double>());
    case Kind::float16:
    case Kind::bfloat16:
      return digits(widened(value).item<float>());
    case Kind::complex64:
      return complex_text<float>(value);
    case Kind::complex128:
      return complex_text<double>(value);
    case Kind::datetime64:
    case Kind::timedelta64: {
      std::int64_t count = 0;
      std::memcpy(&count, value.data(), sizeof count);
      return count == INT64_MIN ? "NaT" : digits(count) + " " + value.dtype().unit();
    }
    case Kind::fixed_bytes: {
      std::string_view text(reinterpret_cast<const char*>(value.data()),
                            static_cast<std::size_t>(value.dtype().itemsize()));
      return quoted(text.substr(0, text.find_last_not_of('\0') + 1));
    }
    case Kind::fixed_text:
      return fixed_text(value);
    case Kind::record:
      return record_text(value);
    case Kind::text:
    case Kind::bytes:
      return quoted(value.text());
    default:
      return digits(ops::cast(value, int64).item<std::int64_t>());
  }
}

}  // namespace

std::string show(const Tensor& value) {
  if (value.ndim() == 0) return item_text(value);
  const std::int64_t count = value.shape()[0];
  std::string text = "[";
  for (std::int64_t i = 0; i < count; ++i) {
    if (i > 0) text += ", ";
    if (i == kEdge && count > 2 * kEdge + 1) {
      text += "..., ";
      i = count - kEdge;
    }
    text += show(value.row(i));
  }
  return text + "]";
}

std::string show_number(double number) { return digits(number); }

std::string shell_word(const std::string& word) {
  constexpr std::string_view kPlain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./-+=:,@%";
  if (!word.empty() && word.find_first_not_of(kPlain) == std::string::npos) return word;
  std::string text = "'";
  for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return text + "'";
}

std::string printable(std::string_view text) {
  std::string result(text);
  std::ranges::replace_if(
      result, [](unsigned char c) { return c < ' ' || c == 0x7f; }, '?');
  return result;
}

}  // namespace headrace::tool
