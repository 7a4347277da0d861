#include <headrace/io/hdf5/stored_types.hpp>

#include <headrace/io/hdf5/utf8.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

namespace {

Id copied(const Action& action, hid_t type) { return owned(action, H5Tcopy(type)); }

/// A 16-bit float of so many bits.
Id half_type(const Action& action, std::size_t exponent, std::size_t mantissa) {
  Id type = copied(action, H5T_IEEE_F32LE);
  checked(action, H5Tset_fields(type.get(), 15, mantissa, exponent, 0, mantissa));
  checked(action, H5Tset_size(type.get(), 2));
  checked(action, H5Tset_ebias(type.get(), (std::size_t{1} << (exponent - 1)) - 1));
  return type;
}

Id bool_type(const Action& action) {
  Id type = owned(action, H5Tenum_create(H5T_STD_I8LE));
  const signed char no = 0, yes = 1;
  checked(action, H5Tenum_insert(type.get(), "FALSE", &no));
  checked(action, H5Tenum_insert(type.get(), "TRUE", &yes));
  return type;
}

Id complex_type(const Action& action, hid_t part, std::size_t size) {
  Id type = owned(action, H5Tcreate(H5T_COMPOUND, 2 * size));
  checked(action, H5Tinsert(type.get(), "r", 0, part));
  checked(action, H5Tinsert(type.get(), "i", size, part));
  return type;
}

Id date_type(const Action& action, const char* letter, const std::string& unit) {
  Id type = owned(action, H5Tcreate(H5T_OPAQUE, 8));
  const std::string tag = std::string("NUMPY:<") + letter + "8" + (unit.empty() ? "" : "[" + unit + "]");
  checked(action, H5Tset_tag(type.get(), tag.c_str()));
  return type;
}

Id bytes_type(const Action& action, std::size_t width, bool utf8) {
  Id type = copied(action, H5T_C_S1);
  checked(action, H5Tset_size(type.get(), width));
  checked(action, H5Tset_strpad(type.get(), width == H5T_VARIABLE ? H5T_STR_NULLTERM : H5T_STR_NULLPAD));
  if (utf8) checked(action, H5Tset_cset(type.get(), H5T_CSET_UTF8));
  return type;
}

Id record_type(const Action& action, DType dtype) {
  Id type = owned(action, H5Tcreate(H5T_COMPOUND, static_cast<std::size_t>(dtype.itemsize())));
  for (const Field& field : dtype.fields()) {
    require<TypeError>(field.dtype.kind() != Kind::fixed_text, action.stage, "HDF5 has no type for the field '",
                       field.name, "' of ", field.dtype.name(), "; make it bytes with astype('S')");
    Id member = stored_type(action, field.dtype);
    if (!field.shape.empty()) {
      const std::vector<hsize_t> axes(field.shape.begin(), field.shape.end());
      member = owned(action, H5Tarray_create2(member.get(), static_cast<unsigned>(axes.size()), axes.data()));
    }
    checked(action, H5Tinsert(type.get(), field.name.c_str(), static_cast<std::size_t>(field.offset), member.get()));
  }
  return type;
}

}  // namespace

Id stored_type(const Action& action, DType dtype) {
  switch (dtype.kind()) {
    case Kind::boolean:
      return bool_type(action);
    case Kind::int8:
      return copied(action, H5T_STD_I8LE);
    case Kind::int16:
      return copied(action, H5T_STD_I16LE);
    case Kind::int32:
      return copied(action, H5T_STD_I32LE);
    case Kind::int64:
      return copied(action, H5T_STD_I64LE);
    case Kind::uint8:
      return copied(action, H5T_STD_U8LE);
    case Kind::uint16:
      return copied(action, H5T_STD_U16LE);
    case Kind::uint32:
      return copied(action, H5T_STD_U32LE);
    case Kind::uint64:
      return copied(action, H5T_STD_U64LE);
    case Kind::float16:
      return half_type(action, 5, 10);
    case Kind::bfloat16:
      return half_type(action, 8, 7);
    case Kind::float32:
      return copied(action, H5T_IEEE_F32LE);
    case Kind::float64:
      return copied(action, H5T_IEEE_F64LE);
    case Kind::complex64:
      return complex_type(action, H5T_IEEE_F32LE, 4);
    case Kind::complex128:
      return complex_type(action, H5T_IEEE_F64LE, 8);
    case Kind::datetime64:
      return date_type(action, "M", dtype.unit());
    case Kind::timedelta64:
      return date_type(action, "m", dtype.unit());
    case Kind::fixed_bytes:
      return bytes_type(action, static_cast<std::size_t>(std::max<std::int64_t>(dtype.itemsize(), 1)), false);
    case Kind::record:
      return record_type(action, dtype);
    case Kind::text:
      return bytes_type(action, H5T_VARIABLE, true);
    case Kind::bytes:
      return bytes_type(action, H5T_VARIABLE, false);
    case Kind::fixed_text:
      return bytes_type(action, static_cast<std::size_t>(utf8_of(dtype).itemsize()), true);
  }
  throw TypeError(sentence(action.stage, "HDF5 has no type for ", dtype.name()));
}

}  // namespace headrace::hdf5
