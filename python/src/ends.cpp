#include "ends.hpp"

#include "gil.hpp"
#include "iterator.hpp"
#include "specs.hpp"

#include <pybind11/stl.h>

#include <headrace/io/save.hpp>
#include <headrace/pipeline/run.hpp>
#include <headrace/tensor/buffer.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::python {
namespace {

py::object element_object(const Dataset& dataset, const Element& element) {
  const Deliver how = options_of(dataset.node()).writable.value_or(false) ? Deliver::writable : Deliver::keepable;
  return Mould(*element.structure).fill([&](int i) {
    return deliver(element.components[static_cast<std::size_t>(i)], how);
  });
}

std::vector<std::int64_t> positions_from(const py::object& indices) {
  const py::object array = own(PyArray_FROM_OF(indices.ptr(), NPY_ARRAY_ENSUREARRAY));
  PyArrayObject* const a = as_array(array.ptr());
  if (PyArray_SIZE(a) == 0) return {};
  require<TypeError>(PyArray_ISINTEGER(a) && PyArray_NDIM(a) == 1, "gather", "indices must be a list of ints, got ",
                     shown(indices.ptr()));
  const py::object whole =
      own(PyArray_FROMANY(array.ptr(), NPY_INT64, 1, 1, NPY_ARRAY_CARRAY_RO | NPY_ARRAY_FORCECAST));
  const auto* const data = static_cast<const std::int64_t*>(PyArray_DATA(as_array(whole.ptr())));
  const std::span positions(data, static_cast<std::size_t>(PyArray_SIZE(a)));
  if (PyArray_ISUNSIGNED(a)) {
    for (const std::int64_t position : positions)
      require<IndexError>(position >= 0, "gather", "an index must fit 63 bits");
  }
  return {positions.begin(), positions.end()};
}

py::object read(const py::object& plan, std::int64_t position) {
  const Dataset& dataset = plan_of(plan).dataset;
  const Inside inside;
  return element_object(dataset, dataset.read(position));
}

py::object gather(const py::object& plan, const py::object& indices) {
  const Dataset& dataset = plan_of(plan).dataset;
  const auto positions = positions_from(indices);
  const Inside inside;
  return element_object(dataset, dataset.read(positions));
}

template <class T>
py::object or_none(const std::optional<T>& value) {
  return value ? py::cast(*value) : py::none();
}

/// Writes the next epoch, counted as one.
py::object save_epoch(const py::object& object, const std::string& path) {
  PlanObject& plan = plan_of(object);
  const Inside inside;
  const std::int64_t epoch = plan.dataset.next_epoch();
  Iterator iterator(plan.dataset.node_ptr(), epoch, plan.seeds);
  plan.dataset.set_next_epoch(epoch + 1);
  save(iterator, plan.dataset, path);
  return py::none();
}

py::object options(const py::object& plan) {
  const RunOptions options = options_of(plan_of(plan).dataset.node());
  return py::make_tuple(or_none(options.threads), or_none(options.memory_limit), or_none(options.deterministic),
                        or_none(options.writable));
}

}  // namespace

void define_ends(py::module_& module) {
  module.def("cardinality", [](const py::object& plan) {
    return answered([&]() -> py::object { return py::int_(plan_of(plan).dataset.cardinality()); });
  });
  module.def("random_access", [](const py::object& plan) {
    return answered([&]() -> py::object { return py::bool_(plan_of(plan).dataset.random_access()); });
  });
  module.def("explain", [](const py::object& plan) {
    return answered([&]() -> py::object { return py::str(plan_of(plan).dataset.explain()); });
  });
  module.def("fingerprint", [](const py::object& plan) {
    return answered([&]() -> py::object { return py::str(plan_of(plan).dataset.fingerprint()); });
  });
  module.def("element_spec", [](const py::object& plan) {
    return answered([&]() -> py::object {
      const Inside inside;
      return spec_object(plan_of(plan).dataset.element_spec());
    });
  });
  module.def("at", [](const py::object& plan, std::int64_t position) {
    return answered([&] { return read(plan, position); });
  });
  module.def("gather", [](const py::object& plan, const py::object& indices) {
    return answered([&] { return gather(plan, indices); });
  });
  module.def("iterator", [](const py::object& plan, std::optional<std::int64_t> epoch, bool tensors) {
    return answered([&] { return make_iterator(plan, epoch, tensors); });
  });
  module.def("options", [](const py::object& plan) { return answered([&] { return options(plan); }); });
  module.def("save", [](const py::object& plan, const std::string& path) {
    return answered([&] { return save_epoch(plan, path); });
  });
  module.def("stats", [](const py::object& plan) {
    return answered([&]() -> py::object { return stats_list(plan_of(plan).last_stats); });
  });
}

void define_counters(py::module_& module) {
  module.def("memory", [] {
    const BufferPool::Counters counters = BufferPool::counters();
    py::dict result;
    result["allocated"] = counters.allocated;
    result["reused"] = counters.reused;
    result["live_bytes"] = counters.live_bytes;
    result["cached_bytes"] = counters.cached_bytes;
    return result;
  });
  module.def("peak_workers", &pool::peak_workers);
  module.def("reset_peak_workers", &pool::reset_peak_workers);
}

}  // namespace headrace::python
