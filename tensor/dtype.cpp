#include <headrace/tensor/dtype.hpp>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/shape.hpp>

#include <algorithm>
#include <memory>
#include <mutex>
#include <set>
#include <unordered_map>

namespace headrace {
namespace detail {

// Every name fits std::string's own 15 characters, which is what makes constant initialisation possible. The kinds
// with parameters hold their places only.
constinit const BasicInfo basic_infos[22] = {
    {Kind::boolean, 1, 1, "bool"},
    {Kind::int8, 1, 1, "int8"},
    {Kind::int16, 2, 2, "int16"},
    {Kind::int32, 4, 4, "int32"},
    {Kind::int64, 8, 8, "int64"},
    {Kind::uint8, 1, 1, "uint8"},
    {Kind::uint16, 2, 2, "uint16"},
    {Kind::uint32, 4, 4, "uint32"},
    {Kind::uint64, 8, 8, "uint64"},
    {Kind::float16, 2, 2, "float16"},
    {Kind::bfloat16, 2, 2, "bfloat16"},
    {Kind::float32, 4, 4, "float32"},
    {Kind::float64, 8, 8, "float64"},
    {Kind::complex64, 8, 4, "complex64"},
    {Kind::complex128, 16, 8, "complex128"},
    {Kind::datetime64, 8, 8, "datetime64"},
    {Kind::timedelta64, 8, 8, "timedelta64"},
    {Kind::fixed_bytes, 0, 1, "S0"},
    {Kind::fixed_text, 0, 4, "U0"},
    {Kind::record, 0, 1, "record{}"},
    {Kind::text, sizeof(Text), alignof(Text), "str"},
    {Kind::bytes, sizeof(Text), alignof(Text), "bytes"},
};

}  // namespace detail

namespace {

/// Returns the one description equal to `info`, which lives for ever.
DType intern(DType::Info info) {
  static auto& mutex = *new std::mutex;
  static auto& known = *new std::unordered_multimap<std::string, std::unique_ptr<const DType::Info>>;
  const std::lock_guard lock(mutex);
  const auto [first, last] = known.equal_range(info.name);
  for (auto place = first; place != last; ++place) {
    // Field names may contain anything, so two records may print alike.
    if (place->second->fields == info.fields && place->second->itemsize == info.itemsize)
      return DType(place->second.get());
  }
  const std::string name = info.name;
  return DType(known.emplace(name, std::make_unique<const DType::Info>(std::move(info)))->second.get());
}

/// `unit` as NumPy writes it: "1s" is "s".
std::string checked_unit(std::string_view unit) {
  static constexpr std::string_view units[] = {"Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as"};
  const std::size_t digits = std::min(unit.find_first_not_of("0123456789"), unit.size());
  const std::string_view count = unit.substr(0, digits);
  const bool known = std::find(std::begin(units), std::end(units), unit.substr(digits)) != std::end(units);
  const bool counted = count.empty() || (count.front() != '0' && count.size() <= 9);
  require<TypeError>(unit.empty() || (known && counted), "dtype", "unknown time unit '", unit,
                     "'; use Y, M, W, D, h, m, s, ms, us, ns, ps, fs or as, with a count before it if wanted");
  return std::string(count == "1" ? unit.substr(digits) : unit);
}

DType time_type(Kind kind, std::string_view name, std::string_view unit) {
  const std::string checked = checked_unit(unit);
  const std::string full = checked.empty() ? std::string(name) : std::string(name) + "[" + checked + "]";
  return intern({kind, 8, 8, full, checked, {}});
}

std::string describe(const Field& field) {
  return field.name + ": " + field.dtype.name() + (field.shape.empty() ? "" : to_string(Shape(field.shape))) + " @" +
         std::to_string(field.offset);
}

void check_field(const Field& field, std::int64_t itemsize) {
  require<TypeError>(field.dtype && !field.dtype.variable_length(), "dtype",
                     "a record's fields must have a fixed size, '", field.name, "' has not");
  const std::int64_t count = element_count(Shape(field.shape));
  const std::int64_t size = field.dtype.itemsize();
  const bool fits =
      field.offset >= 0 && field.offset <= itemsize && (size == 0 || count <= (itemsize - field.offset) / size);
  require(fits, "dtype", "a record's fields must lie in its ", itemsize, " bytes, got ", describe(field));
}

}  // namespace

DType DType::datetime64(std::string_view unit) { return time_type(Kind::datetime64, "datetime64", unit); }
DType DType::timedelta64(std::string_view unit) { return time_type(Kind::timedelta64, "timedelta64", unit); }

DType DType::fixed_bytes(std::int64_t width) {
  require(width >= 0, "dtype", "the width of S must be >= 0, got ", width);
  return intern({Kind::fixed_bytes, width, 1, "S" + std::to_string(width), {}, {}});
}

DType DType::fixed_text(std::int64_t width) {
  require(width >= 0 && width <= INT64_MAX / 4, "dtype", "the width of U must be >= 0, got ", width);
  return intern({Kind::fixed_text, 4 * width, 4, "U" + std::to_string(width), {}, {}});
}

DType DType::record(std::vector<Field> fields, std::int64_t itemsize) {
  require(itemsize >= 0, "dtype", "a record's size must be >= 0, got ", itemsize);
  std::string name = "record{";
  std::set<std::string_view> names;
  for (const Field& field : fields) {
    check_field(field, itemsize);
    require(names.insert(field.name).second, "dtype", "a record's fields must differ in name, got '", field.name,
            "' twice");
    name += describe(field) + ", ";
  }
  name += std::to_string(itemsize) + " bytes}";
  return intern({Kind::record, itemsize, 1, name, {}, std::move(fields)});
}

std::span<const Field> DType::fields() const { return info_->fields; }

}  // namespace headrace
