// A capsule of somebody else as a Tensor. Which arrays give one, and how they are asked, is in headrace/interchange.py.
#include "dlpack.hpp"
#include "dlpack_abi.hpp"
#include "tensors.hpp"

#include <algorithm>

namespace headrace::python {
namespace {

using namespace dlpack;

DType dtype_of(DataType type) {
  struct Known {
    std::uint8_t code, bits;
    DType dtype;
  };
  static constexpr Known known[] = {
      {kBool, 8, boolean},     {kInt, 8, int8},           {kInt, 16, int16},           {kInt, 32, int32},
      {kInt, 64, int64},       {kUInt, 8, uint8},         {kUInt, 16, uint16},         {kUInt, 32, uint32},
      {kUInt, 64, uint64},     {kFloat, 16, float16},     {kFloat, 32, float32},       {kFloat, 64, float64},
      {kBfloat, 16, bfloat16}, {kComplex, 64, complex64}, {kComplex, 128, complex128},
  };
  for (const Known& entry : known) {
    if (entry.code == type.code && entry.bits == type.bits && type.lanes == 1) return entry.dtype;
  }
  refuse_buffer(sentence("from_dlpack", "type code ", int{type.code}, " of ", int{type.bits}, " bits and ", type.lanes,
                         " lanes is none of headrace's dtypes; convert it where it comes from"));
}

void check_device(Device device) {
  const auto readable = {kCpu, kCudaHost, kRocmHost, kCudaManaged};
  if (std::find(readable.begin(), readable.end(), device.type) == readable.end()) {
    refuse_buffer(sentence("from_dlpack", "the memory must be the host's, got device (", device.type, ", ", device.id,
                           "); copy it to the host there"));
  }
}

constexpr auto kOwner = "headrace.dlpack";

/// What keeps the memory: a Python object, since deleters may want the GIL or run Python code.
template <class T>
void release(PyObject* owner) {
  T* const managed = static_cast<T*>(PyCapsule_GetPointer(owner, kOwner));
  if (managed && managed->deleter) managed->deleter(managed);
}

template <class T>
Tensor view_of(const View& view, py::object owner, bool writable) {
  check_device(view.device);
  const DType dtype = dtype_of(view.dtype);
  if (view.ndim < 0 || (view.ndim > 0 && !view.shape))
    refuse_buffer("[from_dlpack] the capsule has no shape; it is damaged");
  const Shape shape(std::span<const std::int64_t>(view.shape, static_cast<std::size_t>(view.ndim)));
  const std::int64_t count = element_count(shape), itemsize = dtype.itemsize();
  Strides strides = contiguous_strides(shape, itemsize);
  std::int64_t low = 0, high = count > 0 ? itemsize : 0;
  for (int axis = 0; axis < view.ndim; ++axis) {
    bool overflows = false;
    if (view.strides) overflows = __builtin_mul_overflow(view.strides[axis], itemsize, &strides[axis]);
    std::int64_t reach = 0;
    overflows |= count > 0 && __builtin_mul_overflow(shape[axis] - 1, strides[axis], &reach);
    std::int64_t& end = reach < 0 ? low : high;
    if (overflows || __builtin_add_overflow(end, reach, &end))
      refuse_buffer("[from_dlpack] the strides must fit 63 bits");
  }
  auto* const data = static_cast<std::byte*>(view.data) + view.byte_offset;
  Buffer buffer =
      Buffer::foreign(data + low, static_cast<std::size_t>(high - low), owner.release().ptr(), release_object);
  return Tensor::view(std::move(buffer), data, dtype, shape, std::move(strides), writable);
}

/// Takes the capsule over; from here on its deleter is called once, whatever happens.
template <class T>
std::pair<T*, py::object> take(PyObject* capsule) {
  T* const managed = static_cast<T*>(PyCapsule_GetPointer(capsule, Names<T>::fresh));
  if (!managed) throw_python_error();
  py::object owner = own(PyCapsule_New(managed, kOwner, nullptr));
  check(PyCapsule_SetName(capsule, Names<T>::used));
  check(PyCapsule_SetDestructor(owner.ptr(), release<T>));
  return {managed, std::move(owner)};
}

py::object take_dlpack(const py::object& capsule) {
  if (PyCapsule_IsValid(capsule.ptr(), Names<ManagedVersioned>::fresh)) {
    auto [managed, owner] = take<ManagedVersioned>(capsule.ptr());
    if (managed->version.major != 1) {
      refuse_buffer(
          sentence("from_dlpack", "DLPack 1 is understood, got ", managed->version.major, ".", managed->version.minor));
    }
    return wrap_tensor(view_of<ManagedVersioned>(managed->view, std::move(owner), !(managed->flags & kReadOnly)));
  }
  if (PyCapsule_IsValid(capsule.ptr(), Names<Managed>::fresh)) {  // it can't say whether its memory may be written to
    auto [managed, owner] = take<Managed>(capsule.ptr());
    return wrap_tensor(view_of<Managed>(managed->view, std::move(owner), false));
  }
  const bool used = PyCapsule_IsValid(capsule.ptr(), Names<ManagedVersioned>::used) ||
                    PyCapsule_IsValid(capsule.ptr(), Names<Managed>::used);
  require(!used, "from_dlpack", "this capsule was taken over already; ask the array for a new one");
  throw TypeError(sentence("from_dlpack", "a DLPack capsule is needed, got ", shown(capsule.ptr())));
}

}  // namespace

void define_dlpack(py::module_& module) {
  module.def("take_dlpack", [](const py::object& capsule) { return answered([&] { return take_dlpack(capsule); }); });
}

}  // namespace headrace::python
