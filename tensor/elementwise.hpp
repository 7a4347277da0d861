// Operations item by item, as NumPy does them: broadcasting, promotion (see promotion.hpp), wrapping integers, NaN and
// infinities without warnings. Inputs may have any strides; the result is new, in C order and writable. Large ones run
// on the pool; the bits do not depend on the number of threads, nor on the processor.
//
// ops::add(a, 1) takes a plain number as Python does: it has no dtype of its own. Errors: TypeError for dtypes that
// do not compute, ValueError for shapes that do not broadcast, OverflowError for a number that an integer dtype cannot
// hold (comparisons know the answer instead).
#pragma once

#include <optional>

#include <headrace/tensor/promotion.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::ops {

Tensor add(const Operand& a, const Operand& b);       // of bools: or
Tensor subtract(const Operand& a, const Operand& b);  // not of bools
Tensor multiply(const Operand& a, const Operand& b);  // of bools: and
Tensor divide(const Operand& a, const Operand& b);    // always a float
Tensor minimum(const Operand& a, const Operand& b);   // NaN where either is
Tensor maximum(const Operand& a, const Operand& b);

Tensor negative(const Operand& a);  // not of bools
Tensor abs(const Operand& a);
/// Of floats as they are; of bool and 8 or 16 bits float32 (NumPy: float16 for 8 bits), of longer integers float64.
Tensor sqrt(const Operand& a);
Tensor exp(const Operand& a);  // float32 within 1 unit in the last place, float64 within 2
Tensor log(const Operand& a);

/// minimum(maximum(a, least), most); an absent bound is none. A plain int that is out of an integer dtype's range on
/// the far side is none, too.
Tensor clip(const Operand& a, const std::optional<Operand>& least, const std::optional<Operand>& most);
/// yes where `choice` is not zero, else no.
Tensor where(const Operand& choice, const Operand& yes, const Operand& no);
/// The same items in another dtype; a new tensor even where it has it already. Floats are cut towards zero.
Tensor cast(const Tensor& tensor, DType dtype);

/// Bools. Integers compare by value, whatever their dtypes.
Tensor equal(const Operand& a, const Operand& b);
Tensor not_equal(const Operand& a, const Operand& b);
Tensor less(const Operand& a, const Operand& b);
Tensor less_equal(const Operand& a, const Operand& b);
Tensor greater(const Operand& a, const Operand& b);
Tensor greater_equal(const Operand& a, const Operand& b);

/// Of anything that is zero or not; bools.
Tensor logical_and(const Operand& a, const Operand& b);
Tensor logical_or(const Operand& a, const Operand& b);
Tensor logical_xor(const Operand& a, const Operand& b);
Tensor logical_not(const Operand& a);
/// Of bools and integers.
Tensor bitwise_and(const Operand& a, const Operand& b);
Tensor bitwise_or(const Operand& a, const Operand& b);
Tensor bitwise_xor(const Operand& a, const Operand& b);
Tensor invert(const Operand& a);

}  // namespace headrace::ops
