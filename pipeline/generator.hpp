// A user's generator of elements as a source sees it. This room knows nothing of other languages: python/ derives its
// own.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <headrace/tensor/element.hpp>
#include <headrace/tensor/spec.hpp>

namespace headrace {

/// One pass of a generator. Used by one thread at a time, not always the same. An Interrupt may pass through any call:
/// it is made again.
class GeneratorPass {
 public:
  virtual ~GeneratorPass() = default;
  /// The next element, or nothing at the end. Any other exception stands in the element's place.
  virtual std::optional<Element> next() = 0;
  /// The same without making the element; false at the end.
  virtual bool skip() { return next().has_value(); }
  /// False where an Interrupt has ended the pass before its time.
  virtual bool goes_on() const { return true; }
  /// Where it stands, as it says itself; nothing: it is brought there by skipping.
  virtual std::optional<std::string> state() { return std::nullopt; }
  /// Goes there; only on a fresh pass that has a state().
  virtual void load(const std::string& state);
};

class Generator {
 public:
  /// What the source knows when a pass begins.
  struct Call {
    const std::optional<Spec>& signature;  // what its elements should be; the source checks
    const std::optional<Element>& args;
  };

  virtual ~Generator() = default;
  virtual std::unique_ptr<GeneratorPass> begin(const Call& call) const = 0;
  /// A pass needs no permission of the caller's language, and may run ahead.
  virtual bool concurrent() const { return true; }
  virtual std::string name() const { return "generator"; }
};
using GeneratorPtr = std::shared_ptr<const Generator>;

/// A C++ pass: the next element at each call, nothing at the end.
using ElementStream = std::function<std::optional<Element>()>;
/// `begin` is called for each pass, on several threads at once perhaps.
GeneratorPtr make_generator(std::function<ElementStream()> begin, std::string name = "generator");

}  // namespace headrace
