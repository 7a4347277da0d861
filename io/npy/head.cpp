#include <headrace/io/npy/head.hpp>

#include <algorithm>
#include <charconv>
#include <optional>

#include <headrace/io/npy/python_literal.hpp>
#include <headrace/io/utf8.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

using hdf5::Fix;
using Value = PythonLiteral;

constexpr std::string_view kMagic = "\x93NUMPY";
constexpr std::size_t kMostFixes = 4096;
constexpr int kMostAxes = 32;  // NumPy 1 has no more
constexpr std::int64_t kMostItemBytes = INT32_MAX;

class HeadReader {
 public:
  HeadReader(std::string_view stage, const std::string& where) : stage_(stage), where_(where) {}

  template <class... Parts>
  [[noreturn, gnu::cold]] void damaged(const Parts&... what) const {
    throw IoError(sentence(stage_, "cannot read ", where_, ": ", what..., "; the file is damaged, or no .npy file"));
  }

  /// A dtype and what its stored items need, from `offset` of an item on.
  DType dtype(const Value& descr, std::int64_t offset, std::vector<Fix>& fixes) const {
    if (descr.is(Value::Kind::text)) return plain(descr.text, offset, fixes);
    if (!descr.is(Value::Kind::list)) damaged("'descr' must be a text or a list of fields");
    return record(descr.items, offset, fixes);
  }

  Shape shape(const Value& value) const {
    if (!value.is(Value::Kind::tuple)) damaged("a shape must be a tuple");
    if (value.items.size() > kMostAxes)
      damaged("a shape must have at most ", kMostAxes, " axes, got ", value.items.size());
    Shape sizes;
    for (const Value& size : value.items) {
      if (!size.is(Value::Kind::integer) || size.number < 0) damaged("sizes must be integers >= 0");
      sizes = sizes.with_back(size.number);
    }
    return sizes;
  }

  /// As NumPy has it, sizes of 0 count as 1: whatever their order, no product overflows.
  std::int64_t bytes_of(const Shape& sizes, std::int64_t itemsize) const {
    std::int64_t bytes = std::max<std::int64_t>(itemsize, 1);
    bool none = itemsize == 0;
    for (const std::int64_t size : sizes) {
      none = none || size == 0;
      if (__builtin_mul_overflow(bytes, std::max<std::int64_t>(size, 1), &bytes))
        damaged("no memory has as many bytes as ", to_string(sizes), " of ", itemsize);
    }
    return none ? 0 : bytes;
  }

 private:
  [[noreturn, gnu::cold]] void no_dtype(const std::string& descr) const {
    if (descr.find('O') != std::string::npos)
      throw TypeError(sentence(stage_, "an array must be of a dtype of fixed size, got Python objects ('", descr,
                               "') in ", where_,
                               ", which are a pickle and could run any code; save numbers, or fixed-width text "
                               "(arr.astype('U') or 'S'), or use write_hdf5 for text"));
    throw TypeError(sentence(stage_, "there is no dtype for '", descr, "' in ", where_, "; save it as another one"));
  }

  std::int64_t number(std::string_view digits, const std::string& descr) const {
    std::int64_t value = 0;
    const char* const end = digits.data() + digits.size();
    if (digits.empty() || std::from_chars(digits.data(), end, value).ptr != end || value < 0 || value > kMostItemBytes)
      no_dtype(descr);
    return value;
  }

  DType time(const std::string& descr, std::string_view unit, bool date) const {
    const bool bracketed = unit.size() > 2 && unit.front() == '[' && unit.back() == ']';
    if (!bracketed && !unit.empty()) no_dtype(descr);
    if (bracketed) unit = unit.substr(1, unit.size() - 2);
    try {
      return date ? DType::datetime64(unit) : DType::timedelta64(unit);
    } catch (const TypeError&) {
      no_dtype(descr);
    }
  }

  static std::optional<DType> numbers(char code, std::int64_t size) {
    static constexpr struct {
      char code;
      DType dtype;
    } known[] = {{'b', boolean}, {'i', int8},    {'i', int16},     {'i', int32},     {'i', int64},
                 {'u', uint8},   {'u', uint16},  {'u', uint32},    {'u', uint64},    {'f', float16},
                 {'f', float32}, {'f', float64}, {'c', complex64}, {'c', complex128}};
    for (const auto& one : known) {
      if (one.code == code && one.dtype.itemsize() == size) return one.dtype;
    }
    return std::nullopt;
  }

  /// "<f4", "|S5", ">M8[ns]".
  DType plain(const std::string& descr, std::int64_t offset, std::vector<Fix>& fixes) const {
    std::string_view rest = descr;
    const bool swapped = rest.starts_with('>');
    if (!rest.empty() && std::string_view("<>|=").find(rest.front()) != std::string_view::npos) rest.remove_prefix(1);
    if (rest.size() < 2) no_dtype(descr);
    const char code = rest.front();
    const bool time_code = code == 'M' || code == 'm';
    const std::int64_t size = number(rest.substr(1, time_code ? 1 : rest.npos), descr);
    Fix fix{offset, size, 1, Fix::Kind::reverse};
    DType result;
    if (time_code && size == 8) {
      result = time(descr, rest.substr(2), code == 'M');
    } else if (code == 'S' || code == 'a') {
      return DType::fixed_bytes(size);
    } else if (code == 'V') {
      return DType::record({}, size);
    } else if (code == 'U' && size <= kMostItemBytes / 4) {
      result = DType::fixed_text(size);
      fix = {offset, 4, size, fix.kind};
    } else if (const auto found = numbers(code, size)) {
      result = *found;
      if (code == 'c') fix = {offset, size / 2, 2, fix.kind};
    } else {
      no_dtype(descr);
    }
    if (result == boolean) fixes.push_back({offset, 1, 1, Fix::Kind::truth});
    if (swapped && fix.width > 1 && fix.count > 0) fixes.push_back(fix);
    return result;
  }

  std::string name_of(const Value& value) const {
    const bool titled = value.is(Value::Kind::tuple) && value.items.size() == 2;  // (title, name)
    const Value& name = titled ? value.items[1] : value;
    if (!name.is(Value::Kind::text)) damaged("the name of a field must be a text");
    return name.text;
  }

  DType record(const std::vector<Value>& descrs, std::int64_t offset, std::vector<Fix>& fixes) const {
    std::vector<Field> fields;
    std::int64_t size = 0;
    for (const Value& entry : descrs) {
      if (!entry.is(Value::Kind::tuple) || entry.items.size() < 2 || entry.items.size() > 3)
        damaged("a field must be (name, dtype) or (name, dtype, shape)");
      Field field{name_of(entry.items[0]), {}, size, {}};
      const Value* descr = &entry.items[1];
      const Value* axes = entry.items.size() == 3 ? &entry.items[2] : nullptr;
      const Value one{Value::Kind::tuple, {}, 0, axes ? std::vector<Value>{*axes} : std::vector<Value>{}};
      if (axes && axes->is(Value::Kind::integer)) axes = &one;
      std::vector<Fix> inner;
      field.dtype = dtype(*descr, offset + size, inner);
      Shape sizes;
      if (axes) sizes = shape(*axes);
      field.shape.assign(sizes.begin(), sizes.end());
      const std::int64_t bytes = bytes_of(sizes, field.dtype.itemsize());
      repeat(inner, field.dtype.itemsize(), bytes, fixes);
      if (bytes > kMostItemBytes - size) damaged("a record must have less than 2 GiB");
      size += bytes;
      const bool padding = field.name.empty() && field.dtype.kind() == Kind::record && field.dtype.fields().empty();
      if (!padding) fields.push_back(std::move(field));
    }
    try {
      return DType::record(std::move(fields), size);
    } catch (const Error& error) {
      damaged(error.what());
    }
  }

  /// What an item of a field needs, for all of its subarray.
  void repeat(const std::vector<Fix>& inner, std::int64_t itemsize, std::int64_t bytes, std::vector<Fix>& fixes) const {
    if (bytes == 0) return;
    const std::int64_t items = bytes / itemsize;
    for (Fix fix : inner) {
      const bool gapless = fix.width * fix.count == itemsize;
      if (gapless) fix.count *= items;
      for (std::int64_t i = 0; i < (gapless ? 1 : items); ++i) {
        if (fixes.size() == kMostFixes)
          throw TypeError(sentence(stage_, "records may have at most ", kMostFixes,
                                   " fields that are not as this machine stores them, got more in ", where_,
                                   "; save them in little-endian order"));
        fixes.push_back(fix);
        fix.offset += itemsize;
      }
    }
  }

  std::string_view stage_;
  const std::string& where_;
};

/// The literal as UTF-8: before version 3.0 it is Latin-1.
std::string literal_of(const HeadReader& reader, std::string_view source, int version) {
  std::string text(source);
  if (version < 3) {
    text.clear();
    for (const char c : source) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte >= 0x80) text += static_cast<char>(0xC0 | byte >> 6);
      text += static_cast<char>(byte < 0x80 ? byte : 0x80 | (byte & 0x3F));
    }
  }
  for (std::size_t i = 0; i + 1 < text.size(); ++i) {  // surrogates, which is_utf8() takes
    const bool surrogate =
        static_cast<unsigned char>(text[i]) == 0xED && static_cast<unsigned char>(text[i + 1]) >= 0xA0;
    if (surrogate) reader.damaged("its head must be UTF-8");
  }
  if (!is_utf8(text)) reader.damaged("its head must be UTF-8");
  return text;
}

std::size_t before(int version) { return version == 1 ? 10 : 12; }

}  // namespace

bool NpyHead::reversed() const {
  return std::any_of(fixes.begin(), fixes.end(), [](const Fix& fix) { return fix.kind == Fix::Kind::reverse; });
}

std::int64_t npy_head_size(std::string_view stage, const std::string& where, std::string_view front) {
  const HeadReader reader(stage, where);
  if (!front.starts_with(kMagic)) {
    require<IoError>(!front.starts_with("PK"), stage, "cannot read ", where,
                     ": it is a .npz or zip file; use from_npz");
    reader.damaged("it must begin as .npy files do");
  }
  const auto byte = [&](std::size_t i) -> std::int64_t {
    return i < front.size() ? static_cast<unsigned char>(front[i]) : 0;
  };
  const auto version = static_cast<int>(byte(6));
  if (version < 1 || version > 3 || byte(7) != 0)
    reader.damaged("its version must be 1.0, 2.0 or 3.0, got ", byte(6), ".", byte(7));
  if (front.size() < before(version)) reader.damaged("it ends in its head");
  std::int64_t size = byte(8) | byte(9) << 8;
  if (version > 1) size |= byte(10) << 16 | byte(11) << 24;
  if (size > kNpyHeadMost) reader.damaged("its head must have at most ", kNpyHeadMost, " bytes, got ", size);
  return size + static_cast<std::int64_t>(before(version));
}

NpyHead parse_npy_head(std::string_view stage, const std::string& where, std::string_view head) {
  const HeadReader reader(stage, where);
  const int version = static_cast<unsigned char>(head[6]);
  const std::string source = literal_of(reader, head.substr(before(version)), version);
  NpyHead result;
  try {
    const Value value = parse_python_literal(source);
    const Value *const descr = value.find("descr"), *const order = value.find("fortran_order"),
                       *const shape = value.find("shape");
    if (!value.is(Value::Kind::dict) || value.items.size() != 6 || !descr || !order || !shape)
      reader.damaged("its head must be a dict of 'descr', 'fortran_order' and 'shape'");
    if (!order->is(Value::Kind::boolean)) reader.damaged("'fortran_order' must be True or False");
    result.dtype = reader.dtype(*descr, 0, result.fixes);
    result.fortran_order = order->number != 0;
    result.shape = reader.shape(*shape);
  } catch (const LiteralError& error) {
    reader.damaged("in its head ", error.what());
  }
  result.offset = static_cast<std::int64_t>(head.size());
  result.bytes = reader.bytes_of(result.shape, result.dtype.itemsize());
  if (result.shape.size() < 2) result.fortran_order = false;
  return result;
}

}  // namespace headrace
