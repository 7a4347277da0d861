#include <charconv>

#include <headrace/io/csv/numbers.hpp>
#include <headrace/io/csv/table.hpp>
#include <headrace/io/csv/types.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::csv {

namespace {

/// A scalar as it would stand in a file.
std::string as_text(const Reading& reading, const std::string& name, const Tensor& value) {
  const DType dtype = value.ndim() == 0 ? value.dtype() : DType();
  if (dtype == text || dtype == bytes) return std::string(value.text());
  if (dtype == boolean) return value.item<bool>() ? "true" : "false";
  if (dtype == int64) return std::to_string(value.item<std::int64_t>());
  require<TypeError>(dtype == float64, reading.stage, "defaults must be scalars, got ",
                     TensorSpec{value.dtype(), value.shape()}.to_string(), " for '", name, "'");
  char digits[32];
  return {digits, std::to_chars(digits, digits + sizeof digits, value.item<double>()).ptr};
}

/// NumPy's "str" and "bytes" have a width, which is 0.
DType meant(DType dtype) {
  if (dtype == DType::fixed_text(0)) return text;
  return dtype == DType::fixed_bytes(0) ? bytes : dtype;
}

bool can_hold(DType dtype) {
  const Kind kind = dtype.kind();
  return kind <= Kind::uint64 || kind == Kind::float32 || kind == Kind::float64 || dtype.variable_length();
}

/// What the sample's records tell of the columns without a dtype.
void infer(const Reading& reading, const Scanner& sample, Table& table) {
  std::vector<Inference> seen(table.columns.size(), Inference(reading.missing));
  std::vector<Inference*> by_field(table.names.size(), nullptr);
  std::vector<Field> fields;
  bool any = false;
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    if (table.columns[i].dtype) continue;
    by_field[table.columns[i].field] = &seen[i];
    any = true;
  }
  const char* at = any ? first_row(reading, sample) : sample.end();
  while ((at = sample.record(at)) < sample.end()) {
    fields.clear();
    for (bool more = true; more; at = more ? fields.back().next + 1 : sample.after_line(fields.back().next)) {
      fields.push_back(sample.field(at));
      more = sample.is_delimiter(fields.back().next);
    }
    if (fields.size() != by_field.size()) continue;  // an error, in its place
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (!by_field[i] || fields[i].wrong != Wrong::nothing) continue;
      if (fields[i].doubled)
        by_field[i]->see(unescaped(fields[i].text(), reading.dialect.quote));
      else
        by_field[i]->see(fields[i].text());
    }
  }
  for (std::size_t i = 0; i < table.columns.size(); ++i) {
    Column& column = table.columns[i];
    if (!column.dtype) column.dtype = seen[i].dtype(column.filler.has_value());
  }
}

}  // namespace

void set_dtypes(const Reading& reading, const Scanner& sample, const std::optional<Spec>& dtypes,
                const std::optional<Element>& defaults, Table& table) {
  const auto is_dict = [](const StructurePtr& structure) {
    return structure->kind() == Structure::Kind::dict &&
           structure->leaf_count() == static_cast<int>(structure->keys().size());
  };
  std::vector<Column*> by_field(table.names.size(), nullptr);
  for (Column& column : table.columns) by_field[column.field] = &column;
  for (std::size_t i = 0; dtypes && i < dtypes->components.size(); ++i) {
    const DType dtype = meant(dtypes->components[i].dtype);
    const bool one = dtypes->structure->kind() == Structure::Kind::leaf;
    require<TypeError>(one || is_dict(dtypes->structure), reading.stage,
                       "dtypes must be one, or a dict of them by name, got ", dtypes->to_string());
    require<TypeError>(can_hold(dtype) && dtypes->components[i].shape.empty(), reading.stage,
                       "dtypes must be bool, an integer's, float32, float64, str or bytes, got ",
                       dtypes->components[i].to_string());
    if (one)
      for (Column& column : table.columns) column.dtype = dtype;
    else if (Column* const column =
                 by_field[field_named(reading.stage, "dtypes", table.names, dtypes->structure->keys()[i])])
      column->dtype = dtype;
  }
  require<TypeError>(!defaults || is_dict(defaults->structure), reading.stage,
                     "defaults must be a dict of scalars by name, got ",
                     defaults ? defaults->structure->to_string() : "");
  for (std::size_t i = 0; defaults && i < defaults->components.size(); ++i) {
    const std::string& name = defaults->structure->keys()[i];
    Column* const column = by_field[field_named(reading.stage, "defaults", table.names, name)];
    if (column) column->filler = as_text(reading, name, defaults->components[i]);
  }
  infer(reading, sample, table);
  for (const Column& column : table.columns) {
    std::byte value[sizeof(std::int64_t)];
    require(!column.filler || column.dtype.variable_length() || parse(*column.filler, column.dtype, value),
            reading.stage, "defaults must fit their columns, got '", column.filler.value_or(""), "' for '", column.name,
            "', which is ", column.dtype.name(), "; give dtypes, too");
  }
}

}  // namespace headrace::csv
