#include <headrace/io/from_csv.hpp>

#include <headrace/io/csv/format.hpp>
#include <headrace/io/csv/types.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

Dataset FromCsv::operator()() const {
  csv::Reading reading{name, csv::dialect_of(name, delimiter, quote, comment), header,
                       missing.value_or(csv::missing_texts())};
  std::vector<InputFile> all = input_files(name, files);
  const std::string sample = csv::sample_of(reading, all.front());
  csv::require_utf8(name, all.front().path, sample);
  const csv::Scanner scanner(reading.dialect, csv::without_mark(sample));
  csv::Table table = csv::chosen(reading, csv::field_names(reading, scanner, all.front().path), columns);
  csv::set_dtypes(reading, scanner, dtypes, defaults, table);
  return Dataset(records::make_record_node(std::move(all), csv::make_format(std::move(reading), std::move(table))));
}

}  // namespace headrace
