#include <headrace/tensor/shape.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

#include <numeric>
#include <vector>

namespace headrace {
namespace {

Shape shape_of(int rank) {
  std::vector<std::int64_t> sizes(static_cast<std::size_t>(rank));
  std::iota(sizes.begin(), sizes.end(), 1);
  return Shape(std::span<const std::int64_t>(sizes));
}

TEST(Shape, KeepsItsValuesThroughCopiesAndMovesAtAnyRank) {
  for (int rank = 0; rank < 12; ++rank) {
    for (int other = 0; other < 12; ++other) {
      const Shape wanted = shape_of(rank);
      Shape copied = shape_of(other);
      copied = wanted;
      EXPECT_EQ(copied, wanted);
      Shape moved = shape_of(other);
      moved = std::move(copied);
      EXPECT_EQ(moved, wanted);
      EXPECT_TRUE(copied.empty());  // NOLINT: a moved-from shape is empty, whatever its rank
      const Shape constructed(std::move(moved));
      EXPECT_EQ(constructed, wanted);
    }
  }
}

TEST(Shape, GrowsAndShrinksAtItsEnds) {
  for (int rank = 0; rank < 9; ++rank) {
    const Shape shape = shape_of(rank);
    const Shape longer = shape.with_front(7);
    ASSERT_EQ(longer.size(), rank + 1);
    EXPECT_EQ(longer.front(), 7);
    EXPECT_EQ(longer.tail(), shape);
    EXPECT_EQ(shape.with_back(7)[rank], 7);
  }
}

TEST(Shape, CountsItemsAndRefusesWhatDoesNotFit) {
  EXPECT_EQ(element_count({}), 1);
  EXPECT_EQ(element_count({3, 4}), 12);
  EXPECT_EQ(element_count({3, 0, 4}), 0);
  EXPECT_THROW(element_count({3, -1}), ValueError);
  EXPECT_THROW(element_count({0, -1}), ValueError);
  EXPECT_THROW(element_count({INT64_MAX, 2}), ValueError);
  EXPECT_THROW(element_count({INT64_MAX, 2, 0}), ValueError);
}

TEST(Shape, StridesAreInCOrder) {
  EXPECT_EQ(contiguous_strides({2, 3, 4}, 8), (Strides{96, 32, 8}));
  EXPECT_EQ(contiguous_strides({2, 0, 4}, 8), (Strides{32, 32, 8}));
  EXPECT_EQ(contiguous_strides({}, 8), Strides{});
}

TEST(Shape, PrintsAsPythonDoes) {
  EXPECT_EQ(to_string(Shape{}), "()");
  EXPECT_EQ(to_string(Shape{3}), "(3,)");
  EXPECT_EQ(to_string(Shape{3, -1}), "(3, ?)");
}

}  // namespace
}  // namespace headrace
