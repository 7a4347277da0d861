#include <headrace/pipeline/shuffle.hpp>

#include <algorithm>
#include <set>

#include <gtest/gtest.h>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/random.hpp>
#include <headrace/pipeline/row_slab.hpp>
#include <headrace/pipeline/shuffle_buffer.hpp>
#include <headrace/pipeline/stages.hpp>

namespace headrace {
namespace {

std::vector<std::int64_t> numbers(const Dataset& dataset, std::int64_t epoch = 0) {
  std::vector<std::int64_t> all;
  Iterator iterator = dataset.iterate(epoch);
  while (const auto element = iterator.next()) all.push_back(element->tensor().item<std::int64_t>());
  return all;
}

Dataset stream(std::int64_t n) {
  return range(n) | filter([](const Tensor&) { return true; });
}

bool is_permutation_of_range(std::vector<std::int64_t> order, std::int64_t n) {
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < n; ++i) {
    if (order[static_cast<std::size_t>(i)] != i) return false;
  }
  return static_cast<std::int64_t>(order.size()) == n;
}

TEST(Shuffle, OfRandomAccessWithABufferPermutesBlocksAndThenRuns) {
  for (const std::int64_t n : {1, 9, 10, 11, 95, 100, 101}) {
    for (const std::int64_t buffer : {2, 3, 10, 50}) {
      for (const std::int64_t epoch : {0, 1, 2, 3, 4}) {
        const auto order = numbers(range(n) | Shuffle{buffer, 5}, epoch);
        ASSERT_TRUE(is_permutation_of_range(order, n)) << "n=" << n << " buffer=" << buffer;
      }
    }
  }
  const auto order = numbers(range(100) | Shuffle{10, 5});
  for (std::size_t run = 0; run < 100; run += 10) {  // each run of 10 holds one block
    std::set<std::int64_t> blocks;
    for (std::size_t i = run; i < run + 10; ++i) blocks.insert(order[i] / 10);
    EXPECT_EQ(blocks.size(), 1u);
  }
}

TEST(Shuffle, DiffersByEpochUnlessToldNotTo) {
  const Dataset each = range(50) | Shuffle{std::nullopt, 1}, fixed = range(50) | Shuffle{std::nullopt, 1, false};
  EXPECT_NE(numbers(each, 0), numbers(each, 1));
  EXPECT_EQ(numbers(fixed, 0), numbers(fixed, 1));
  EXPECT_EQ(numbers(each, 0), numbers(fixed, 0));
}

TEST(Shuffle, OfEqualSeedStaysAlignedInZip) {
  const Dataset both = zip({range(40) | Shuffle{std::nullopt, 3}, range(40) | Shuffle{std::nullopt, 3}});
  Iterator iterator = both.iterate(0);
  while (const auto element = iterator.next()) {
    EXPECT_EQ(element->components[0].item<std::int64_t>(), element->components[1].item<std::int64_t>());
  }
}

TEST(Shuffle, OfAStreamHoldsWhatLookingBackSays) {
  for (const std::int64_t n : {0, 1, 5, 30, 200}) {
    for (const std::int64_t size : {1, 2, 7, 40}) {
      // The model: a plain buffer of ordinals.
      const std::uint64_t key = 99;
      const auto pick = [&](std::int64_t output, std::int64_t slots) {
        return static_cast<std::size_t>(
            below(mix(key + static_cast<std::uint64_t>(output) * 0x9e3779b97f4a7c15u), slots));
      };
      std::vector<std::int64_t> held;
      std::int64_t next = 0;
      while (next < std::min(n, size)) held.push_back(next++);
      for (std::int64_t output = 0; output <= n; ++output) {
        EXPECT_EQ(shuffle_buffer_ordinals(key, size, output, n), held);
        if (next < n) {
          EXPECT_EQ(shuffle_buffer_ordinals(key, size, output, -1), held) << "before the end is seen";
        }
        if (held.empty()) break;
        const std::size_t slot = pick(output, static_cast<std::int64_t>(held.size()));
        if (next < n)
          held[slot] = next++;
        else
          held[slot] = held.back(), held.pop_back();
      }
    }
  }
}

TEST(Shuffle, OfAStreamKeepsASmallStateAndRestoresExactly) {
  const Dataset dataset = stream(50000) | Shuffle{10000, 1} | Batch{100};
  Iterator iterator = dataset.iterate(0);
  for (int i = 0; i < 137; ++i) iterator.next();
  const std::string state = iterator.state();
  EXPECT_LT(state.size(), 1000u);
  Iterator resumed = dataset.iterate(0);
  resumed.load_state(state);
  for (;;) {
    const auto a = iterator.next(), b = resumed.next();
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a) break;
    ASSERT_TRUE(equal(*a, *b));
  }
}

TEST(Shuffle, CarriesItsDrawnSeedInTheState) {
  const Dataset first = range(100) | Shuffle{}, second = range(100) | Shuffle{};
  EXPECT_EQ(first.fingerprint(), second.fingerprint());
  Iterator a = first.iterate(0), b = second.iterate(0);
  a.next();
  b.load_state(a.state());
  for (int i = 0; i < 99; ++i) EXPECT_TRUE(equal(*a.next(), *b.next()));
}

TEST(Shuffle, SaysWhatItNeeds) {
  try {
    stream(5) | Shuffle{};
    FAIL();
  } catch (const ValueError& error) {
    EXPECT_STREQ(error.what(),
                 "[shuffle] shuffle() without buffer_size needs random access; this dataset is a stream because of "
                 "filter(); give a buffer_size");
  }
  EXPECT_THROW(range(5) | Shuffle{0}, ValueError);
  EXPECT_THROW(range(5) | Repeat{} | Shuffle{}, ValueError);
}

TEST(Shuffle, OfAStreamOfUnequalElementsKeepsThemAll) {
  const Dataset dataset =
      stream(60) | map([](const Tensor& t) { return Tensor::zeros(float32, {t.item<std::int64_t>() % 5 + 1}); }) |
      Shuffle{7, 3};
  std::vector<std::int64_t> sizes(6);
  Iterator iterator = dataset.iterate(0);
  while (const auto element = iterator.next()) ++sizes[static_cast<std::size_t>(element->tensor().size())];
  EXPECT_EQ(sizes, (std::vector<std::int64_t>{0, 12, 12, 12, 12, 12}));
}

TEST(Shuffle, OfAStreamStaysWithinTheMemoryLimit) {
  const Dataset dataset = stream(100000) | Shuffle{100000, 1} | WithOptions{.memory_limit = 100000};
  EXPECT_THROW(dataset.iterate(0).next(), MemoryLimitError);
}

TEST(RowSlab, StacksRowsHoweverTheyCome) {
  const Tensor column = Tensor::zeros(int64, {4, 2});
  const Rows stacked = Rows::of_columns(Structure::leaf(), {column}, 4);
  const Rows listed = Rows::of_list({{Element(Tensor::zeros(int64, {2})), nullptr}});
  const Rows other = Rows::of_list({{Element(Tensor::zeros(int64, {3})), nullptr}});
  for (const bool list_first : {false, true}) {
    RowSlab slab;
    slab.put(0, list_first ? all(listed) : all(stacked), 0);
    slab.put(1, list_first ? all(stacked) : all(listed), 0);
    RowSlab::Output out(slab, 2);
    out.append(1);
    out.append(0);
    const Rows rows = out.finish();
    EXPECT_TRUE(rows.stacked);
    EXPECT_EQ(rows.columns.front().shape(), (Shape{2, 2}));
    slab.put(2, all(other), 0);
    RowSlab::Output mixed(slab, 3);
    for (const std::int64_t slot : {2, 0, 1}) mixed.append(slot);
    const Rows list = mixed.finish();
    EXPECT_FALSE(list.stacked);
    EXPECT_EQ(list.element(0).tensor().shape(), Shape{3});
    EXPECT_EQ(list.element(2).tensor().shape(), Shape{2});
  }
}

}  // namespace
}  // namespace headrace
