#include "function.hpp"

#include "deliver.hpp"
#include "gil.hpp"
#include "operations.hpp"
#include "structures.hpp"
#include "tensors.hpp"

#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/run.hpp>

namespace headrace::python {
namespace {

/// "train.py:12" of a function written in Python; nothing for others.
std::string place_of(PyObject* callable) {
  py::object code = py::reinterpret_steal<py::object>(PyObject_GetAttrString(callable, "__code__"));
  PyErr_Clear();
  if (!code || !PyCode_Check(code.ptr())) return {};
  const auto* const compiled = reinterpret_cast<PyCodeObject*>(code.ptr());
  return text_attribute(code.ptr(), "co_filename") + ":" + std::to_string(compiled->co_firstlineno);
}

/// Arguments of one call, few enough for the stack nearly always.
class Arguments {
 public:
  void add(py::object argument) { held_.push_back(std::move(argument)); }
  py::object call(PyObject* callable) {
    pointers_.assign(1, nullptr);  // the callee may use the place in front (vectorcall)
    for (const py::object& argument : held_) pointers_.push_back(argument.ptr());
    const std::size_t count = held_.size() | PY_VECTORCALL_ARGUMENTS_OFFSET;
    return own(without_unwinding([&] { return PyObject_Vectorcall(callable, pointers_.data() + 1, count, nullptr); }));
  }

 private:
  std::vector<py::object> held_;
  std::vector<PyObject*> pointers_;
};

}  // namespace

PyFunction::PyFunction(py::object callable, std::string stage, bool predicate)
    : PyCallable(std::move(callable)),
      stage_(std::move(stage)),
      predicate_(predicate),
      place_(place_of(this->callable())),
      reader_(stage_, "the result", Taking::give) {}

PyFunction::PyFunction(const PyFunction& plain, std::int64_t seed)
    : PyCallable(plain),
      stage_(plain.stage_),
      predicate_(plain.predicate_),
      place_(plain.place_),
      reader_(stage_, "the result", Taking::give),
      seed_(seed) {}

py::object PyFunction::call_with(const py::object& argument) const {
  return own(without_unwinding([&] { return PyObject_CallOneArg(callable(), argument.ptr()); }));
}

template <class Leaf>
py::object PyFunction::call(const Mould& mould, Leaf&& leaf) const {
  if (!mould.is_plain_tuple()) return call_with(mould.fill(leaf));
  Arguments arguments;
  mould.fill_arguments(leaf, [&](py::object argument) { arguments.add(std::move(argument)); });
  return arguments.call(callable());
}

Element PyFunction::result_of(py::object result) const {
  if (!predicate_) return reader_.read(std::move(result));
  static const Tensor& yes = *new Tensor(Tensor::scalar(true).read_only());
  static const Tensor& no = *new Tensor(Tensor::scalar(false).read_only());
  if (result.ptr() == Py_True || result.ptr() == PyArrayScalar_True) return yes;
  if (result.ptr() == Py_False || result.ptr() == PyArrayScalar_False) return no;
  if (is_tensor(result.ptr())) result = shared_array(tensor_of(result.ptr()));
  const bool one_bool = PyArray_Check(result.ptr()) && PyArray_TYPE(as_array(result.ptr())) == NPY_BOOL &&
                        PyArray_NDIM(as_array(result.ptr())) == 0;
  require<TypeError>(one_bool, stage_, "the predicate must return a bool, got ", shown(result.ptr()),
                     "; compare, or wrap it in bool()");
  return *static_cast<const npy_bool*>(PyArray_DATA(as_array(result.ptr()))) ? yes : no;
}

Element PyFunction::operator()(const Element& element) const {
  const WithGil gil;
  return in_python([&] {
    const auto leaf = [&](int i) { return deliver(element.components[static_cast<std::size_t>(i)], Deliver::views); };
    return result_of(call(*moulds_.of(element.structure), leaf));
  });
}

/// Calls `call(row of the block)` for each row and appends what it gives, or its error.
template <class F>
void PyFunction::each_row(const Call& where, const RowView& rows, RowsBuilder& out, F&& call) const {
  for (std::int64_t row = 0; row < rows.count; ++row) {
    out.set_origin(row);
    if (where.run && where.run->cancelled()) throw Closing();
    if (const FailurePtr& failure = rows.failure(row)) {
      out.append_failure(failure);
      continue;
    }
    try {
      out.append(in_python([&] { return call(rows.begin + row); }));
    } catch (...) {
      out.append_failure(capture_failure(where.node, where.positions[row]));
    }
  }
}

/// Rows are pairs (position, element).
void PyFunction::call_seeded(const Call& where, const RowView& rows, RowsBuilder& out) const {
  const std::uint64_t key = random_key(*seed_, Map::name, where.epoch);
  each_row(where, rows, out, [&](std::int64_t row) {
    const Element pair = rows.rows->element(row);
    const auto leaf = [&](int i) { return deliver(pair.components[static_cast<std::size_t>(i) + 1], Deliver::views); };
    const std::shared_ptr<const Mould> mould = moulds_.of(pair.structure->children()[1]);
    py::object generator = generators_.take(key, static_cast<std::uint64_t>(pair.components[0].item<std::int64_t>()));
    py::object result;
    {
      Arguments arguments;
      if (mould->is_plain_tuple())
        mould->fill_arguments(leaf, [&](py::object argument) { arguments.add(std::move(argument)); });
      else
        arguments.add(mould->fill(leaf));
      arguments.add(generator);
      result = arguments.call(callable());
    }
    generators_.give_back(std::move(generator));
    return result_of(std::move(result));
  });
}

void PyFunction::call_rows(const Call& where, const RowView& rows, RowsBuilder& out) const {
  const WithGil gil;
  if (seed_) {
    call_seeded(where, rows, out);
    return;
  }
  const Rows& block = *rows.rows;
  if (!block.stacked) {
    each_row(where, rows, out,
             [&](std::int64_t row) { return (*this)(block.list[static_cast<std::size_t>(row)].element); });
    return;
  }
  if (block.structure->kind() == Structure::Kind::leaf) {  // the usual case, and often one row at a time
    const RowViews column(block.columns.front());
    each_row(where, rows, out, [&](std::int64_t row) { return result_of(call_with(column(row))); });
    return;
  }
  const std::vector<RowViews> columns(block.columns.begin(), block.columns.end());
  const std::shared_ptr<const Mould> mould = moulds_.of(block.structure);
  each_row(where, rows, out, [&](std::int64_t row) {
    return result_of(call(*mould, [&](int i) { return columns[static_cast<std::size_t>(i)](row); }));
  });
}

namespace {

/// len: of an array its first size, found on whatever thread.
class LenFunction final : public PyFunction {
 public:
  using PyFunction::PyFunction;
  bool is_length() const override { return true; }
  bool concurrent() const override { return true; }
  Element operator()(const Element& element) const override {
    return of_array(element) ? Element(Tensor::scalar(element.components[0].shape()[0]))
                             : PyFunction::operator()(element);
  }
  void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const override {
    Function::call_rows(call, rows, out);
  }

 private:
  static bool of_array(const Element& element) {
    return element.structure->kind() == Structure::Kind::leaf && element.components[0].ndim() > 0;
  }
};

/// A built-in operation, by itself or with its options in a functools.partial: no Python runs.
class BuiltInFunction final : public PyFunction {
 public:
  BuiltInFunction(py::object callable, std::string stage, FunctionPtr function)
      : PyFunction(std::move(callable), std::move(stage), false), function_(std::move(function)) {}
  bool concurrent() const override { return true; }
  Element operator()(const Element& element) const override { return (*function_)(element); }
  void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const override {
    function_->call_rows(call, rows, out);
  }
  bool fills() const override { return function_->fills(); }
  void fill(const Element& element, std::span<const Tensor> to) const override { function_->fill(element, to); }
  std::optional<Spec> result_spec(const Spec& argument) const override { return function_->result_spec(argument); }
  FunctionPtr seeded(std::int64_t seed) const override { return function_->seeded(seed); }
  std::string name() const override { return function_->name(); }

 private:
  FunctionPtr function_;
};

bool is_len(const py::object& callable) {
  static PyObject* const len = PyDict_GetItemString(PyEval_GetBuiltins(), "len");  // of the interpreter, for ever
  return callable.ptr() == len;
}

}  // namespace

FunctionPtr make_function(py::object callable, std::string stage, bool predicate) {
  if (!predicate && is_len(callable))
    return std::make_shared<LenFunction>(std::move(callable), std::move(stage), false);
  if (stage == Map::name) {
    if (FunctionPtr operation = operation_in(callable))
      return std::make_shared<BuiltInFunction>(std::move(callable), std::move(stage), std::move(operation));
  }
  return std::make_shared<PyFunction>(std::move(callable), std::move(stage), predicate);
}

}  // namespace headrace::python
