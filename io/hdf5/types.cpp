#include <headrace/io/hdf5/types.hpp>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace detail {
namespace {

constexpr int kDeepest = 32;  // types within types: NumPy itself ends there

Type array_type(const Action& action, hid_t type, int depth) {
  const int rank = checked(action, H5Tget_array_ndims(type));
  hsize_t sizes[H5S_MAX_RANK] = {};
  if (rank > H5S_MAX_RANK) return no_dtype("an array type of " + std::to_string(rank) + " axes");
  checked(action, H5Tget_array_dims2(type, sizes));
  const Id base = owned(action, H5Tget_super(type));
  Type item = describe(action, base.get(), depth);
  if (!item.dtype) return item;
  Shape axes;
  for (int axis = 0; axis < rank; ++axis) axes = axes.with_back(static_cast<std::int64_t>(sizes[axis]));
  for (const std::int64_t size : item.axes) axes = axes.with_back(size);
  element_count(axes);  // a ValueError where they are too large
  if (item.sequence_of) return no_dtype("array types of variable-length sequences");
  item.axes = axes;
  item.memory = owned(action, H5Tarray_create2(item.memory.get(), static_cast<unsigned>(rank), sizes));
  return item;
}

/// Its elements are references to where the sequences are.
Type sequence_type(const Action& action, hid_t type, int depth) {
  const Id base = owned(action, H5Tget_super(type));
  auto item = std::make_unique<Type>(describe(action, base.get(), depth));
  if (!item->dtype) return no_dtype("variable-length sequences of " + item->why);
  if (item->dtype.variable_length()) return no_dtype("variable-length sequences of text of variable length");
  if (item->sequence_of) return no_dtype("variable-length sequences of sequences");
  item->stored_bytes = static_cast<std::int64_t>(H5Tget_size(base.get()));
  if (!item->slow.empty()) item->stored = owned(action, H5Tcopy(base.get()));
  Type result;
  result.dtype = DType::record({}, 16);  // how large a reference is only the file says
  result.memory = owned(action, H5Tvlen_create(item->memory.get()));
  result.sequence_of = std::move(item);
  return result;
}

}  // namespace

Type no_dtype(std::string why) {
  Type result;
  result.why = std::move(why);
  return result;
}

Type text_type(const Action& action, hid_t type) {
  Type result;
  const H5T_str_t padding = H5Tget_strpad(type);
  const std::size_t size = H5Tget_size(type);
  const bool variable = checked(action, H5Tis_variable_str(type)) > 0;
  result.dtype = variable ? text : DType::fixed_bytes(static_cast<std::int64_t>(size));
  result.memory = owned(action, H5Tcopy(H5T_C_S1));
  checked(action, H5Tset_size(result.memory.get(), variable ? H5T_VARIABLE : size));
  checked(action, H5Tset_cset(result.memory.get(), H5Tget_cset(type)));  // libhdf5 converts none into another
  checked(action, H5Tset_strpad(result.memory.get(), variable ? padding : H5T_STR_NULLPAD));
  if (variable || padding == H5T_STR_NULLPAD) return result;
  if (padding != H5T_STR_NULLTERM && padding != H5T_STR_SPACEPAD) return no_dtype("text of an unknown padding");
  const auto kind = padding == H5T_STR_NULLTERM ? Fix::Kind::zero_terminated : Fix::Kind::space_padded;
  result.fixes.push_back({0, static_cast<std::int64_t>(size), 1, kind});
  return result;
}

/// "NUMPY:<M8[ns]" is how h5py marks what HDF5 has no type for. Anything else is bytes without a meaning.
Type opaque_type(const Action& action, hid_t type) {
  constexpr std::string_view kNumPy = "NUMPY:";
  const std::size_t size = H5Tget_size(type);
  const LibraryText held(H5Tget_tag(type));
  std::string_view tag = held ? held.get() : "";
  Type result;
  result.memory = owned(action, H5Tcopy(type));
  if (size == 8 && tag.starts_with(kNumPy)) {
    tag.remove_prefix(kNumPy.size());
    const bool reversed = tag.starts_with('>');
    if (tag.starts_with('<') || reversed) tag.remove_prefix(1);
    const bool time = tag.starts_with("M8"), span = tag.starts_with("m8");
    if ((time || span) && !reversed) {
      std::string_view unit = tag.substr(2);
      if (unit.size() > 2) unit = unit.substr(1, unit.size() - 2);  // without its brackets
      result.dtype = time ? DType::datetime64(unit) : DType::timedelta64(unit);
      return result;
    }
  }
  result.dtype = DType::record({}, static_cast<std::int64_t>(size));  // NumPy's V
  return result;
}

Type describe(const Action& action, hid_t type, int depth) {
  if (depth > kDeepest) return no_dtype("types within types, more than 32 deep");
  const H5T_class_t kind = H5Tget_class(type);
  switch (kind) {
    case H5T_INTEGER:
    case H5T_FLOAT:
    case H5T_BITFIELD:
      return number_type(action, type, kind);
    case H5T_ENUM:
      return enum_type(action, type);
    case H5T_STRING:
      return text_type(action, type);
    case H5T_OPAQUE:
      return opaque_type(action, type);
    case H5T_COMPOUND:
      return compound_type(action, type, depth + 1);
    case H5T_ARRAY:
      return array_type(action, type, depth + 1);
    case H5T_VLEN:
      return sequence_type(action, type, depth + 1);
    case H5T_REFERENCE:
      return no_dtype("references");
    case H5T_TIME:
      return no_dtype("HDF5's time type");
    default:
      return no_dtype("a type that libhdf5 does not know");
  }
}

}  // namespace detail

Type describe(const Action& action, hid_t type) {
  try {
    Type result = detail::describe(action, type, 0);
    result.stored_bytes = static_cast<std::int64_t>(H5Tget_size(type));
    if (result.slow.empty()) return result;
    result.fixes.clear();
    result.stored = owned(action, H5Tcopy(type));
    return result;
  } catch (const IoError&) {
    throw;
  } catch (const Error& error) {  // names twice in a record, an unknown unit of time, sizes that overflow
    return detail::no_dtype(error.what());
  }
}

}  // namespace headrace::hdf5
