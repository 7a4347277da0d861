#include <headrace/tensor/copy.hpp>

#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

namespace headrace {
namespace {

using testing::random_strided;

Tensor fixed(DType dtype, std::initializer_list<std::string_view> values) {
  Tensor result = Tensor::zeros(dtype, {static_cast<std::int64_t>(values.size())});
  std::byte* place = result.mutable_data();
  for (const std::string_view value : values) {
    std::memcpy(place, value.data(), value.size());
    place += dtype.itemsize();
  }
  return result;
}

TEST(Stack, PutsANewAxisInFrontForAnyStrides) {
  std::mt19937 random(1);
  for (const Shape& shape : std::vector<Shape>{{}, {3}, {0}, {3, 4}, {2, 3, 4}}) {
    for (int round = 0; round < 20; ++round) {
      std::vector<Tensor> items;
      for (int i = 0; i < 9; ++i) items.push_back(random_strided(float32, shape, random, true));
      const Tensor stacked = stack(items);
      ASSERT_EQ(stacked.shape(), shape.with_front(9));
      ASSERT_TRUE(stacked.writable() && stacked.is_contiguous());
      for (std::int64_t i = 0; i < 9; ++i) ASSERT_TRUE(equal(stacked.row(i), items[static_cast<std::size_t>(i)]));
    }
  }
}

TEST(Stack, LargeStacksOnThePoolAreTheSame) {
  const pool::Threads threads(4);
  std::mt19937 random(2);
  for (const std::int64_t size : {100, 5000, 600000}) {
    std::vector<Tensor> items;
    for (std::int64_t i = 0; i < 3000000 / size; ++i) items.push_back(random_strided(uint16, {size}, random, false));
    const Tensor stacked = stack(items);
    for (std::size_t i = 0; i < items.size(); ++i)
      ASSERT_TRUE(equal(stacked.row(static_cast<std::int64_t>(i)), items[i]));
  }
}

TEST(Stack, NamesTheFirstThatDiffersAndBothShapes) {
  std::vector<Tensor> items(20, Tensor::zeros(uint8, {28, 28}));
  items[17] = items[18] = Tensor::zeros(uint8, {28, 27});
  try {
    stack(items);
    FAIL();
  } catch (const MismatchError& error) {
    EXPECT_STREQ(error.what(), "[stack] item 17 has shape (28, 27), the first has (28, 28)");
    EXPECT_EQ(error.index(), 17);
    EXPECT_EQ(error.property(), "shape");
    EXPECT_EQ(error.got(), "(28, 27)");
    EXPECT_EQ(error.first(), "(28, 28)");
  }
  items[17] = items[18] = Tensor::zeros(int8, {28, 28});
  try {
    stack(items);
    FAIL();
  } catch (const MismatchError& error) {
    EXPECT_STREQ(error.what(), "[stack] item 17 has dtype int8, the first has uint8");
  }
  EXPECT_THROW(stack({}), ValueError);
}

TEST(Stack, WidensFixedTextToTheWidest) {
  const std::vector<Tensor> items = {
      fixed(DType::fixed_bytes(3), {"abc", "d"}), fixed(DType::fixed_bytes(5), {"efghi", ""}),
      fixed(DType::fixed_bytes(2), {"jk", "l"}), fixed(DType::fixed_bytes(2), {"mn", "o"}).rows(1, 2, -1)};
  const Tensor stacked = stack(items);
  EXPECT_EQ(stacked.dtype(), DType::fixed_bytes(5));
  EXPECT_TRUE(
      equal(stacked.reshape({8}), fixed(DType::fixed_bytes(5), {"abc", "d", "efghi", "", "jk", "l", "o", "mn"})));
  EXPECT_THROW(
      stack(std::vector<Tensor>{Tensor::zeros(DType::fixed_bytes(4), {}), Tensor::zeros(DType::fixed_text(4), {})}),
      MismatchError);
}

TEST(Stack, MergesHeapsThatDiffer) {
  std::vector<Tensor> items;
  for (const char* value : {"one", "", "three"}) items.push_back(Tensor::text_scalar(value));
  const Tensor stacked = stack(items);
  items.clear();
  EXPECT_EQ(stacked.row(0).text(), "one");
  EXPECT_EQ(stacked.row(1).text(), "");
  EXPECT_EQ(stacked.row(2).text(), "three");
  EXPECT_EQ(stacked.heap().size(), 8U);
  EXPECT_EQ(stacked.heap().use_count(), 1);
}

TEST(Stack, KeepsAHeapThatAllShare) {
  const std::string_view values[] = {"one", "two"};
  const Tensor texts = Tensor::texts(values);
  const Tensor stacked = stack(std::vector<Tensor>{texts.row(1), Tensor::text_scalar(""), texts.row(0)});
  EXPECT_EQ(stacked.heap(), texts.heap());
  EXPECT_EQ(stacked.row(0).text(), "two");
  EXPECT_EQ(stacked.row(2).text(), "one");
}

TEST(Concatenate, JoinsPartsOfAnyLengthAndStride) {
  std::mt19937 random(3);
  for (int round = 0; round < 50; ++round) {
    std::vector<Tensor> parts;
    for (int i = 0; i < 6; ++i)
      parts.push_back(random_strided(int32, {static_cast<std::int64_t>(random() % 4), 3, 2}, random, true));
    const Tensor joined = concatenate(parts);
    std::int64_t row = 0;
    for (const Tensor& part : parts) {
      for (std::int64_t i = 0; i < part.shape()[0]; ++i) ASSERT_TRUE(equal(joined.row(row++), part.row(i)));
    }
    ASSERT_EQ(joined.shape(), (Shape{row, 3, 2}));
  }
}

TEST(Concatenate, AgreesOnTailsDtypesAndHeaps) {
  const auto join = [](Tensor a, Tensor b) { return concatenate(std::vector<Tensor>{std::move(a), std::move(b)}); };
  try {
    join(Tensor::zeros(uint8, {5, 3}), Tensor::zeros(uint8, {7, 4}));
    FAIL();
  } catch (const MismatchError& error) {
    EXPECT_STREQ(error.what(), "[concatenate] item 1 has row shape (4,), the first has (3,)");
  }
  EXPECT_THROW(join(Tensor::zeros(uint8, {5}), Tensor::zeros(int8, {5})), MismatchError);
  EXPECT_THROW(join(Tensor::zeros(uint8, {5}), Tensor::zeros(uint8, {})), ValueError);
  EXPECT_THROW(concatenate({}), ValueError);
  EXPECT_TRUE(equal(join(fixed(DType::fixed_bytes(1), {"a"}), fixed(DType::fixed_bytes(2), {"bc", "d"})),
                    fixed(DType::fixed_bytes(2), {"a", "bc", "d"})));
  const std::string_view a[] = {"one", "two"}, b[] = {"three"};
  const Tensor texts = join(Tensor::texts(a), Tensor::texts(b));
  EXPECT_EQ(texts.row(1).text(), "two");
  EXPECT_EQ(texts.row(2).text(), "three");
}

TEST(Widen, PadsWithZerosAndRefusesToCut) {
  const Tensor narrow = fixed(DType::fixed_text(1), {"a", "b"});
  const Tensor wide = widen(narrow, DType::fixed_text(3));
  EXPECT_EQ(wide.nbytes(), 24);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(wide.data()), 24),
            std::string("a\0\0\0\0\0\0\0\0\0\0\0b\0\0\0\0\0\0\0\0\0\0\0", 24));
  EXPECT_EQ(widen(narrow, DType::fixed_text(1)).data(), narrow.data());
  EXPECT_THROW(widen(wide, DType::fixed_text(2)), TypeError);
  EXPECT_THROW(widen(wide, DType::fixed_bytes(100)), TypeError);
  const Tensor numbers = Tensor::zeros(int8, {3});
  EXPECT_EQ(widen(numbers, DType::fixed_text(2)).data(), numbers.data());
  EXPECT_EQ(widen(fixed(DType::fixed_bytes(0), {"", ""}), DType::fixed_bytes(2)).nbytes(), 4);
}

}  // namespace
}  // namespace headrace
