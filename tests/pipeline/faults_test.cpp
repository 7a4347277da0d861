// Every k-th request for memory fails: an error or the right data, usable again, nothing leaked.
#include <atomic>
#include <chrono>
#include <optional>
#include <thread>

#include <gtest/gtest.h>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/stages.hpp>

namespace headrace {
namespace {

Dataset plan(bool on_stream, std::int64_t threads) {
  const Tensor array = Tensor::zeros(float32, {600, 16});
  Dataset dataset = from_tensor_slices(array) | Shuffle{std::nullopt, 1};
  if (on_stream) dataset = dataset | filter([](const Tensor&) { return true; });
  dataset = dataset | map([](const Tensor& row) { return row.copy(); });
  if (on_stream) dataset = dataset | Shuffle{50, 3};
  return dataset | Batch{32} | Prefetch{2} | WithOptions{.threads = threads};
}

/// Rows that arrived; throws what iteration throws beyond `most` errors.
std::int64_t read_all(Iterator& iterator, int most_errors) {
  std::int64_t rows = 0;
  for (int errors = 0;;) {
    try {
      const auto batch = iterator.next();
      if (!batch) return rows;
      rows += batch->tensor().shape()[0];
    } catch (const std::bad_alloc&) {
      if (++errors > most_errors) throw;
    }
  }
}

void check(bool on_stream, std::int64_t threads) {
  for (std::int64_t k = 1;; k = k < 40 ? k + 1 : k * 3 / 2) {
    const std::int64_t live = BufferPool::counters().live_bytes;
    std::atomic<std::int64_t> requests{0};
    bool fired = false;
    {
      std::optional<Iterator> iterator;
      const Dataset dataset = plan(on_stream, threads);
      iterator.emplace(dataset.iterate(0));
      BufferPool::set_fault_hook([&](std::size_t) { return ++requests == k; });
      try {
        const std::int64_t rows = read_all(*iterator, 1);
        EXPECT_TRUE(rows == 600 || requests >= k) << "k=" << k << " rows=" << rows;
      } catch (const std::bad_alloc&) {
        ADD_FAILURE() << "one failure of memory gave two errors, k=" << k;
      }
      fired = requests >= k;
      iterator.reset();
      BufferPool::set_fault_hook({});
      Iterator again = dataset.iterate(0);
      EXPECT_EQ(read_all(again, 0), 600) << "usable again, k=" << k;
    }
    for (int i = 0; i < 1000 && BufferPool::counters().live_bytes > live; ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(1));
    EXPECT_EQ(BufferPool::counters().live_bytes, live) << "leaked, k=" << k;
    if (!fired) break;
  }
}

TEST(Faults, OfMemoryOnRandomAccessAreErrorsInPlace) { check(false, 1); }
TEST(Faults, OfMemoryOnStreamsAreErrorsInPlace) { check(true, 1); }

}  // namespace
}  // namespace headrace
