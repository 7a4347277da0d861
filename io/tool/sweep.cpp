#include <headrace/io/tool/sweep.hpp>

#include <algorithm>
#include <atomic>

#include <headrace/tensor/pool.hpp>

namespace headrace::tool {

int jobs_for(std::string_view command, const Work& work, std::int64_t bytes_each) {
  constexpr std::int64_t kMost = 1024;
  require(work.jobs >= 0 && work.jobs <= kMost, command, "--jobs must be 0 to ", kMost, ", got ", work.jobs);
  const std::int64_t memory = parse_bytes(command, work.memory);
  const std::int64_t wanted = work.jobs > 0 ? work.jobs : pool::default_threads();
  return static_cast<int>(std::clamp<std::int64_t>(memory / std::max<std::int64_t>(bytes_each, 1), 1, wanted));
}

void sweep(int jobs, std::int64_t n, const std::function<void(std::int64_t)>& body) {
  const pool::Threads threads(jobs);
  std::atomic<std::int64_t> next = 0;
  std::atomic<bool> failed = false;
  pool::parallel_for(jobs, 1, [&](std::int64_t, std::int64_t) {
    try {
      for (std::int64_t i; !failed && (i = next++) < n;) body(i);
    } catch (...) {
      failed = true;
      throw;
    }
  });
}

}  // namespace headrace::tool
