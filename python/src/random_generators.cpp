#include "random_generators.hpp"

#include "errors.hpp"
#include "numpy.hpp"

#include <headrace/pipeline/random.hpp>

namespace headrace::python {

py::object RandomGenerators::take(std::uint64_t key, std::uint64_t position) {
  py::object generator;
  if (!idle_.empty()) {
    generator = py::reinterpret_borrow<py::object>(idle_.back().get());
    idle_.pop_back();
  } else {
    const py::module_ random = py::module_::import("numpy.random");
    generator = random.attr("Generator")(random.attr("Philox")(0));
  }
  const py::object bits = own(PyObject_GetAttrString(generator.ptr(), "bit_generator"));
  if (!state_) {
    const py::object state =
        own(PyObject_GetAttrString(bits.ptr(), "state"));  // of a fresh one: counter 0, nothing buffered
    key_ = keep(
        own(PyObject_GetItem(own(PyObject_GetItem(state.ptr(), py::str("state").ptr())).ptr(), py::str("key").ptr())));
    state_ = keep(state);
  }
  auto* const words = static_cast<std::uint64_t*>(PyArray_DATA(as_array(key_.get())));
  words[0] = mix(key, position);
  words[1] = mix(words[0], key);
  check(PyObject_SetAttrString(bits.ptr(), "state", state_.get()));
  return generator;
}

void RandomGenerators::give_back(py::object generator) {
  if (Py_REFCNT(generator.ptr()) == 1 && idle_.size() < 64) idle_.push_back(keep(std::move(generator)));
}

}  // namespace headrace::python
