// Values as Python's source code writes them, as they stand in the head of a .npy file. Nothing is evaluated.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace headrace {

struct PythonLiteral {
  enum class Kind : unsigned char { text, integer, boolean, tuple, list, dict };
  Kind kind = Kind::boolean;
  std::string text;                  // UTF-8
  std::int64_t number = 0;           // an integer, or 0 and 1
  std::vector<PythonLiteral> items;  // of a dict: a key, its value, the next key ...

  bool is(Kind wanted) const { return kind == wanted; }
  /// Of a dict: the value at a key, or nullptr.
  const PythonLiteral* find(std::string_view key) const;
};

/// "at character 12 there must be ':', got 'x'".
class LiteralError : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// One value and nothing but white space after it. `source` is UTF-8. Takes what repr() makes of str, bytes, int (also
/// Python 2's u'' and 3L), bool, tuple, list and dict, at most 32 deep; all else is a LiteralError.
PythonLiteral parse_python_literal(std::string_view source);

}  // namespace headrace
