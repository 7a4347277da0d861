#include <headrace/tensor/tensor.hpp>

#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

namespace headrace {
namespace {

using testing::items_of;
using testing::random_strided;

Tensor counting(const Shape& shape) {
  Tensor tensor = Tensor::empty(int32, shape);
  std::iota(tensor.mutable_values<std::int32_t>().begin(), tensor.mutable_values<std::int32_t>().end(), 0);
  return tensor;
}

TEST(Tensor, EmptyIsGaplessWritableAndItsOwn) {
  const Tensor tensor = Tensor::empty(float64, {3, 4});
  EXPECT_EQ(tensor.size(), 12);
  EXPECT_EQ(tensor.nbytes(), 96);
  EXPECT_TRUE(tensor.is_contiguous());
  EXPECT_TRUE(tensor.writable());
  EXPECT_EQ(tensor.buffer().use_count(), 1);
  EXPECT_EQ(Tensor::empty(float32, {0, 5}).nbytes(), 0);
  EXPECT_THROW(Tensor::empty(float64, {-1}), ValueError);
  EXPECT_THROW(Tensor::empty(float64, {INT64_MAX / 4}), ValueError);
  EXPECT_THROW(Tensor::empty(int8, {INT64_MAX / 4}), std::bad_alloc);
}

TEST(Tensor, HoldsScalarsAndLists) {
  EXPECT_EQ(Tensor::scalar(std::int64_t{7}).item<std::int64_t>(), 7);
  EXPECT_EQ(Tensor::of<float>({1, 2, 3}).shape(), Shape{3});
  EXPECT_EQ(Tensor::of<float>({1, 2, 3, 4}, {2, 2}).shape(), (Shape{2, 2}));
  EXPECT_EQ(Tensor::zeros(int16, {4}).values<std::int16_t>()[3], 0);
}

TEST(Tensor, RefusesToBeReadAsAnotherType) {
  EXPECT_THROW(Tensor::scalar(1.0F).item<double>(), TypeError);
  EXPECT_THROW(Tensor::of<float>({1, 2}).item<float>(), TypeError);
  EXPECT_THROW(Tensor::of<float>({1, 2}).values<double>(), TypeError);
  EXPECT_THROW(counting({4}).rows(0, 2, 2).values<std::int32_t>(), TypeError);
  EXPECT_THROW(Tensor().values<float>(), TypeError);
  EXPECT_THROW(Tensor::scalar(1.0F).text(), TypeError);
  EXPECT_THROW(Tensor().text(), TypeError);
}

TEST(Tensor, ItemsOfUnalignedMemoryCanBeRead) {
  const Buffer buffer = Buffer::allocate(64);
  const double value = 2.5;
  std::memcpy(buffer.data() + 1, &value, sizeof value);
  const Tensor unaligned = Tensor::view(buffer, buffer.data() + 1, float64, {1}, {8}, true);
  EXPECT_EQ(unaligned.item<double>(), 2.5);
  EXPECT_THROW(unaligned.values<double>(), TypeError);
  EXPECT_EQ(unaligned.copy().values<double>()[0], 2.5);
}

TEST(Tensor, RowsAreViewsOfTheSameBytes) {
  const Tensor tensor = counting({4, 3});
  const Tensor row = tensor.row(2);
  EXPECT_EQ(row.shape(), Shape{3});
  EXPECT_EQ(row.data(), tensor.data() + 24);
  EXPECT_EQ(row.buffer(), tensor.buffer());
  const Tensor back = tensor.rows(3, 2, -2);
  EXPECT_EQ(back.row(0).values<std::int32_t>()[0], 9);
  EXPECT_EQ(back.row(1).values<std::int32_t>()[0], 3);
  EXPECT_EQ(tensor.rows(4, 0).size(), 0);
}

TEST(Tensor, ReadOnlyIsAMarkOnTheView) {
  const Tensor tensor = counting({4, 3});
  EXPECT_FALSE(tensor.read_only().writable());
  EXPECT_FALSE(tensor.read_only().row(1).writable());
  EXPECT_TRUE(tensor.writable());
  EXPECT_TRUE(tensor.read_only().copy().writable());
}

TEST(Tensor, AViewKeepsTheBytesAlive) {
  Tensor row;
  {
    const Tensor tensor = counting({4, 3});
    row = tensor.row(3);
  }
  EXPECT_EQ(row.values<std::int32_t>()[2], 11);
  EXPECT_EQ(row.buffer().use_count(), 1);
}

TEST(Tensor, ContiguityIgnoresAxesThatDontMatter) {
  const Tensor tensor = counting({4, 3});
  EXPECT_TRUE(Tensor::view(tensor.buffer(), tensor.mutable_data(), int32, {1, 3}, {999, 4}, true).is_contiguous());
  EXPECT_TRUE(Tensor::view(tensor.buffer(), tensor.mutable_data(), int32, {0, 3}, {1, 1}, true).is_contiguous());
  EXPECT_FALSE(Tensor::view(tensor.buffer(), tensor.mutable_data(), int32, {3, 4}, {4, 12}, true).is_contiguous());
  EXPECT_FALSE(tensor.rows(3, 4, -1).is_contiguous());
}

TEST(Tensor, SplittingAndMergingRowsAreInverse) {
  const Tensor tensor = counting({6, 2});
  const Tensor split = tensor.split_rows(2, 3);
  EXPECT_EQ(split.shape(), (Shape{2, 3, 2}));
  EXPECT_EQ(split.data(), tensor.data());
  EXPECT_TRUE(equal(split.merge_rows(), tensor));
  EXPECT_EQ(split.merge_rows().data(), tensor.data());
  EXPECT_TRUE(equal(tensor.rows(5, 6, -1).split_rows(3, 2).merge_rows(), tensor.rows(5, 6, -1)));
  EXPECT_EQ(tensor.with_leading_axis().shape(), (Shape{1, 6, 2}));
  EXPECT_EQ(Tensor::scalar(1.0F).with_leading_axis().shape(), Shape{1});
}

TEST(Tensor, ReshapeIsAViewWhereNumPyWouldMakeOne) {
  const Tensor tensor = counting({4, 6});
  EXPECT_EQ(tensor.reshape({2, 2, 3, 2}).data(), tensor.data());
  const Tensor every_second = tensor.rows(0, 2, 2);
  EXPECT_EQ(every_second.reshape({2, 3, 2}).data(), tensor.data());
  EXPECT_NE(every_second.reshape({12}).data(), tensor.data());
  EXPECT_THROW(tensor.reshape({5}), ValueError);
  EXPECT_EQ(Tensor::empty(int32, {0, 3}).rows(0, 0, 2).reshape({5, 0}).shape(), (Shape{5, 0}));
}

TEST(Tensor, ReshapeKeepsTheItemsForAnyStrides) {
  std::mt19937 random(1);
  const std::vector<Shape> shapes = {
      {24}, {4, 6}, {2, 3, 4}, {6, 1, 4}, {1, 24, 1}, {2, 2, 2, 3}, {1, 2, 1, 2, 2, 3, 1}};
  for (int round = 0; round < 300; ++round) {
    const Tensor tensor = random_strided(int16, shapes[random() % shapes.size()], random, true);
    const Tensor reshaped = tensor.reshape(shapes[random() % shapes.size()]);
    ASSERT_EQ(items_of(reshaped), items_of(tensor));
  }
}

TEST(Tensor, CopyIsGaplessForAnyStrides) {
  std::mt19937 random(2);
  for (int round = 0; round < 200; ++round) {
    const Tensor tensor = random_strided(float32, {3, 4, 5}, random, true).read_only();
    const Tensor copy = tensor.copy();
    ASSERT_TRUE(copy.is_contiguous() && copy.writable());
    ASSERT_EQ(copy.buffer().use_count(), 1);
    ASSERT_EQ(items_of(copy), items_of(tensor));
    ASSERT_TRUE(equal(copy, tensor));
  }
}

TEST(Tensor, TextsLieInOneHeap) {
  const std::vector<std::string_view> values = {"one", "", "three", std::string_view("z\0o", 3)};
  const Tensor texts = Tensor::texts(values);
  ASSERT_EQ(texts.shape(), Shape{4});
  for (std::size_t i = 0; i < values.size(); ++i) EXPECT_EQ(texts.row(static_cast<std::int64_t>(i)).text(), values[i]);
  EXPECT_EQ(texts.row(1).heap(), texts.heap());
  const Tensor copy = texts.copy();
  EXPECT_TRUE(equal(copy, texts));
  EXPECT_FALSE(copy.heap() == texts.heap());
  EXPECT_EQ(Tensor::text_scalar("hello", bytes).text(), "hello");
  EXPECT_EQ(Tensor::text_scalar("hello", bytes).ndim(), 0);
  EXPECT_EQ(Tensor::empty(text, {}).text(), "");
  EXPECT_THROW(Tensor::texts(values, float32), TypeError);
  EXPECT_EQ(Tensor::texts({}).size(), 0);
}

TEST(Tensor, EqualityLooksAtDtypeShapeAndItems) {
  const Tensor tensor = counting({2, 3});
  EXPECT_TRUE(equal(tensor, counting({2, 3})));
  EXPECT_FALSE(equal(tensor, counting({3, 2})));
  EXPECT_FALSE(equal(tensor, Tensor::zeros(int32, {2, 3})));
  EXPECT_FALSE(equal(Tensor::zeros(int32, {2}), Tensor::zeros(float32, {2})));
  EXPECT_TRUE(equal(Tensor(), Tensor()));
  EXPECT_TRUE(equal(Tensor::zeros(int32, {0, 2}), Tensor::empty(int32, {0, 2})));
  const std::string_view a[] = {"a", "b"}, b[] = {"a", "c"};
  EXPECT_TRUE(equal(Tensor::texts(a), Tensor::texts(a)));
  EXPECT_FALSE(equal(Tensor::texts(a), Tensor::texts(b)));
}

}  // namespace
}  // namespace headrace
