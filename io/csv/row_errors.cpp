// RowsReader: why a record gives no row.
#include <headrace/io/csv/numbers.hpp>
#include <headrace/io/csv/rows_reader.hpp>
#include <headrace/io/csv/types.hpp>
#include <headrace/io/utf8.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::csv {

const char* RowsReader::fail(const char* begin) {
  const std::int64_t line = line_of(begin);
  const std::string why = diagnosis(begin);
  try {
    throw ValueError(why);
  } catch (const ValueError&) {
    failures_.push_back({count_, capture_(line)});
  }
  for (Target& target : targets_) {
    if (target.way == Way::text) reinterpret_cast<Text*>(target.data)[count_] = {};
  }
  return scanner_.after_record(begin);
}

/// Counted from where it was asked before, which is mostly above.
std::int64_t RowsReader::line_of(const char* at) {
  if (at < counted_to_) {
    counted_to_ = block_.bytes.data();
    line_ = block_.line;
  }
  line_ += records::count_lines({counted_to_, static_cast<std::size_t>(at - counted_to_)});
  counted_to_ = at;
  return line_;
}

/// " in line 17 of 'people.csv'".
std::string RowsReader::place(const char* at) {
  return " in line " + std::to_string(line_of(at)) + " of '" + *block_.path + "'";
}

/// Why the record at `begin` gives no row.
std::string RowsReader::diagnosis(const char* begin) {
  const std::string& stage = reading_.stage;
  std::size_t count = 1;
  const char* end = begin;
  for (const char* at = begin;; at = end + 1, ++count) {
    const Field field = scanner_.field(at);
    end = field.next;
    if (field.wrong == Wrong::unclosed)
      return sentence(stage, "a quote that opens must close, got one without an end", place(at),
                      "; double those within fields, or give quote=None to take them as they are");
    if (field.wrong == Wrong::after_quote)
      return sentence(stage, "a field must end where its quote closes, got '", escaped({at, end}), "'", place(at),
                      "; double quotes within fields, or give quote=None to take them as they are");
    if (field.wrong == Wrong::lone_return)
      return sentence(stage, "lines must end in \\n or \\r\\n, got a lone \\r", place(at),
                      "; write the file anew, or put the field in quotes");
    if (!scanner_.is_delimiter(end)) break;
  }
  if (count != targets_.size())
    return sentence(stage, "a row must have ", targets_.size(), " fields, as the ",
                    reading_.header ? "header" : "first one", ", got ", count, place(begin),
                    "; correct it, or leave it out with ignore_errors()");
  if (std::memchr(begin, 0, static_cast<std::size_t>(end - begin)))
    return sentence(stage, "text must be without zero bytes, got one", place(begin), "; write the file anew, as UTF-8");
  const char* at = begin;
  std::size_t i = 0;
  for (const char* next = nullptr; i + 1 < count && (next = value(targets_[i], at)); ++i) at = next + 1;
  return trouble(targets_[i], scanner_.field(at), place(begin));
}

std::string RowsReader::trouble(const Target& target, const Field& field, const std::string& place) const {
  const std::string& name = target.column->name;
  const DType dtype = target.column->dtype;
  if (dtype == text)
    return sentence(reading_.stage, "column '", name, "' must be UTF-8, got b'", escaped(field.text()), "'", place,
                    "; write the file anew, or give dtypes={\"", name, "\": \"bytes\"}");
  if (is_missing(field.text(), reading_.missing))
    return sentence(reading_.stage, "column '", name, "' must be ", dtype.name(), ", got a missing value", place,
                    "; give defaults={\"", name, "\": ", dtype == boolean ? "False" : "0", "}");
  double number = 0;
  const bool real = dtype != float64 && parse(field.text(), float64, reinterpret_cast<std::byte*>(&number));
  return sentence(reading_.stage, "column '", name, "' must be ", dtype.name(), ", got '", escaped(field.text()), "'",
                  place, "; give dtypes={\"", name, "\": \"", real ? "float64" : "str", "\"}");
}

}  // namespace headrace::csv
