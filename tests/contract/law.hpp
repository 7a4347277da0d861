// What every stage must obey, and the form in which a stage's cases are given.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <headrace/io/stages.hpp>

namespace headrace::contract {

/// The elements of an upstream: numbers, or an error (nullopt).
using Input = std::vector<std::optional<std::int64_t>>;

/// An element as text: "int64(2)[0 1]", "(a, b)", "{'k': a}"; an error is "!".
std::string show(const Element& element);
inline std::string show(std::int64_t number) { return "int64()[" + std::to_string(number) + "]"; }
inline std::string show_or_error(const std::optional<std::int64_t>& number) { return number ? show(*number) : "!"; }
/// "int64(3)[0 1 2]", or "!" where one of them is an error.
std::string show_batch(const Input& input, std::size_t begin, std::size_t end);

struct Case {
  std::string name;
  std::function<Dataset(const Dataset& upstream)> attach;
  /// What comes out, in order: a sequential model in a few lines.
  std::function<std::vector<std::string>(const Input&)> model;
  bool any_order = false;    // the model gives the elements, chance their order
  bool takes_errors = true;  // also run on an upstream with failing elements
  bool varies = false;       // another number of elements each epoch
};

/// The cases of each stage and source; a stage without them does not compile.
template <class Stage>
struct Cases;  // static std::vector<Case> make();

/// Checks all laws of one case over upstreams of several sizes and forms.
void check(const Case& tested);

}  // namespace headrace::contract
