#include "turn.hpp"

#include "gil.hpp"

#include <headrace/tensor/error.hpp>

#include <chrono>

namespace headrace::python {

void Turns::wait() {
  if (generation_ != fork_generation) {
    throw StateError(
        "[iterator] another thread was using it when this process was forked; make a new iterator and load its state");
  }
  if (owner_ == std::this_thread::get_id() || iterator_.works_here()) {
    throw StateError("[iterator] it was called from a function that it runs itself; use another iterator there");
  }
  PyHost host;
  ++waiting_;
  std::exception_ptr interrupt;
  while (taken_ && !interrupt) {
    std::unique_lock lock(mutex_);  // before the GIL goes: the other thread cannot wake us in between
    host.leave();
    freed_.wait_for(lock, std::chrono::milliseconds(50));
    lock.unlock();
    try {
      host.poll();
    } catch (...) {
      interrupt = std::current_exception();
    }
    host.enter();
  }
  --waiting_;
  if (interrupt) std::rethrow_exception(interrupt);
}

void Turns::wake() {
  const std::lock_guard lock(mutex_);
  freed_.notify_one();
}

}  // namespace headrace::python
