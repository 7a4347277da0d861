#include "texts.hpp"

#include "errors.hpp"

#include <cstring>

namespace headrace::python {
namespace {

constexpr auto kLoneSurrogates = "surrogatepass";  // a str may hold them; they go through unchanged

/// The bytes of one item; `kept` holds what had to be made for it.
std::string_view bytes_of(PyObject* item, py::object& kept) {
  if (PyBytes_Check(item)) return {PyBytes_AS_STRING(item), static_cast<std::size_t>(PyBytes_GET_SIZE(item))};
  if (PyUnicode_IS_COMPACT_ASCII(item)) {
    return {static_cast<const char*>(PyUnicode_DATA(item)), static_cast<std::size_t>(PyUnicode_GET_LENGTH(item))};
  }
  kept = own(PyUnicode_AsEncodedString(item, "utf-8", kLoneSurrogates));
  return bytes_of(kept.ptr(), kept);
}

}  // namespace

Tensor texts_from(std::span<PyObject* const> items, DType dtype, const Shape& shape) {
  std::string joined;
  std::vector<std::size_t> ends;
  ends.reserve(items.size());
  for (PyObject* const item : items) {
    py::object kept;
    joined += bytes_of(item, kept);
    ends.push_back(joined.size());
  }
  Tensor result = Tensor::empty(dtype, shape);
  if (joined.empty()) return result;
  Buffer heap = Buffer::allocate(joined.size());
  std::memcpy(heap.data(), joined.data(), joined.size());
  auto* const texts = reinterpret_cast<Text*>(result.mutable_data());
  std::size_t begin = 0;
  for (std::size_t i = 0; i < ends.size(); begin = ends[i++]) {
    texts[i] = {reinterpret_cast<const char*>(heap.data()) + begin, static_cast<std::int64_t>(ends[i] - begin)};
  }
  result.set_heap(std::move(heap));
  return result;
}

py::object text_object(Text text, Kind kind) {
  if (kind == Kind::bytes) return own(PyBytes_FromStringAndSize(text.data, text.size));
  return own(PyUnicode_DecodeUTF8(text.data, text.size, kLoneSurrogates));
}

py::object text_array(const std::byte* data, Kind kind, std::span<const std::int64_t> shape,
                      std::span<const std::int64_t> strides) {
  py::object array =
      own(PyArray_SimpleNew(static_cast<int>(shape.size()), const_cast<npy_intp*>(as_intp(shape.data())), NPY_OBJECT));
  auto** const items = static_cast<PyObject**>(PyArray_DATA(as_array(array.ptr())));
  const npy_intp count = PyArray_SIZE(as_array(array.ptr()));
  std::vector<std::int64_t> index(shape.size(), 0);
  for (npy_intp i = 0; i < count; ++i) {
    PyObject* const text = text_object(*reinterpret_cast<const Text*>(data), kind).release().ptr();
    Py_XSETREF(items[i], text);  // NumPy fills a new object array with None or null
    for (std::size_t axis = shape.size(); axis-- > 0;) {
      data += strides[axis];
      if (++index[axis] < shape[axis]) break;
      data -= strides[axis] * shape[axis];
      index[axis] = 0;
    }
  }
  return array;
}

}  // namespace headrace::python
