// Every k-th allocation fails, for k = 1, 2, 3 ... until the work gets through: std::bad_alloc, nothing leaked, and the
// same work done right afterwards.
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"  // both ends are replaced here

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/element.hpp>
#include <headrace/tensor/pool.hpp>
#include <headrace/tensor/spec.hpp>

#include <gtest/gtest.h>

#include <cstdlib>
#include <new>
#include <vector>

namespace {

thread_local bool counting = false;
thread_local int left = 0;  // allocations until one fails

bool fails_now() { return counting && --left == 0; }

}  // namespace

// The whole program's; they fail only on a thread that asks for it.
void* operator new(std::size_t size) {
  if (fails_now()) throw std::bad_alloc();
  if (void* const memory = std::malloc(size > 0 ? size : 1)) return memory;
  throw std::bad_alloc();
}
void* operator new[](std::size_t size) { return operator new(size); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace headrace {
namespace {

/// Does `work` with its k-th allocation failing (from operator new and from the pool alike), k = 1, 2, ... until it
/// gets through; then as often with every k-th failing. Returns how many allocations there were.
template <class Work>
int survive(const Work& work) {
  work();  // what is made once and kept
  const std::int64_t live = BufferPool::counters().live_bytes;
  BufferPool::set_fault_hook([](std::size_t) { return fails_now(); });
  int allocations = 0;
  for (bool through = false; !through; ++allocations) {
    left = allocations + 1;
    counting = true;
    try {
      work();
      through = true;
    } catch (const std::bad_alloc&) {
    }
    counting = false;
    EXPECT_EQ(BufferPool::counters().live_bytes, live) << "failure " << allocations;
  }
  BufferPool::set_fault_hook({});
  work();
  return allocations - 1;
}

std::vector<Tensor> some_texts() {
  std::vector<Tensor> items;
  for (const char* value : {"one", "two", "three"}) items.push_back(Tensor::text_scalar(value));
  return items;
}

TEST(Faults, MakingTensors) {
  EXPECT_GE(survive([] {
              const Tensor tensor = Tensor::zeros(float32, {2, 1, 2, 1, 2, 1, 2, 1});
              const Tensor copy = tensor.copy().reshape({16});
              EXPECT_EQ(copy.values<float>()[15], 0);
            }),
            4);
}

TEST(Faults, StackingTexts) {
  EXPECT_GE(survive([] { EXPECT_EQ(stack(some_texts()).row(2).text(), "three"); }), 8);
}

TEST(Faults, WideningAndConcatenating) {
  EXPECT_GE(survive([] {
              const Tensor narrow = Tensor::zeros(DType::fixed_bytes(2), {3}),
                           wide = Tensor::zeros(DType::fixed_bytes(4), {2});
              EXPECT_EQ(concatenate(std::vector<Tensor>{narrow, wide}).size(), 5);
            }),
            3);
}

TEST(Faults, GatheringStridedRows) {
  const Tensor base = Tensor::zeros(int16, {5, 2, 2, 2, 2, 2, 2, 2});
  const Tensor transposed = Tensor::view(base.buffer(), base.mutable_data(), int16, {2, 5, 2, 2, 2, 2, 2, 2},
                                         {128, 256, 64, 32, 16, 8, 4, 2}, false);
  const std::int64_t rows[] = {1, 0, 1};
  EXPECT_GE(survive([&] { EXPECT_EQ(gather(transposed, Positions::of(rows, 3)).size(), 960); }), 3);
}

TEST(Faults, ForeignBuffers) {
  static int held = 0;
  EXPECT_GE(survive([] {
              ++held;
              const Buffer buffer = Buffer::foreign(nullptr, 0, &held, [](void*) { --held; });
            }),
            1);
  EXPECT_EQ(held, 0);
}

TEST(Faults, StructuresAndSpecs) {
  EXPECT_GE(survive([] {
              const auto leaf = Structure::leaf();
              const Spec a{Structure::dict({"image", "label"}, {leaf, leaf}), {{float32, {3, 4}}, {int64, {}}}};
              const Spec b{Structure::dict({"label", "image"}, {leaf, leaf}), {{int64, {}}, {float32, {3, 5}}}};
              EXPECT_EQ(common(a, b)->to_string(), "{'image': float32(3, ?), 'label': int64()}");
            }),
            10);
}

TEST(Faults, InterningDtypes) {
  static std::int64_t width = 5000;
  survive([] { EXPECT_EQ(DType::fixed_bytes(++width).itemsize(), width); });
  survive([] { EXPECT_EQ(DType::record({{"a long name for a field", int8, 0, {}}}, ++width).itemsize(), width); });
}

TEST(Faults, LoopsAndTasksOnThePool) {
  const pool::Threads threads(4);
  survive([] {
    std::vector<std::atomic<int>> touched(100);
    pool::parallel_for(100, 1, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) ++touched[static_cast<std::size_t>(i)];
    });
    for (const std::atomic<int>& count : touched) ASSERT_EQ(count, 1);
  });
  survive([] { const pool::Threads more(3); });
}

}  // namespace
}  // namespace headrace
