// Lists are array data: what np.asarray makes of them, except where it would guess.
#include "arrays.hpp"
#include "dtypes.hpp"
#include "errors.hpp"
#include "texts.hpp"

namespace headrace::python {
namespace {

constexpr int kDeepest = 32;

/// What a nested list holds.
class ListScan {
 public:
  ListScan(PyObject* list, const Place& place) { walk(list, place, 0); }

  bool any_numbers = false;
  bool any_arrays = false;
  bool only_ints = true;
  PyObject* text = nullptr;  // the first str, and the first bytes
  PyObject* bytes = nullptr;
  std::vector<PyObject*> texts;
  std::vector<std::int64_t> shape;

 private:
  static bool is_list(PyObject* item) { return PyList_Check(item) || PyTuple_Check(item); }

  void walk(PyObject* list, const Place& place, int depth) {
    if (depth == kDeepest) place.refuse(" is a list nested deeper than ", kDeepest, "; give an array");
    const auto size = static_cast<std::int64_t>(PySequence_Fast_GET_SIZE(list));
    if (static_cast<int>(shape.size()) == depth) shape.push_back(size);
    if (!any_arrays && shape[static_cast<std::size_t>(depth)] != size) {
      refuse_ragged(place, "has " + std::to_string(size) + " items where the first has " +
                               std::to_string(shape[static_cast<std::size_t>(depth)]));
    }
    for (std::int64_t i = 0; i < size; ++i) {
      PyObject* const item = PySequence_Fast_GET_ITEM(list, i);
      if (is_list(item)) {
        if (leaf_depth_ == depth + 1) refuse_ragged(place.at(i), "is a list beside single values");
        walk(item, place.at(i), depth + 1);
      } else {
        add(item, place, i, depth + 1);
      }
    }
  }

  void add(PyObject* item, const Place& place, std::int64_t i, int depth) {
    if (PyArray_Check(item) || (!PyArray_IsScalar(item, Generic) && PyObject_HasAttrString(item, "__array__"))) {
      any_arrays = any_numbers = true;
      only_ints = false;
      return;
    }
    if (!any_arrays && leaf_depth_ < 0 && static_cast<int>(shape.size()) > depth)
      refuse_ragged(place.at(i), "is a single value beside lists");
    if (!any_arrays && leaf_depth_ >= 0 && leaf_depth_ != depth)
      refuse_ragged(place.at(i), "is nested unlike the first value");
    leaf_depth_ = depth;
    if (PyUnicode_Check(item)) {
      texts.push_back(text = item);
    } else if (PyBytes_Check(item)) {
      texts.push_back(bytes = item);
    } else if (PyLong_Check(item) || PyArray_IsScalar(item, Integer) || PyArray_IsScalar(item, Bool)) {
      any_numbers = true;
    } else if (PyFloat_Check(item) || PyComplex_Check(item) || PyArray_IsScalar(item, Generic)) {
      any_numbers = true;
      only_ints = false;
    } else {
      place.at(i).refuse(" is ", shown(item), ", which is no array data; use numbers, str or bytes");
    }
  }

  [[noreturn]] static void refuse_ragged(const Place& place, const std::string& why) {
    throw ValueError(sentence(place.stage, place.to_string(), " makes the list ragged: it ", why,
                              "; pad the items to one length, or give them one by one"));
  }

  int leaf_depth_ = -1;
};

/// np.asarray's own complaint about arrays of unequal shapes, in our words.
py::object as_one_array(PyObject* list, const Place& place) {
  PyObject* const array = PyArray_FROM_OF(list, NPY_ARRAY_ENSUREARRAY);
  if (array) return py::reinterpret_steal<py::object>(array);
  if (!PyErr_ExceptionMatches(PyExc_ValueError)) throw_python_error();
  PyErr_Clear();
  throw ValueError(sentence(place.stage, place.to_string(),
                            " is a ragged list: its arrays differ in shape; pad them to one, or give them one by one"));
}

}  // namespace

Tensor tensor_from_list(PyObject* list, const Place& place, Taking taking) {
  const ListScan scan(list, place);
  if (scan.text && scan.bytes) place.refuse(" mixes str and bytes in one list; give them as two components");
  if (!scan.texts.empty() && scan.any_numbers)
    place.refuse(" mixes text and numbers in one list; use a tuple or a dict of columns");
  if (!scan.texts.empty()) return texts_from(scan.texts, scan.text ? text : bytes, Shape(scan.shape));
  py::object array = as_one_array(list, place);
  const int type = PyArray_TYPE(as_array(array.ptr()));
  const bool guessed = scan.only_ints && scan.any_numbers && (type == NPY_FLOAT64 || type == NPY_OBJECT);
  if (guessed) place.refuse(" holds ints that fit no 64-bit type together; give an array of the dtype you want");
  const bool sole = is_sole(array.ptr());
  return tensor_from_array(std::move(array), place, taking, sole);
}

}  // namespace headrace::python
