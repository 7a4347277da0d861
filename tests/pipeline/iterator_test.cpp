#include <headrace/pipeline/iterator.hpp>

#include <atomic>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <headrace/pipeline/ends.hpp>
#include <headrace/pipeline/stages.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace {
namespace {

std::string message_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Iterator, OverAnArrayInOrderGivesViewsOfIt) {
  const Tensor array = Tensor::zeros(float32, {100, 4});
  const Dataset dataset = from_tensor_slices(array) | Batch{8};
  Iterator iterator = dataset.iterate(0);
  for (std::int64_t i = 0; const auto batch = iterator.next(); ++i) {
    EXPECT_EQ(batch->tensor().data(), array.data() + i * 8 * 16);
    EXPECT_FALSE(batch->tensor().writable());
  }
}

TEST(Iterator, KeepsBatchesThatOutliveIt) {
  Element kept;
  {
    const Dataset dataset = range(1000) | Shuffle{std::nullopt, 1} | Batch{10};
    Iterator iterator = dataset.iterate(0);
    kept = *iterator.next();
    while (iterator.next()) {
    }
  }
  const Element same = *(range(1000) | Shuffle{std::nullopt, 1} | Batch{10}).iterate(0).next();
  EXPECT_TRUE(equal(kept, same));
}

TEST(Iterator, RefusesStatesThatAreNotItsOwnAndStaysAsItWas) {
  const Dataset dataset = range(100) | Batch{7};
  Iterator iterator = dataset.iterate(0);
  iterator.next();
  const std::string state = iterator.state();
  const auto refused = [&](const std::string& text) {
    const std::string before = iterator.state();
    EXPECT_THROW(iterator.load_state(text), ValueError) << text;
    EXPECT_EQ(iterator.state(), before);
  };
  for (std::size_t cut = 0; cut < state.size(); ++cut) refused(state.substr(0, cut));
  for (std::size_t at = 0; at < state.size(); ++at) {
    std::string altered = state;
    altered[at] = altered[at] == '1' ? '2' : '1';
    if (altered != state) refused(altered);
  }
  Iterator other = (range(100) | Batch{8}).iterate(0);
  refused(other.state());
  EXPECT_NE(message_of([&] { iterator.load_state(other.state()); }).find("it must be of this plan"), std::string::npos);
  std::string newer = state;
  newer.replace(newer.find("\"format\":1"), 10, "\"format\":9");
  EXPECT_NE(message_of([&] { iterator.load_state(newer); }).find("its format must be 1, got 9"), std::string::npos);
  EXPECT_EQ(iterator.next()->tensor().values<std::int64_t>()[0], 7);
}

TEST(Iterator, ThatIsReenteredFromItsOwnFunctionSaysSo) {
  Iterator* self = nullptr;
  const Dataset dataset = range(3) | map([&self](const Tensor& tensor) {
                            self->next();
                            return tensor;
                          }) |
                          WithOptions{.threads = 1};
  Iterator iterator = dataset.iterate(0);
  self = &iterator;
  EXPECT_THROW(iterator.next(), StateError);
  EXPECT_THROW(iterator.next(), StateError);
}

TEST(Iterator, SaysWhatIsLeft) {
  Iterator iterator = (range(10) | Batch{3}).iterate(0);
  EXPECT_EQ(iterator.remaining(), 4);
  iterator.next();
  EXPECT_EQ(iterator.remaining(), 3);
  EXPECT_EQ((range(10) | Repeat{}).iterate(0).remaining(), std::nullopt);
}

TEST(Iterator, IsClosedForGood) {
  Iterator iterator = range(10).iterate(0);
  iterator.close();
  EXPECT_THROW(iterator.next(), ValueError);
  EXPECT_THROW(iterator.state(), ValueError);
}

TEST(Iterator, StopsWorkWhenDropped) {
  std::atomic<int> calls{0};
  {
    const Dataset dataset = range(1000000) | map([&calls](const Tensor& tensor) {
                              std::this_thread::sleep_for(std::chrono::microseconds(100));
                              ++calls;
                              return tensor;
                            }) |
                            Batch{4} | WithOptions{.threads = 4};
    Iterator iterator = dataset.iterate(0);
    for (int i = 0; i < 20; ++i) iterator.next();
    const auto begin = std::chrono::steady_clock::now();
    iterator.close();
    EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::milliseconds(100));
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const int after = calls;
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  EXPECT_EQ(calls, after);
}

TEST(Iterator, WorksOnAsManyThreadsAsAskedFor) {
  for (const int threads : {2, 4}) {
    std::atomic<int> inside{0}, most{0};
    const Dataset dataset = range(300) | map([&](const Tensor& tensor) {
                              const int now = ++inside;
                              for (int seen = most; now > seen && !most.compare_exchange_weak(seen, now);) {
                              }
                              std::this_thread::sleep_for(std::chrono::milliseconds(1));
                              --inside;
                              return tensor;
                            }) |
                            Batch{2} | WithOptions{.threads = threads};
    Iterator iterator = dataset.iterate(0);
    while (iterator.next()) {
    }
    EXPECT_EQ(most, threads);
  }
}

TEST(Iterator, RecyclesItsBuffersInTheSecondHalfOfAnEpoch) {
  const Tensor array = Tensor::zeros(float32, {400000, 16});
  const Dataset dataset = from_tensor_slices(array) | Shuffle{std::nullopt, 1} | Batch{100} | WithOptions{.threads = 2};
  std::int64_t allocated = -1;
  for (int epoch = 0; epoch < 4 && allocated != 0; ++epoch) {  // a busy machine may fill the window late in one of them
    Iterator iterator = dataset.iterate(0);
    for (int i = 0; i < 2000; ++i) {
      iterator.next();
      if (i % 500 == 400)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));  // lets the window fill to its depth
    }
    const auto before = BufferPool::counters().allocated;
    while (iterator.next()) {
    }
    allocated = BufferPool::counters().allocated - before;
  }
  EXPECT_EQ(allocated, 0);
}

TEST(Iterator, StaysWithinItsMemoryLimit) {
  const std::int64_t limit = 10 << 20;
  const Dataset dataset = range(2000) | map([](const Tensor&) { return Tensor::zeros(uint8, {1 << 20}); }) |
                          WithOptions{.threads = 8, .memory_limit = limit};
  Iterator iterator = dataset.iterate(0);
  std::int64_t most = 0;
  const std::int64_t before = BufferPool::counters().live_bytes;
  for (int i = 0; i < 200; ++i) {
    iterator.next();
    most = std::max(most, BufferPool::counters().live_bytes - before);
  }
  EXPECT_LT(most, limit + (4 << 20));
}

TEST(Iterator, CallsAFunctionOnBothOfTwoThreadsWhereverItsRowsComeFrom) {
  for (const Dataset& rows : {range(60), range(60) | IgnoreErrors{}}) {
    for (const std::optional<std::int64_t> calls : {std::optional<std::int64_t>(2), {}, {1}}) {
      std::atomic<int> now = 0, most = 0;
      Map slow = map([&](const Tensor& row) {
        const int here = ++now;
        for (int before = most; before < here && !most.compare_exchange_weak(before, here);) {
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
        --now;
        return row;
      });
      slow.num_parallel_calls = calls;
      Dataset dataset = rows | slow | WithOptions{.threads = 2};
      std::int64_t sum = 0;
      for (Iterator iterator = dataset.iterate(0); const auto row = iterator.next();)
        sum += row->tensor().item<std::int64_t>();
      EXPECT_EQ(sum, 59 * 30);
      if (rows.random_access() || calls != 1) {
        EXPECT_EQ(most, 2) << (rows.random_access() ? "random access" : "stream");
      } else {
        EXPECT_EQ(most, 1);
      }
    }
  }
}

TEST(Iterator, StartsARangeOfTrillionsAtOnceAndResumesFarOut) {
  const Dataset dataset = range(1000000000000) | Shuffle{std::nullopt, 1} | Batch{256};
  Iterator near = dataset.iterate(0);
  near.next();
  EXPECT_LT(near.state().size(), 1000u);
  Iterator far = (dataset | Skip{1000000}).iterate(0), resumed = dataset.iterate(0);
  const Element wanted = *far.next();
  resumed.load_state([&] {
    Iterator walker = dataset.iterate(0);
    walker.next();
    return walker.state();
  }());
  EXPECT_TRUE(equal(dataset[1000000], wanted));
}

TEST(Iterator, RunsOthersInsideItsFunctionsOnAllThreads) {
  const auto inner = [](const Tensor& tensor) {
    std::int64_t sum = 0;
    Iterator iterator =
        (range(tensor.item<std::int64_t>() % 50) | filter([](const Tensor&) { return true; }) | Prefetch{2} | Batch{3})
            .iterate(0);
    while (const auto batch = iterator.next()) {
      for (const auto value : batch->tensor().values<std::int64_t>()) sum += value;
    }
    return Tensor::scalar(sum);
  };
  for (const Dataset& dataset : {range(400) | map(inner) | WithOptions{.threads = 4},
                                 range(400) | Shuffle{50, 1} | filter([](const Tensor&) { return true; }) | map(inner) |
                                     Prefetch{3} | WithOptions{.threads = 4}}) {
    std::int64_t sum = 0, expected = 0;
    Iterator iterator = dataset.iterate(0);
    while (const auto element = iterator.next()) sum += element->tensor().item<std::int64_t>();
    for (std::int64_t i = 0; i < 400; ++i) expected += (i % 50) * (i % 50 - 1) / 2;
    EXPECT_EQ(sum, expected);
  }
}

TEST(Ends, ReduceAndGetSingleElement) {
  EXPECT_EQ(reduce(range(10), 0,
                   [](int sum, const Element& element) {
                     return sum + static_cast<int>(element.tensor().item<std::int64_t>());
                   }),
            45);
  EXPECT_EQ(get_single_element(range(3) | Batch{3}).tensor().size(), 3);
  EXPECT_THROW(get_single_element(range(2)), ValueError);
  EXPECT_THROW(get_single_element(range(0)), ValueError);
}

TEST(Dataset, CountsItsEpochs) {
  Dataset dataset = range(30) | Shuffle{std::nullopt, 1};
  const Element first = *dataset.iterate().next(), second = *dataset.iterate().next();
  EXPECT_FALSE(equal(first, second));
  EXPECT_TRUE(equal(first, *dataset.iterate(0).next()));
  EXPECT_TRUE(equal(second, *dataset.iterate(1).next()));
}

TEST(Dataset, ExplainsItsPlanWithoutReading) {
  const Dataset dataset =
      range(10) | filter([](const Tensor&) -> bool { throw std::runtime_error("never called"); }) | Batch{4, true};
  EXPECT_EQ(dataset.explain(),
            "batch(4, drop_remainder=True)  -> int64(4) x ?, stream\n"
            "filter(function)  -> int64() x ?, stream\n"
            "range(10)  -> int64() x 10, random access\n");
}

TEST(Dataset, FingerprintsWhatDecidesItsElements) {
  const Dataset plain = range(10) | Batch{4};
  EXPECT_EQ(plain.fingerprint(), (range(10) | Prefetch{2} | Batch{4} | WithOptions{.threads = 3}).fingerprint());
  EXPECT_NE(plain.fingerprint(), (range(10) | Batch{5}).fingerprint());
  EXPECT_NE(plain.fingerprint(), (range(11) | Batch{4}).fingerprint());
}

}  // namespace
}  // namespace headrace
