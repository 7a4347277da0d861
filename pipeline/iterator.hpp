// One pass over a plan.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <headrace/pipeline/account.hpp>
#include <headrace/pipeline/dataset.hpp>
#include <headrace/pipeline/rows.hpp>

namespace headrace {

/// A stage's account with its place in the plan.
struct StageStats {
  std::string label;  // "batch"
  std::string text;   // "batch(32)"
  int depth;          // 0 is the last stage
  Account account;
  Causes causes;  // of what was dropped, where the stage tells
  Causes counts;  // of what else it did: chunks "decoded"
};

/// One thread at a time: calls from a second thread are a StateError here (python/ adds the waiting), and so is a call
/// from a function that the iterator itself runs. Dropping it cancels what runs ahead and returns at once.
class Iterator {
 public:
  /// `seeds` replaces the drawn ones, as a loaded state does; empty: the plan's own.
  Iterator(std::shared_ptr<const Node> plan, std::int64_t epoch, const std::vector<std::int64_t>& seeds = {});
  ~Iterator();
  Iterator(Iterator&&) noexcept;
  Iterator& operator=(Iterator&&) noexcept;

  /// The next element, or nothing at the end. An element's error is thrown once, in its place; the next call goes on.
  std::optional<Element> next();
  /// The same without making an Element: shows the next row (empty at the end) and takes it with advance(). A failed
  /// row's failure is in the view. What is shown stays valid until the next call.
  RowView peek();
  void advance();
  /// Notes of the error that next() threw last: stage, place, position.
  const std::vector<std::string>& last_notes() const;

  /// The state as JSON text; see state.hpp.
  std::string state() const;
  /// Goes to a state of the same plan, in whatever state this iterator is; also sets epoch and seeds. Throws ValueError
  /// for another plan's, another version's or a damaged state, and is then as before.
  void load_state(const std::string& text);
  std::int64_t epoch() const;
  /// The drawn seeds of this run, in the state's order.
  std::vector<std::int64_t> seeds() const;
  /// Elements taken so far in this epoch (also before the state was loaded).
  std::int64_t position() const;
  /// Elements left, where the plan's cardinality is known, else nothing.
  std::optional<std::int64_t> remaining() const;
  std::vector<StageStats> stats() const;
  /// Whether the calling thread is inside work for this iterator, on a worker perhaps: it must not wait for it then.
  bool works_here() const;
  /// with_options(writable=True): what is delivered must be a copy unless Tensor::writable().
  bool writable() const;
  /// Cancels; next() is a ValueError from now on.
  void close();
  bool closed() const;

  /// Range-for over elements.
  class Range;
  class Sentinel {};
  class Input;
  Input begin();
  Sentinel end() { return {}; }

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

class Iterator::Input {
 public:
  explicit Input(Iterator& iterator) : iterator_(&iterator), element_(iterator.next()) {}
  Element& operator*() { return *element_; }
  Input& operator++() {
    element_ = iterator_->next();
    return *this;
  }
  bool operator==(Sentinel) const { return !element_; }

 private:
  Iterator* iterator_;
  std::optional<Element> element_;
};
inline Iterator::Input Iterator::begin() { return Input(*this); }

}  // namespace headrace
