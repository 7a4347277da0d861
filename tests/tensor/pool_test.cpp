#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <numeric>
#include <stdexcept>
#include <thread>
#include <vector>

#include <sched.h>
#include <sys/wait.h>
#include <unistd.h>

namespace headrace::pool {
namespace {

using namespace std::chrono_literals;

/// Waits until `holds`, at most 10 s.
template <class Condition>
bool wait_until(const Condition& holds) {
  for (int tries = 0; tries < 10000; ++tries) {
    if (holds()) return true;
    std::this_thread::sleep_for(1ms);
  }
  return false;
}

TEST(Pool, KnowsTheCoresThisProcessMayUse) {
  cpu_set_t cores;
  ASSERT_EQ(sched_getaffinity(0, sizeof cores, &cores), 0);
  EXPECT_EQ(default_threads(), CPU_COUNT(&cores));
}

TEST(Pool, RunsEveryTaskOnce) {
  const Threads threads(4);
  constexpr int count = 2000;
  std::vector<std::atomic<int>> runs(count);
  std::atomic<int> done{0};
  for (std::size_t i = 0; i < count; ++i) {
    ASSERT_TRUE(enqueue([&runs, &done, i] {
      ++runs[i];
      ++done;
    }));
  }
  ASSERT_TRUE(wait_until([&] { return done == count; }));
  for (const std::atomic<int>& run : runs) EXPECT_EQ(run, 1);
}

TEST(Pool, RefusesTasksWhereOneThreadMayWork) {
  const Threads threads(1);
  EXPECT_EQ(active_threads(), 1);
  EXPECT_FALSE(enqueue([] { FAIL(); }));
  std::vector<int> touched(100);
  parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) ++touched[static_cast<std::size_t>(i)];
  });
  EXPECT_EQ(std::accumulate(touched.begin(), touched.end(), 0), 100);
}

TEST(Pool, SixteenThreadsAreSixteenThreadsOnAnyMachine) {
  const Threads threads(16);
  reset_peak_workers();
  std::atomic<int> inside{0}, done{0};
  for (int i = 0; i < 15; ++i) {
    ASSERT_TRUE(enqueue([&] {
      ++inside;
      wait_until([&] { return inside == 15; });
      ++done;
    }));
  }
  EXPECT_TRUE(wait_until([&] { return done == 15; }));
  EXPECT_EQ(inside, 15);
  EXPECT_EQ(peak_workers(), 15);
}

TEST(Pool, NeverMoreWorkersThanAskedFor) {
  for (const int count : {2, 3, 8}) {
    const Threads threads(count);
    reset_peak_workers();
    std::atomic<int> done{0};
    for (int i = 0; i < 200; ++i) {
      enqueue([&] {
        std::this_thread::sleep_for(50us);
        ++done;
      });
    }
    ASSERT_TRUE(wait_until([&] { return done == 200; }));
    EXPECT_LE(peak_workers(), count - 1);
    EXPECT_GE(peak_workers(), 1);
  }
}

TEST(Pool, TheLargestOfSeveralWishesWins) {
  const Threads small(2);
  EXPECT_EQ(active_threads(), 2);
  {
    const Threads large(7);
    EXPECT_EQ(active_threads(), 7);
    const Threads between(5);
    EXPECT_EQ(active_threads(), 7);
  }
  EXPECT_EQ(active_threads(), 2);
}

TEST(Pool, NeverPrints) {
  ::testing::internal::CaptureStderr();
  for (const int count : {2, 40, 3, 16, 300, 1}) {
    const Threads threads(count);
    std::atomic<int> sum{0};
    parallel_for(1000, 1, [&](std::int64_t begin, std::int64_t end) { sum += static_cast<int>(end - begin); });
    EXPECT_EQ(sum, 1000);
  }
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(ParallelFor, CoversTheRangeOnceInPiecesOfAtLeastTheGrain) {
  const Threads threads(4);
  for (const std::int64_t n : {0, 1, 9, 10, 11, 1000, 1001, 4099}) {
    for (const std::int64_t grain : {0, 1, 10, 1000, 5000}) {
      std::vector<std::atomic<int>> touched(static_cast<std::size_t>(n));
      parallel_for(n, grain, [&](std::int64_t begin, std::int64_t end) {
        EXPECT_GE(end - begin, std::min(grain, n));
        for (std::int64_t i = begin; i < end; ++i) ++touched[static_cast<std::size_t>(i)];
      });
      for (const std::atomic<int>& count : touched) ASSERT_EQ(count, 1);
    }
  }
}

TEST(ParallelFor, UsesSeveralThreads) {
  const Threads threads(4);
  std::atomic<int> inside{0}, most{0};
  parallel_for(64, 1, [&](std::int64_t, std::int64_t) {
    most = std::max(most.load(), ++inside);
    std::this_thread::sleep_for(5ms);
    --inside;
  });
  EXPECT_GT(most, 1);
  EXPECT_LE(most, 4);
}

TEST(ParallelFor, RethrowsAndIsUsableAgain) {
  const Threads threads(4);
  for (int round = 0; round < 50; ++round) {
    EXPECT_THROW(parallel_for(100, 1, [](std::int64_t, std::int64_t) { throw std::runtime_error("no"); }),
                 std::runtime_error);
  }
  std::atomic<std::int64_t> sum{0};
  parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
  EXPECT_EQ(sum, 100);
}

TEST(ParallelFor, MayBeNestedInTasksAndInItself) {
  const Threads threads(3);
  std::atomic<std::int64_t> sum{0};
  std::atomic<int> done{0};
  const auto nested = [&] {
    parallel_for(8, 1, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t i = first; i < last; ++i) {
        parallel_for(8, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
      }
    });
    ++done;
  };
  for (int i = 0; i < 20; ++i) enqueue(nested);
  nested();
  ASSERT_TRUE(wait_until([&] { return done == 21; }));
  EXPECT_EQ(sum, 21 * 64);
}

TEST(ParallelFor, TheCallerPicksUpNoOtherWorkWhileItWaits) {
  const Threads threads(3);
  const auto caller = std::this_thread::get_id();
  std::atomic<int> done{0}, on_caller{0};
  for (int i = 0; i < 200; ++i) {
    enqueue([&] {
      on_caller += std::this_thread::get_id() == caller;
      ++done;
    });
  }
  for (int i = 0; i < 50; ++i)
    parallel_for(16, 1, [](std::int64_t, std::int64_t) { std::this_thread::sleep_for(10us); });
  ASSERT_TRUE(wait_until([&] { return done == 200; }));
  EXPECT_EQ(on_caller, 0);
}

TEST(Pause, WaitsForRunningTasksAndHoldsTheOthersBack) {
  const Threads threads(4);
  std::atomic<int> begun{0}, running{0}, done{0};
  for (int i = 0; i < 100; ++i) {
    enqueue([&] {
      ++begun;
      ++running;
      std::this_thread::sleep_for(1ms);
      --running;
      ++done;
    });
  }
  ASSERT_TRUE(wait_until([&] { return begun > 0; }));
  pause();
  EXPECT_TRUE(pausing());
  EXPECT_EQ(running, 0);
  EXPECT_EQ(active_threads(), 1);
  const int before = begun;
  ASSERT_LT(before, 100);
  EXPECT_TRUE(enqueue([&] { ++done; }));
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(begun, before);
  resume();
  EXPECT_FALSE(pausing());
  EXPECT_TRUE(wait_until([&] { return done == 101; }));
}

TEST(Pause, LetsATaskKnowThatItShouldEnd) {
  const Threads threads(3);
  std::atomic<bool> begun{false};
  enqueue([&] {
    begun = true;
    while (!pausing()) std::this_thread::yield();
  });
  ASSERT_TRUE(wait_until([&] { return begun.load(); }));
  pause();
  resume();
}

TEST(Pause, MayBeCalledFromATaskAndFromSeveralThreadsAtOnce) {
  const Threads threads(4);
  std::atomic<int> done{0};
  for (int i = 0; i < 3; ++i) {
    enqueue([&] {
      pause();
      resume();
      ++done;
    });
  }
  std::thread other([&] {
    pause();
    resume();
  });
  pause();
  resume();
  other.join();
  EXPECT_TRUE(wait_until([&] { return done == 3; }));
}

/// The exit status of `body` in a child, or -1 if a signal ended it.
template <class Body>
int in_child(const Body& body) {
  const pid_t child = fork();
  if (child == 0) {
    alarm(10);
    body();
  }
  int status = 0;
  waitpid(child, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(Fork, AChildOfAPausedParentWorksInline) {
  const Threads threads(4);
  std::atomic<bool> stop{false};
  std::atomic<int> helpers{0};
  const auto busy = [&] {
    while (!stop && !pausing()) std::this_thread::yield();
    ++helpers;
  };
  for (int round = 0; round < 20; ++round) {
    for (int i = 0; i < 3; ++i) enqueue(busy);
    pause();
    const int status = in_child([] {
      off();
      const Threads more(8);
      std::int64_t sum = 0;
      parallel_for(1000, 1, [&](std::int64_t begin, std::int64_t end) { sum += end - begin; });
      _exit(sum == 1000 && !enqueue([] {}) && active_threads() == 1 ? 7 : 8);
    });
    resume();
    ASSERT_EQ(status, 7);
  }
  stop = true;
  EXPECT_TRUE(wait_until([&] { return helpers == 60; }));
}

[[noreturn]] void exit_with_work_in_flight() {
  const Threads threads(4);
  for (int i = 0; i < 50; ++i) enqueue([] { std::this_thread::sleep_for(2ms); });
  parallel_for(100, 1, [](std::int64_t, std::int64_t) {});
  alarm(5);
  std::exit(9);
}

TEST(ExitDeathTest, MayComeWhileTasksRunAndWait) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  for (int round = 0; round < 3; ++round) EXPECT_EXIT(exit_with_work_in_flight(), ::testing::ExitedWithCode(9), "^$");
}

}  // namespace
}  // namespace headrace::pool
