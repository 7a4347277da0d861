#include <headrace/tensor/promotion.hpp>

namespace headrace::ops {
namespace {

bool is_float(DType dtype) { return dtype == float32 || dtype == float64; }
bool is_signed(DType dtype) { return dtype.kind() >= Kind::int8 && dtype.kind() <= Kind::int64; }
bool is_integer(DType dtype) { return dtype.kind() >= Kind::int8 && dtype.kind() <= Kind::uint64; }

DType signed_of(std::int64_t itemsize) {
  return itemsize == 1 ? int8 : itemsize == 2 ? int16 : itemsize == 4 ? int32 : int64;
}

/// The least float that holds `dtype` as NumPy sees it.
DType float_for(DType dtype) { return is_float(dtype) ? dtype : dtype.itemsize() <= 2 ? float32 : float64; }

DType promote_integers(DType a, DType b) {
  if (is_signed(a) == is_signed(b)) return a.itemsize() < b.itemsize() ? b : a;
  const DType negative = is_signed(a) ? a : b, positive = is_signed(a) ? b : a;
  if (negative.itemsize() > positive.itemsize()) return negative;
  return positive == uint64 ? float64 : signed_of(2 * positive.itemsize());
}

/// Floats first: a list that has one never passes through a wider integer.
DType promote_all(std::initializer_list<const Operand*> operands) {
  DType result;
  bool floats = false;
  for (const Operand* operand : operands) floats |= !operand->weak() && is_float(operand->dtype());
  for (const Operand* operand : operands) {
    if (operand->weak()) continue;
    const DType dtype = floats ? float_for(operand->dtype()) : operand->dtype();
    result = result ? promote(result, dtype) : dtype;
  }
  return result;
}

template <class T>
void put(T value, std::byte* item) {
  std::memcpy(item, &value, sizeof value);
}

}  // namespace

bool Number::fits(DType dtype) const {
  if (kind_ != Kind::integer || !is_integer(dtype)) return true;
  if (huge_) return false;
  const std::uint64_t largest = ~std::uint64_t{0} >> (64 - 8 * dtype.itemsize() + is_signed(dtype));
  return negative_ ? is_signed(dtype) && magnitude_ <= largest + 1 : magnitude_ <= largest;
}

void Number::store(std::string_view stage, DType dtype, std::byte* item) const {
  if (!fits(dtype)) {
    throw OverflowError(sentence(stage, "a number must fit ", dtype.name(), ", got ", negative_ ? "-" : "",
                                 huge_ ? "one beyond 64 bits" : std::to_string(magnitude_),
                                 "; cast the tensor to a wider dtype"));
  }
  const std::uint64_t whole = negative_ ? std::uint64_t{0} - magnitude_ : magnitude_;
  if (dtype == float64) return put(real_, item);
  if (dtype == float32) return put(static_cast<float>(real_), item);
  if (dtype == boolean) return put<std::uint8_t>(kind_ == Kind::real || huge_ ? real_ != 0 : magnitude_ != 0, item);
  switch (dtype.itemsize()) {
    case 1:
      return put(static_cast<std::uint8_t>(whole), item);
    case 2:
      return put(static_cast<std::uint16_t>(whole), item);
    case 4:
      return put(static_cast<std::uint32_t>(whole), item);
    default:
      return put(whole, item);
  }
}

DType Number::own_dtype() const {
  if (kind_ == Kind::boolean) return boolean;
  if (kind_ == Kind::real) return float64;
  return !negative_ && !huge_ && magnitude_ >> 63 ? uint64 : int64;
}

bool computes(DType dtype) { return dtype && (dtype.kind() <= Kind::uint64 || is_float(dtype)); }

DType promote(DType a, DType b) {
  if (a == b || b == boolean) return a;
  if (a == boolean) return b;
  if (!is_float(a) && !is_float(b)) return promote_integers(a, b);
  return float_for(a) == float64 || float_for(b) == float64 ? float64 : float32;
}

DType result_type(std::string_view stage, std::initializer_list<const Operand*> operands) {
  for (const Operand* operand : operands) {
    const DType dtype = operand->dtype();
    require<TypeError>(computes(dtype), stage, "takes bool, integers, float32 and float64, got ",
                       dtype ? dtype.name() : "no dtype", "; use NumPy on the tensor's memory");
  }
  DType result = promote_all(operands);
  for (const Operand* operand : operands) {
    if (!operand->weak()) continue;
    const DType own = operand->dtype();
    if (!result || (own == float64 && !is_float(result))) result = own;
    if (result == boolean) result = int64;
  }
  return result;
}

}  // namespace headrace::ops
