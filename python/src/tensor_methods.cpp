#include "arguments.hpp"
#include "deliver.hpp"
#include "specs.hpp"
#include "tensor_operations.hpp"
#include "tensors.hpp"

#include <vector>

namespace headrace::python {
namespace {

PyObject* numpy(PyObject* self, PyObject*) {
  return guarded([&] { return shared_array(tensor_of(self)); });
}

PyObject* copy(PyObject* self, PyObject*) {
  return guarded([&] { return wrap_tensor(tensor_of(self).copy()); });
}

PyObject* array(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<2> parameters{"__array__", {"dtype", "copy"}};
    const auto [dtype, copy] = parameters.bind(args, count, keywords);
    const Tensor& tensor = tensor_of(self);
    py::object result = shared_array(tensor);
    const bool never = copy == Py_False, always = !left_out(copy) && PyObject_IsTrue(copy) == 1;
    if (never && tensor.dtype().variable_length())
      throw ValueError("[__array__] text becomes new objects, which is a copy; use copy=None");
    if (left_out(dtype) && !always) return result;
    PyArray_Descr* descr = nullptr;
    if (left_out(dtype)) {
      descr = reinterpret_cast<PyArray_Descr*>(Py_NewRef(as_object(PyArray_DESCR(as_array(result.ptr())))));
    } else if (PyArray_DescrConverter(dtype, &descr) != NPY_SUCCEED) {
      throw_python_error();
    }
    const bool same = PyArray_EquivTypes(descr, PyArray_DESCR(as_array(result.ptr())));
    if (never && !same) {
      Py_DECREF(descr);
      throw ValueError(
          sentence("__array__", "another dtype than ", tensor.dtype().name(), " needs a copy; use copy=None"));
    }
    if (same && !always) {
      Py_DECREF(descr);
      return result;
    }
    const int flags = NPY_ARRAY_FORCECAST | NPY_ARRAY_ENSUREARRAY | NPY_ARRAY_ENSURECOPY;
    return own(PyArray_FromArray(as_array(result.ptr()), descr, flags));
  });
}

PyObject* astype(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<2> parameters{"astype", {"dtype", "copy"}, 1};
    const auto [dtype, copy] = parameters.bind(args, count, keywords);
    const Tensor& tensor = tensor_of(self);
    const DType wanted = dtype_from(dtype, {"astype", "dtype"});
    if (wanted != tensor.dtype()) return wrap_tensor(cast_or_convert(tensor, wanted, "astype"));
    return wrap_tensor(copy == Py_False ? tensor : tensor.copy());
  });
}

/// Sizes or axes: one sequence of ints, or the ints themselves.
std::vector<std::int64_t> ints_of(const char* function, PyObject* const* args, Py_ssize_t count) {
  py::object items;
  if (count == 1 && !PyIndex_Check(args[0])) {
    items = own(PySequence_Fast(args[0], "a tuple of ints, or ints, are needed"));
    args = PySequence_Fast_ITEMS(items.ptr());
    count = PySequence_Fast_GET_SIZE(items.ptr());
  }
  std::vector<std::int64_t> values;
  for (Py_ssize_t i = 0; i < count; ++i) {
    require<TypeError>(PyIndex_Check(args[i]), function, "ints are needed, got ", shown(args[i]));
    values.push_back(PyNumber_AsSsize_t(args[i], PyExc_ValueError));
    if (values.back() == -1 && PyErr_Occurred()) throw_python_error();
  }
  return values;
}

PyObject* reshape(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    std::vector<std::int64_t> sizes = ints_of("reshape", args, count);
    std::int64_t* unknown = nullptr;
    std::int64_t known = 1;
    for (std::int64_t& size : sizes) {
      require(size >= -1 && (size >= 0 || !unknown), "reshape", "sizes must be >= 0, one of them may be -1, got ",
              size);
      if (size == -1) {
        unknown = &size;
      } else {
        require(!__builtin_mul_overflow(known, size, &known), "reshape", "the sizes must fit 63 bits");
      }
    }
    if (unknown) {
      require(known != 0 && tensor.size() % known == 0, "reshape", "no size in place of -1 keeps the number of items, ",
              tensor.size());
      *unknown = tensor.size() / known;
    }
    return wrap_tensor(tensor.reshape(Shape(sizes)));
  });
}

PyObject* transpose(PyObject* self, PyObject* const* args, Py_ssize_t count) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const bool reversed = count == 0 || (count == 1 && args[0] == Py_None);
    std::vector<std::int64_t> axes = reversed ? std::vector<std::int64_t>() : ints_of("transpose", args, count);
    const int n = tensor.ndim();
    for (int axis = n; reversed && axis-- > 0;) axes.push_back(axis);
    require(static_cast<int>(axes.size()) == n, "transpose", "each axis must be named once, got ", axes.size(),
            " axes for ", n);
    Shape shape = tensor.shape();
    Strides strides = tensor.strides();
    std::vector<bool> seen(axes.size());
    for (int to = 0; to < n; ++to) {
      std::int64_t from = axes[static_cast<std::size_t>(to)];
      from += from < 0 ? n : 0;
      const bool once = from >= 0 && from < n && !seen[static_cast<std::size_t>(from)];
      require(once, "transpose", "each axis must be named once, got ", axes[static_cast<std::size_t>(to)]);
      seen[static_cast<std::size_t>(from)] = true;
      shape[to] = tensor.shape()[static_cast<int>(from)];
      strides[to] = tensor.strides()[static_cast<int>(from)];
    }
    Tensor view = Tensor::view(tensor.buffer(), tensor.mutable_data(), tensor.dtype(), std::move(shape),
                               std::move(strides), tensor.writable());
    view.set_heap(tensor.heap());
    return wrap_tensor(std::move(view));
  });
}

PyObject* item(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    require(tensor.size() == 1, "item", "a tensor of one item is needed, got shape ", to_string(tensor.shape()));
    return own(PyObject_CallMethod(shared_array(tensor).ptr(), "item", nullptr));
  });
}

PyObject* tolist(PyObject* self, PyObject*) {
  return guarded([&] { return own(PyObject_CallMethod(shared_array(tensor_of(self)).ptr(), "tolist", nullptr)); });
}

PyObject* format(PyObject* self, PyObject* spec) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    if (tensor.ndim() > 0) return own(PyObject_Format(own(PyObject_Str(self)).ptr(), spec));
    return own(PyObject_Format(own(item(self, nullptr)).ptr(), spec));
  });
}

PyObject* deepcopy(PyObject* self, PyObject*) { return copy(self, nullptr); }

PyObject* reduce(PyObject* self, PyObject*) {
  return guarded([&] {
    const Tensor& tensor = tensor_of(self);
    const py::object make = py::module_::import("headrace").attr("tensor");
    const py::object dtype = tensor.dtype().variable_length() ? dtype_object(tensor.dtype()) : py::object(py::none());
    return py::object(py::make_tuple(make, py::make_tuple(shared_array(tensor), dtype)));
  });
}

#if PY_VERSION_HEX < 0x030C0000  // from 3.12 on CPython makes it of the slot (PEP 688); type checkers look for it
PyObject* buffer(PyObject* self, PyObject*) { return PyMemoryView_FromObject(self); }
#endif

PyObject* dlpack_device(PyObject*, PyObject*) { return Py_BuildValue("(ii)", 1, 0); }

template <Reduction which>
PyObject* reduction(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return reduce_method(which, self, args, count, keywords);
}

}  // namespace

PyMethodDef tensor_methods[] = {
    {"numpy", numpy, METH_NOARGS,
     "numpy($self)\n--\n\n"
     "Returns a NumPy array of the same memory, read-only where the tensor is; of variable-length text a new array of\n"
     "objects. The memory lives as long as the array.\n"},
    {"copy", copy, METH_NOARGS, "copy($self)\n--\n\nReturns a tensor with memory of its own, in C order, writable.\n"},
    {"astype", fast_call(astype), kFastCall,
     "astype($self, dtype, copy=True)\n--\n\n"
     "Returns the items in another dtype, by NumPy's rules; with copy=False the same view where it has that dtype.\n"},
    {"reshape", fast_call(reshape), METH_FASTCALL,
     "reshape($self, *shape)\n--\n\n"
     "Returns the items in another shape, -1 for one size that follows: a view where strides allow, else a copy.\n"},
    {"transpose", fast_call(transpose), METH_FASTCALL,
     "transpose($self, *axes)\n--\n\nReturns a view with the axes in this order; without any, in reverse.\n"},
    {"item", item, METH_NOARGS, "item($self)\n--\n\nReturns the only item as a Python object.\n"},
    {"tolist", tolist, METH_NOARGS, "tolist($self)\n--\n\nReturns the items as nested lists of Python objects.\n"},
    {"sum", fast_call(reduction<Reduction::sum>), kFastCall,
     "sum($self, axis=None, keepdims=False, *, dtype=None, out=None)\n--\n\n"
     "As headrace.sum. np.sum(tensor) comes here, too, and names dtype and out, which must be None.\n"},
    {"mean", fast_call(reduction<Reduction::mean>), kFastCall,
     "mean($self, axis=None, keepdims=False, *, dtype=None, out=None)\n--\n\n"
     "As headrace.mean. np.mean(tensor) comes here, too, and names dtype and out, which must be None.\n"},
    {"min", fast_call(reduction<Reduction::min>), kFastCall,
     "min($self, axis=None, keepdims=False, *, dtype=None, out=None)\n--\n\n"
     "As headrace.min. np.min(tensor) comes here, too, and names dtype and out, which must be None.\n"},
    {"max", fast_call(reduction<Reduction::max>), kFastCall,
     "max($self, axis=None, keepdims=False, *, dtype=None, out=None)\n--\n\n"
     "As headrace.max. np.max(tensor) comes here, too, and names dtype and out, which must be None.\n"},
    {"__array__", fast_call(array), kFastCall,
     "__array__($self, dtype=None, copy=None)\n--\n\nWhat np.asarray asks for; copy=False is a ValueError where one is "
     "needed.\n"},
#if PY_VERSION_HEX < 0x030C0000
    {"__buffer__", buffer, METH_O, "__buffer__($self, flags, /)\n--\n\nThe memory as a memoryview.\n"},
#endif
    {"__dlpack__", fast_call(tensor_to_dlpack), kFastCall,
     "__dlpack__($self, *, stream=None, max_version=None, dl_device=None, copy=None)\n--\n\n"
     "What torch.from_dlpack and others ask for: a capsule that shares the memory.\n"},
    {"__dlpack_device__", dlpack_device, METH_NOARGS, "__dlpack_device__($self)\n--\n\n(1, 0): the host's memory.\n"},
    {"__copy__", copy, METH_NOARGS, "__copy__($self)\n--\n\nAs copy().\n"},
    {"__deepcopy__", deepcopy, METH_O, "__deepcopy__($self, memo, /)\n--\n\nAs copy().\n"},
    {"__format__", format, METH_O, "__format__($self, format_spec, /)\n--\n\nOf a tensor without axes: as its item.\n"},
    {"__reduce__", reduce, METH_NOARGS,
     "__reduce__($self)\n--\n\nPickles the items; protocol 5 takes them out of band.\n"},
    {nullptr, nullptr, 0, nullptr},
};

}  // namespace headrace::python
