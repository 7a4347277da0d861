#include <headrace/io/csv/row_text.hpp>

#include <algorithm>
#include <charconv>
#include <cmath>

#include <headrace/io/csv/scanner.hpp>
#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::csv {

namespace {

void collect(const Structure& structure, const std::string& name, std::vector<std::string>& names) {
  if (structure.kind() == Structure::Kind::leaf) names.push_back(name.empty() ? "data" : name);
  for (std::size_t i = 0; i < structure.children().size(); ++i) {
    const std::string key = structure.keys().empty() ? std::to_string(i) : structure.keys()[i];
    collect(*structure.children()[i], name.empty() ? key : name + "/" + key, names);
  }
}

/// What append_item takes.
Tensor plain(std::string_view stage, const Tensor& column) {
  if (column.dtype().kind() == Kind::fixed_text) return hdf5::as_texts(stage, column);
  return column.is_contiguous() ? column : column.copy();
}

template <class T>
void append_number(std::string& to, T value) {
  char digits[32];
  char* const end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  to.append(digits, end);
}

/// A real number shows that it is one: 1.0, 1e+22, inf, nan.
template <class T>
void append_real(std::string& to, T value) {
  if (std::isnan(value)) {
    to += "nan";
    return;
  }
  const std::size_t begin = to.size();
  append_number(to, value);
  if (to.find_first_not_of("-0123456789", begin) == to.npos) to += ".0";
}

}  // namespace

RowText::RowText(std::string_view stage, char delimiter, const Spec& row)
    : stage_(stage), delimiter_(delimiter), row_(row) {
  for (const TensorSpec& component : row.components) {
    const Kind kind = component.dtype.kind();
    require(component.shape.empty(), stage, "elements must be scalars, got ", row.to_string(),
            "; take them apart with unbatch or map, or use write_hdf5");
    require<TypeError>(kind <= Kind::uint64 || kind == Kind::float32 || kind == Kind::float64 ||
                           kind == Kind::fixed_bytes || kind == Kind::fixed_text || component.dtype.variable_length(),
                       stage, "elements must be bool, integers, float32, float64 or text, got ", row.to_string(),
                       "; make them so in map, or use write_hdf5");
  }
  for (const char c : {delimiter, '"', '\n', '\r'}) needs_quotes_[static_cast<unsigned char>(c)] = true;
}

std::string RowText::header() const {
  std::vector<std::string> names;
  collect(*row_.structure, "", names);
  std::string line;
  for (std::size_t i = 0; i < names.size(); ++i) {
    require(std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) ==
                names.begin() + static_cast<std::ptrdiff_t>(i),
            stage_, "names of columns must differ, got '", names[i], "' twice; rename one in map");
    if (i > 0) line += delimiter_;
    append(line, names[i]);
  }
  return line + "\n";
}

std::string RowText::of(const Element& rows) const {
  const std::vector<int> order = row_.structure->leaf_order_in(*rows.structure);
  std::vector<Tensor> columns;
  for (std::size_t i = 0; i < row_.components.size(); ++i) {
    const Tensor& column = rows.components[order.empty() ? i : static_cast<std::size_t>(order[i])];
    const DType dtype = column.dtype(), wanted = row_.components[i].dtype;
    const bool text_of_a_width = dtype.kind() == wanted.kind() && dtype.kind() >= Kind::fixed_bytes;
    require(column.ndim() == 1 && (dtype == wanted || text_of_a_width), stage_,
            "rows must be scalars of one dtype, got ", TensorSpec{dtype, column.shape().tail()}.to_string(), " after ",
            row_.to_string(), "; make them alike in map");
    columns.push_back(plain(stage_, column));
  }
  const std::int64_t count = rows.components.front().shape()[0];
  std::string text;
  text.reserve(static_cast<std::size_t>(count) * columns.size() * 8);
  for (std::int64_t row = 0; row < count; ++row) {
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (i > 0) text += delimiter_;
      append_item(text, columns[i], row);
    }
    text += '\n';
  }
  return text;
}

/// A field of text. Nothing at all must not be an empty line, nor text that is a byte order mark the file's.
void RowText::append(std::string& to, std::string_view text) const {
  const bool quotes =
      (text.empty() && row_.components.size() == 1) || without_mark(text).size() < text.size() ||
      std::any_of(text.begin(), text.end(), [&](char c) { return needs_quotes_[static_cast<unsigned char>(c)]; });
  require(text.find('\0') == text.npos, stage_, "text must be without zero bytes, got '", escaped(text), "'");
  if (!quotes) {
    to += text;
    return;
  }
  to += '"';
  for (const char c : text) {
    if (c == '"') to += c;
    to += c;
  }
  to += '"';
}

void RowText::append_item(std::string& to, const Tensor& column, std::int64_t row) const {
  const auto width = column.dtype().itemsize();
  const std::byte* const item = column.data() + row * width;
  const auto number = [&]<class T>(T value) {
    std::memcpy(&value, item, sizeof value);
    append_number(to, value);
  };
  switch (column.dtype().kind()) {
    case Kind::boolean:
      to += *item == std::byte{0} ? "False" : "True";
      return;
    case Kind::int8:
      return number(std::int8_t{});
    case Kind::int16:
      return number(std::int16_t{});
    case Kind::int32:
      return number(std::int32_t{});
    case Kind::int64:
      return number(std::int64_t{});
    case Kind::uint8:
      return number(std::uint8_t{});
    case Kind::uint16:
      return number(std::uint16_t{});
    case Kind::uint32:
      return number(std::uint32_t{});
    case Kind::uint64:
      return number(std::uint64_t{});
    case Kind::float32:
      return append_real(to, reinterpret_cast<const float*>(column.data())[row]);
    case Kind::float64:
      return append_real(to, reinterpret_cast<const double*>(column.data())[row]);
    case Kind::fixed_bytes: {
      const std::string_view all(reinterpret_cast<const char*>(item), static_cast<std::size_t>(width));
      return append(to, all.substr(0, all.find_last_not_of('\0') + 1));
    }
    default:
      return append(to, reinterpret_cast<const Text*>(column.data())[row].view());
  }
}

}  // namespace headrace::csv
