// Whose turn it is with an iterator: threads may share one, each waits for the other without the GIL.
#pragma once

#include <headrace/pipeline/iterator.hpp>

#include <condition_variable>
#include <mutex>
#include <thread>

namespace headrace::python {

/// The plain members are guarded by the GIL, which makes taking a free turn cost next to nothing.
class Turns {
 public:
  explicit Turns(const Iterator& iterator) : iterator_(iterator) {}
  /// Takes the turn while it lives. StateError for a thread that has it already: a function that the iterator runs
  /// called it. Signals are let through while waiting.
  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(turns) { turns_.take(); }
    ~Turn() { turns_.give(); }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

   private:
    Turns& turns_;
  };

  bool taken() const { return taken_; }
  /// False in a child of fork() whose parent's threads waited here: then the condition variable cannot be destroyed.
  bool destructible() const { return waiting_ == 0; }

 private:
  void take() {
    if (taken_) wait();
    taken_ = true;
    owner_ = std::this_thread::get_id();
    generation_ = fork_generation;
  }
  void give() {
    taken_ = false;
    if (waiting_ > 0) wake();
  }
  void wait();
  void wake();

  const Iterator& iterator_;
  bool taken_ = false;
  std::thread::id owner_;
  int generation_ = 0;
  int waiting_ = 0;
  std::mutex mutex_;
  std::condition_variable freed_;

 public:
  static inline int fork_generation = 0;  // counted up in each child
};

}  // namespace headrace::python
