// t.__dlpack__(): a capsule that keeps the tensor alive until its consumer, on any thread, calls the deleter.
#include "arguments.hpp"
#include "dlpack_abi.hpp"
#include "tensors.hpp"

#include <memory>
#include <optional>

namespace headrace::python {
namespace {

using namespace dlpack;

std::optional<DataType> type_of(DType dtype) {
  const auto bits = static_cast<std::uint8_t>(8 * std::min<std::int64_t>(dtype.itemsize(), 16));
  const Kind kind = dtype.kind();
  if (kind == Kind::boolean) return DataType{kBool, bits, 1};
  if (kind >= Kind::int8 && kind <= Kind::int64) return DataType{kInt, bits, 1};
  if (kind >= Kind::uint8 && kind <= Kind::uint64) return DataType{kUInt, bits, 1};
  if (kind == Kind::bfloat16) return DataType{kBfloat, bits, 1};
  if (kind == Kind::float16 || kind == Kind::float32 || kind == Kind::float64) return DataType{kFloat, bits, 1};
  if (kind == Kind::complex64 || kind == Kind::complex128) return DataType{kComplex, bits, 1};
  return std::nullopt;
}

/// What a capsule points at, and all that lives as long.
template <class T>
struct Export {
  T managed{};
  Tensor tensor;
  Shape shape;
  Strides strides;

  explicit Export(Tensor exported) : tensor(std::move(exported)), shape(tensor.shape()), strides(tensor.strides()) {
    const std::int64_t itemsize = tensor.dtype().itemsize();
    for (int axis = 0; axis < shape.size(); ++axis) {
      if (shape[axis] > 1 && strides[axis] % itemsize != 0) {
        refuse_buffer(sentence("__dlpack__", "strides must be whole items of ", itemsize, " bytes, got ", strides[axis],
                               " bytes; use copy()"));
      }
      strides[axis] /= itemsize;
    }
    managed.view = {tensor.mutable_data(), {kCpu, 0}, shape.size(), *type_of(tensor.dtype()), shape.begin(),
                    strides.begin(),       0};
    managed.context = this;
    managed.deleter = [](T* self) { delete static_cast<Export*>(self->context); };
  }
};

/// A capsule that nobody took lets go what it holds.
template <class T>
void drop_unused(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, Names<T>::fresh)) return;
  T* const managed = static_cast<T*>(PyCapsule_GetPointer(capsule, Names<T>::fresh));
  managed->deleter(managed);
}

template <class T>
py::object capsule_of(std::unique_ptr<Export<T>> exported) {
  py::object capsule = own(PyCapsule_New(&exported->managed, Names<T>::fresh, drop_unused<T>));
  static_cast<void>(exported.release());
  return capsule;
}

long first_of(PyObject* pair, const char* what) {
  const bool fits = PyTuple_Check(pair) && PyTuple_GET_SIZE(pair) == 2;
  require<TypeError>(fits, "__dlpack__", what, " must be a pair of ints, got ", shown(pair));
  const long value = PyLong_AsLong(PyTuple_GET_ITEM(pair, 0));
  if (value == -1 && PyErr_Occurred()) throw_python_error();
  return value;
}

}  // namespace

PyObject* tensor_to_dlpack(PyObject* self, PyObject* const* args, Py_ssize_t count, PyObject* keywords) {
  return guarded([&] {
    static constexpr Parameters<4> parameters{"__dlpack__", {"stream", "max_version", "dl_device", "copy"}, 0, 0};
    const auto [stream, max_version, dl_device, copy] = parameters.bind(args, count, keywords);
    const bool no_stream = left_out(stream) || (PyLong_Check(stream) && PyLong_AsLong(stream) == -1);
    if (PyErr_Occurred()) throw_python_error();
    require(no_stream, "__dlpack__", "the host's memory has no streams, so stream must be None, got ", Shown{stream});
    if (!left_out(dl_device) && first_of(dl_device, "dl_device") != kCpu)
      refuse_buffer(
          sentence("__dlpack__", "the memory is the host's, (1, 0); copy it to device ", shown(dl_device), " there"));
    const Tensor& tensor = tensor_of(self);
    if (!type_of(tensor.dtype()))
      refuse_buffer(sentence("__dlpack__", "DLPack has no type for ", tensor.dtype().name(), "; use numpy()"));
    const bool copied = !left_out(copy) && PyObject_IsTrue(copy) == 1;
    const bool versioned = !left_out(max_version) && first_of(max_version, "max_version") >= 1;
    const Tensor& shared = copied ? tensor.copy() : tensor;
    if (versioned) {
      auto exported = std::make_unique<Export<ManagedVersioned>>(shared);
      exported->managed.version = {1, 1};
      exported->managed.flags = (shared.writable() ? 0 : kReadOnly) | (copied ? kIsCopied : 0);
      return capsule_of(std::move(exported));
    }
    if (!shared.writable())
      refuse_buffer(
          sentence("__dlpack__", "a read-only tensor needs a consumer of DLPack 1.0 (max_version); use copy()"));
    return capsule_of(std::make_unique<Export<Managed>>(shared));
  });
}

}  // namespace headrace::python
