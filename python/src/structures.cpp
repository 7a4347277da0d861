#include "structures.hpp"

#include "components.hpp"
#include "mould.hpp"
#include "tensors.hpp"

namespace headrace::python {
namespace {

bool is_namedtuple(PyObject* tuple) {
  return !PyTuple_CheckExact(tuple) && PyObject_HasAttrString(tuple, "_fields") &&
         PyObject_HasAttrString(tuple, "_make");
}

bool is_dataclass(PyObject* value) {
  return !PyType_Check(value) &&
         PyObject_HasAttrString(reinterpret_cast<PyObject*>(Py_TYPE(value)), "__dataclass_fields__");
}

std::shared_ptr<const ContainerTag> tag_of(PyObject* value, bool dataclass) {
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(value));
  return std::make_shared<ClassTag>(keep(py::reinterpret_borrow<py::object>(type)), dataclass);
}

bool is_scipy_matrix(PyObject* value) {
  auto* const type = reinterpret_cast<PyObject*>(Py_TYPE(value));
  return PyObject_HasAttrString(type, "tocoo") && type_name(Py_TYPE(value)).starts_with("scipy.sparse");
}

py::object attribute(const py::handle& object, const char* name) {
  return own(PyObject_GetAttrString(object.ptr(), name));
}

StructurePtr read_tuple(PyObject* value, const Place& place, bool sole, const LeafSink& leaf) {
  std::vector<StructurePtr> children;
  const Py_ssize_t size = PyTuple_GET_SIZE(value);
  for (Py_ssize_t i = 0; i < size; ++i) {
    PyObject* const item = PyTuple_GET_ITEM(value, i);
    children.push_back(read_structure(item, place.at(i), sole && Py_REFCNT(item) == 1, leaf));
  }
  if (!is_namedtuple(value)) return Structure::tuple(std::move(children));
  std::vector<std::string> keys;
  const py::object fields = attribute(value, "_fields");
  for (const py::handle field : fields) keys.emplace_back(utf8(field.ptr()));
  return Structure::named(std::move(keys), std::move(children), tag_of(value, false));
}

StructurePtr read_dict(PyObject* value, const Place& place, const LeafSink& leaf) {
  std::vector<std::string> keys;
  std::vector<StructurePtr> children;
  const py::object items = own(PyDict_Items(value));  // a conversion may run code that changes the dict
  for (Py_ssize_t i = 0; i < PyList_GET_SIZE(items.ptr()); ++i) {
    PyObject* const pair = PyList_GET_ITEM(items.ptr(), i);
    PyObject* const key = PyTuple_GET_ITEM(pair, 0);
    if (!PyUnicode_Check(key)) place.refuse(" has the key ", shown(key), "; a dict's keys must be str");
    keys.emplace_back(utf8(key));
    children.push_back(read_structure(PyTuple_GET_ITEM(pair, 1), place.at(utf8(key)), false, leaf));
  }
  return Structure::dict(std::move(keys), std::move(children));
}

StructurePtr read_dataclass(PyObject* value, const Place& place, const LeafSink& leaf) {
  std::vector<std::string> keys;
  std::vector<StructurePtr> children;
  const py::object fields = own(PyMapping_Values(attribute(value, "__dataclass_fields__").ptr()));
  for (const py::handle field : fields) {
    const bool data =
        attribute(attribute(field, "_field_type"), "name").equal(py::str("_FIELD"));  // no ClassVar, InitVar
    if (!data || attribute(field, "init").ptr() != Py_True) continue;
    const py::object name = attribute(field, "name");
    const py::object item = own(PyObject_GetAttr(value, name.ptr()));
    keys.emplace_back(utf8(name.ptr()));
    children.push_back(read_structure(item.ptr(), place.at(keys.back()), false, leaf));
  }
  return Structure::named(std::move(keys), std::move(children), tag_of(value, true));
}

}  // namespace

StructurePtr read_structure(PyObject* value, const Place& place, bool sole, const LeafSink& leaf) {
  if (value == Py_None) return Structure::none();
  if (PyTuple_Check(value)) return read_tuple(value, place, sole, leaf);
  if (PyDict_Check(value)) return read_dict(value, place, leaf);
  if (const Compound kind = component_class_of(value); kind != Compound::none)
    return read_component(value, kind, place, sole, leaf);
  if (is_plain_leaf(value)) return leaf(value, place, sole);
  if (is_dataclass(value)) return read_dataclass(value, place, leaf);
  if (is_scipy_matrix(value)) {
    const py::object sparse = own(PyObject_CallMethod(component_class(Compound::sparse), "from_scipy", "O", value));
    return read_component(sparse.ptr(), Compound::sparse, place, false, leaf);
  }
  return leaf(value, place, sole);
}

bool is_plain_leaf(PyObject* value) {
  PyTypeObject* const type = Py_TYPE(value);
  return type == &PyArray_Type || type == &PyFloat_Type || type == &PyLong_Type || type == &PyBool_Type ||
         type == &PyInt64ArrType_Type || type == &PyFloat32ArrType_Type || type == &PyFloat64ArrType_Type ||
         type == tensor_type || PyArray_IsScalar(value, Generic);
}

std::string text_attribute(PyObject* object, const char* name) {
  py::object value = py::reinterpret_steal<py::object>(PyObject_GetAttrString(object, name));
  if (value && PyUnicode_Check(value.ptr())) return std::string(utf8(value.ptr()));
  PyErr_Clear();
  return {};
}

std::string_view utf8(PyObject* text) {
  Py_ssize_t size = 0;
  const char* const data = PyUnicode_AsUTF8AndSize(text, &size);
  if (!data) throw_python_error();
  return {data, static_cast<std::size_t>(size)};
}

}  // namespace headrace::python
