#include <headrace/pipeline/padding.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstring>
#include <optional>
#include <utility>
#include <variant>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

bool is_time(DType dtype) { return dtype.kind() == Kind::datetime64 || dtype.kind() == Kind::timedelta64; }
bool is_text(DType dtype) { return dtype.kind() == Kind::text || dtype.kind() == Kind::fixed_text; }
bool is_bytes(DType dtype) { return dtype.kind() == Kind::bytes || dtype.kind() == Kind::fixed_bytes; }

/// A number as it was given; integers exact, signed or not.
struct Number {
  enum class Form : unsigned char { integer, real, complex } form;
  std::variant<std::int64_t, std::uint64_t> integer;
  std::complex<double> value;
};

/// The nearest value with `fraction` bits of fraction and `exponent` of exponent, as its bits: float16 or bfloat16.
std::uint16_t narrow_bits(double value, int exponent, int fraction) {
  const int bias = (1 << (exponent - 1)) - 1;
  const auto sign = static_cast<std::uint16_t>(std::signbit(value) ? 0x8000 : 0);
  const auto infinity = static_cast<std::uint16_t>(((1 << exponent) - 1) << fraction);
  if (std::isnan(value)) return static_cast<std::uint16_t>(sign | infinity | (1 << (fraction - 1)));
  const double size = std::fabs(value);
  if (size == 0) return sign;
  int power = 0;
  std::frexp(size, &power);
  const int step = std::max(power - 1, 1 - bias) - fraction;  // 2^step is the distance of neighbours there
  const double steps = std::nearbyint(std::ldexp(size, -step));
  if (std::isinf(size) || std::ldexp(steps, step) >= std::ldexp(1.0, bias + 1))
    return static_cast<std::uint16_t>(sign | infinity);
  // Counted in steps, the values of one sign are the integers in order, a power's first at (power + bias) << fraction.
  const int first = step + fraction + bias - 1;
  return static_cast<std::uint16_t>(sign + (first << fraction) + static_cast<int>(steps));
}

template <class T>
using Wide = std::conditional_t<std::is_signed_v<T>, std::int64_t, std::uint64_t>;

template <class T>
std::optional<Number> read_as(const Tensor& value) {
  if (value.dtype() != dtype_of<T>()) return std::nullopt;
  const T item = value.item<T>();
  if constexpr (std::is_integral_v<T>)
    return Number{Number::Form::integer, static_cast<Wide<T>>(item), {static_cast<double>(item), 0}};
  else if constexpr (std::is_floating_point_v<T>)
    return Number{Number::Form::real, {}, {item, 0}};
  else
    return Number{Number::Form::complex, {}, {item.real(), item.imag()}};
}

template <class... T>
std::optional<Number> read_any(const Tensor& value) {
  std::optional<Number> number;
  ((number = number ? number : read_as<T>(value)), ...);
  return number;
}

std::optional<Number> number_of(const Tensor& value) {
  return read_any<std::int64_t, std::uint64_t, double, float, std::int8_t, std::int16_t, std::int32_t, std::uint8_t,
                  std::uint16_t, std::uint32_t, std::complex<double>, std::complex<float>>(value);
}

/// `number` as a T: its bytes, or nothing where it does not fit.
template <class T>
std::optional<Tensor> scalar_of(const Number& number) {
  if constexpr (std::is_integral_v<T>) {
    if (number.form != Number::Form::integer) return std::nullopt;
    return std::visit(
        [](auto integer) {
          return std::in_range<T>(integer) ? std::optional(Tensor::scalar(static_cast<T>(integer))) : std::nullopt;
        },
        number.integer);
  } else if constexpr (std::is_floating_point_v<T>) {
    if (number.form == Number::Form::complex) return std::nullopt;
    return Tensor::scalar(static_cast<T>(number.value.real()));
  } else {
    return Tensor::scalar(T(static_cast<typename T::value_type>(number.value.real()),
                            static_cast<typename T::value_type>(number.value.imag())));
  }
}

std::optional<Tensor> narrow_scalar(DType dtype, const Number& number) {
  if (number.form == Number::Form::complex) return std::nullopt;
  Tensor result = Tensor::empty(dtype, {});
  const std::uint16_t bits =
      dtype == float16 ? narrow_bits(number.value.real(), 5, 10) : narrow_bits(number.value.real(), 8, 7);
  std::memcpy(result.mutable_data(), &bits, sizeof bits);
  return result;
}

std::optional<Tensor> number_as(DType dtype, const Number& number) {
  switch (dtype.kind()) {
    case Kind::int8:
      return scalar_of<std::int8_t>(number);
    case Kind::int16:
      return scalar_of<std::int16_t>(number);
    case Kind::int32:
      return scalar_of<std::int32_t>(number);
    case Kind::int64:
      return scalar_of<std::int64_t>(number);
    case Kind::uint8:
      return scalar_of<std::uint8_t>(number);
    case Kind::uint16:
      return scalar_of<std::uint16_t>(number);
    case Kind::uint32:
      return scalar_of<std::uint32_t>(number);
    case Kind::uint64:
      return scalar_of<std::uint64_t>(number);
    case Kind::float16:
    case Kind::bfloat16:
      return narrow_scalar(dtype, number);
    case Kind::float32:
      return scalar_of<float>(number);
    case Kind::float64:
      return scalar_of<double>(number);
    case Kind::complex64:
      return scalar_of<std::complex<float>>(number);
    case Kind::complex128:
      return scalar_of<std::complex<double>>(number);
    default:
      return std::nullopt;
  }
}

/// UTF-8 as UCS-4 in `width` places, or nothing where it is longer (or no UTF-8).
std::optional<Tensor> fixed_text_of(DType dtype, std::string_view utf8) {
  Tensor result = Tensor::zeros(dtype, {});
  const std::int64_t width = dtype.itemsize() / 4;
  std::int64_t place = 0;
  for (std::size_t i = 0; i < utf8.size(); ++place) {
    const auto lead = static_cast<unsigned char>(utf8[i]);
    const std::size_t length = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (place == width || i + length > utf8.size()) return std::nullopt;
    std::uint32_t letter = length == 1 ? lead : lead & (0x7Fu >> length);
    for (std::size_t k = 1; k < length; ++k) letter = letter << 6 | (static_cast<unsigned char>(utf8[i + k]) & 0x3Fu);
    std::memcpy(result.mutable_data() + 4 * place, &letter, 4);
    i += length;
  }
  return result;
}

std::optional<Tensor> fixed_bytes_of(DType dtype, std::string_view data) {
  if (static_cast<std::int64_t>(data.size()) > dtype.itemsize()) return std::nullopt;
  Tensor result = Tensor::zeros(dtype, {});
  std::memcpy(result.mutable_data(), data.data(), data.size());
  return result;
}

/// Text or bytes as `dtype`, of the same kind.
std::optional<Tensor> text_as(DType dtype, const Tensor& value) {
  if (value.dtype().kind() == dtype.kind()) {
    if (value.dtype().itemsize() > dtype.itemsize()) return std::nullopt;
    return widen(value, dtype);
  }
  if (!value.dtype().variable_length()) return std::nullopt;
  return is_text(dtype) ? fixed_text_of(dtype, value.text()) : fixed_bytes_of(dtype, value.text());
}

bool same_kind(DType dtype, const Tensor& value) {
  if (is_time(dtype)) return value.dtype().kind() == dtype.kind();
  if (is_text(dtype)) return is_text(value.dtype());
  if (is_bytes(dtype)) return is_bytes(value.dtype());
  if (dtype == boolean || dtype.kind() == Kind::record) return value.dtype() == dtype;
  return value.dtype() == dtype || number_of(value).has_value();
}

std::optional<Tensor> converted(DType dtype, const Tensor& value) {
  if (value.dtype() == dtype) return value.copy();
  if (is_time(dtype)) {
    std::int64_t count = 0;
    std::memcpy(&count, value.data(), sizeof count);
    return count == kNaT ? std::optional(default_padding(dtype)) : std::nullopt;
  }
  if (is_text(dtype) || is_bytes(dtype)) return text_as(dtype, value);
  const auto number = number_of(value);
  return number ? number_as(dtype, *number) : std::nullopt;
}

}  // namespace

Tensor padding_of(std::string_view stage, const std::string& what, DType dtype, const Tensor& value) {
  require(value.ndim() == 0, stage, what, " must be a scalar, got shape ", to_string(value.shape()));
  require<TypeError>(same_kind(dtype, value), stage, what, " must suit ", dtype.name(), ", got ", value.dtype().name());
  auto result = converted(dtype, value);
  require(result.has_value(), stage, what, " must fit ", dtype.name(), ", got a ", value.dtype().name(),
          " that does not");
  return *std::move(result);
}

}  // namespace headrace
