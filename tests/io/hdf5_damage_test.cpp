// Damaged chunks: an error or exactly the chunk's size, never a byte beyond (AddressSanitizer sees it), never more
// memory.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // both ends are replaced here

#include "hdf5_filters.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <memory>
#include <new>
#include <thread>

#include <headrace/tensor/error.hpp>

#include "allocations.hpp"

namespace headrace::allocations {

thread_local std::size_t taken = 0;
thread_local int left = 0;
std::atomic<std::int64_t> left_everywhere = kNone;
std::atomic<std::int64_t> in_a_row = 1;

}  // namespace headrace::allocations

using headrace::allocations::left;
using headrace::allocations::taken;

// The whole program's; they fail only where it is asked for.
void* operator new(std::size_t size) {
  taken += size;
  if (left > 0 && --left == 0) throw std::bad_alloc();
  auto& everywhere = headrace::allocations::left_everywhere;
  const std::int64_t last = 1 - headrace::allocations::in_a_row.load(std::memory_order_relaxed);
  if (everywhere.load(std::memory_order_relaxed) > last) {
    const std::int64_t now = everywhere.fetch_sub(1);
    if (now <= 1 && now > last) throw std::bad_alloc();
  }
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {  // std::stable_sort asks so
  try {
    return operator new(size);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }

namespace headrace::hdf5 {
namespace {

/// Whether `stored` became `size` bytes. Both lie in memory of exactly their size.
bool decodes(const FilterPipeline& pipeline, const Data& stored, std::size_t size, Data* result = nullptr) {
  try {
    Data to = decoded(pipeline, Data(stored.begin(), stored.end()), size);
    if (result != nullptr) *result = std::move(to);
    return true;
  } catch (const ValueError&) {
    return false;
  }
}

std::string hex64(std::uint64_t value) {
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += "0123456789abcdef"[value >> shift & 15];
  return text;
}

TEST(Hdf5Damage, EveryTruncationIsAnErrorOrTheWholeChunk) {
  for (const FilterPipeline& pipeline : pipelines(4)) {
    for (const std::size_t size : {8, 300, 1000}) {
      const Data plain = sample(2, size), stored = pipeline.encode(plain);
      for (std::size_t cut = 0; cut < stored.size(); ++cut) {
        Data result = plain;
        decodes(pipeline, Data(stored.begin(), stored.begin() + static_cast<std::ptrdiff_t>(cut)), size, &result);
        EXPECT_EQ(result, plain) << pipeline.to_string() << " " << cut << " of " << stored.size();
      }
    }
  }
}

TEST(Hdf5Damage, FlippedBytesAreAnErrorOrTheChunksSize) {
  std::mt19937 random(7);
  for (const FilterPipeline& pipeline : pipelines(4)) {
    const Data plain = sample(2, 1000), stored = pipeline.encode(plain);
    for (int turn = 0; turn < 3000; ++turn) {
      Data damaged = stored;
      for (unsigned flips = 1 + random() % 3; flips > 0; --flips) {
        const std::size_t place =
            random() % (turn % 2 == 0 ? damaged.size() : std::min<std::size_t>(40, damaged.size()));
        damaged[place] ^= static_cast<std::byte>(1 + random() % 255);
      }
      decodes(pipeline, damaged, plain.size());
    }
  }
}

TEST(Hdf5Damage, ChecksumsFindEveryFlippedBit) {
  for (const auto& filters : {std::vector<Filter>{{2, "", {4}}, {1, "", {4}}}, std::vector<Filter>{{3, "", {}}}}) {
    const FilterPipeline pipeline(filters);
    const Data plain = sample(2, 404), stored = pipeline.encode(plain);
    for (std::size_t bit = 0; bit < stored.size() * 8; ++bit) {
      Data damaged = stored;
      damaged[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
      Data result = plain;  // a bit of gzip's padding may change nothing
      decodes(pipeline, damaged, plain.size(), &result);
      EXPECT_EQ(result, plain) << pipeline.to_string() << " bit " << bit;
    }
  }
}

TEST(Hdf5Damage, OtherSizesAreErrors) {
  for (const FilterPipeline& pipeline : pipelines(4)) {
    const Data plain = sample(2, 1000), stored = pipeline.encode(plain);
    for (const std::size_t size : {0, 1, 996, 999, 1001, 1004, 5000}) {
      EXPECT_FALSE(decodes(pipeline, stored, size)) << pipeline.to_string() << " " << size;
    }
    EXPECT_TRUE(decodes(pipeline, stored, 1000)) << pipeline.to_string();
  }
}

TEST(Hdf5Damage, BombsTakeNoMemory) {
  const Data zeros(std::size_t{4} << 20);
  for (const FilterPipeline& pipeline : pipelines(4)) {
    if (pipeline.empty()) continue;
    const Data stored = pipeline.encode(zeros);
    Data to(4000);
    taken = 0;
    EXPECT_THROW(pipeline.decode(stored, 0, to), ValueError) << pipeline.to_string();
    EXPECT_LT(taken, 20'000u) << pipeline.to_string();
  }
}

TEST(Hdf5Damage, HeadsThatLieTakeNoMemory) {
  const struct {
    Filter filter;
    std::string stored;
  } lies[] = {{{32004, "", {}}, hex64(~0ULL) + "40000000" + "00000001" + "00"},
              {{32004, "", {}}, hex64(4000) + "00000000" + "00000001" + "00"},
              {{32004, "", {}}, hex64(4000) + "ffffffff" + "ffffffff" + "00"},
              {{32008, "", {0, 4, 4, 0, 2}}, hex64(~0ULL - 3) + "00002000" + "00000001" + "00"},
              {{32008, "", {0, 4, 4, 0, 2}}, hex64(4000) + "00000000" + "00000001" + "00"},
              {{32008, "", {0, 4, 4, 0, 2}}, hex64(4000) + "ffffffff" + "ffffffff" + "00"},
              {{32008, "", {0, 4, 4, 0, 3}}, hex64(4000) + "00000004" + "00000001" + "00"},
              {{32008, "", {0, 4, 0, 0, 2}}, hex64(4000) + "00002000" + "00000001" + "00"},
              {{32008, "", {0, 4, 4, 7}}, hex64(0)},
              {{32001, "", {}}, "02012104ffffffffffffff7f1400000000000000"},
              {{32001, "", {}}, "02012104a00f0000ffffffff1400000000000000"},
              {{32001, "", {}}, "02012104a00f0000000000001400000000000000"},
              {{32001, "", {}}, "02012100a00f0000a00f00001400000000000000"},
              {{32001, "", {}}, "0201ff04a00f0000a00f00001400000000000000"},
              {{32001, "", {}}, "02012104a00f0000a00f00000000000000000000"},
              {{32001, "", {}}, "05012104a00f0000a00f00001400000000000000"},
              {{32015, "", {}}, "28b52ffde0ffffffffffffff7f"},
              {{32015, "", {}}, "28b52ffd00f8010000"},
              {{1, "", {}}, "78bb00000000"}};
  for (const auto& [filter, text] : lies) {
    const FilterPipeline pipeline({filter});
    if (pipeline.unknown()) continue;
    const Data stored = bytes_of(text);
    Data to(4000);
    taken = 0;
    EXPECT_THROW(pipeline.decode(stored, 0, to), ValueError) << text;
    EXPECT_LT(taken, 20'000u) << text;
  }
}

TEST(Hdf5Damage, BlocksOfNoSizeAreNamed) {
  const FilterPipeline lz4({{32004, "", {}}}), bitshuffle({{32008, "", {0, 4, 4, 0, 2}}});
  if (lz4.unknown()) GTEST_SKIP() << "a build without liblz4";
  const Data stored = bytes_of(hex64(4000) + "00000000" + "00000001" + "00");
  EXPECT_EQ(error_of(lz4, stored, 4000), "lz4: damaged data, blocks of 0 bytes");
  EXPECT_EQ(error_of(bitshuffle, stored, 4000), "bitshuffle: damaged data, blocks of 0 bytes");
}

TEST(Hdf5Damage, ASteadyLoopAllocatesNothing) {
  for (const FilterPipeline& pipeline : pipelines(4)) {
    const Data plain = sample(2, 100'000), stored = pipeline.encode(plain);
    Data to(plain.size());
    pipeline.decode(stored, 0, to);
    taken = 0;
    for (int i = 0; i < 10; ++i) pipeline.decode(stored, 0, to);
    EXPECT_EQ(taken, 0u) << pipeline.to_string();
    EXPECT_EQ(to, plain);
  }
}

/// On a thread that has no scratch yet.
template <class Work>
void on_new_thread(Work&& work) {
  std::thread(work).join();
}

TEST(Hdf5Damage, ScratchIsBoundedByTheChunk) {
  on_new_thread([] {
    const FilterPipeline pipeline({{2, "", {4}}, {1, "", {1}}});
    const Data plain(std::size_t{1} << 24), stored = pipeline.encode(plain);
    Data to(plain.size());
    taken = 0;
    pipeline.decode(stored, 0, to);
    EXPECT_GE(taken, plain.size());
    EXPECT_LE(taken, plain.size() + 1000);
  });
}

TEST(Hdf5Damage, EveryFailingAllocationIsBadAllocAndUsableAgain) {
  const FilterPipeline pipeline({{2, "", {4}}, {1, "", {1}}, {32000, "", {}}, {32008, "", {0, 4, 1}}});
  const Data plain = sample(2, 200'000), stored = pipeline.encode(plain);
  bool failed = true;
  for (int k = 1; failed; ++k) {
    on_new_thread([&] {
      Data to(plain.size());
      left = k;
      try {
        pipeline.decode(stored, 0, to);
        failed = false;
      } catch (const std::bad_alloc&) {
      }
      left = 0;
      pipeline.decode(stored, 0, to);
      EXPECT_EQ(to, plain);
    });
    EXPECT_EQ(failed, k <= 3) << "two buffers of the pipeline's and one of bitshuffle's";
  }
}

}  // namespace
}  // namespace headrace::hdf5
