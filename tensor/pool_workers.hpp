// Private to the pool: what oneTBB is asked for. See pool.cpp.
#pragma once

namespace headrace::pool::detail {

/// Calls `work` once on a oneTBB worker, soon, where `threads` threads may be at work in all. `work` must not throw.
/// Throws std::bad_alloc.
void start_worker(int threads, void (*work)());

/// From now on `threads` threads may be at work, also where that is more than the cores, or where `scarce` less.
void allow_threads(int threads, bool scarce);

/// How many of `count` threads the system lets this process start, all at once; they end before this returns.
int startable(int count) noexcept;

}  // namespace headrace::pool::detail
