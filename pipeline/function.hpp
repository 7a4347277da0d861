// A user's function as a stage sees it. This room knows nothing of other languages: python/ derives its own.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include <headrace/pipeline/rows.hpp>

namespace headrace {

class Dataset;
class Node;
class Run;

class Function {
 public:
  /// What a call is about: for errors, and for functions that want to know their place.
  struct Call {
    const Node& node;
    std::int64_t epoch;
    Positions positions;       // of the rows, in the node's output
    const Run* run = nullptr;  // for long blocks: once it is cancelled, nobody wants the rest
  };

  virtual ~Function() = default;
  /// The function of one element. Any exception is the element's error.
  virtual Element operator()(const Element& element) const = 0;
  /// The function of each row, appended to `out` in order: a failed row stays failed, an exception fails its row. An
  /// Interrupt stops it: then out.count() tells how far it came. Default: row by row.
  virtual void call_rows(const Call& call, const RowView& rows, RowsBuilder& out) const;
  /// Stacked rows in, stacked rows out, in one call (same count). Only called where has_block().
  virtual bool has_block() const { return false; }
  virtual std::vector<Tensor> block(const std::vector<Tensor>& columns) const;
  /// The result of one element written to where it is to lie, a tensor for each component of a result_spec that is
  /// fully known: a batch's row, say. Only called where fills().
  virtual bool fills() const { return false; }
  virtual void fill(const Element& element, std::span<const Tensor> to) const;
  /// Of an element that is an array it is the first size, and so known where only sizes are.
  virtual bool is_length() const { return false; }
  /// Calls on several threads at once are fine and need no permission of the caller's language.
  virtual bool concurrent() const { return true; }
  /// The same function with randomness, for elements (position, element): what it draws follows from `seed`, the epoch
  /// and the position. Throws TypeError where it takes none.
  virtual std::shared_ptr<const Function> seeded(std::int64_t seed) const;
  /// What comes out, where it is known without a call.
  virtual std::optional<Spec> result_spec(const Spec& argument) const;
  virtual std::string name() const { return "function"; }
  virtual std::string place() const { return {}; }  // "train.py:12"
};
using FunctionPtr = std::shared_ptr<const Function>;

/// C++ callables of const Element& or const Tensor&, giving an Element, a Tensor or a bool. They must be safe to call
/// on several threads at once.
template <class F>
FunctionPtr make_function(F function, std::string name = "function");

/// The same for a callable that gives a Dataset, for flat_map and its like.
template <class F>
FunctionPtr make_dataset_function(F function, std::string name = "function");

/// Stacked rows of one component in, as many rows out: for map, the mapped rows; for filter, a boolean a row.
FunctionPtr make_block_function(std::function<Tensor(const Tensor&)> function, std::string name = "function");

/// The first size of a Tensor, as an int64: for bucket_by_sequence_length, which then reads no elements to place them.
FunctionPtr make_length_function();

/// A function of an element and a key, 64 random bits that follow from map's seed, the epoch and the position. Like
/// others it must be safe to call on several threads at once.
FunctionPtr make_random_function(std::function<Element(const Element&, std::uint64_t key)> function,
                                 std::string name = "function");

// --- how make_function wraps a callable
// ---------------------------------------------------------------------------------

namespace detail {

FunctionPtr make_element_function(std::function<Element(const Element&)> call, std::string name);
/// `append` does the same as `call` and puts the result where it goes, without making an Element of it.
FunctionPtr make_tensor_function(std::function<Element(const Tensor&)> call,
                                 std::function<void(const Tensor&, RowsBuilder&)> append, std::string name);

Element dataset_element(Dataset dataset);
inline Element to_element(bool value) { return Tensor::scalar(value); }
inline Element to_element(Tensor tensor) { return tensor; }
inline Element to_element(Element element) { return element; }

}  // namespace detail

template <class F>
FunctionPtr make_dataset_function(F function, std::string name) {
  if constexpr (std::is_convertible_v<F, FunctionPtr>) {
    return function;
  } else if constexpr (std::is_invocable_v<const F&, const Element&>) {
    return detail::make_element_function(
        [function](const Element& element) { return detail::dataset_element(function(element)); }, std::move(name));
  } else {
    return detail::make_element_function(
        [function](const Element& element) { return detail::dataset_element(function(element.tensor())); },
        std::move(name));
  }
}

template <class F>
FunctionPtr make_function(F function, std::string name) {
  if constexpr (std::is_convertible_v<F, FunctionPtr>) {
    return function;
  } else if constexpr (std::is_invocable_v<const F&, const Element&>) {
    return detail::make_element_function(
        [function](const Element& element) { return detail::to_element(function(element)); }, std::move(name));
  } else {
    return detail::make_tensor_function(
        [function](const Tensor& tensor) { return detail::to_element(function(tensor)); },
        [function](const Tensor& tensor, RowsBuilder& out) { out.append(function(tensor)); }, std::move(name));
  }
}

}  // namespace headrace
