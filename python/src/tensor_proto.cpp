#include "tensor_proto.hpp"

#include "components.hpp"
#include "deliver.hpp"
#include "elements.hpp"
#include "gil.hpp"

#include <headrace/io/tensor_proto.hpp>

namespace headrace::python {
namespace {

constexpr auto kWriting = "make_tensor_proto";
constexpr auto kReading = "make_ndarray";

py::object written(const py::object& value) {
  const Compound kind = component_class_of(value.ptr());
  require<TypeError>(kind == Compound::none, kWriting, "a TensorProto holds one array, got a ",
                     kind == Compound::ragged
                         ? "RaggedTensor; give its values and row_splits, or padded()"
                         : "SparseTensor; give its indices, values and dense_shape, or to_dense()");
  const Element element = ElementReader(kWriting, "tensor", Taking::share).read(value);
  require<TypeError>(element.structure->kind() == Structure::Kind::leaf, kWriting,
                     "a TensorProto holds one array, got ", shown(value.ptr()), "; make one of each");
  const std::string message = away([&] { return make_tensor_proto(element.tensor()); });
  return own(PyBytes_FromStringAndSize(message.data(), static_cast<Py_ssize_t>(message.size())));
}

/// The bytes of an object while it is held.
class Viewed {
 public:
  explicit Viewed(PyObject* object) { check(PyObject_GetBuffer(object, &buffer_, PyBUF_SIMPLE)); }
  Viewed(const Viewed&) = delete;
  Viewed& operator=(const Viewed&) = delete;
  ~Viewed() { PyBuffer_Release(&buffer_); }
  std::string_view bytes() const {
    return {static_cast<const char*>(buffer_.buf), static_cast<std::size_t>(buffer_.len)};
  }

 private:
  Py_buffer buffer_;
};

py::object read(const py::object& message, const py::object& max_bytes) {
  require<TypeError>(
      PyObject_CheckBuffer(message.ptr()), kReading, "the message must be bytes, got ", shown(message.ptr()),
      PyObject_HasAttrString(message.ptr(), "SerializeToString") ? "; give its SerializeToString()" : "");
  require<TypeError>(PyIndex_Check(max_bytes.ptr()) && !PyBool_Check(max_bytes.ptr()), kReading,
                     "max_bytes must be an int, got ", shown(max_bytes.ptr()));
  const py::object number = own(PyNumber_Index(max_bytes.ptr()));
  int overflow = 0;
  const long long limit = PyLong_AsLongLongAndOverflow(number.ptr(), &overflow);
  const Viewed viewed(message.ptr());
  const std::int64_t most = overflow > 0 ? INT64_MAX : overflow < 0 ? -1 : limit;
  return deliver(away([&] { return make_ndarray(viewed.bytes(), most); }), Deliver::writable);
}

}  // namespace

void define_tensor_proto(py::module_& module) {
  module.def(kWriting, [](const py::object& value) { return answered([&] { return written(value); }); });
  module.def(kReading, [](const py::object& message, const py::object& max_bytes) {
    return answered([&] { return read(message, max_bytes); });
  });
}

}  // namespace headrace::python
