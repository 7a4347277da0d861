// SECONDS [SEED]: reads text of quotes, delimiters and line ends, and numbers, beside a reader of single characters.
#include "../io/csv_model.hpp"

#include <cstdlib>

#include <headrace/io/csv/numbers.hpp>

#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

/// Nothing, or what is wrong.
std::string compare_records(Random& random) {
  csv::Dialect dialect;
  if (random() % 2) dialect.comment = '#';
  if (random() % 4 == 0) dialect.quote = csv::Dialect::kNone;
  const char* const alphabets[] = {"a,\"\n", "aaaaaaaaab,,\"\n", "a,\"\"\n\r\r\n#", "aa;,\"\n\xC3\xA4 \xFF#\t1."};
  const std::string text = csv_model::text(random, random() % 300, alphabets[random() % 4]);
  const std::size_t fields = 1 + random() % 4;
  const csv::Reading reading{"from_csv", dialect, false, csv::missing_texts()};
  const auto rows = csv_model::read(reading, csv_model::table_of(fields), text, 1);
  const auto wanted = csv_model::records(text, dialect);
  if (rows.size() != wanted.size()) return "another number of records";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const bool right = wanted[i].fields && wanted[i].fields->size() == fields;
    if (rows[i].has_value() != right || (right && *rows[i] != *wanted[i].fields)) return "another record";
  }
  const std::size_t cut = csv::whole_records(dialect, text, false);
  auto parts = csv_model::read(reading, csv_model::table_of(fields), std::string_view(text).substr(0, cut), 1);
  const auto rest = csv_model::read(reading, csv_model::table_of(fields), std::string_view(text).substr(cut), 1);
  parts.insert(parts.end(), rest.begin(), rest.end());
  return parts == rows ? "" : "other records where they are cut";
}

std::string compare_numbers(Random& random) {
  const std::string text = csv_model::text(random, random() % 26, "0123456789012345678901234567890123456789.-+e");
  const std::vector<char> exact(text.begin(), text.end());  // AddressSanitizer sees a byte beyond
  char* stop = nullptr;
  const double wanted = std::strtod(text.c_str(), &stop);
  const bool number = !text.empty() && stop == text.c_str() + text.size();
  double value = 0;
  const bool read = csv::parse({exact.data(), exact.size()}, float64, reinterpret_cast<std::byte*>(&value));
  if (read != number || (read && value != wanted)) return "another number of " + text;
  std::string line = text + ",";
  while (line.size() < text.size() + static_cast<std::size_t>(csv::kQuick)) line += static_cast<char>(random() % 256);
  const std::vector<char> field(line.begin(), line.end());
  const char *const field_end = field.data() + text.size(), *const line_end = field.data() + field.size();
  const auto quick = csv::quick_real(field.data(), line_end);
  if (quick.end == field_end && !text.empty() && (!number || quick.value != wanted))
    return "another quick number of " + text;
  const auto whole = csv::quick_integer(field.data(), line_end);
  if (whole.end == field_end && !text.empty() && whole.value != std::strtoll(text.c_str(), nullptr, 10))
    return "another integer of " + text;
  return "";
}

std::string run(Random& random) {
  const std::string wrong = compare_records(random);
  return wrong.empty() ? compare_numbers(random) : wrong;
}

}  // namespace

int main(int argc, char** argv) { return headrace::fuzz::main("csv", argc, argv, run); }
