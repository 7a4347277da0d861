// Linux may wake a worker on the core of the thread that calls it, though another one is idle: the sleeping cores of a
// virtual machine look taken (vcpu_is_preempted). There it waits until the caller's slice ends, some 3 ms, in which the
// caller may have done all the work alone. So the core that the caller is busy on is taken out of the mask of a worker
// that is about to be called, and the worker puts it back.
#include <headrace/tensor/pool_places.hpp>

#include <algorithm>
#include <chrono>
#include <vector>

#include <sched.h>
#include <unistd.h>

namespace headrace::pool::detail {
namespace {

using Clock = std::chrono::steady_clock;
// So long oneTBB looks for work, and a core waits before it sleeps.
constexpr auto kAwake = std::chrono::microseconds(100);

/// oneTBB's workers live as long as the process: our arenas do. So a thread's number stays its own.
struct Resting {
  pid_t thread;
  Clock::time_point since;
  cpu_set_t cores{};
  int avoids = -1;
};

std::vector<Resting>& resting() {
  static std::vector<Resting>& shared = *new std::vector<Resting>;  // never destroyed: workers may be inside at exit
  return shared;
}

/// Of the worker that a core was last taken from, with it; empty before.
cpu_set_t whole{};

pid_t own_number() {
  static thread_local const pid_t number = ::gettid();
  return number;
}

}  // namespace

void worker_wakes() noexcept {
  static thread_local bool is_new = true;  // started by another one of oneTBB's, perhaps while that had one core less
  if (is_new && CPU_COUNT(&whole) > 0) ::sched_setaffinity(0, sizeof whole, &whole);
  is_new = false;
  std::vector<Resting>& all = resting();
  const auto own =
      std::find_if(all.begin(), all.end(), [](const Resting& each) { return each.thread == own_number(); });
  if (own == all.end()) return;
  if (own->avoids >= 0) ::sched_setaffinity(0, sizeof own->cores, &own->cores);
  all.erase(own);
}

void worker_rests() noexcept {
  try {
    resting().push_back({own_number(), Clock::now()});
  } catch (...) {  // for want of memory it wakes where it will
  }
}

void make_way() noexcept {
  if (resting().empty()) return;
  Resting& last = resting().back();  // oneTBB calls this one first, too
  if (Clock::now() - last.since < kAwake) return;
  if (last.avoids < 0 && ::sched_getaffinity(last.thread, sizeof last.cores, &last.cores) != 0) return;
  const int here = ::sched_getcpu();
  if (here < 0 || here == last.avoids || !CPU_ISSET(here, &last.cores) || CPU_COUNT(&last.cores) < 2) return;
  cpu_set_t others = last.cores;
  CPU_CLR(here, &others);
  whole = last.cores;
  if (::sched_setaffinity(last.thread, sizeof others, &others) == 0) last.avoids = here;
}

}  // namespace headrace::pool::detail
