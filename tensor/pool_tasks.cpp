// The queue of tasks, and how many workers may be at it. Everything is under one mutex: a task is a ticket's helper,
// which runs for tens of microseconds and more.
#include <headrace/tensor/pool.hpp>
#include <headrace/tensor/pool_workers.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <mutex>
#include <utility>
#include <vector>

namespace headrace::pool {
namespace {

struct Tasks {
  std::mutex mutex;
  std::condition_variable quiet;  // a worker left, or waits in pause() itself
  std::deque<std::function<void()>> queue;
  std::vector<int> wanted;                      // of each live Threads
  std::atomic<int> threads{default_threads()};  // the largest of them
  int workers = 0;                              // inside work()
  int pausing_workers = 0;                      // of these, waiting in pause()
  int running = 0;                              // inside tasks
  int startable = 0;                            // workers that the system was seen to allow
  bool scarce = false;                          // it did not allow all that were wanted
  std::atomic<int> refused{0};                  // of those that are wanted now, how many it does not
  std::atomic<int> pauses{0};                   // pause() without resume() so far
  std::atomic<int> peak{0};
};

// Outside Tasks, so that a child whose parent held the mutex never looks at it.
std::atomic<bool> is_off{false};
thread_local bool is_worker = false;

Tasks& tasks() {
  static Tasks& shared = *new Tasks;  // never destroyed: workers may be inside at exit
  return shared;
}

/// Takes tasks until there are none, or no worker may run.
void work() {
  Tasks& all = tasks();
  is_worker = true;
  (void)
      std::uncaught_exceptions();  // glibc ends the process where a thread's first exception finds no memory for these
  std::unique_lock lock(all.mutex);
  while (!is_off && all.pauses == 0 && all.workers < all.threads && !all.queue.empty()) {
    std::function<void()> task = std::move(all.queue.front());
    all.queue.pop_front();
    all.peak = std::max(all.peak.load(), ++all.running);
    lock.unlock();
    task();
    task = nullptr;
    if (is_off) return;  // perhaps in a child, where the mutex may be held for ever
    lock.lock();
    --all.running;
  }
  is_worker = false;
  --all.workers;
  all.quiet.notify_all();
}

/// oneTBB ends the process where a worker of it cannot start another one (2021.8), and where a caller cannot start one
/// no other comes, either: so it is asked for no more than the system was seen to allow.
void find_limit(Tasks& all, int threads) noexcept {
  const int missing = std::max(threads - 1 - all.startable, 0);
  const int more = missing > 0 ? detail::startable(missing) : 0;
  all.startable += more;
  all.refused = missing - more;
  if (missing > 0) all.scarce = more < missing;
}

void set_threads(Tasks& all, int threads) noexcept {
  threads -= all.refused;
  if (all.threads.exchange(threads) == threads) return;
  try {
    detail::allow_threads(threads, all.scarce);
  } catch (...) {  // for want of memory; then no more threads than cores
  }
}

/// Before a first worker is called for.
void be_startable(Tasks& all) noexcept {
  const int threads = all.threads;
  if (threads - 1 <= all.startable) return;
  find_limit(all, threads);
  set_threads(all, threads);
}

/// Calls for as many workers as there are tasks, within what is allowed. Starting one may fail for want of memory: the
/// task then waits for the next worker, or for a consumer that claims its ticket.
void start_workers(Tasks& all, std::unique_lock<std::mutex>& lock) {
  if (!all.queue.empty()) be_startable(all);
  const auto waiting = static_cast<std::ptrdiff_t>(all.queue.size());
  for (std::ptrdiff_t started = 0; started < waiting; ++started) {
    if (is_off || all.pauses > 0 || all.workers >= all.threads - 1) return;
    ++all.workers;
    const int threads = all.threads;
    lock.unlock();
    bool failed = false;
    try {
      detail::start_worker(threads, work);
    } catch (...) {
      failed = true;
    }
    lock.lock();
    if (failed) {
      --all.workers;
      all.quiet.notify_all();
      return;
    }
  }
}

void apply_threads(Tasks& all) noexcept {
  const auto most = std::max_element(all.wanted.begin(), all.wanted.end());
  const int threads = most == all.wanted.end() ? default_threads() : *most;
  if (all.scarce) find_limit(all, threads);  // perhaps there are more by now
  set_threads(all, threads);
}

}  // namespace

bool on_worker() { return is_worker; }

Threads::Threads(int threads) : threads_(std::max(threads, 1)) {
  if (is_off) return;
  Tasks& all = tasks();
  std::unique_lock lock(all.mutex);
  all.wanted.push_back(threads_);
  apply_threads(all);
  start_workers(all, lock);
}

Threads::~Threads() {
  if (is_off) return;
  Tasks& all = tasks();
  const std::lock_guard lock(all.mutex);
  const auto place = std::find(all.wanted.begin(), all.wanted.end(), threads_);
  if (place != all.wanted.end()) all.wanted.erase(place);
  apply_threads(all);
}

bool enqueue(std::function<void()> task) {
  if (is_off) return false;
  Tasks& all = tasks();
  std::unique_lock lock(all.mutex);
  be_startable(all);
  if (all.threads <= 1) return false;
  all.queue.push_back(std::move(task));
  if (all.workers < all.threads - 1) start_workers(all, lock);
  return true;
}

int refused_threads() {
  if (is_off) return 0;
  return tasks().refused;
}

int active_threads() {
  if (is_off) return 1;
  Tasks& all = tasks();
  return all.pauses > 0 ? 1 : all.threads.load();
}

int peak_workers() { return tasks().peak; }
void reset_peak_workers() { tasks().peak = 0; }

void pause() {
  if (is_off) return;
  Tasks& all = tasks();
  std::unique_lock lock(all.mutex);
  ++all.pauses;
  all.pausing_workers += is_worker;
  all.quiet.notify_all();
  all.quiet.wait(lock, [&] { return all.workers == all.pausing_workers; });
}

void resume() {
  if (is_off) return;
  Tasks& all = tasks();
  std::unique_lock lock(all.mutex);
  all.pausing_workers -= is_worker;
  if (--all.pauses == 0) start_workers(all, lock);
}

void off() { is_off = true; }

bool pausing() { return tasks().pauses > 0; }

}  // namespace headrace::pool
