#include "dtypes.hpp"

#include <array>
#include <unordered_map>

namespace headrace::python {
namespace {

struct PlainType {
  int type_num;
  DType dtype;
};
constexpr PlainType plain_types[] = {
    {NPY_BOOL, boolean},        {NPY_INT8, int8},
    {NPY_INT16, int16},         {NPY_INT32, int32},
    {NPY_INT64, int64},         {NPY_UINT8, uint8},
    {NPY_UINT16, uint16},       {NPY_UINT32, uint32},
    {NPY_UINT64, uint64},       {NPY_FLOAT16, float16},
    {NPY_FLOAT32, float32},     {NPY_FLOAT64, float64},
    {NPY_COMPLEX64, complex64}, {NPY_COMPLEX128, complex128},
    {NPY_LONGLONG, int64},      {NPY_ULONGLONG, uint64},
};

std::array<DType, NPY_NTYPES_LEGACY> make_plain_table() {
  std::array<DType, NPY_NTYPES_LEGACY> table{};
  for (const PlainType& type : plain_types) table[static_cast<std::size_t>(type.type_num)] = type.dtype;
  return table;
}

/// For kinds with parameters; guarded by the GIL, never emptied.
std::unordered_map<const std::string*, PyArray_Descr*>& made_descrs() {
  static auto& map = *new std::unordered_map<const std::string*, PyArray_Descr*>;
  return map;
}

py::object attribute(PyArray_Descr* descr, const char* name) {
  return own(PyObject_GetAttrString(as_object(descr), name));
}

py::object numpy_dtype(const py::object& argument) {
  PyArray_Descr* descr = nullptr;
  if (PyArray_DescrConverter(argument.ptr(), &descr) != NPY_SUCCEED) throw_python_error();
  return py::reinterpret_steal<py::object>(as_object(descr));
}

py::object bfloat16_descr() {
  py::object module = own(PyImport_ImportModule("ml_dtypes"));
  return numpy_dtype(own(PyObject_GetAttrString(module.ptr(), "bfloat16")));
}

py::object record_descr(DType dtype) {
  py::list names, formats, offsets;
  for (const Field& field : dtype.fields()) {
    names.append(py::str(field.name));
    py::object format = py::reinterpret_borrow<py::object>(as_object(descr_of(field.dtype)));
    if (!field.shape.empty()) {
      py::tuple shape(field.shape.size());
      for (std::size_t i = 0; i < field.shape.size(); ++i) shape[i] = py::int_(field.shape[i]);
      format = py::make_tuple(format, shape);
    }
    formats.append(format);
    offsets.append(py::int_(field.offset));
  }
  py::dict description;
  description["names"] = names;
  description["formats"] = formats;
  description["offsets"] = offsets;
  description["itemsize"] = py::int_(dtype.itemsize());
  return numpy_dtype(description);
}

py::object make_descr(DType dtype) {
  switch (dtype.kind()) {
    case Kind::bfloat16:
      return bfloat16_descr();
    case Kind::record:
      return record_descr(dtype);
    case Kind::text:
    case Kind::bytes:
      return py::reinterpret_steal<py::object>(as_object(PyArray_DescrFromType(NPY_OBJECT)));
    default:
      break;
  }
  for (const PlainType& type : plain_types) {
    if (type.dtype == dtype) return py::reinterpret_steal<py::object>(as_object(PyArray_DescrFromType(type.type_num)));
  }
  return numpy_dtype(py::str(dtype.name()));  // datetime64[ns], S5, U3
}

DType time_dtype(PyArray_Descr* descr) {
  const std::string name =
      own(PyObject_Str(as_object(descr))).cast<std::string>();  // "datetime64[25s]" or "datetime64"
  const std::size_t open = name.find('[');
  const std::string unit = open == std::string::npos ? "" : name.substr(open + 1, name.size() - open - 2);
  return descr->type_num == NPY_DATETIME ? DType::datetime64(unit) : DType::timedelta64(unit);
}

std::optional<DType> record_dtype(PyArray_Descr* descr) {
  const py::object names = attribute(descr, "names");
  if (names.is_none()) return std::nullopt;  // plain void
  const py::object fields = attribute(descr, "fields");
  std::vector<Field> result;
  for (const py::handle name : names) {
    const py::tuple entry = fields[name];
    const py::object base = entry[0].attr("base");
    const auto dtype = dtype_of(reinterpret_cast<PyArray_Descr*>(base.ptr()));
    if (!dtype) return std::nullopt;
    result.push_back({name.cast<std::string>(), *dtype, entry[1].cast<std::int64_t>(), {}});
    for (const py::handle size : py::tuple(entry[0].attr("shape")))
      result.back().shape.push_back(size.cast<std::int64_t>());
  }
  return DType::record(std::move(result), static_cast<std::int64_t>(PyDataType_ELSIZE(descr)));
}

}  // namespace

PyArray_Descr* descr_of(DType dtype) {
  static std::array<PyArray_Descr*, static_cast<std::size_t>(Kind::bytes) + 1> plain{};
  const auto kind = static_cast<std::size_t>(dtype.kind());
  if (plain[kind]) return plain[kind];
  auto& made = made_descrs();
  const auto known = made.find(&dtype.name());  // names live as long as the types, one each
  if (known != made.end()) return known->second;
  auto* const descr = reinterpret_cast<PyArray_Descr*>(make_descr(dtype).release().ptr());
  made.emplace(&dtype.name(), descr);
  if (dtype == detail::basic(dtype.kind())) plain[kind] = descr;  // a kind without parameters
  return descr;
}

DType plain_dtype(int type_num) {
  static const auto table = make_plain_table();
  return type_num >= 0 && type_num < NPY_NTYPES_LEGACY ? table[static_cast<std::size_t>(type_num)] : DType();
}

std::optional<DType> dtype_of(PyArray_Descr* descr) {
  if (const DType plain = plain_dtype(descr->type_num)) return plain;
  const auto size = static_cast<std::int64_t>(PyDataType_ELSIZE(descr));
  switch (descr->type_num) {
    case NPY_DATETIME:
    case NPY_TIMEDELTA:
      return time_dtype(descr);
    case NPY_STRING:
      return DType::fixed_bytes(size);
    case NPY_UNICODE:
      return DType::fixed_text(size / 4);
    case NPY_VOID:
      return record_dtype(descr);
    default:
      break;
  }
  if (PyTypeNum_ISUSERDEF(descr->type_num) && attribute(descr, "name").equal(py::str("bfloat16"))) return bfloat16;
  return std::nullopt;
}

bool is_native(PyArray_Descr* descr) {
  if (descr->type_num != NPY_VOID) return PyArray_ISNBO(descr->byteorder);
  return attribute(descr, "isnative").ptr() == Py_True;
}

py::object native(PyArray_Descr* descr) {
  return py::reinterpret_steal<py::object>(as_object(PyArray_DescrNewByteorder(descr, NPY_NATIVE)));
}

}  // namespace headrace::python
