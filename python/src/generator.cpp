#include "generator.hpp"

#include "casts.hpp"
#include "deliver.hpp"
#include "elements.hpp"
#include "gil.hpp"
#include "mould.hpp"
#include "structures.hpp"

namespace headrace::python {
namespace {

constexpr std::string_view kWhat = "what the generator gives";

py::object call_method(const char* module, const char* name, const py::object& argument) {
  const py::object function = own(PyObject_GetAttrString(own(PyImport_ImportModule(module)).ptr(), name));
  return own(PyObject_CallOneArg(function.ptr(), argument.ptr()));
}

/// Values of a signature: Python's numbers come in its dtypes.
class SignedReader {
 public:
  SignedReader(std::string_view stage, const Spec& signature) : root_{stage, kWhat}, signature_(signature) {}

  Element read(const py::object& value) const {
    const bool sole = Py_REFCNT(value.ptr()) == 1;
    if (signature_.structure->kind() == Structure::Kind::leaf && is_plain_leaf(value.ptr()))
      return tensor_as(value.ptr(), signature_.components[0].dtype, root_, Taking::give, sole);
    const StructurePtr structure =
        read_structure(value.ptr(), root_, sole, [](PyObject*, const Place&, bool) { return Structure::leaf(); });
    const bool same = structure->same_as(*signature_.structure);
    const std::vector<int> order = same ? structure->leaf_order_in(*signature_.structure) : std::vector<int>();
    Element element(same && order.empty() ? signature_.structure : structure, {});
    read_structure(value.ptr(), root_, sole, [&](PyObject* leaf, const Place& place, bool leaf_sole) {
      const std::size_t next = element.components.size();
      const std::size_t wanted = order.empty() ? next : static_cast<std::size_t>(order[next]);
      element.components.push_back(
          same ? tensor_as(leaf, signature_.components[wanted].dtype, place, Taking::give, leaf_sole)
               : tensor_from(leaf, place, Taking::give, leaf_sole));
      return Structure::leaf();
    });
    return element;
  }

 private:
  Place root_;
  const Spec& signature_;
};

class PyPass final : public GeneratorPass {
 public:
  PyPass(py::object given, std::string_view stage, const std::optional<Spec>& signature)
      : reader_(stage, kWhat, Taking::give) {
    if (signature && !signature->structure->holds_values()) signed_reader_.emplace(stage, *signature);
    stateful_ =
        PyObject_HasAttrString(given.ptr(), "state_dict") && PyObject_HasAttrString(given.ptr(), "load_state_dict");
    given_ = keep(std::move(given));
  }

  std::optional<Element> next() override {
    const WithGil gil;
    return in_python([&]() -> std::optional<Element> {
      py::object value = next_value();
      if (!value) return std::nullopt;
      return signed_reader_ ? signed_reader_->read(value) : reader_.read(std::move(value));
    });
  }

  bool skip() override {
    const WithGil gil;
    return static_cast<bool>(next_value());
  }

  bool goes_on() const override {
    const WithGil gil;
    if (!iterator_ || !PyGen_CheckExact(iterator_.get())) return true;
    const py::object frame = py::reinterpret_steal<py::object>(PyObject_GetAttrString(iterator_.get(), "gi_frame"));
    PyErr_Clear();
    return frame && !frame.is_none();
  }

  std::optional<std::string> state() override {
    if (!stateful_) return std::nullopt;
    const WithGil gil;
    const py::object state =
        own(without_unwinding([&] { return PyObject_CallMethod(given_.get(), "state_dict", nullptr); }));
    return std::string(utf8(call_method("json", "dumps", state).ptr()));
  }

  void load(const std::string& text) override {
    if (!stateful_) GeneratorPass::load(text);
    const WithGil gil;
    const py::object value = own(PyUnicode_FromStringAndSize(text.data(), static_cast<Py_ssize_t>(text.size())));
    const py::object state = call_method("json", "loads", value);
    own(without_unwinding([&] { return PyObject_CallMethod(given_.get(), "load_state_dict", "O", state.ptr()); }));
  }

 private:
  /// Nothing at the end.
  py::object next_value() {
    if (unusable_) return {};
    if (!iterator_) {  // not before a state is loaded
      unusable_ = true;
      try {
        iterator_ = keep(own(without_unwinding([&] { return PyObject_GetIter(given_.get()); })));
        unusable_ = false;
      } catch (const Interrupt&) {
        unusable_ = false;
        throw;
      }
    }
    PyObject* const value = without_unwinding([&] { return PyIter_Next(iterator_.get()); });
    if (!value && PyErr_Occurred()) throw_python_error();
    return py::reinterpret_steal<py::object>(value);
  }

  Kept given_;     // what generator() returned
  Kept iterator_;  // over it
  bool stateful_;
  bool unusable_ = false;  // iter() failed, and said so
  ElementReader reader_;
  std::optional<SignedReader> signed_reader_;
};

}  // namespace

PyGenerator::PyGenerator(py::object callable, std::string stage)
    : PyCallable(std::move(callable)), stage_(std::move(stage)) {}

std::unique_ptr<GeneratorPass> PyGenerator::begin(const Call& call) const {
  const WithGil gil;
  return in_python([&]() -> std::unique_ptr<GeneratorPass> {
    py::tuple arguments(0);
    if (call.args) {
      py::list values;
      Mould(*call.args->structure)
          .fill_arguments(
              [&](int i) { return deliver(call.args->components[static_cast<std::size_t>(i)], Deliver::keepable); },
              [&](const py::object& value) { values.append(value); });
      arguments = py::tuple(values);
    }
    py::object given = own(without_unwinding([&] { return PyObject_CallObject(callable(), arguments.ptr()); }));
    const bool iterable = Py_TYPE(given.ptr())->tp_iter || PySequence_Check(given.ptr());
    require<TypeError>(iterable, stage_, "generator must return an iterator or an iterable, got ", shown(given.ptr()));
    return std::make_unique<PyPass>(std::move(given), stage_, call.signature);
  });
}

}  // namespace headrace::python
