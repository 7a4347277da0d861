// Integers, floats, bit fields and enums.
#include <algorithm>
#include <bit>

#include <headrace/io/hdf5/types.hpp>

namespace headrace::hdf5::detail {
namespace {

static_assert(std::endian::native == std::endian::little, "what is reversed is what is not little-endian");

constexpr auto kOutside = "bits that lie outside of their bytes";

/// No machine has larger ones; a damaged file's would be read, and converted, in gigabytes.
constexpr std::size_t kMostBytes = 16;

/// 1.10.8 does not look, and converts such bits to zeros.
bool lies_within(hid_t type, std::size_t size) {
  const int first = H5Tget_offset(type);
  return first >= 0 && static_cast<std::size_t>(first) + H5Tget_precision(type) <= 8 * size;
}

/// The size in memory of a whole number: as stored where C++ has such a type, else the next larger one; 0: none.
std::size_t native_size(std::size_t stored, std::size_t bits) {
  if (std::has_single_bit(stored) && stored <= 8) return stored;
  return bits <= 64 ? std::max<std::size_t>(1, std::bit_ceil((bits + 7) / 8)) : 0;
}

struct Whole {
  std::size_t size;
  bool has_sign;
  DType dtype;
  hid_t memory;
};

Whole whole_number(std::size_t size, bool has_sign) {
  const Whole all[] = {{1, true, int8, H5T_NATIVE_INT8},      {2, true, int16, H5T_NATIVE_INT16},
                       {4, true, int32, H5T_NATIVE_INT32},    {8, true, int64, H5T_NATIVE_INT64},
                       {1, false, uint8, H5T_NATIVE_UINT8},   {2, false, uint16, H5T_NATIVE_UINT16},
                       {4, false, uint32, H5T_NATIVE_UINT32}, {8, false, uint64, H5T_NATIVE_UINT64}};
  return *std::find_if(std::begin(all), std::end(all),
                       [&](const Whole& one) { return one.size == size && one.has_sign == has_sign; });
}

hid_t native_bits(std::size_t size) {
  return size == 1 ? H5T_NATIVE_B8 : size == 2 ? H5T_NATIVE_B16 : size == 4 ? H5T_NATIVE_B32 : H5T_NATIVE_B64;
}

/// Sets `fixes` or `slow` by the order of the bytes.
void note_order(Type& result, hid_t type, std::size_t size) {
  const H5T_order_t order = H5Tget_order(type);
  if (size == 1 || order == H5T_ORDER_LE) return;
  if (order == H5T_ORDER_BE) {
    result.fixes.push_back({0, static_cast<std::int64_t>(size)});
  } else {
    result.slow = "an unusual byte order";
  }
}

struct FloatForm {
  std::size_t sign, exponent, exponent_bits, mantissa, mantissa_bits, bias;
  friend bool operator==(const FloatForm&, const FloatForm&) = default;
};

bool lies_within(const FloatForm& form, std::size_t size) {
  const auto ends_within = [&](std::size_t first, std::size_t bits) {
    return first <= 8 * size && bits <= 8 * size - first;
  };
  return ends_within(form.sign, 1) && ends_within(form.exponent, form.exponent_bits) &&
         ends_within(form.mantissa, form.mantissa_bits);
}

struct Float {
  std::size_t size;
  FloatForm form;
  DType dtype;
};
// In the order in which a narrower form looks for one that holds all its numbers.
constexpr Float kFloats[] = {{2, {15, 10, 5, 0, 10, 15}, float16},
                             {2, {15, 7, 8, 0, 7, 127}, bfloat16},
                             {4, {31, 23, 8, 0, 23, 127}, float32},
                             {8, {63, 52, 11, 0, 52, 1023}, float64}};

bool holds(const FloatForm& wide, const FloatForm& narrow) {
  return narrow.exponent_bits <= wide.exponent_bits && narrow.mantissa_bits <= wide.mantissa_bits &&
         narrow.bias <= wide.bias &&
         (std::size_t{1} << narrow.exponent_bits) - narrow.bias <= (std::size_t{1} << wide.exponent_bits) - wide.bias;
}

Id float_memory(const Action& action, const Float& wanted) {
  if (wanted.size > 2) return owned(action, H5Tcopy(wanted.size == 4 ? H5T_NATIVE_FLOAT : H5T_NATIVE_DOUBLE));
  Id memory = owned(action, H5Tcopy(H5T_IEEE_F32LE));
  const FloatForm& form = wanted.form;
  checked(action,
          H5Tset_fields(memory.get(), form.sign, form.exponent, form.exponent_bits, form.mantissa, form.mantissa_bits));
  checked(action, H5Tset_size(memory.get(), wanted.size));
  checked(action, H5Tset_ebias(memory.get(), form.bias));
  return memory;
}

Type float_type(const Action& action, hid_t type, std::size_t size) {
  FloatForm form{};
  checked(action,
          H5Tget_fields(type, &form.sign, &form.exponent, &form.exponent_bits, &form.mantissa, &form.mantissa_bits));
  form.bias = H5Tget_ebias(type);
  const bool implied = H5Tget_norm(type) == H5T_NORM_IMPLIED;
  const bool whole = H5Tget_precision(type) == 8 * size && H5Tget_offset(type) == 0;
  if (!lies_within(type, size) || !lies_within(form, size)) return no_dtype(kOutside);
  Type result;
  for (const Float& one : kFloats) {
    const bool same = implied && whole && one.size == size && one.form == form;
    if (!same && (one.dtype == bfloat16 || !holds(one.form, form))) continue;
    result.dtype = one.dtype;
    result.memory = float_memory(action, one);
    if (same) {
      note_order(result, type, size);
    } else {
      result.slow = "floats of " + std::to_string(H5Tget_precision(type)) + " bits";
    }
    return result;
  }
  return no_dtype("floats of " + std::to_string(H5Tget_precision(type)) + " bits, wider than float64");
}

}  // namespace

Type number_type(const Action& action, hid_t type, H5T_class_t kind) {
  const std::size_t size = H5Tget_size(type);
  if (size > kMostBytes) return no_dtype("numbers of " + std::to_string(size) + " bytes");
  if (kind == H5T_FLOAT) return float_type(action, type, size);
  const std::size_t bits = H5Tget_precision(type);
  if (!lies_within(type, size)) return no_dtype(kOutside);
  const std::size_t wanted = native_size(size, bits);
  if (wanted == 0) return no_dtype("integers of " + std::to_string(bits) + " bits");
  const Whole whole = whole_number(wanted, kind == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2);
  Type result;
  result.dtype = whole.dtype;
  result.memory = owned(action, H5Tcopy(kind == H5T_BITFIELD ? native_bits(wanted) : whole.memory));
  if (bits != 8 * size || wanted != size) {
    result.slow = (kind == H5T_BITFIELD ? "bit fields of " : "integers of ") + std::to_string(bits) + " bits";
  } else {
    note_order(result, type, size);
  }
  return result;
}

Type enum_type(const Action& action, hid_t type) {
  const Id base = owned(action, H5Tget_super(type));
  Type result = number_type(action, base.get(), H5T_INTEGER);
  if (!result.dtype || H5Tget_size(type) != 1 || H5Tget_nmembers(type) != 2) return result;
  bool is_bool = true;  // as h5py writes it
  for (unsigned member = 0; member < 2; ++member) {
    const LibraryText name(H5Tget_member_name(type, member));
    unsigned char value = 2;
    checked(action, H5Tget_member_value(type, member, &value));
    is_bool &= name && std::string_view(name.get()) == (value == 0 ? "FALSE" : "TRUE") && value < 2;
  }
  if (is_bool) result.dtype = boolean;
  return result;
}

}  // namespace headrace::hdf5::detail
