// A built-in function of one component, declared once: a struct whose fields are its options and whose call does the
// work on a Tensor. Map takes it as it is (`map(image::DecodeJpeg{.channels = 3})`); from its table come the Python
// function, its docstring and what Python's map makes of it. See image/decode.hpp for the pattern.
#pragma once

#include <headrace/pipeline/stage.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace {

template <class O>
concept Operation = requires(const O& operation, const Tensor& input, const TensorSpec& spec) {
  {O::name};
  {O::module};
  {O::input};
  {operation.check()};
  { operation(input) } -> std::same_as<Tensor>;
  { operation.spec(spec) } -> std::same_as<std::optional<TensorSpec>>;
};

namespace detail {
/// `fill` does the same as `call` and puts the result where it is to lie.
FunctionPtr make_operation(std::function<Tensor(const Tensor&)> call,
                           std::function<void(const Tensor&, const Tensor& to)> fill,
                           std::function<std::optional<TensorSpec>(const TensorSpec&)> spec, std::string_view name,
                           std::string text);
}  // namespace detail

template <Operation O>
const StageInfo& operation_call();

/// The operation as a function for map, its options checked. Of an element that is a tuple it changes the first
/// component, which must be one tensor, and leaves the others as they are: (image, label) stays a pair. It is safe on
/// several threads at once and never asks for another language's permission.
template <Operation O>
FunctionPtr make_operation(const O& operation) {
  operation.check();
  const auto fill = [operation](const Tensor& input, const Tensor& to) {
    if constexpr (requires { operation.fill(input, to); })
      operation.fill(input, to);
    else
      copy(operation(input), to);
  };
  return detail::make_operation(
      operation, fill, [operation](const TensorSpec& input) { return operation.spec(input); }, O::name,
      to_string(StageCall{&operation_call<O>(), option_values(operation), {}, {}}));
}

/// An operation as data.
struct OperationInfo {
  std::string module;       // of the Python package: "image"
  const StageInfo* call;    // name, texts and options
  StageInfo call_of_input;  // the same with the input in front of the options
  std::function<FunctionPtr(const std::vector<Value>& options)> make;
};

template <Operation O>
const StageInfo& operation_call() {
  static const StageInfo info{O::name, O::summary, O::details, false, option_infos<O>(), {}, false};
  return info;
}

template <Operation O>
OperationInfo operation_info() {
  const auto make = [](const std::vector<Value>& values) { return make_operation(with_options_of<O>(values)); };
  StageInfo whole = operation_call<O>();
  whole.options.insert(whole.options.begin(),
                       OptionInfo{O::input, OptionType::tensors, true, false, true, {}, O::input_doc});
  return {O::module, &operation_call<O>(), std::move(whole), make};
}

}  // namespace headrace
