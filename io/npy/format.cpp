#include <headrace/io/npy/format.hpp>

#include <algorithm>

namespace headrace {

namespace {

constexpr std::size_t kBefore = 10;  // magic, version and length
constexpr std::size_t kAlignment = 64;

std::string quoted(const std::string& text) { return "'" + text + "'"; }

std::string tuple(const Shape& sizes) {
  std::string text = "(";
  for (const auto size : sizes) text += (text.size() > 1 ? " " : "") + std::to_string(size) + ",";
  return text + ")";
}

/// A unit in brackets, where there is one.
std::string in_unit(const char* code, DType dtype) {
  return quoted(code + (dtype.unit().empty() ? "" : '[' + dtype.unit() + ']'));
}

bool plain(const std::string& name) {
  return !name.empty() &&
         std::all_of(name.begin(), name.end(), [](char c) { return c >= ' ' && c <= '~' && c != '\'' && c != '\\'; });
}

/// "[('x', '<f4'), ('', '|V4'), ('y', '<i2', (2,))]": gaps are fields without a name.
std::optional<std::string> record_descr(DType dtype) {
  std::string text = "[";
  std::int64_t end = 0;
  const auto gap = [&](std::int64_t next) {
    if (next > end) text += "('', '|V" + std::to_string(next - end) + "'), ";
  };
  for (const Field& field : dtype.fields()) {
    const auto inner = npy_descr(field.dtype);
    if (!inner || !plain(field.name) || field.offset < end) return std::nullopt;
    gap(field.offset);
    text += "(" + quoted(field.name) + ", " + *inner + (field.shape.empty() ? "" : ", " + tuple(Shape(field.shape))) +
            "), ";
    end = field.offset + field.dtype.itemsize() * element_count(Shape(field.shape));
  }
  gap(dtype.itemsize());
  return text + "]";
}

std::string head_text(const std::string& descr, const std::string& shape) {
  return "{'descr': " + descr + ", 'fortran_order': False, 'shape': " + shape + ", }";
}

}  // namespace

std::optional<std::string> npy_descr(DType dtype) {
  const auto bytes = std::to_string(dtype.itemsize());
  switch (dtype.kind()) {
    case Kind::boolean:
      return "'|b1'";
    case Kind::int8:
      return "'|i1'";
    case Kind::uint8:
      return "'|u1'";
    case Kind::int16:
    case Kind::int32:
    case Kind::int64:
      return quoted("<i" + bytes);
    case Kind::uint16:
    case Kind::uint32:
    case Kind::uint64:
      return quoted("<u" + bytes);
    case Kind::float16:
    case Kind::float32:
    case Kind::float64:
      return quoted("<f" + bytes);
    case Kind::complex64:
    case Kind::complex128:
      return quoted("<c" + bytes);
    case Kind::datetime64:
      return in_unit("<M8", dtype);
    case Kind::timedelta64:
      return in_unit("<m8", dtype);
    case Kind::fixed_bytes:
      return quoted("|S" + bytes);
    case Kind::fixed_text:
      return quoted("<U" + std::to_string(dtype.itemsize() / 4));
    case Kind::record:
      return record_descr(dtype);
    case Kind::bfloat16:
    case Kind::text:
    case Kind::bytes:
      return std::nullopt;
  }
  return std::nullopt;
}

std::size_t npy_room(const std::string& descr, const Shape& row) {
  // The most digits a number of rows can have.
  const std::size_t size = kBefore + head_text(descr, tuple(row.with_front(INT64_MAX))).size() + 1;
  return (size + kAlignment - 1) / kAlignment * kAlignment;
}

std::string npy_head(const std::string& descr, const Shape& shape, std::size_t room) {
  std::string text = head_text(descr, tuple(shape));
  if (room < kBefore + text.size() + 1 || room - kBefore > 0xffff) return {};
  text.append(room - kBefore - text.size() - 1, ' ');
  text += '\n';
  std::string result{'\x93', 'N', 'U', 'M', 'P', 'Y', '\x01', '\x00'};
  result += static_cast<char>(text.size() & 0xff);
  result += static_cast<char>(text.size() >> 8);
  return result + text;
}

}  // namespace headrace
