// The one file that knows oneTBB, and all it is asked for: to call a function on a worker thread. What the workers do,
// and how work is handed to them, is in pool_tasks.cpp. ThreadSanitizer cannot see into libtbb and reports its inline
// code, so this file alone is built without it; hand-over goes through a mutex of our own, which it does see.
#include <headrace/tensor/pool.hpp>
#include <headrace/tensor/pool_workers.hpp>

#include <oneapi/tbb/global_control.h>
#include <oneapi/tbb/task_arena.h>

#include <atomic>
#include <memory>
#include <thread>
#include <utility>

#include <sched.h>

namespace headrace::pool {
namespace {

/// An arena of more slots than cores, and the smaller ones it replaced: they may have workers inside.
struct Larger {
  tbb::task_arena arena;
  const Larger* previous;
};

// Arenas and the control are never destroyed: a worker may be inside at exit.
std::atomic<tbb::task_arena*> normal_arena{nullptr};  // as many slots as cores
std::atomic<Larger*> larger{nullptr};
tbb::global_control* control = nullptr;

/// Two threads may each make one: the second is given up.
tbb::task_arena& normal() {
  if (tbb::task_arena* const arena = normal_arena.load()) return *arena;
  auto* const made = new tbb::task_arena(tbb::task_arena::automatic, 1);
  made->initialize();
  tbb::task_arena* other = nullptr;
  if (normal_arena.compare_exchange_strong(other, made)) return *made;
  delete made;
  return *other;
}

}  // namespace

int default_threads() {
  cpu_set_t cores;
  if (sched_getaffinity(0, sizeof cores, &cores) == 0) return CPU_COUNT(&cores) > 0 ? CPU_COUNT(&cores) : 1;
  const unsigned count = std::thread::hardware_concurrency();  // more cores than a cpu_set_t holds
  return count > 0 ? static_cast<int>(count) : 1;
}

void detail::start_worker(int threads, void (*work)()) {
  Larger* const more = larger.load();
  tbb::task_arena& arena = more && threads > default_threads() ? more->arena : normal();
  arena.enqueue(work);
}

void detail::allow_threads(int threads, bool scarce) {
  // Replaced, not added: the smallest of all live ones applies, and where threads are scarce there is always one.
  const bool needed = threads > default_threads() || scarce;  // fewer are the queue's affair
  using Control = tbb::global_control;
  auto next =
      needed ? std::make_unique<Control>(Control::max_allowed_parallelism, static_cast<std::size_t>(threads)) : nullptr;
  delete std::exchange(control, next.release());
  if (!needed) return;
  // oneTBB prints a warning if an arena asks for more than is allowed, and somebody else may have set a lower limit.
  const auto allowed = tbb::global_control::active_value(tbb::global_control::max_allowed_parallelism);
  Larger* const old = larger.load();
  if (threads <= default_threads() || allowed < static_cast<std::size_t>(threads) ||
      (old && old->arena.max_concurrency() >= threads))
    return;
  auto* const made = new Larger{tbb::task_arena(threads, 1), old};
  made->arena.initialize();
  larger.store(made);
}

}  // namespace headrace::pool
