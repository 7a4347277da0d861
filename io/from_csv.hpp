// The rows of CSV files.
#pragma once

#include <headrace/pipeline/stage.hpp>

namespace headrace {

struct FromCsv {
  std::vector<std::string> files;
  std::optional<Element> columns;
  std::optional<Spec> dtypes;
  std::optional<Element> defaults;
  bool header = true;
  std::string delimiter = ",";
  std::optional<std::string> quote = "\"";
  std::optional<std::string> comment;
  std::optional<std::vector<std::string>> missing;
  static constexpr auto name = "from_csv";
  static constexpr auto summary = "Gives the rows of CSV files.";
  static constexpr auto details =
      "Shape: a scalar of each column, in the structure of `columns`. Dtypes that are not given are found in the "
      "first\n"
      "    megabyte of the first file, and kept to from there on: int64, float64, bool (true, True, TRUE and so on), "
      "else\n"
      "    str. Numbers in quotes are numbers. A value is missing where there is nothing, or one of NA, N/A, n/a, "
      "#N/A,\n"
      "    #N/A N/A, #NA, <NA>, NaN, -NaN, nan, -nan, null, NULL, None, 1.#IND, -1.#IND, 1.#QNAN, -1.#QNAN: NaN among "
      "real\n"
      "    numbers, which integers with gaps are, too. Text is as it is, missing only where it is empty.\n"
      "    Lines end in \\n or \\r\\n. A quote opens where a field begins, and within it is doubled; delimiters and "
      "line\n"
      "    ends in quotes are data. Empty lines and those that begin with `comment` are left out, as is a byte order\n"
      "    mark. Every file has the first one's header.\n"
      "Order: as in the files, one after the other; a stream. Gzip is known by its content.\n"
      "Memory: some blocks of 512 KiB, of which texts are views; a row has at most 64 MiB. Blocks are read in order "
      "and\n"
      "    parsed on all threads. The state is a place in a file; of gzip what lies before it is inflated again.\n"
      "Errors: ValueError in the place of a row, by line and file, for values that do not fit their column, rows of "
      "more\n"
      "    or fewer fields, quotes that do not close or close before the field ends, a \\r alone, zero bytes, and text "
      "that\n"
      "    is not UTF-8; for another header, and UTF-16, once for the file. OSError for a file that is missing or no "
      "plain\n"
      "    file, and in the place of the next row of one that cannot be read further or was changed since.\n"
      "Example: from_csv(\"runs-*.csv.gz\", (\"age\", \"name\"), dtypes={\"age\": "
      "\"float32\"}).shuffle(1000).batch(64).\n"
      "Source: RFC 4180; values as pandas.read_csv has them.";
  static constexpr auto options() {
    return std::tuple{
        required("files", &FromCsv::files, "a path, a pattern with * ? [...] in it, or a list"),
        optional("columns", &FromCsv::columns,
                 "a name or a position, a list, tuple or dict of them; None: a dict of all columns"),
        optional("dtypes", &FromCsv::dtypes, "bool, integers, float32, float64, str or bytes: one, or a dict by name"),
        optional("defaults", &FromCsv::defaults, "a dict by name of what stands for missing values"),
        optional("header", &FromCsv::header, "the first line has the names; else they are \"0\", \"1\" and so on"),
        optional("delimiter", &FromCsv::delimiter, "what stands between fields: one character, such as \"\\t\""),
        optional("quote", &FromCsv::quote, "what fields may stand in: one character; None: nothing is a quote"),
        optional("comment", &FromCsv::comment, "the character that lines to be left out begin with"),
        optional("missing", &FromCsv::missing,
                 "texts that stand for a missing value, besides nothing; None: those above")};
  }
  Dataset operator()() const;
};

inline Dataset from_csv(std::vector<std::string> files, std::optional<Element> columns = {}) {
  FromCsv source;
  source.files = std::move(files);
  source.columns = std::move(columns);
  return make_source(source);
}

}  // namespace headrace
