// The columns of CSV files: what they are called, which are wanted, and of what dtypes they are.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <headrace/io/csv/scanner.hpp>
#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace::csv {

/// How files are written, and what their values mean.
struct Reading {
  std::string stage;
  Dialect dialect;
  bool header = true;
  std::vector<std::string> missing;
};

/// A column that is wanted.
struct Column {
  std::string name;
  std::size_t field = 0;
  DType dtype;
  std::optional<std::string> filler;  // what stands for a missing value
};

/// What every row gives.
struct Table {
  std::vector<std::string> names;  // of all fields
  StructurePtr structure;
  std::vector<Column> columns;  // a leaf each

  Spec spec() const;
};

/// Where the first record behind the header begins.
const char* first_row(const Reading& reading, const Scanner& scanner);

/// The header's names, or "0", "1" ... for the fields of the first record where there is none. ValueError for what is
/// no header: doubled names, other text than UTF-8.
std::vector<std::string> field_names(const Reading& reading, const Scanner& scanner, const std::string& path);

/// The field of a name that an option gives.
std::size_t field_named(const std::string& stage, const char* option, const std::vector<std::string>& names,
                        std::string_view name);

/// `columns`: a name or a position, a vector or tuple of them, a dict of them, nested; nothing: a dict of all columns.
Table chosen(const Reading& reading, std::vector<std::string> names, const std::optional<Element>& columns);

/// Gives columns their fillers, a dict of scalars, and their dtypes: `dtypes` is one for all, or a dict; what it leaves
/// out is told by the whole records of `sample`. ValueError where a filler does not fit.
void set_dtypes(const Reading& reading, const Scanner& sample, const std::optional<Spec>& dtypes,
                const std::optional<Element>& defaults, Table& table);

/// A field as its text is meant, doubled quotes being one.
std::string unescaped(std::string_view text, int quote);

}  // namespace headrace::csv
