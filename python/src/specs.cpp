#include "specs.hpp"

#include "dtypes.hpp"
#include "mould.hpp"
#include "structures.hpp"

#include <headrace/pipeline/held_dataset.hpp>

namespace headrace::python {
namespace {

py::object tensor_spec_class() { return py::module_::import("headrace.spec").attr("TensorSpec"); }

PyObject* type_object(PyTypeObject& type) { return reinterpret_cast<PyObject*>(&type); }

py::object tensor_spec(const TensorSpec& spec, const py::object& tensor_spec_class) {
  py::tuple shape(spec.shape.size());
  for (int axis = 0; axis < spec.shape.size(); ++axis) {
    shape[static_cast<std::size_t>(axis)] =
        spec.shape[axis] < 0 ? py::object(py::none()) : py::object(py::int_(spec.shape[axis]));
  }
  return tensor_spec_class(shape, dtype_object(spec.dtype));
}

DType known_dtype(PyObject* dtype, const Place& place) {
  if (dtype == type_object(PyUnicode_Type)) return text;
  if (dtype == type_object(PyBytes_Type)) return bytes;
  const auto found = PyArray_DescrCheck(dtype) ? dtype_of(reinterpret_cast<PyArray_Descr*>(dtype)) : std::nullopt;
  if (!found) place.refuse(" has dtype ", shown(dtype), ", which is not supported; for text use str or bytes");
  return *found;
}

bool is_dataset_spec(PyObject* value) {
  return PyObject_IsInstance(value, py::module_::import("headrace.spec").attr("DatasetSpec").ptr()) == 1;
}

}  // namespace

py::object dtype_object(DType dtype) {
  PyObject* object = as_object(descr_of(dtype));
  if (dtype == text) object = type_object(PyUnicode_Type);
  if (dtype == bytes) object = type_object(PyBytes_Type);
  return py::reinterpret_borrow<py::object>(object);
}

DType dtype_from(PyObject* value, const Place& place) {
  if (value == type_object(PyUnicode_Type) || value == type_object(PyBytes_Type)) return known_dtype(value, place);
  PyArray_Descr* descr = nullptr;
  if (value == Py_None || PyArray_DescrConverter(value, &descr) != NPY_SUCCEED) {
    PyErr_Clear();
    place.refuse(" must be a dtype, such as np.int32 or 'int32', got ", shown(value));
  }
  const auto held = py::reinterpret_steal<py::object>(as_object(descr));
  return known_dtype(is_native(descr) ? held.ptr() : native(descr).ptr(), place);
}

DType native_dtype_from(PyObject* value, const Place& place) {
  const DType dtype = dtype_from(value, place);
  PyArray_Descr* descr = nullptr;
  if (PyArray_DescrConverter(value, &descr) != NPY_SUCCEED) {
    PyErr_Clear();  // str or bytes
    return dtype;
  }
  const auto held = py::reinterpret_steal<py::object>(as_object(descr));
  if (!is_native(descr))
    place.refuse(" must be in this machine's byte order, got ", shown(value), "; say ", dtype.name(),
                 ", and big_endian=True");
  return dtype;
}

py::object dataset_spec_object(const std::optional<Spec>& element_spec) {
  const py::object element = element_spec ? spec_object(*element_spec) : py::none();
  return py::module_::import("headrace.spec").attr("DatasetSpec")(element);
}

py::object spec_object(const Spec& spec) {
  const py::object tensor_class = tensor_spec_class();
  return Mould(*spec.structure).fill([&](int leaf) {
    return tensor_spec(spec.components[static_cast<std::size_t>(leaf)], tensor_class);
  });
}

Spec spec_from(PyObject* value, const Place& root, bool dtypes) {
  const py::object tensor_class = tensor_spec_class();
  Spec spec;
  spec.structure = read_structure(value, root, false, [&](PyObject* leaf, const Place& place, bool) -> StructurePtr {
    if (is_dataset_spec(leaf)) {
      const py::object element = own(PyObject_GetAttrString(leaf, "element_spec"));
      return held_dataset_of(element.is_none() ? std::nullopt : std::optional(spec_from(element.ptr(), place)));
    }
    if (PyObject_IsInstance(leaf, tensor_class.ptr()) != 1) {
      if (dtypes) {
        spec.components.push_back({dtype_from(leaf, place), {}});
        return Structure::leaf();
      }
      place.refuse(" must be a TensorSpec, or a tuple or dict of them, got ", shown(leaf));
    }
    const py::handle given(leaf);
    std::vector<std::int64_t> shape;
    for (const py::handle size : py::tuple(given.attr("shape")))
      shape.push_back(size.is_none() ? -1 : size.cast<std::int64_t>());
    spec.components.push_back({known_dtype(given.attr("dtype").ptr(), place), Shape(shape)});
    return Structure::leaf();
  });
  return spec;
}

}  // namespace headrace::python
