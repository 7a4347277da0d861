#include "binder.hpp"
#include "ends.hpp"
#include "options.hpp"
#include "plan.hpp"

#include <pybind11/stl.h>

#include <headrace/io/operations.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/pipeline/node.hpp>

namespace headrace::python {
namespace {

const StageInfo& stage_named(const std::string& name) {
  for (const StageInfo* const stage : all_stages()) {
    if (stage->name == name) return *stage;
  }
  throw ValueError(
      sentence("pickle", "this version has no stage '", name, "'; unpickle with the version that pickled"));
}

/// (stage, options, upstream, label, place, drawn seed, loaded seeds): the arguments of rebuild.
py::object parts(const py::object& object, const Replace& array, const py::object& function) {
  const PlanObject& plan = plan_of(object);
  const Node& node = plan.dataset.node();
  const StageCall& call = node.call();
  const Replace portable = [&](py::object callable) { return function(call.info->name, std::move(callable)); };
  py::dict options;
  for (std::size_t i = 0; i < call.values.size(); ++i) {
    options[py::str(call.info->options[i].name)] = object_of(call.values[i], array, portable);
  }
  py::object upstream = py::none();
  if (!call.info->source) upstream = wrap(Dataset(std::const_pointer_cast<Node>(node.attached_to())));
  py::object seed = py::none();
  if (node.seed() && node.seed()->drawn) seed = py::int_(node.seed()->value);
  return py::make_tuple(call.info->name, options, upstream, call.label, call.place, seed,
                        py::cast(std::vector<std::int64_t>(plan.seeds)));
}

py::object rebuild(const std::string& name, const py::dict& options, const py::object& upstream,
                   const std::string& label, const std::string& place, const py::object& seed, const py::list& seeds) {
  const StageInfo& stage = stage_named(name);
  py::object object = reattach(stage, upstream.is_none() ? nullptr : &plan_of(upstream).dataset, options, label, place);
  PlanObject& plan = plan_of(object);
  if (!seed.is_none()) Attach::set_drawn_seed(plan.dataset, seed.cast<std::int64_t>());
  for (const py::handle loaded : seeds) plan.seeds.push_back(loaded.cast<std::int64_t>());
  return object;
}

const char* type_text(OptionType type) {
  switch (type) {
    case OptionType::boolean:
      return "bool";
    case OptionType::integer:
      return "int";
    case OptionType::real:
      return "float";
    case OptionType::string:
      return "str";
    case OptionType::function:
      return "function";
    case OptionType::generator:
      return "generator";
    case OptionType::dataset:
      return "dataset";
    case OptionType::dataset_tree:
      return "datasets";
    case OptionType::dataset_list:
      return "dataset_list";
    case OptionType::tensors:
      return "tensors";
    case OptionType::spec:
      return "spec";
    case OptionType::shapes:
      return "shapes";
    case OptionType::dtype:
      return "dtype";
    case OptionType::strings:
      return "strings";
  }
  return "?";
}

py::dict stage_dict(const StageInfo& stage) {
  py::list options;
  for (const OptionInfo& option : stage.options) {
    py::dict entry;
    entry["name"] = option.name;
    entry["type"] = type_text(option.type);
    entry["required"] = option.required;
    entry["nullable"] = option.nullable;
    entry["default"] = option.required ? py::object(py::none()) : py::object(py::str(to_string(option.default_value)));
    entry["doc"] = option.doc;
    options.append(entry);
  }
  py::dict result;
  result["name"] = stage.name;
  result["source"] = stage.source;
  result["doc"] = docstring(stage);
  result["options"] = options;
  return result;
}

}  // namespace

void define_pickling(py::module_& module) {
  module.def("parts", [](const py::object& plan, const py::object& array, const py::object& function) {
    return answered([&] {
      return parts(
          plan, [&](py::object a) { return array(std::move(a)); }, function);
    });
  });
  module.def("rebuild",
             [](const std::string& stage, const py::dict& options, const py::object& upstream, const std::string& label,
                const std::string& place, const py::object& seed, const py::list& seeds) {
               return answered([&] { return rebuild(stage, options, upstream, label, place, seed, seeds); });
             });
  module.def("described_operations", [] {
    py::list list;
    for (const OperationInfo& operation : all_operations()) {
      py::dict entry = stage_dict(operation.call_of_input);
      entry["module"] = operation.module;
      list.append(entry);
    }
    return list;
  });
  module.def("stages", [] {
    py::list list;
    for (const StageInfo* const stage : all_stages()) list.append(stage_dict(*stage));
    return list;
  });
}

}  // namespace headrace::python
