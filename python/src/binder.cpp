#include "binder.hpp"

#include "gil.hpp"
#include "options.hpp"
#include "plan.hpp"
#include "structures.hpp"

namespace headrace::python {
namespace {

/// The arguments in the order of the options (nullptr: not given), borrowed; and name=.
struct Bound {
  std::vector<PyObject*> arguments;
  std::string label;
};

std::string listed(const StageInfo& stage) {
  std::string text;
  for (const OptionInfo& option : stage.options) text += (text.empty() ? "" : ", ") + option.name;
  return stage.labelled ? text + (text.empty() ? "name" : ", name") : text;
}

/// "; did you mean 'drop_remainder'?" or the names there are.
std::string suggestion(const StageInfo& stage, const std::string& unknown) {
  py::list names;
  for (const OptionInfo& option : stage.options) names.append(option.name);
  if (stage.labelled) names.append("name");
  const py::list close = py::module_::import("difflib").attr("get_close_matches")(unknown, names, 1, 0.5);
  if (close.empty()) return "; it takes " + listed(stage);
  return "; did you mean '" + close[0].cast<std::string>() + "'?";
}

std::string label_from(const StageInfo& stage, PyObject* value) {
  if (value == Py_None) return {};
  require<TypeError>(PyUnicode_Check(value), stage.name, "name must be a str or None, got ", shown(value));
  return std::string(utf8(value));
}

void bind_keyword(const StageInfo& stage, const std::string& name, PyObject* value, Bound& bound) {
  if (stage.labelled && name == "name") {
    bound.label = label_from(stage, value);
    return;
  }
  for (std::size_t i = 0; i < stage.options.size(); ++i) {
    if (stage.options[i].name != name) continue;
    require<TypeError>(!bound.arguments[i], stage.name, "got two values for option '", name, "'");
    bound.arguments[i] = value;
    return;
  }
  throw TypeError(sentence(stage.name, "unknown option '", name, "'", suggestion(stage, name)));
}

Bound bind(const StageInfo& stage, PyObject* args, PyObject* kwargs) {
  const auto given = static_cast<std::size_t>(PyTuple_GET_SIZE(args));
  Bound bound{std::vector<PyObject*>(stage.options.size()), {}};
  if (given > stage.options.size()) {
    throw TypeError(sentence(stage.name, "takes at most ", stage.options.size(), " positional arguments, got ", given,
                             "; its signature is ", signature(stage)));
  }
  for (std::size_t i = 0; i < given; ++i) bound.arguments[i] = PyTuple_GET_ITEM(args, static_cast<Py_ssize_t>(i));
  PyObject *key = nullptr, *value = nullptr;
  Py_ssize_t position = 0;
  while (kwargs && PyDict_Next(kwargs, &position, &key, &value))
    bind_keyword(stage, std::string(utf8(key)), value, bound);
  for (std::size_t i = 0; i < stage.options.size(); ++i) {
    const OptionInfo& option = stage.options[i];
    if (bound.arguments[i] || !option.required) continue;
    throw TypeError(sentence(stage.name, "missing option '", option.name, "' (", option.doc, "); its signature is ",
                             signature(stage)));
  }
  return bound;
}

bool is_ours(PyFrameObject* frame) {
  const py::object globals = own(PyFrame_GetGlobals(frame));
  PyObject* const name = PyDict_GetItemString(globals.ptr(), "__name__");
  if (!name || !PyUnicode_Check(name)) return false;
  const std::string_view module = utf8(name);
  return module == "headrace" || module.substr(0, 9) == "headrace.";
}

/// "train.py:12": the nearest line outside this package.
std::string caller_place() {
  auto frame = py::reinterpret_borrow<py::object>(reinterpret_cast<PyObject*>(PyEval_GetFrame()));
  while (frame && is_ours(reinterpret_cast<PyFrameObject*>(frame.ptr()))) {
    frame = py::reinterpret_steal<py::object>(
        reinterpret_cast<PyObject*>(PyFrame_GetBack(reinterpret_cast<PyFrameObject*>(frame.ptr()))));
  }
  if (!frame) return {};
  auto* const found = reinterpret_cast<PyFrameObject*>(frame.ptr());
  const auto code = py::reinterpret_steal<py::object>(reinterpret_cast<PyObject*>(PyFrame_GetCode(found)));
  const py::object file = own(PyObject_GetAttrString(code.ptr(), "co_filename"));
  return std::string(utf8(file.ptr())) + ":" + std::to_string(PyFrame_GetLineNumber(found));
}

py::object make(const StageInfo& stage, const Dataset* upstream, std::vector<Value> values, std::string label,
                std::string place) {
  const Inside inside;
  Dataset dataset = stage.make(upstream, values);
  Attach::name(dataset, {&stage, std::move(values), std::move(label), std::move(place)});
  return wrap(std::move(dataset));
}

std::vector<Value> values_from(const StageInfo& stage, const Bound& bound) {
  std::vector<Value> values;
  for (std::size_t i = 0; i < stage.options.size(); ++i) {
    const OptionInfo& option = stage.options[i];
    values.push_back(bound.arguments[i] ? value_from(stage, option, bound.arguments[i]) : option.default_value);
  }
  return values;
}

std::string default_text(const OptionInfo& option) {
  return option.required ? option.name : option.name + "=" + to_string(option.default_value);
}

}  // namespace

py::object attach(const StageInfo& stage, const Dataset* upstream, PyObject* args, PyObject* kwargs) {
  release_pending();
  Bound bound = bind(stage, args, kwargs);
  return make(stage, upstream, values_from(stage, bound), std::move(bound.label), caller_place());
}

py::object reattach(const StageInfo& stage, const Dataset* upstream, const py::dict& options, std::string label,
                    std::string place) {
  const py::tuple nothing(0);
  const Bound bound = bind(stage, nothing.ptr(), options.ptr());
  return make(stage, upstream, values_from(stage, bound), std::move(label), std::move(place));
}

std::vector<Value> values_of_call(const StageInfo& call, PyObject* args, PyObject* kwargs) {
  return values_from(call, bind(call, args, kwargs));
}

std::string signature(const StageInfo& stage) {
  std::string text = stage.name + "(";
  for (const OptionInfo& option : stage.options) text += (text.back() == '(' ? "" : ", ") + default_text(option);
  if (stage.labelled) text += text.back() == '(' ? "*, name=None" : ", *, name=None";
  return text + ")";
}

std::string docstring(const StageInfo& stage) {
  std::string args = "Args:\n";
  for (const OptionInfo& option : stage.options) args += "    " + option.name + ": " + option.doc + ".\n";
  if (stage.labelled) args += "    name: a label for explain(), stats() and errors.\n";
  // The details begin with Shape, whose further lines are indented; Args come after it.
  std::size_t cut = stage.details.find('\n');
  while (cut != std::string::npos && stage.details.compare(cut + 1, 1, " ") == 0)
    cut = stage.details.find('\n', cut + 1);
  if (cut == std::string::npos) return stage.summary + "\n\n" + stage.details + "\n" + args;
  return stage.summary + "\n\n" + stage.details.substr(0, cut + 1) + args + stage.details.substr(cut + 1) + "\n";
}

}  // namespace headrace::python
