#include <headrace/io/csv/types.hpp>

#include <algorithm>
#include <cmath>

#include <headrace/io/csv/numbers.hpp>

namespace headrace::csv {

const std::vector<std::string>& missing_texts() {
  static const std::vector<std::string> texts{"NA",   "N/A",  "n/a",     "#N/A",   "#N/A N/A", "#NA",
                                              "<NA>", "NaN",  "nan",     "-NaN",   "-nan",     "null",
                                              "NULL", "None", "-1.#IND", "1.#IND", "-1.#QNAN", "1.#QNAN"};
  return texts;
}

bool is_missing(std::string_view text, const std::vector<std::string>& missing) {
  text = trimmed(text);
  return text.empty() || std::find(missing.begin(), missing.end(), text) != missing.end();
}

bool holds_numbers(const std::vector<std::string>& missing) {
  return std::any_of(missing.begin(), missing.end(), [](const std::string& text) {
    double value = 0;
    return parse(text, float64, reinterpret_cast<std::byte*>(&value)) && !std::isnan(value);
  });
}

Inference::Inference(const std::vector<std::string>& missing) : missing_(&missing), numbers_(holds_numbers(missing)) {}

void Inference::see(std::string_view text) {
  constexpr std::int64_t kExact = std::int64_t{1} << 53;
  if (text_) return;
  std::int64_t number = 0;
  double real = 0;
  auto* const to = reinterpret_cast<std::byte*>(&number);
  if (numbers_ && is_missing(text, *missing_)) {
    gap_ = true;
  } else if (parse(text, int64, to)) {
    integer_ = true;
    wide_ = wide_ || number > kExact || number < -kExact;
  } else if (parse(text, float64, reinterpret_cast<std::byte*>(&real)) &&
             !(std::isnan(real) && is_missing(text, *missing_))) {
    const bool digits = trimmed(text).find_first_not_of("+-0123456789") == text.npos;
    (digits ? large_ : real_) = true;
  } else if (is_missing(text, *missing_)) {
    gap_ = true;
  } else if (parse(text, boolean, to)) {
    truth_ = true;
  } else {
    text_ = true;
  }
}

DType Inference::dtype(bool filled) const {
  const bool gap = gap_ && !filled;
  if (text_ || (truth_ && (integer_ || real_ || large_ || gap))) return headrace::text;
  if (truth_) return boolean;
  if (real_) return float64;
  if (large_ || (wide_ && gap)) return headrace::text;
  return integer_ && !gap ? int64 : float64;
}

}  // namespace headrace::csv
