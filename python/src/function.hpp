// A Python callable as a stage's function.
#pragma once

#include "callable.hpp"
#include "elements.hpp"
#include "mould.hpp"
#include "random_generators.hpp"

#include <optional>

#include <headrace/pipeline/function.hpp>

namespace headrace::python {

class PyFunction : public Function, public PyCallable {
 public:
  /// `stage` is for errors; a predicate must return a bool.
  PyFunction(py::object callable, std::string stage, bool predicate);
  /// The same function, handed a numpy.random.Generator too.
  PyFunction(const PyFunction& plain, std::int64_t seed);

  Element operator()(const Element& element) const override;
  void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const override;
  FunctionPtr seeded(std::int64_t seed) const override { return std::make_shared<PyFunction>(*this, seed); }
  bool concurrent() const override { return false; }
  std::string name() const override { return callable_name(); }
  std::string place() const override { return place_; }

 private:
  Element result_of(py::object result) const;
  void call_seeded(const Call& where, const RowView& rows, RowsBuilder& out) const;
  template <class F>
  void each_row(const Call& where, const RowView& rows, RowsBuilder& out, F&& call) const;
  py::object call_with(const py::object& argument) const;
  template <class Leaf>
  py::object call(const Mould& mould, Leaf&& leaf) const;

  std::string stage_;
  bool predicate_;
  std::string place_;
  mutable MouldCache moulds_;  // both are used with the GIL held only, and do not change what is computed
  mutable ElementReader reader_;
  std::optional<std::int64_t> seed_;
  mutable RandomGenerators generators_;
};

/// The function of a Python callable; of the built-in `len` one that asks an array without Python, and
/// in map of an operation (hr.image.resize) one that works without Python.
FunctionPtr make_function(py::object callable, std::string stage, bool predicate);

}  // namespace headrace::python
