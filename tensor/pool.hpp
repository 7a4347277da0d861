// The worker threads. The one place that knows oneTBB.
#pragma once

#include <cstdint>
#include <functional>

namespace headrace::pool {

/// Cores this process may use (affinity counts), at least 1.
int default_threads();

/// While one lives, up to `threads` threads (the caller's among them) may work. Several at once: the largest wins.
/// More than default_threads() is allowed. Cheap when nothing changes.
class Threads {
 public:
  explicit Threads(int threads);
  ~Threads();
  Threads(const Threads&) = delete;
  Threads& operator=(const Threads&) = delete;

 private:
  int threads_;
};

/// How many threads may work now, the caller's among them; 1 while paused or off.
int active_threads();

/// How many of the wanted threads the system refuses to start (a limit of processes, memory): the others do the work,
/// and active_threads() counts them.
int refused_threads();

/// Whether the calling thread is a worker inside a task: it must not wait for a task that nobody has begun, since all
/// workers might.
bool on_worker();

/// Runs `task` once on a worker, soon. Returns false, and does nothing, where no worker may run (one thread, after
/// fork in a child, closing). `task` must not throw. Hand-over and end are visible to ThreadSanitizer.
bool enqueue(std::function<void()> task);

/// Calls body(begin, end) over [0, n) in pieces of at least `grain`, on workers and the caller; returns when all are
/// done. Isolated: the caller never picks up unrelated work while it waits. Inline where n <= grain or no worker may
/// run. An exception of a piece is rethrown.
void parallel_for(std::int64_t n, std::int64_t grain, const std::function<void(std::int64_t, std::int64_t)>& body);

/// The most threads that were inside enqueued tasks at once since the last reset (for tests of thread counts).
int peak_workers();
void reset_peak_workers();

/// Around fork(): pause() lets no new task begin (they stay queued) and returns when none runs; resume() goes on, in
/// the parent; off() is for the child: for good, enqueue returns false and parallel_for works inline.
void pause();
void resume();
void off();
/// True once a task should end soon because pause() waits.
bool pausing();

}  // namespace headrace::pool
