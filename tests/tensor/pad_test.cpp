#include <headrace/tensor/pad.hpp>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

namespace headrace {
namespace {

using testing::random_strided;

/// Item by item: the row where it reaches, else the padding.
void expect_padded(const Tensor& got, std::span<const Tensor> rows, std::int32_t padding) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const Tensor whole = got.row(static_cast<std::int64_t>(i));
    const Tensor row = rows[i].copy();
    for (std::int64_t a = 0; a < whole.shape()[0]; ++a) {
      for (std::int64_t b = 0; b < whole.shape()[1]; ++b) {
        const bool inside = a < row.shape()[0] && b < row.shape()[1];
        const std::int32_t expected = inside ? row.row(a).row(b).item<std::int32_t>() : padding;
        ASSERT_EQ(whole.row(a).row(b).item<std::int32_t>(), expected) << i << " " << a << " " << b;
      }
    }
  }
}

TEST(Pad, PutsEachRowInTheCornerAndFillsTheRest) {
  std::mt19937 random(1);
  for (int round = 0; round < 50; ++round) {
    std::vector<Tensor> rows;
    for (int i = 0; i < 5; ++i) {
      const Shape shape{static_cast<std::int64_t>(random() % 4), static_cast<std::int64_t>(random() % 4)};
      rows.push_back(random_strided(int32, shape, random, true));
    }
    const Tensor got = pad(rows, int32, {4, 3}, Tensor::scalar<std::int32_t>(-15));
    ASSERT_EQ(got.shape(), (Shape{5, 4, 3}));
    ASSERT_TRUE(got.writable() && got.is_contiguous());
    expect_padded(got, rows, -15);
  }
}

TEST(Pad, OfSlicesIsThatOfTheirRows) {
  const pool::Threads threads(4);
  std::mt19937 random(2);
  for (const std::int64_t width : {1, 3, 3000}) {
    for (const bool strided : {false, true}) {
      const Tensor from = strided ? random_strided(int32, {200, width}, random, true)
                                  : random_strided(int32, {200, width}, random, true).copy();
      std::vector<Slice> slices;
      std::vector<Tensor> rows;
      for (int i = 0; i < 40; ++i) {
        const auto begin = static_cast<std::int64_t>(random() % 190), count = static_cast<std::int64_t>(random() % 10);
        slices.push_back({begin, count});
        rows.push_back(from.rows(begin, count));
      }
      const Shape shape{10, width};
      const Tensor got = pad(from, slices, shape, Tensor::scalar<std::int32_t>(7));
      ASSERT_TRUE(equal(got, pad(rows, int32, shape, Tensor::scalar<std::int32_t>(7))));
      expect_padded(width > 3 ? got.rows(0, 2) : got, std::span(rows).first(width > 3 ? 2 : rows.size()), 7);
      ASSERT_TRUE(equal(join(from, slices), concatenate(rows)));
    }
  }
}

TEST(Pad, FillsWithItemsOfAnyWidth) {
  const Tensor narrow = widen(Tensor::zeros(DType::fixed_bytes(1), {1}), DType::fixed_bytes(1));
  std::memcpy(narrow.mutable_data(), "a", 1);
  const Tensor wide = Tensor::zeros(DType::fixed_bytes(3), {1});
  std::memcpy(wide.mutable_data(), "bcd", 3);
  const Tensor padding = Tensor::zeros(DType::fixed_bytes(2), {});
  std::memcpy(padding.mutable_data(), "xy", 2);
  const Tensor rows[] = {narrow, wide};
  const Tensor got = pad(rows, DType::fixed_bytes(3), {3}, padding);
  const std::string_view bytes(reinterpret_cast<const char*>(got.data()), 18);
  EXPECT_EQ(bytes, std::string_view("a\0\0xy\0xy\0bcdxy\0xy\0", 18));
}

TEST(Pad, KeepsTextsAliveInOneHeap) {
  Tensor got;
  {
    const std::string_view first[] = {"one", "two"}, second[] = {"a longer text than fits a small string"};
    const Tensor rows[] = {Tensor::texts(first), Tensor::texts(second), Tensor::empty(text, {0})};
    got = pad(rows, text, {3}, Tensor::text_scalar("-"));
  }
  std::vector<std::string> items;
  for (std::int64_t i = 0; i < 9; ++i) items.emplace_back(got.reshape({9}).row(i).text());
  EXPECT_EQ(items, (std::vector<std::string>{"one", "two", "-", "a longer text than fits a small string", "-", "-", "-",
                                             "-", "-"}));
}

TEST(Pad, OfNothingIsNothing) {
  EXPECT_EQ(pad(Tensor::zeros(int32, {0}), std::vector<Slice>(3), {0}, Tensor::scalar(1)).shape(), (Shape{3, 0}));
  const Tensor filled = pad(Tensor::zeros(int32, {0}), std::vector<Slice>(2), {2}, Tensor::scalar(1));
  EXPECT_TRUE(equal(filled, Tensor::of<std::int32_t>({1, 1, 1, 1}, {2, 2})));
  EXPECT_EQ(join(Tensor::zeros(int32, {4}), {}).shape(), (Shape{0}));
}

TEST(Join, IsAViewWhereSlicesFollowEachOther) {
  const Tensor from = Tensor::of<std::int64_t>({0, 1, 2, 3, 4});
  const Slice adjacent[] = {{1, 2}, {3, 0}, {3, 2}}, apart[] = {{3, 1}, {0, 2}};
  EXPECT_EQ(join(from, adjacent).data(), from.data() + 8);
  EXPECT_TRUE(equal(join(from, adjacent), Tensor::of<std::int64_t>({1, 2, 3, 4})));
  EXPECT_TRUE(equal(join(from, apart), Tensor::of<std::int64_t>({3, 0, 1})));
}

}  // namespace
}  // namespace headrace
