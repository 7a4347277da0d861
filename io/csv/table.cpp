#include <headrace/io/csv/table.hpp>

#include <algorithm>
#include <unordered_map>

#include <headrace/io/utf8.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::csv {

namespace {

std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t kMost = 12;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMost; ++i) text += (i ? ", '" : "'") + names[i] + "'";
  return text + (names.size() > kMost ? ", ..." : "");
}

/// What a name or a position stands for.
std::size_t field_of(const std::string& stage, const std::vector<std::string>& names, const Tensor& one) {
  if (one.dtype() == text) return field_named(stage, "columns", names, one.text());
  const auto place = one.item<std::int64_t>();
  require(place >= 0 && place < static_cast<std::int64_t>(names.size()), stage, "columns must be below ", names.size(),
          ", got ", place, "; the file has ", listed(names));
  return static_cast<std::size_t>(place);
}

}  // namespace

Spec Table::spec() const {
  Spec spec{structure, {}};
  for (const Column& column : columns) spec.components.push_back({column.dtype, {}});
  return spec;
}

std::size_t field_named(const std::string& stage, const char* option, const std::vector<std::string>& names,
                        std::string_view name) {
  const auto found = std::find(names.begin(), names.end(), name);
  require(found != names.end(), stage, option, " must name columns of the file, got '", name, "'; it has ",
          listed(names));
  return static_cast<std::size_t>(found - names.begin());
}

std::string unescaped(std::string_view text, int quote) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    plain += text[i];
    if (text[i] == static_cast<char>(quote)) ++i;
  }
  return plain;
}

const char* first_row(const Reading& reading, const Scanner& scanner) {
  const char* const first = scanner.record(scanner.begin());
  return reading.header && first < scanner.end() ? scanner.after_record(first) : first;
}

std::vector<std::string> field_names(const Reading& reading, const Scanner& scanner, const std::string& path) {
  const char* const first = scanner.record(scanner.begin());
  require(first < scanner.end(), reading.stage, "the first file must have ", reading.header ? "a header" : "a row",
          ", got none in '", path, "'");
  std::vector<std::string> names;
  std::unordered_map<std::string, std::size_t> places;
  for (const char* at = first;;) {
    const Field field = scanner.field(at);
    if (reading.header) {
      require(
          field.wrong == Wrong::nothing && is_utf8(field.text()) && field.text().find('\0') == std::string_view::npos,
          reading.stage, "the header must be a line of names in UTF-8, got '", escaped(field.text()), "' in '", path,
          "'");
      names.push_back(field.doubled ? unescaped(field.text(), reading.dialect.quote) : std::string(field.text()));
      const auto [other, added] = places.emplace(names.back(), names.size() - 1);
      require(added, reading.stage, "the names in the header must differ, got '", names.back(), "' in columns ",
              other->second, " and ", names.size() - 1, " of '", path, "'; rename one, or give header=False");
    } else {
      names.push_back(std::to_string(names.size()));
    }
    if (!scanner.is_delimiter(field.next)) return names;
    at = field.next + 1;
  }
}

Table chosen(const Reading& reading, std::vector<std::string> names, const std::optional<Element>& columns) {
  Table table{std::move(names), nullptr, {}};
  if (!columns) {
    for (std::size_t i = 0; i < table.names.size(); ++i) table.columns.push_back({table.names[i], i, {}, {}});
    table.structure = Structure::dict(table.names, std::vector<StructurePtr>(table.names.size(), Structure::leaf()));
    return table;
  }
  std::vector<bool> taken(table.names.size());
  std::vector<StructurePtr> parts;
  for (const Tensor& given : columns->components) {
    require<TypeError>((given.dtype() == text || given.dtype() == int64) && given.ndim() <= 1, reading.stage,
                       "columns must be names or positions, or lists, tuples and dicts of them, got ",
                       TensorSpec{given.dtype(), given.shape()}.to_string());
    std::vector<StructurePtr> children;
    for (std::int64_t i = 0; i < given.size(); ++i) {
      const Tensor one = given.ndim() == 0 ? given : given.row(i);
      const std::size_t field = field_of(reading.stage, table.names, one);
      require(!taken[field], reading.stage, "columns must name each column once, got '", table.names[field], "' twice");
      taken[field] = true;
      table.columns.push_back({table.names[field], field, {}, {}});
      children.push_back(Structure::leaf());
    }
    parts.push_back(given.ndim() == 0 ? Structure::leaf() : Structure::tuple(std::move(children)));
  }
  require(!table.columns.empty(), reading.stage, "columns must name at least one, got none");
  table.structure = columns->structure->with_leaves(parts);
  return table;
}

}  // namespace headrace::csv
