#include <headrace/pipeline/permutation.hpp>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include <gtest/gtest.h>
#include <headrace/pipeline/random.hpp>

namespace headrace {
namespace {

std::vector<std::int64_t> whole(std::int64_t n, std::uint64_t key) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(n));
  Permutation(n, key).apply(Positions::range(0, n), order.data());
  return order;
}

TEST(Permutation, IsABijectionAtEverySmallSizeAndAroundPowersOfTwo) {
  std::vector<std::int64_t> sizes(600);
  std::iota(sizes.begin(), sizes.end(), 0);
  for (const std::int64_t n : {1023, 1024, 1025, 65535, 65537, (1 << 20) + 1}) sizes.push_back(n);
  for (const std::int64_t n : sizes) {
    auto order = whole(n, mix(static_cast<std::uint64_t>(n)));
    std::sort(order.begin(), order.end());
    for (std::int64_t i = 0; i < n; ++i) ASSERT_EQ(order[static_cast<std::size_t>(i)], i) << "n=" << n;
  }
}

TEST(Permutation, GivesTheSameByOneByRangeByListAndByStride) {
  for (const std::int64_t n : {5, 40, 1000, 1 << 20}) {
    const Permutation order(n, 7);
    const auto all = whole(n, 7);
    std::vector<std::int64_t> list, got(100);
    for (std::int64_t i = 0; i < std::min<std::int64_t>(n, 100); ++i) list.push_back((i * 37) % n);
    order.apply(Positions::of(list.data(), static_cast<std::int64_t>(list.size())), got.data());
    for (std::size_t i = 0; i < list.size(); ++i) {
      EXPECT_EQ(got[i], all[static_cast<std::size_t>(list[i])]);
      EXPECT_EQ(order(list[i]), got[i]);
      EXPECT_EQ(order.inverse(got[i]), list[i]);
    }
    const std::int64_t strided = (n + 2) / 3;
    std::vector<std::int64_t> every_third(static_cast<std::size_t>(strided));
    order.apply(Positions::range(0, strided, 3), every_third.data());
    for (std::int64_t i = 0; i < std::min<std::int64_t>(strided, 50); ++i)
      EXPECT_EQ(every_third[static_cast<std::size_t>(i)], all[static_cast<std::size_t>(3 * i)]);
  }
}

TEST(Permutation, ReachesTheLargestSizes) {
  for (const std::int64_t n : {std::int64_t{1000000000000}, INT64_MAX, INT64_MAX - 1, (std::int64_t{1} << 62) + 1}) {
    const Permutation order(n, 3);
    for (const std::int64_t i : {std::int64_t{0}, std::int64_t{1}, n / 2, n - 1}) {
      const std::int64_t value = order(i);
      EXPECT_GE(value, 0);
      EXPECT_LT(value, n);
      EXPECT_EQ(order.inverse(value), i);
    }
  }
}

/// Chi-square of `counts` against equal expectation, in standard deviations.
double deviations(const std::vector<std::int64_t>& counts) {
  const double total = static_cast<double>(std::accumulate(counts.begin(), counts.end(), std::int64_t{0}));
  const double expected = total / static_cast<double>(counts.size());
  double chi = 0;
  for (const auto count : counts)
    chi += (static_cast<double>(count) - expected) * (static_cast<double>(count) - expected) / expected;
  const double freedom = static_cast<double>(counts.size() - 1);
  return (chi - freedom) / std::sqrt(2 * freedom);
}

TEST(Permutation, GivesEveryOrderAlikeOftenForTwoToSix) {
  for (const std::int64_t n : {2, 3, 4, 5, 6}) {
    std::map<std::vector<std::int64_t>, std::int64_t> seen;
    std::int64_t orders = 1;
    for (std::int64_t i = 2; i <= n; ++i) orders *= i;
    for (std::int64_t seed = 0; seed < 100 * orders; ++seed) ++seen[whole(n, random_key(seed, "shuffle", 0))];
    ASSERT_EQ(static_cast<std::int64_t>(seen.size()), orders) << "n=" << n;
    std::vector<std::int64_t> counts;
    for (const auto& [order, count] : seen) counts.push_back(count);
    EXPECT_LT(std::abs(deviations(counts)), 5) << "n=" << n;
  }
}

TEST(Permutation, SpreadsFirstElementsPositionsAndNeighboursEvenly) {
  for (const std::int64_t n : {10, 33, 100, 1000}) {
    const auto cells = static_cast<std::size_t>(n);
    std::vector<std::int64_t> first(cells), middle(cells), gap(cells);
    for (std::int64_t seed = 0; seed < 200 * n; ++seed) {
      const Permutation order(n, random_key(seed, "shuffle", 0));
      const std::int64_t a = order(0), b = order(n / 2), c = order(n / 2 + 1);
      ++first[static_cast<std::size_t>(a)];
      ++middle[static_cast<std::size_t>(b)];
      ++gap[static_cast<std::size_t>((c - b + n) % n)];
    }
    gap.erase(gap.begin());  // no element follows itself
    EXPECT_LT(std::abs(deviations(first)), 5) << "n=" << n;
    EXPECT_LT(std::abs(deviations(middle)), 5) << "n=" << n;
    EXPECT_LT(std::abs(deviations(gap)), 5) << "n=" << n;
  }
}

TEST(Permutation, SpreadsAdjacentPairsOfALargeOrderEvenly) {
  const std::int64_t n = (1 << 20) + 1;
  std::vector<std::int64_t> cells(64 * 64), gaps(1024);
  for (std::int64_t seed = 0; seed < 4; ++seed) {
    const auto order = whole(n, random_key(seed, "shuffle", 1));
    for (std::size_t i = 0; i + 1 < order.size(); ++i) {
      ++cells[static_cast<std::size_t>(order[i] * 64 / n * 64 + order[i + 1] * 64 / n)];
      ++gaps[static_cast<std::size_t>((order[i + 1] - order[i] + n) % n * 1024 / n)];
    }
  }
  EXPECT_LT(std::abs(deviations(cells)), 5);
  EXPECT_LT(std::abs(deviations(gaps)), 5);
}

}  // namespace
}  // namespace headrace
