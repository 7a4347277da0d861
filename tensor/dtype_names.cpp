// DType::from_name, and the name that was probably meant.
#include <headrace/tensor/dtype.hpp>

#include <headrace/tensor/error.hpp>

#include <algorithm>
#include <charconv>
#include <optional>
#include <utility>

namespace headrace {
namespace {

constexpr DType plain[] = {boolean, int8,     int16,   int32,   int64,     uint8,      uint16, uint32, uint64,
                           float16, bfloat16, float32, float64, complex64, complex128, text,   bytes};

/// The text in brackets after `head`: "ns" of "datetime64[ns]"; "" of "datetime64" itself.
std::optional<std::string_view> unit_of(std::string_view name, std::string_view head) {
  if (name.substr(0, head.size()) != head) return std::nullopt;
  const std::string_view rest = name.substr(head.size());
  if (rest.empty()) return rest;
  if (rest.size() < 3 || rest.front() != '[' || rest.back() != ']') return std::nullopt;
  return rest.substr(1, rest.size() - 2);
}

/// 5 of "S5".
std::optional<std::int64_t> width_of(std::string_view name, char letter) {
  if (name.size() < 2 || name.front() != letter || name[1] < '0' || name[1] > '9') return std::nullopt;
  std::int64_t width = 0;
  const char* end = name.data() + name.size();
  const auto read = std::from_chars(name.data() + 1, end, width);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return width;
}

/// Letters to insert, drop or change (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t changed = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

std::string closest_name(std::string_view name) {
  std::vector<std::string> names = {"datetime64[ns]", "timedelta64[ns]", "S16", "U16"};
  for (const DType dtype : plain) names.push_back(dtype.name());
  return *std::min_element(names.begin(), names.end(), [name](const std::string& a, const std::string& b) {
    return distance(name, a) < distance(name, b);
  });
}

}  // namespace

DType DType::from_name(std::string_view name) {
  for (const DType dtype : plain) {
    if (dtype.name() == name) return dtype;
  }
  if (const auto unit = unit_of(name, "datetime64")) return datetime64(*unit);
  if (const auto unit = unit_of(name, "timedelta64")) return timedelta64(*unit);
  if (const auto width = width_of(name, 'S')) return fixed_bytes(*width);
  if (const auto width = width_of(name, 'U')) return fixed_text(*width);
  const std::string_view shown = name.substr(0, 64);
  throw TypeError(sentence("dtype", "unknown name '", shown, "'; did you mean '", closest_name(shown), "'?"));
}

}  // namespace headrace
