// How many threads the system gives.
#include <headrace/tensor/pool_workers.hpp>

#include <latch>
#include <thread>
#include <vector>

namespace headrace::pool {

int detail::startable(int count) noexcept {
  std::latch seen(1);
  std::vector<std::jthread> threads;
  try {
    threads.reserve(static_cast<std::size_t>(count));
    while (static_cast<int>(threads.size()) < count) threads.emplace_back([&] { seen.wait(); });
  } catch (...) {  // so many, then
  }
  seen.count_down();
  return static_cast<int>(threads.size());
}

}  // namespace headrace::pool
