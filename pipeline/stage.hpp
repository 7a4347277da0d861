// How a stage is declared once: a struct whose fields are its options. From its table come the Python method,
// explain(), the fingerprint and the pickled form. See batch.hpp for the pattern.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/function.hpp>
#include <headrace/pipeline/generator.hpp>
#include <headrace/pipeline/shapes.hpp>

namespace headrace {

/// The closed set of option types. monostate is None.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string, FunctionPtr, GeneratorPtr, Dataset,
                           DatasetTree, std::vector<Dataset>, Element, Spec, Shapes, DType, std::vector<std::string>>;

enum class OptionType : unsigned char {
  boolean,
  integer,
  real,
  string,
  function,
  generator,
  dataset,
  dataset_tree,
  dataset_list,
  tensors,
  spec,
  shapes,
  dtype,
  strings
};

struct OptionInfo {
  std::string name;
  OptionType type;
  bool required;
  bool nullable;        // None is a value
  bool identifies;      // another value gives other elements
  Value default_value;  // monostate where required
  std::string doc;
};

/// A stage or source as data.
struct StageInfo {
  std::string name;
  std::string summary;  // one line
  std::string details;  // the docstring after Args: order, memory, errors, example, source
  bool source;
  std::vector<OptionInfo> options;
  /// Makes the stage from its options' values and attaches it; `upstream` is null for a source.
  std::function<Dataset(const Dataset* upstream, const std::vector<Value>& values)> make;
  bool labelled = true;  // takes name=
};

/// What a node remembers of being attached.
struct StageCall {
  const StageInfo* info = nullptr;
  std::vector<Value> values;  // as many as options
  std::string label;          // name=
  std::string place;          // "train.py:12", where the language knows
};

struct Attach {
  static void name(Dataset& dataset, StageCall call);
  /// For unpickling: the seed that was drawn for the stage just made.
  static void set_drawn_seed(Dataset& dataset, std::int64_t seed);

 private:
  static void name_planned(const Node& composite, const StageCall& call);
};

namespace detail {

template <class S, class T>
struct Option {
  const char* name;
  T S::*member;
  const char* doc;
  bool required;
  bool identifies;
};

template <class T>
struct OptionTraits;
template <>
struct OptionTraits<bool> {
  static constexpr auto type = OptionType::boolean;
};
template <>
struct OptionTraits<std::int64_t> {
  static constexpr auto type = OptionType::integer;
};
template <>
struct OptionTraits<double> {
  static constexpr auto type = OptionType::real;
};
template <>
struct OptionTraits<std::string> {
  static constexpr auto type = OptionType::string;
};
template <>
struct OptionTraits<FunctionPtr> {
  static constexpr auto type = OptionType::function;
};
template <>
struct OptionTraits<GeneratorPtr> {
  static constexpr auto type = OptionType::generator;
};
template <>
struct OptionTraits<Dataset> {
  static constexpr auto type = OptionType::dataset;
};
template <>
struct OptionTraits<DatasetTree> {
  static constexpr auto type = OptionType::dataset_tree;
};
template <>
struct OptionTraits<std::vector<Dataset>> {
  static constexpr auto type = OptionType::dataset_list;
};
template <>
struct OptionTraits<Element> {
  static constexpr auto type = OptionType::tensors;
};
template <>
struct OptionTraits<Spec> {
  static constexpr auto type = OptionType::spec;
};
template <>
struct OptionTraits<Shapes> {
  static constexpr auto type = OptionType::shapes;
};
template <>
struct OptionTraits<DType> {
  static constexpr auto type = OptionType::dtype;
};
template <>
struct OptionTraits<std::vector<std::string>> {
  static constexpr auto type = OptionType::strings;
};

template <class T>
struct Nullable : std::false_type {
  using type = T;
};
template <class T>
struct Nullable<std::optional<T>> : std::true_type {
  using type = T;
};

/// An optional value, and a function that need not be given.
template <class T>
constexpr bool takes_none(bool required_option) {
  return Nullable<T>::value || (std::is_same_v<T, FunctionPtr> && !required_option);
}

template <class T>
Value to_value(const T& field) {
  if constexpr (Nullable<T>::value)
    return field ? Value(*field) : Value();
  else if constexpr (std::is_same_v<T, FunctionPtr>)
    return field ? Value(field) : Value();
  else
    return Value(field);
}

template <class T>
T from_value(const Value& value) {
  using Plain = typename Nullable<T>::type;
  if constexpr (Nullable<T>::value || std::is_same_v<T, FunctionPtr>) {
    if (std::holds_alternative<std::monostate>(value)) return T();
  }
  return std::get<Plain>(value);
}

}  // namespace detail

/// The entries of a stage's options(): hints never change what comes out.
template <class S, class T>
constexpr auto required(const char* name, T S::*member, const char* doc) {
  return detail::Option<S, T>{name, member, doc, true, true};
}
template <class S, class T>
constexpr auto optional(const char* name, T S::*member, const char* doc) {
  return detail::Option<S, T>{name, member, doc, false, true};
}
template <class S, class T>
constexpr auto hint(const char* name, T S::*member, const char* doc) {
  return detail::Option<S, T>{name, member, doc, false, false};
}
template <class S, class T>
constexpr auto required_hint(const char* name, T S::*member, const char* doc) {
  return detail::Option<S, T>{name, member, doc, true, false};
}

template <class S>
concept Stage = requires(const S& stage, const Dataset& upstream) {
  {S::name};
  { stage(upstream) } -> std::same_as<Dataset>;
};
template <class S>
concept Source = requires(const S& source) {
  {S::name};
  { source() } -> std::same_as<Dataset>;
};

template <class S>
std::vector<Value> option_values(const S& stage) {
  return std::apply(
      [&](const auto&... option) { return std::vector<Value>{detail::to_value(stage.*option.member)...}; },
      S::options());
}

template <class S>
const StageInfo& stage_info();

/// Checks and plans the stage: the only way a stage gets into a plan.
template <Stage S>
Dataset operator|(const Dataset& upstream, const S& stage) {
  Dataset result = stage(upstream);
  Attach::name(result, {&stage_info<S>(), option_values(stage), {}, {}});
  return result;
}
/// Any other callable of a Dataset: tf.data's apply.
template <class F>
requires(!Stage<F> && std::is_invocable_r_v<Dataset, const F&, const Dataset&>) Dataset operator|(
    const Dataset& upstream, const F& transformation) {
  return transformation(upstream);
}
template <Source S>
Dataset make_source(const S& source) {
  Dataset result = source();
  Attach::name(result, {&stage_info<S>(), option_values(source), {}, {}});
  return result;
}

/// The table of options as data.
template <class S>
std::vector<OptionInfo> option_infos() {
  std::vector<OptionInfo> infos;
  const S defaults{};
  std::apply(
      [&](const auto&... option) {
        (infos.push_back(
             {option.name,
              detail::OptionTraits<
                  typename detail::Nullable<std::decay_t<decltype(defaults.*option.member)>>::type>::type,
              option.required, detail::takes_none<std::decay_t<decltype(defaults.*option.member)>>(option.required),
              option.identifies, option.required ? Value() : detail::to_value(defaults.*option.member), option.doc}),
         ...);
      },
      S::options());
  return infos;
}

/// The struct with `values` in its fields, in the table's order.
template <class S>
S with_options_of(const std::vector<Value>& values) {
  S made{};
  [[maybe_unused]] std::size_t next = 0;
  std::apply(
      [&](const auto&... option) {
        ((made.*option.member = detail::from_value<std::decay_t<decltype(made.*option.member)>>(values[next++])), ...);
      },
      S::options());
  return made;
}

template <class S>
const StageInfo& stage_info() {
  static const StageInfo info = [] {
    StageInfo made{S::name, S::summary, S::details, Source<S>, option_infos<S>(), {}};
    made.make = [](const Dataset* upstream, const std::vector<Value>& values) {
      const S stage = with_options_of<S>(values);
      if constexpr (Source<S>)
        return (void)upstream, make_source(stage);
      else
        return *upstream | stage;
    };
    return made;
  }();
  return info;
}

/// An option's value as it is written in a call: "32", "None", "'train'", "normalise".
std::string to_string(const Value& value);
/// "batch(32, drop_remainder=True)": required options, and others that differ from their default.
std::string to_string(const StageCall& call);

}  // namespace headrace
