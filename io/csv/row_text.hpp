// Rows as CSV text.
#pragma once

#include <array>
#include <string>
#include <vector>

#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace::csv {

/// Threads may share it.
class RowText {
 public:
  /// Throws TypeError or ValueError for rows that are no scalars of numbers, truth values and text.
  RowText(std::string_view stage, char delimiter, const Spec& row);

  /// What the fields are called. ValueError where two are called alike.
  std::string header() const;
  /// Stacked rows, each with its line end. ValueError where dtypes are not the row's.
  std::string of(const Element& rows) const;

 private:
  void append(std::string& to, std::string_view text) const;
  void append_item(std::string& to, const Tensor& column, std::int64_t row) const;

  std::string stage_;
  char delimiter_;
  Spec row_;
  std::array<bool, 256> needs_quotes_{};
};

}  // namespace headrace::csv
