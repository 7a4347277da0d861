#include "options.hpp"

#include "deliver.hpp"
#include "elements.hpp"
#include "function.hpp"
#include "generator.hpp"
#include "keeper.hpp"
#include "plan.hpp"
#include "specs.hpp"
#include "structures.hpp"

#include <algorithm>

#include <pybind11/stl.h>

namespace headrace::python {
namespace {

constexpr std::int64_t kAutotune = -1;

bool is_size(PyObject* value) {
  return value == Py_None || (PyIndex_Check(value) && !PyBool_Check(value) && !PyArray_Check(value));
}

std::int64_t size_from(PyObject* value, const Place& place) {
  if (value == Py_None) return -1;
  const Py_ssize_t size = PyNumber_AsSsize_t(value, PyExc_OverflowError);
  if (size == -1 && PyErr_Occurred()) throw_python_error();
  require(size >= -1, place.stage, place.to_string(), " must be a size >= 0, -1 or None, got ", size);
  return size;
}

/// A list or tuple of sizes is a shape, and a size alone a shape of one axis; other tuples, and dicts, are structures.
StructurePtr read_shapes(PyObject* value, const Place& place, std::vector<Shape>& shapes) {
  if (value == Py_None) return Structure::none();
  if (is_size(value)) {
    shapes.push_back({size_from(value, place)});
    return Structure::leaf();
  }
  if (PyDict_Check(value)) {
    std::vector<std::string> keys;
    std::vector<StructurePtr> children;
    PyObject *key = nullptr, *item = nullptr;
    for (Py_ssize_t position = 0; PyDict_Next(value, &position, &key, &item);) {
      if (!PyUnicode_Check(key)) place.refuse(" has the key ", shown(key), "; a dict's keys must be str");
      keys.emplace_back(utf8(key));
      children.push_back(read_shapes(item, place.at(keys.back()), shapes));
    }
    return Structure::dict(std::move(keys), std::move(children));
  }
  if (!PyTuple_Check(value) && !PyList_Check(value))
    place.refuse(" must be a shape, or a tuple or dict of shapes, got ", shown(value));
  const py::object items = own(PySequence_Tuple(value));
  const Py_ssize_t count = PyTuple_GET_SIZE(items.ptr());
  bool sizes = true;
  for (Py_ssize_t i = 0; i < count; ++i) sizes = sizes && is_size(PyTuple_GET_ITEM(items.ptr(), i));
  if (sizes) {
    std::vector<std::int64_t> shape;
    for (Py_ssize_t i = 0; i < count; ++i) shape.push_back(size_from(PyTuple_GET_ITEM(items.ptr(), i), place.at(i)));
    shapes.emplace_back(shape);
    return Structure::leaf();
  }
  if (PyList_Check(value)) place.refuse(" must be a list of sizes, got ", shown(value), "; use a tuple for several");
  std::vector<StructurePtr> children;
  for (Py_ssize_t i = 0; i < count; ++i)
    children.push_back(read_shapes(PyTuple_GET_ITEM(items.ptr(), i), place.at(i), shapes));
  return Structure::tuple(std::move(children));
}

py::object shape_object(const Shape& shape) {
  py::tuple sizes(static_cast<std::size_t>(shape.size()));
  for (int axis = 0; axis < shape.size(); ++axis)
    sizes[static_cast<std::size_t>(axis)] =
        shape[axis] < 0 ? py::object(py::none()) : py::object(py::int_(shape[axis]));
  return sizes;
}

/// One reading of a Python value, with what its error sentence needs.
struct Reading {
  const StageInfo& stage;
  const OptionInfo& option;
  PyObject* value;

  [[noreturn]] void refuse(std::string_view wanted) const {
    throw TypeError(sentence(stage.name, option.name, " must be ", wanted, option.nullable ? " or None" : "", ", got ",
                             shown(value)));
  }

  bool boolean() const {
    if (value == Py_True || value == PyArrayScalar_True) return true;
    if (value == Py_False || value == PyArrayScalar_False) return false;
    refuse("a bool");
  }

  Value integer() const {
    if (PyBool_Check(value) || !PyIndex_Check(value)) refuse("an int");
    const py::object index = py::reinterpret_steal<py::object>(PyNumber_Index(value));
    if (!index) {
      PyErr_Clear();
      refuse("an int");
    }
    int overflow = 0;
    const std::int64_t number = PyLong_AsLongLongAndOverflow(index.ptr(), &overflow);
    require(overflow == 0, stage.name, option.name, " must fit 64 bits, got ", shown(value));
    const bool hint = option.nullable && !option.identifies;
    return hint && number == kAutotune ? Value() : Value(number);
  }

  double real() const {
    if (PyBool_Check(value) || !(PyFloat_Check(value) || PyIndex_Check(value) || PyArray_IsScalar(value, Floating)))
      refuse("a float");
    const double number = PyFloat_AsDouble(value);
    if (PyErr_Occurred()) throw_python_error();
    return number;
  }

  std::string string() const {
    if (PyUnicode_Check(value)) return std::string(utf8(value));
    const py::object path = py::reinterpret_steal<py::object>(PyOS_FSPath(value));  // a pathlib.Path
    if (!path || !PyUnicode_Check(path.ptr())) {
      PyErr_Clear();
      refuse("a str");
    }
    return std::string(utf8(path.ptr()));
  }

  std::vector<std::string> strings() const {
    std::vector<std::string> all;
    if (!PyList_Check(value) && !PyTuple_Check(value)) {
      all.push_back(path(value));
      return all;
    }
    for (const py::handle item : py::reinterpret_borrow<py::sequence>(value)) all.push_back(path(item.ptr()));
    return all;
  }

  /// A str, or what os.fspath() makes one of.
  std::string path(PyObject* item) const {
    const py::object path = py::reinterpret_steal<py::object>(PyOS_FSPath(item));
    PyErr_Clear();
    if (!path || !PyUnicode_Check(path.ptr())) refuse("a str, a path or a list of them");
    return std::string(utf8(path.ptr()));
  }

  FunctionPtr function() const {
    if (!PyCallable_Check(value)) refuse("a function");
    return make_function(py::reinterpret_borrow<py::object>(value), stage.name, option.name == "predicate");
  }

  GeneratorPtr generator() const {
    const char* const way_out = PyIter_Check(value) ? "; give what makes it, to be called for each pass" : "";
    if (!PyCallable_Check(value)) {
      throw TypeError(sentence(stage.name, option.name,
                               " must be a function that returns an iterator or an iterable, "
                               "got ",
                               shown(value), way_out));
    }
    return std::make_shared<PyGenerator>(py::reinterpret_borrow<py::object>(value), stage.name);
  }

  Dataset dataset() const {
    if (!is_plan(value)) refuse("a Dataset");
    return Dataset(plan_of(value).dataset);
  }

  std::vector<Dataset> dataset_list() const {
    if (!PyList_Check(value) && !PyTuple_CheckExact(value)) refuse("a list or tuple of Datasets");
    std::vector<Dataset> datasets;
    for (Py_ssize_t i = 0; i < PySequence_Fast_GET_SIZE(value); ++i) {
      PyObject* const item = PySequence_Fast_GET_ITEM(value, i);
      require<TypeError>(is_plan(item), stage.name, option.name, "[", i, "] must be a Dataset, got ", shown(item));
      datasets.emplace_back(plan_of(item).dataset);
    }
    return datasets;
  }

  DatasetTree dataset_tree() const {
    DatasetTree tree;
    tree.structure = read_structure(
        value, {stage.name, option.name}, false, [&](PyObject* leaf, const Place& place, bool) -> StructurePtr {
          const char* const way_out = PyList_Check(leaf) ? "; use a tuple" : "";
          if (!is_plan(leaf))
            place.refuse(" must be a Dataset, or a tuple or dict of them, got ", shown(leaf), way_out);
          tree.datasets.push_back(plan_of(leaf).dataset);
          return Structure::leaf();
        });
    return tree;
  }

  Shapes shapes() const {
    Shapes shapes;
    shapes.structure = read_shapes(value, {stage.name, option.name}, shapes.shapes);
    return shapes;
  }
};

py::object tensor_object(const Tensor& tensor, const Replace& replace) {
  PyObject* const owner = owner_of(tensor.buffer());
  // The caller's own array where the tensor is all of it: pickled once, however often it is used.
  const bool whole = owner && PyArray_CheckExact(owner) && PyArray_DATA(as_array(owner)) == tensor.data() &&
                     PyArray_NDIM(as_array(owner)) == tensor.ndim();
  return replace(whole ? py::reinterpret_borrow<py::object>(owner) : deliver(tensor, Deliver::keepable));
}

}  // namespace

Value value_from(const StageInfo& stage, const OptionInfo& option, PyObject* value) {
  if (value == Py_None && option.nullable) return {};
  const Reading reading{stage, option, value};
  switch (option.type) {
    case OptionType::boolean:
      return reading.boolean();
    case OptionType::integer:
      return reading.integer();
    case OptionType::real:
      return reading.real();
    case OptionType::string:
      return reading.string();
    case OptionType::function:
      return reading.function();
    case OptionType::generator:
      return reading.generator();
    case OptionType::dataset:
      return reading.dataset();
    case OptionType::dataset_tree:
      return reading.dataset_tree();
    case OptionType::dataset_list:
      return reading.dataset_list();
    case OptionType::tensors:
      return ElementReader(stage.name, option.name, Taking::share).read(py::reinterpret_borrow<py::object>(value));
    case OptionType::spec:
      return spec_from(value, {stage.name, option.name}, option.name == "dtypes");
    case OptionType::shapes:
      return reading.shapes();
    case OptionType::dtype: {
      const auto says_order = [](const OptionInfo& other) { return other.name == "big_endian"; };
      const bool stored = std::any_of(stage.options.begin(), stage.options.end(), says_order);
      return (stored ? native_dtype_from : dtype_from)(value, {stage.name, option.name});
    }
    case OptionType::strings:
      return reading.strings();
  }
  throw StateError("[headrace] an option type without a converter");
}

py::object object_of(const Value& value, const Replace& array, const Replace& function) {
  struct Visitor {
    const Replace& array;
    const Replace& function;
    py::object operator()(std::monostate) const { return py::none(); }
    py::object operator()(bool v) const { return py::bool_(v); }
    py::object operator()(std::int64_t v) const { return py::int_(v); }
    py::object operator()(double v) const { return py::float_(v); }
    py::object operator()(const std::string& v) const { return py::str(v); }
    py::object operator()(const Dataset& v) const { return wrap(v); }
    py::object operator()(const Spec& v) const { return spec_object(v); }
    py::object operator()(const Shapes& v) const {
      return Mould(*v.structure).fill([&](int i) { return shape_object(v.shapes[static_cast<std::size_t>(i)]); });
    }
    py::object operator()(const std::vector<std::string>& v) const {
      return v.size() == 1 ? py::object(py::str(v[0])) : py::object(py::cast(v));
    }
    py::object operator()(DType v) const { return dtype_object(v); }
    py::object operator()(const FunctionPtr& v) const { return portable(v, v->name()); }
    py::object operator()(const GeneratorPtr& v) const { return portable(v, v->name()); }
    py::object portable(const Value& v, const std::string& name) const {
      PyObject* const callable = callable_in(v);
      require<TypeError>(callable != nullptr, "pickle", "a function written in C++ cannot be pickled, got ", name);
      return function(py::reinterpret_borrow<py::object>(callable));
    }
    py::object operator()(const DatasetTree& v) const {
      return Mould(*v.structure).fill([&](int i) { return wrap(v.datasets[static_cast<std::size_t>(i)]); });
    }
    py::object operator()(const std::vector<Dataset>& v) const {
      py::list list;
      for (const Dataset& dataset : v) list.append(wrap(dataset));
      return list;
    }
    py::object operator()(const Element& v) const {
      return Mould(*v.structure).fill([&](int i) {
        return tensor_object(v.components[static_cast<std::size_t>(i)], array);
      });
    }
  };
  return std::visit(Visitor{array, function}, value);
}

}  // namespace headrace::python
