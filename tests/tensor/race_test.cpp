// ThreadSanitizer's eyes: it must find a race that is planted in a task, and say nothing of correct use. The other
// tests of this program cover the second half; where it is not built in, these are skipped.
#include <headrace/tensor/buffer.hpp>
#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <cstdlib>
#include <thread>

namespace headrace::pool {
namespace {

#if defined(__SANITIZE_THREAD__)
constexpr bool watched = true;
#else
constexpr bool watched = false;
#endif

const auto reported = ::testing::ExitedWithCode(66);  // ThreadSanitizer's own exit code

volatile int shared = 0;  // what is raced for

void wait_for(const std::atomic<bool>& done) {
  while (!done.load(std::memory_order_relaxed)) std::this_thread::yield();
}

/// Runs `access` in a task while the caller is outside the library: relaxed flags are all there is between the two.
template <class Access>
void in_a_task(const Access& access) {
  static std::atomic<bool> enqueued{false}, done{false};
  enqueue([access] {
    wait_for(enqueued);
    access();
    done.store(true, std::memory_order_relaxed);
  });
  enqueued.store(true, std::memory_order_relaxed);
  wait_for(done);
}

[[noreturn]] void race_with_a_task() {
  const Threads threads(4);
  in_a_task([] { shared = 1; });
  shared = 2;
  std::exit(0);
}

[[noreturn]] void race_within_parallel_for() {
  const Threads threads(4);
  static std::atomic<int> inside{0};
  parallel_for(4, 1, [](std::int64_t, std::int64_t) {
    inside.fetch_add(1, std::memory_order_relaxed);
    while (inside.load(std::memory_order_relaxed) < 2) std::this_thread::yield();  // until a helper has come
    for (int i = 0; i < 1000; ++i) shared = i;
  });
  std::exit(0);
}

[[noreturn]] void race_on_a_buffer() {
  const Threads threads(4);
  static const Buffer buffer = Buffer::allocate(64);
  in_a_task([] { buffer.data()[0] = std::byte{1}; });
  buffer.data()[0] = std::byte{2};
  std::exit(0);
}

class RaceDeathTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!watched) GTEST_SKIP() << "not built with ThreadSanitizer";
    GTEST_FLAG_SET(death_test_style, "threadsafe");
  }
};

TEST_F(RaceDeathTest, APlantedRaceWithATaskIsFound) { EXPECT_EXIT(race_with_a_task(), reported, "data race"); }
TEST_F(RaceDeathTest, APlantedRaceWithinParallelForIsFound) {
  EXPECT_EXIT(race_within_parallel_for(), reported, "data race");
}
TEST_F(RaceDeathTest, APlantedRaceOnABufferIsFound) { EXPECT_EXIT(race_on_a_buffer(), reported, "data race"); }

TEST(Race, WhatWasWrittenBeforeEnqueueIsSeenByTheTaskAndBack) {
  const Threads threads(4);
  for (int round = 0; round < 300; ++round) {
    int before = round, after = 0;
    std::atomic<bool> done{false};
    enqueue([&] {
      after = before + 1;
      done.store(true, std::memory_order_release);
    });
    while (!done.load(std::memory_order_acquire)) std::this_thread::yield();
    EXPECT_EQ(after, round + 1);
  }
}

TEST(Race, WhatPiecesWroteIsSeenAfterParallelFor) {
  const Threads threads(4);
  for (int round = 0; round < 200; ++round) {
    int values[64] = {};
    parallel_for(64, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) values[i] = round;
    });
    for (const int value : values) ASSERT_EQ(value, round);
  }
}

TEST(Race, WhatTasksWroteIsSeenAfterPause) {
  const Threads threads(4);
  for (int round = 0; round < 100; ++round) {
    int value = -1;
    std::atomic<bool> begun{false};
    enqueue([&] {
      begun.store(true, std::memory_order_relaxed);
      value = round;
    });
    wait_for(begun);
    pause();
    EXPECT_EQ(value, round);
    resume();
  }
}

}  // namespace
}  // namespace headrace::pool
