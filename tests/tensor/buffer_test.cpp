#include <headrace/tensor/buffer.hpp>

#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <new>
#include <random>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include <sys/wait.h>
#include <unistd.h>

namespace headrace {
namespace {

using Counters = BufferPool::Counters;

std::int64_t live_now() { return BufferPool::counters().live_bytes; }

/// Whether the system was asked for huge pages at `place`.
bool wants_huge_pages(const std::byte* place) {
  const auto wanted = reinterpret_cast<std::uintptr_t>(place);
  std::ifstream maps("/proc/self/smaps");
  bool inside = false;
  for (std::string line; std::getline(maps, line);) {
    std::uintptr_t begin = 0, end = 0;
    char dash = 0;
    if (std::istringstream range(line); range >> std::hex >> begin >> dash >> end && dash == '-')
      inside = begin <= wanted && wanted < end;
    if (inside && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
  }
  return false;
}

TEST(Buffer, LiesInHugePagesWhereItIsLarge) {
  if (!std::filesystem::exists("/sys/kernel/mm/transparent_hugepage/enabled")) GTEST_SKIP();
  const Buffer large = Buffer::allocate(std::size_t{41} << 20);
  EXPECT_TRUE(wants_huge_pages(large.data() + (std::size_t{20} << 20)));
}

TEST(Buffer, IsAlignedAndHoldsWhatWasAskedForAtEverySize) {
  for (std::size_t size = 0; size < 3000; ++size) {
    const Buffer buffer = Buffer::allocate(size);
    ASSERT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U) << size;
    ASSERT_EQ(buffer.size(), size);
    std::memset(buffer.data(), 7, size);  // AddressSanitizer watches
  }
  for (int bit = 12; bit < 27; ++bit) {
    for (const int off : {-1, 0, 1}) {
      const std::size_t size = (std::size_t{1} << bit) + static_cast<std::size_t>(off);
      const Buffer buffer = Buffer::allocate(size);
      ASSERT_EQ(reinterpret_cast<std::uintptr_t>(buffer.data()) % 64, 0U);
      buffer.data()[0] = buffer.data()[size - 1] = std::byte{1};
    }
  }
  BufferPool::trim();
}

TEST(Buffer, ASteadyLoopAllocatesNothing) {
  for (const std::size_t size : {std::size_t{64}, std::size_t{1000}, std::size_t{100000}, std::size_t{5000000}}) {
    Buffer::allocate(size);
    const Counters before = BufferPool::counters();
    for (int i = 0; i < 100; ++i) Buffer::allocate(size);
    const Counters after = BufferPool::counters();
    EXPECT_EQ(after.allocated, before.allocated) << size;
    EXPECT_EQ(after.reused, before.reused + 100) << size;
  }
}

TEST(Buffer, WastesAtMostAQuarterAboveTheSmallest) {
  for (std::size_t size = 257; size < 2000000; size = size * 9 / 8 + 1) {
    const std::int64_t before = live_now();
    const Buffer buffer = Buffer::allocate(size);
    const auto used = static_cast<double>(live_now() - before);
    EXPECT_GE(used, static_cast<double>(size));
    EXPECT_LE(used, 1.25 * static_cast<double>(size) + 1) << size;
  }
}

TEST(Buffer, CountsReferences) {
  Buffer one = Buffer::allocate(10);
  EXPECT_EQ(one.use_count(), 1);
  Buffer two = one;
  EXPECT_EQ(one.use_count(), 2);
  EXPECT_EQ(one, two);
  Buffer three = std::move(two);
  EXPECT_EQ(one.use_count(), 2);
  EXPECT_FALSE(two);  // NOLINT
  EXPECT_EQ(two.use_count(), 0);
  three = Buffer::allocate(10);
  EXPECT_EQ(one.use_count(), 1);
  one = one;  // NOLINT
  EXPECT_EQ(one.use_count(), 1);
}

TEST(Buffer, CountersReturnToWhereTheyBegan) {
  BufferPool::trim();
  const Counters before = BufferPool::counters();
  EXPECT_EQ(before.cached_bytes, 0);
  {
    std::vector<Buffer> held;
    for (std::size_t size = 1; size < 2000000; size = size * 3 / 2 + 1) held.push_back(Buffer::allocate(size));
    EXPECT_GT(live_now(), before.live_bytes);
  }
  EXPECT_EQ(live_now(), before.live_bytes);
  EXPECT_GT(BufferPool::counters().cached_bytes, 0);
  BufferPool::trim();
  EXPECT_EQ(BufferPool::counters().cached_bytes, 0);
}

TEST(Buffer, KeepsABoundedCache) {
  BufferPool::trim();
  const std::size_t size = std::size_t{64} << 20;
  {
    std::vector<Buffer> held;
    for (int i = 0; i < 10; ++i) held.push_back(Buffer::allocate(size));
  }
  EXPECT_LE(BufferPool::counters().cached_bytes, std::int64_t{256} << 20);
  {
    std::vector<Buffer> held;
    for (int i = 0; i < 100000; ++i) held.push_back(Buffer::allocate(64));
  }
  EXPECT_LE(BufferPool::counters().cached_bytes, (std::int64_t{257} << 20));
  BufferPool::trim();
}

TEST(Buffer, OldSizesMakeRoomForTheOneInUse) {
  BufferPool::trim();
  const std::size_t old_size = std::size_t{100} << 20, new_size = std::size_t{90} << 20;
  { const Buffer a = Buffer::allocate(old_size), b = Buffer::allocate(old_size); }
  { const Buffer a = Buffer::allocate(new_size), b = Buffer::allocate(new_size); }
  const Counters before = BufferPool::counters();
  { const Buffer a = Buffer::allocate(new_size), b = Buffer::allocate(new_size); }
  EXPECT_EQ(BufferPool::counters().allocated, before.allocated);
  BufferPool::trim();
}

TEST(Buffer, AsMuchMayBeKeptAsIsLive) {
  BufferPool::trim();
  const std::size_t size = std::size_t{300} << 20;  // never touched, so never resident
  Buffer held = Buffer::allocate(size);
  Buffer::allocate(size);
  const Counters before = BufferPool::counters();
  for (int i = 0; i < 5; ++i) held = Buffer::allocate(size);  // as a consumer that holds its last batch
  EXPECT_EQ(BufferPool::counters().allocated, before.allocated);
  held = Buffer();
  EXPECT_LE(BufferPool::counters().cached_bytes, std::int64_t{256} << 20);
  BufferPool::trim();
}

TEST(Buffer, RefusesAbsurdSizes) {
  EXPECT_THROW(Buffer::allocate(SIZE_MAX), std::bad_alloc);
  EXPECT_THROW(Buffer::allocate((std::size_t{1} << 48) + 1), std::bad_alloc);
}

void count_release(void* owner) { ++*static_cast<std::atomic<int>*>(owner); }

TEST(Buffer, ForeignMemoryIsReleasedOnceByTheLastReference) {
  std::atomic<int> released{0};
  std::byte memory[8];
  {
    Buffer one = Buffer::foreign(memory, sizeof memory, &released, count_release);
    EXPECT_EQ(one.data(), memory);
    EXPECT_EQ(one.size(), 8U);
    EXPECT_EQ(one.foreign_owner(count_release), &released);
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([copy = one] { Buffer(copy).size(); });
    one = Buffer();
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(released, 1);
  const Buffer pooled = Buffer::allocate(64);  // the same block, most likely
  EXPECT_EQ(pooled.foreign_owner(count_release), nullptr);
  EXPECT_NE(pooled.data(), memory);
  const Buffer for_ever = Buffer::foreign(memory, sizeof memory, nullptr, nullptr);
  EXPECT_EQ(for_ever.data(), memory);
}

TEST(Buffer, ForeignMemoryIsReleasedWhenThereIsNoMemoryForItsHead) {
  std::atomic<int> released{0};
  BufferPool::set_fault_hook([](std::size_t) { return true; });
  EXPECT_THROW(Buffer::foreign(nullptr, 0, &released, count_release), std::bad_alloc);
  BufferPool::set_fault_hook({});
  EXPECT_EQ(released, 1);
}

TEST(Buffer, TheFaultHookFailsNewAndRecycledBlocks) {
  const std::int64_t before = live_now();
  Buffer::allocate(5000);
  int calls = 0;
  BufferPool::set_fault_hook([&calls](std::size_t size) {
    EXPECT_EQ(size, 5000U);
    return ++calls % 2 == 0;
  });
  const Buffer first = Buffer::allocate(5000);
  EXPECT_THROW(Buffer::allocate(5000), std::bad_alloc);
  const Buffer third = Buffer::allocate(5000);
  BufferPool::set_fault_hook({});
  EXPECT_EQ(calls, 3);
  Buffer::allocate(5000);
  EXPECT_EQ(calls, 3);
  EXPECT_GT(live_now(), before);
}

TEST(Buffer, ManyThreadsShareThePoolWithoutMixingBlocks) {
  const Counters before = BufferPool::counters();
  std::vector<std::thread> threads;
  for (int id = 0; id < 8; ++id) {
    threads.emplace_back([id] {
      std::mt19937 random(static_cast<unsigned>(id));
      std::vector<Buffer> held(16);
      for (int i = 0; i < 3000; ++i) {
        Buffer& slot = held[random() % held.size()];
        ASSERT_TRUE(!slot || slot.data()[slot.size() - 1] == std::byte(id));
        slot = Buffer::allocate(1 + random() % (random() % 8 ? 500 : 100000));
        std::memset(slot.data(), id, slot.size());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const Counters after = BufferPool::counters();
  EXPECT_EQ(after.live_bytes, before.live_bytes);
  EXPECT_EQ(after.allocated + after.reused, before.allocated + before.reused + 8 * 3000);
}

TEST(Buffer, AChildForkedWhileOthersAllocateCanAllocate) {
  std::atomic<bool> stop{false};
  std::thread busy([&stop] {
    while (!stop) Buffer::allocate(100);
  });
  for (int i = 0; i < 50; ++i) {
    const pid_t child = fork();
    if (child == 0) {
      alarm(5);
      for (int k = 0; k < 10; ++k) Buffer::allocate(100);
      _exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
  }
  stop = true;
  busy.join();
}

#if defined(__SANITIZE_ADDRESS__)
TEST(BufferDeathTest, AddressSanitizerFindsAReadOfARecycledBlock) {
  const std::byte* data = nullptr;
  {
    const Buffer buffer = Buffer::allocate(100);
    data = buffer.data();
  }
  EXPECT_DEATH((void)*const_cast<const volatile std::byte*>(data), "use-after-poison");
}
#endif

}  // namespace
}  // namespace headrace
