// CSV read character by character, as the rules say it; and how the library's reader is called beside it.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <headrace/io/csv/rows_reader.hpp>
#include <headrace/io/csv/types.hpp>

namespace headrace::csv_model {

/// The fields of a record, or nothing where it is not as it must be.
struct Record {
  std::optional<std::vector<std::string>> fields;
  std::size_t end = 0;       // behind its line end
  bool by_line_end = false;  // it has one
};

inline std::vector<Record> records(const std::string& text, const csv::Dialect& dialect) {
  const auto is = [&](std::size_t i, int c) { return i < text.size() && static_cast<unsigned char>(text[i]) == c; };
  const auto line_end = [&](std::size_t i) { return is(i, '\n') ? 1U : is(i, '\r') && is(i + 1, '\n') ? 2U : 0U; };
  std::vector<Record> all;
  for (std::size_t i = 0; i < text.size();) {
    if (is(i, dialect.comment)) {
      while (i < text.size() && text[i] != '\n') ++i;
      i += i < text.size();
      continue;
    }
    if (line_end(i) > 0) {
      i += line_end(i);
      continue;
    }
    std::vector<std::string> fields(1);
    bool right = true, begins = true;
    for (; i < text.size() && line_end(i) == 0; begins = false) {
      if (is(i, dialect.delimiter)) {
        fields.emplace_back();
        ++i;
        // What follows begins a field, so look at it before anything else.
        if (!is(i, dialect.quote)) continue;
      } else if (!(begins && is(i, dialect.quote))) {
        right = right && text[i] != '\r';
        fields.back() += text[i++];
        continue;
      }
      bool closed = false;
      for (++i; i < text.size() && !closed;) {
        if (is(i, dialect.quote) && is(i + 1, dialect.quote)) {
          fields.back() += text[i];
          i += 2;
        } else if (is(i, dialect.quote)) {
          closed = true;
          ++i;
        } else {
          fields.back() += text[i++];
        }
      }
      right = right && closed && (i == text.size() || line_end(i) > 0 || is(i, dialect.delimiter));
    }
    Record record;
    if (right) record.fields = std::move(fields);
    record.by_line_end = line_end(i) > 0;
    record.end = i += line_end(i);
    all.push_back(std::move(record));
  }
  return all;
}

/// Rows of text without a header, as the library reads them: nothing for an error.
inline std::vector<std::optional<std::vector<std::string>>> read(const csv::Reading& reading, const csv::Table& table,
                                                                 std::string_view text, std::int64_t offset) {
  const std::string path = "x.csv";
  Buffer buffer = Buffer::allocate(text.size() + 1);
  auto* const data = reinterpret_cast<char*>(buffer.data());
  text.copy(data, text.size());
  const records::Block block{&path, offset, 1, buffer, {data, text.size()}};
  const auto capture = [](std::int64_t) {
    return std::make_shared<const Failure>(Failure{std::current_exception(), {}, {}});
  };
  const Rows rows = csv::RowsReader(reading, table, block, capture).read();
  std::vector<std::optional<std::vector<std::string>>> all;
  for (std::int64_t i = 0; i < rows.count; ++i) {
    auto& row = all.emplace_back();
    if (rows.failure(i)) continue;
    row.emplace();
    for (const Tensor& component : rows.element(i).components) row->emplace_back(component.text());
  }
  return all;
}

/// A table of `fields` columns of bytes.
inline csv::Table table_of(std::size_t fields) {
  csv::Table table;
  for (std::size_t i = 0; i < fields; ++i) {
    table.names.push_back(std::to_string(i));
    table.columns.push_back({table.names.back(), i, bytes, {}});
  }
  table.structure = Structure::tuple(std::vector<StructurePtr>(fields, Structure::leaf()));
  return table;
}

/// Text that is mostly delimiters, quotes and line ends.
template <class Random>
std::string text(Random& random, std::size_t size, std::string_view characters = "ab,,\"\"\"\n\n\r\r\n# \0") {
  std::string made;
  while (made.size() < size) made += characters[random() % characters.size()];
  return made;
}

}  // namespace headrace::csv_model
