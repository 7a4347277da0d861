#include "gil.hpp"

#include <atomic>
#include <chrono>
#include <thread>
#include <utility>

namespace headrace::python {
namespace {

std::atomic<int> visitors{0};  // workers that hold the GIL or wait for it
std::atomic<int> calls{0};     // from Python; changed with the GIL only, so without read-modify-write
thread_local int my_visits = 0;
thread_local int my_calls = 0;
std::atomic<bool> closing{false};
std::atomic<std::thread::id> closing_thread{};

bool closed_to_me() {
  return closing.load(std::memory_order_acquire) &&
         closing_thread.load(std::memory_order_relaxed) != std::this_thread::get_id();
}

}  // namespace

WithGil::WithGil() : taken_(!holds_gil()) {
  if (!taken_) return;
  visitors.fetch_add(1);  // before the look at `closing`: whoever sets that then sees this
  if (closed_to_me() || !Py_IsInitialized()) {
    visitors.fetch_sub(1);
    throw Closing();
  }
  without_unwinding([this] { state_ = PyGILState_Ensure(); });
  ++my_visits;
}

WithGil::~WithGil() {
  if (!taken_) return;
  --my_visits;
  PyGILState_Release(state_);
  visitors.fetch_sub(1);
}

void PyHost::leave() { state_ = PyEval_SaveThread(); }

void PyHost::enter() {
  without_unwinding([this] { PyEval_RestoreThread(std::exchange(state_, nullptr)); });
}

void PyHost::poll() {
  if (closed_to_me()) throw Closing();
  const bool away = state_ != nullptr;
  if (away) without_unwinding([this] { PyEval_RestoreThread(state_); });
  release_pending();
  std::exception_ptr error;
  if (PyErr_CheckSignals() < 0) {
    try {
      throw_python_error();
    } catch (...) {
      error = std::current_exception();
    }
  }
  if (away) state_ = PyEval_SaveThread();  // as it was called: the caller enters again, also while it unwinds
  if (error) std::rethrow_exception(error);
}

Inside::Inside() : scope_(host_) {
  if (closed_to_me()) throw Closing();
  calls.store(calls.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
  ++my_calls;
}

Inside::~Inside() {
  calls.store(calls.load(std::memory_order_relaxed) - 1, std::memory_order_relaxed);
  --my_calls;
}

void forget_other_threads() {
  visitors.store(my_visits);
  calls.store(my_calls);
}

void begin_closing() {
  closing_thread.store(std::this_thread::get_id(), std::memory_order_relaxed);
  closing.store(true, std::memory_order_release);
}

bool wait_until_outside(double seconds) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::duration<double>(seconds);
  const py::gil_scoped_release released;
  while (visitors.load() + calls.load() > 0) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
  }
  return true;
}

}  // namespace headrace::python
