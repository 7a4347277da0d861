// Which dtype an operation computes in: NumPy's result_type for bool, integers, float32 and float64, where a plain
// number is weak, as Python's numbers are in NumPy 2 (NEP 50).
#pragma once

#include <concepts>
#include <initializer_list>
#include <string_view>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace {

/// A number that a dtype cannot hold (Python: OverflowError).
class OverflowError : public ValueError {
 public:
  using ValueError::ValueError;
};

}  // namespace headrace

namespace headrace::ops {

/// A plain number: it has a value and a kind, and takes the dtype of what it meets.
class Number {
 public:
  enum class Kind : std::uint8_t { boolean, integer, real };

  constexpr Number() = default;
  template <std::same_as<bool> T>
  constexpr Number(T value) : kind_(Kind::boolean), magnitude_(value), real_(value) {}
  template <std::integral T>
  requires(!std::same_as<T, bool>) constexpr Number(T value)
      : kind_(Kind::integer),
        negative_(value < 0),
        magnitude_(negative_ ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                             : static_cast<std::uint64_t>(value)),
        real_(static_cast<double>(value)) {}
  template <std::floating_point T>
  constexpr Number(T value) : kind_(Kind::real), real_(value) {}
  /// An integer of more than 64 bits, as its nearest double: floats take it, comparisons know where it lies, and
  /// integers cannot hold it.
  static constexpr Number huge(double value) {
    Number number(value);
    number.kind_ = Kind::integer;
    number.negative_ = value < 0;
    number.huge_ = true;
    return number;
  }

  Kind kind() const { return kind_; }
  bool negative() const { return negative_; }
  bool truth() const { return magnitude_ != 0 || real_ != 0; }
  /// Whether `dtype` has this number: always, but for integers out of an integer dtype's range.
  bool fits(DType dtype) const;
  /// Writes the number as one item of `dtype`. Throws OverflowError where it does not fit.
  void store(std::string_view stage, DType dtype, std::byte* item) const;
  /// The dtype it has on its own: bool, int64 (uint64 for what only that holds) or float64.
  DType own_dtype() const;

 private:
  Kind kind_ = Kind::boolean;
  bool negative_ = false;
  bool huge_ = false;
  std::uint64_t magnitude_ = 0;
  double real_ = 0;
};

/// What an operation takes: a tensor or a plain number. Only for arguments: it points at the tensor.
class Operand {
 public:
  Operand(const Tensor& tensor) : tensor_(&tensor) {}
  Operand(Number number) : number_(number) {}
  template <class T>
  requires std::is_arithmetic_v<T> Operand(T value) : number_(value) {}

  const Tensor* tensor() const { return tensor_; }  // nullptr: a number
  const Number& number() const { return number_; }
  /// A plain int or float, whose dtype gives way. (A bool gives way to everything anyway.)
  bool weak() const { return !tensor_ && number_.kind() != Number::Kind::boolean; }
  DType dtype() const { return tensor_ ? tensor_->dtype() : number_.own_dtype(); }

 private:
  const Tensor* tensor_ = nullptr;
  Number number_;
};

/// Bool, an integer, float32 or float64: what operations compute with.
bool computes(DType dtype);

/// NumPy's promote_types for dtypes that compute: int8 with uint8 is int16, int64 with uint64 and int32 with float32
/// float64.
DType promote(DType a, DType b);

/// NumPy's result_type: all dtypes promoted, then plain numbers, of which only the kind counts: an int raises bool to
/// int64, a float raises bool and integers to float64. `stage` names the operation in the TypeError for other dtypes.
DType result_type(std::string_view stage, std::initializer_list<const Operand*> operands);

}  // namespace headrace::ops
