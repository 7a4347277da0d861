#include <headrace/tensor/copy.hpp>

#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

namespace headrace {
namespace {

using testing::items_of;
using testing::plain_copy;
using testing::random_strided;

const std::vector<DType>& dtypes() {
  static const std::vector<DType> all = {boolean,
                                         int16,
                                         float32,
                                         float64,
                                         complex128,
                                         DType::fixed_bytes(3),
                                         bfloat16,
                                         DType::datetime64("ns"),
                                         DType::fixed_text(5),
                                         DType::fixed_bytes(0),
                                         DType::record({{"x", float32, 0, {}}, {"y", int8, 4, {3}}}, 7)};
  return all;
}

std::vector<std::int64_t> random_rows(std::int64_t count, std::int64_t below, std::mt19937& random) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  for (std::int64_t& row : rows) row = static_cast<std::int64_t>(random() % static_cast<std::uint64_t>(below));
  return rows;
}

std::vector<std::int64_t> permutation(std::int64_t count, std::mt19937& random) {
  std::vector<std::int64_t> rows(static_cast<std::size_t>(count));
  std::iota(rows.begin(), rows.end(), 0);
  std::shuffle(rows.begin(), rows.end(), random);
  return rows;
}

/// to[to_rows[i]] = from[from_rows[i]], item by item.
void naive_copy_rows(const Tensor& from, const Positions& from_rows, const Tensor& to, const Positions& to_rows) {
  for (std::int64_t i = 0; i < from_rows.count; ++i) {
    const Tensor source = from.row(from_rows[i]), target = to.row(to_rows[i]);
    testing::for_each_index(source.shape(), [&](const Shape& index) {
      std::int64_t offset = 0;
      for (int axis = 0; axis < index.size(); ++axis) offset += index[axis] * target.strides()[axis];
      const std::string item = testing::item_bytes(source, index);
      std::memcpy(target.mutable_data() + offset, item.data(), item.size());
    });
  }
}

TEST(Copy, WorksForEveryDtypeShapeAndStride) {
  std::mt19937 random(3);
  const std::vector<Shape> shapes = {{},     {1},    {7},       {0, 3},       {3, 0},
                                     {5, 4}, {1, 6}, {3, 4, 5}, {2, 1, 3, 4}, {2, 3, 2, 3, 2, 2, 2}};
  for (const DType dtype : dtypes()) {
    for (const Shape& shape : shapes) {
      for (int round = 0; round < 12; ++round) {
        const Tensor from = random_strided(dtype, shape, random, true);
        const Tensor to = random_strided(dtype, shape, random, false);
        copy(from, to);
        ASSERT_EQ(items_of(to), items_of(from)) << dtype.name() << to_string(shape);
      }
    }
  }
}

TEST(Copy, RefusesUnequalTensors) {
  EXPECT_THROW(copy(Tensor::zeros(int8, {3}), Tensor::zeros(int8, {4})), ValueError);
  EXPECT_THROW(copy(Tensor::zeros(int8, {3}), Tensor::zeros(uint8, {3})), ValueError);
  EXPECT_THROW(copy_rows(Tensor::zeros(int8, {3, 2}), Positions::range(0, 1), Tensor::zeros(int8, {3, 3}),
                         Positions::range(0, 1)),
               ValueError);
  EXPECT_THROW(
      copy_rows(Tensor::zeros(int8, {}), Positions::range(0, 1), Tensor::zeros(int8, {}), Positions::range(0, 1)),
      ValueError);
}

TEST(Copy, LargeCopiesOnThePoolAreTheSame) {
  const pool::Threads threads(4);
  std::mt19937 random(4);
  for (const Shape& shape : std::vector<Shape>{{1500000}, {750, 2000}, {3, 500000}, {1000, 10, 150}}) {
    for (int round = 0; round < 2; ++round) {
      const Tensor from = random_strided(uint8, shape, random, true), to = random_strided(uint8, shape, random, false);
      copy(from, to);
      ASSERT_TRUE(equal(plain_copy(from), to)) << to_string(shape);
    }
  }
}

TEST(CopyRows, AgreesWithALoopForEveryRowSize) {
  std::mt19937 random(5);
  for (std::int64_t size = 0; size <= 140; ++size) {
    const Tensor from = random_strided(uint8, {40, size}, random, true);
    const auto rows = random_rows(70, 40, random);
    const Tensor to = Tensor::zeros(uint8, {70, size}), expected = Tensor::zeros(uint8, {70, size});
    const Positions list = Positions::of(rows.data(), 70), all = Positions::range(0, 70);
    copy_rows(from, list, to, all);
    naive_copy_rows(from, list, expected, all);
    ASSERT_TRUE(equal(to, expected)) << size;
  }
}

TEST(CopyRows, TakesListsAndRangesOnBothSides) {
  std::mt19937 random(6);
  const std::vector<Shape> tails = {{}, {1}, {5}, {16}, {784}, {3, 4}, {4, 1, 3}, {2, 0}};
  for (int round = 0; round < 400; ++round) {
    const Shape& tail = tails[random() % tails.size()];
    const DType dtype = dtypes()[random() % dtypes().size()];
    const Tensor from = random_strided(dtype, tail.with_front(60), random, true);
    const Tensor to = random_strided(dtype, tail.with_front(50), random, false);
    const Tensor expected = plain_copy(to);
    const std::int64_t count = static_cast<std::int64_t>(random() % 25);
    const auto from_list = random_rows(count, 60, random), to_list = permutation(50, random);
    const Positions from_rows = random() % 2
                                    ? Positions::of(from_list.data(), count)
                                    : (random() % 2 ? Positions::range(3, count, 2) : Positions::range(59, count, -2));
    const Positions to_rows = random() % 2
                                  ? Positions::of(to_list.data(), count)
                                  : (random() % 2 ? Positions::range(1, count, 2) : Positions::range(49, count, -1));
    copy_rows(from, from_rows, to, to_rows);
    naive_copy_rows(from, from_rows, expected, to_rows);
    ASSERT_TRUE(equal(plain_copy(to), expected)) << round << dtype.name() << to_string(tail);
  }
}

TEST(CopyRows, LargeOnesOnThePoolAreTheSame) {
  const pool::Threads threads(4);
  std::mt19937 random(7);
  for (const std::int64_t size : {16, 33, 784, 400000}) {
    const std::int64_t count = 4000000 / size;
    const Tensor base = random_strided(uint8, {count * size}, random, false).copy().reshape({count, size});
    const auto rows = permutation(count, random);
    const Positions list = Positions::of(rows.data(), count), all = Positions::range(0, count);
    const Tensor gathered = gather(base, list);
    const Tensor scattered = Tensor::empty(uint8, base.shape());
    copy_rows(gathered, all, scattered, list);
    ASSERT_TRUE(equal(scattered, base)) << size;
    for (std::int64_t i = 0; i < count; i += 1 + count / 50) ASSERT_TRUE(equal(gathered.row(i), base.row(list[i])));
  }
}

TEST(CopyRows, LargeRowsWithStridesOnThePoolAreTheSame) {
  const pool::Threads threads(3);
  std::mt19937 random(8);
  for (int round = 0; round < 4; ++round) {
    const Tensor from = random_strided(uint16, {30, 20, 50, 30}, random, true),
                 to = random_strided(uint16, {30, 20, 50, 30}, random, false);
    const auto rows = permutation(30, random);
    copy_rows(from, Positions::of(rows.data(), 30), to, Positions::range(29, 30, -1));
    for (std::int64_t i = 0; i < 30; ++i)
      ASSERT_TRUE(equal(to.row(29 - i), from.row(rows[static_cast<std::size_t>(i)])));
  }
}

TEST(Gather, IsAViewForARangeAndACopyForAList) {
  const Tensor base = Tensor::of<std::int32_t>({0, 1, 2, 3, 4, 5}, {3, 2});
  const Tensor view = gather(base, Positions::range(2, 2, -2));
  EXPECT_EQ(view.buffer(), base.buffer());
  EXPECT_EQ(view.row(1).values<std::int32_t>()[1], 1);
  const std::int64_t rows[] = {2, 2, 0};
  const Tensor copied = gather(base, Positions::of(rows, 3));
  EXPECT_FALSE(copied.buffer() == base.buffer());
  EXPECT_TRUE(equal(copied, Tensor::of<std::int32_t>({4, 5, 4, 5, 0, 1}, {3, 2})));
  EXPECT_EQ(gather(base, Positions::of(rows, 0)).shape(), (Shape{0, 2}));
}

TEST(Gather, OfTextsKeepsTheHeap) {
  const std::string_view values[] = {"zero", "one", "two"};
  const Tensor texts = Tensor::texts(values);
  const std::int64_t rows[] = {2, 0};
  const Tensor gathered = gather(texts, Positions::of(rows, 2));
  EXPECT_EQ(gathered.heap(), texts.heap());
  EXPECT_EQ(gathered.row(0).text(), "two");
  EXPECT_EQ(gathered.row(1).text(), "zero");
}

}  // namespace
}  // namespace headrace
