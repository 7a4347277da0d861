// What the values of a column are: told by the first of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <headrace/tensor/dtype.hpp>

namespace headrace::csv {

/// The texts that stand for a missing value besides nothing at all: pandas' own.
const std::vector<std::string>& missing_texts();

/// Sees values, then says of what dtype all of them are.
class Inference {
 public:
  explicit Inference(const std::vector<std::string>& missing);

  void see(std::string_view text);
  /// bool, int64, float64 or text. Integers beside missing values are float64, which has NaN, as are none at all;
  /// where that would change a number, text. `filled`: what is missing has another value.
  DType dtype(bool filled) const;

 private:
  const std::vector<std::string>* missing_;
  bool numbers_;
  bool text_ = false, truth_ = false, integer_ = false, real_ = false;
  bool large_ = false;  // an integer that int64 cannot hold
  bool wide_ = false;   // an integer that float64 cannot hold
  bool gap_ = false;
};

/// Nothing, blanks, or one of `missing`.
bool is_missing(std::string_view text, const std::vector<std::string>& missing);

/// One of `missing` would be a number: it must be asked for before numbers are read.
bool holds_numbers(const std::vector<std::string>& missing);

}  // namespace headrace::csv
