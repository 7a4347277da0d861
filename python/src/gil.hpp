// Who may run Python code when: the GIL on any thread, around waits, and while the interpreter ends.
#pragma once

#include "errors.hpp"

#include <headrace/pipeline/host.hpp>

namespace headrace::python {

/// Holds the GIL while it lives, on any thread; costs little where the thread has it already. Throws Closing once the
/// interpreter is ending.
class WithGil {
 public:
  WithGil();
  ~WithGil();
  WithGil(const WithGil&) = delete;
  WithGil& operator=(const WithGil&) = delete;

 private:
  bool taken_;
  PyGILState_STATE state_{};
};

/// The calling thread's host while it is inside headrace: gives up the GIL around waits and lets signals through.
class PyHost : public Host {
 public:
  void leave() override;
  void enter() override;
  void poll() override;

 private:
  PyThreadState* state_ = nullptr;
};

/// Makes a PyHost the thread's, for a call from Python that may take long. Throws Closing as WithGil does. Made and
/// dropped with the GIL held.
class Inside {
 public:
  Inside();
  ~Inside();
  Inside(const Inside&) = delete;
  Inside& operator=(const Inside&) = delete;

 private:
  PyHost host_;
  HostScope scope_;
};

/// Calls `work` without the GIL, for a call from Python that may take long or wait for the pool.
template <class F>
auto away(F&& work) {
  const Inside inside;
  const Away away;
  return work();
}

/// From now on other threads get Closing instead of the GIL.
void begin_closing();
/// Waits without the GIL, `seconds` at most, until no other thread is inside. True if so.
bool wait_until_outside(double seconds);

/// In a child of fork(): only the calling thread is left.
void forget_other_threads();

}  // namespace headrace::python
