#include <headrace/tensor/reduce.hpp>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

#include <cmath>
#include <limits>

namespace headrace {
namespace {

using testing::for_each_index;
using testing::random_strided;

/// Whole numbers, so that sums are exact in any order.
template <class T>
Tensor whole_numbers(const Shape& shape, std::mt19937& random) {
  const Tensor tensor = random_strided(dtype_of<T>(), shape, random, true);
  for_each_index(shape, [&](const Shape& index) {
    std::int64_t offset = 0;
    for (int axis = 0; axis < index.size(); ++axis) offset += index[axis] * tensor.strides()[axis];
    const T value = static_cast<T>(random() % 100);
    std::memcpy(tensor.mutable_data() + offset, &value, sizeof value);
  });
  return tensor;
}

struct Expected {
  double sum = 0, least = std::numeric_limits<double>::infinity(), most = -least;
  std::int64_t count = 0;
};

/// The items that meet in each result, one by one.
template <class T>
std::vector<Expected> expected(const Tensor& tensor, const std::vector<bool>& goes, std::int64_t results) {
  std::vector<Expected> all(static_cast<std::size_t>(results));
  for_each_index(tensor.shape(), [&](const Shape& index) {
    std::int64_t place = 0;
    for (int axis = 0; axis < index.size(); ++axis)
      if (!goes[static_cast<std::size_t>(axis)]) place = place * tensor.shape()[axis] + index[axis];
    T item;
    std::memcpy(&item, testing::item_bytes(tensor, index).data(), sizeof item);
    Expected& one = all[static_cast<std::size_t>(place)];
    const auto value = static_cast<double>(item);
    one.sum += value;
    one.least = std::min(one.least, value);
    one.most = std::max(one.most, value);
    ++one.count;
  });
  return all;
}

template <class T, class Sum, class Mean>
void check(const Tensor& tensor, const std::vector<bool>& goes) {
  ops::Over over{.axes = std::vector<int>()};
  std::int64_t results = 1;
  for (int axis = 0; axis < tensor.ndim(); ++axis) {
    if (goes[static_cast<std::size_t>(axis)]) {
      over.axes->push_back(axis % 2 ? axis : axis - tensor.ndim());
    } else {
      results *= tensor.shape()[axis];
    }
  }
  const auto wanted = expected<T>(tensor, goes, results);
  const Tensor sums = ops::sum(tensor, over), means = ops::mean(tensor, over);
  const Tensor least = ops::min(tensor, over), most = ops::max(tensor, over);
  ASSERT_EQ(sums.size(), results);
  ASSERT_EQ(sums.ndim() + static_cast<int>(over.axes->size()), tensor.ndim());
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    ASSERT_EQ(sums.values<Sum>()[i], static_cast<Sum>(wanted[i].sum)) << to_string(tensor.shape());
    ASSERT_EQ(means.values<Mean>()[i], static_cast<Mean>(wanted[i].sum / static_cast<double>(wanted[i].count)));
    ASSERT_EQ(static_cast<double>(least.values<T>()[i]), wanted[i].least);
    ASSERT_EQ(static_cast<double>(most.values<T>()[i]), wanted[i].most);
  }
  over.keepdims = true;
  const Tensor kept = ops::sum(tensor, over);
  ASSERT_EQ(kept.ndim(), tensor.ndim());
  ASSERT_TRUE(equal(kept.reshape(sums.shape()), sums));
}

template <class T, class Sum, class Mean>
void check_shapes(std::mt19937& random) {
  const std::vector<Shape> shapes = {{},         {1},         {7},         {40},        {3, 4},       {5, 1, 6},
                                     {2, 3, 4},  {130, 70},   {20'000},    {5'000, 3},  {3, 5'000},   {2, 3, 2, 3, 2},
                                     {600, 600}, {7, 1, 300}, {70'000, 2}, {2, 70'000}, {90, 3, 300}, {100'000}};
  for (const Shape& shape : shapes) {
    const Tensor tensor = whole_numbers<T>(shape, random);
    std::vector<bool> goes(static_cast<std::size_t>(shape.size()));
    for (int choice = 0; choice < 1 << shape.size(); ++choice) {
      for (std::size_t axis = 0; axis < goes.size(); ++axis) goes[axis] = choice >> axis & 1;
      check<T, Sum, Mean>(tensor, goes);
    }
  }
}

TEST(Reduce, AgreesWithAPlainModelOverDtypesStridesAndAxes) {
  std::mt19937 random(7);
  check_shapes<std::int8_t, std::int64_t, double>(random);
  check_shapes<std::uint16_t, std::uint64_t, double>(random);
  check_shapes<std::int64_t, std::int64_t, double>(random);
  check_shapes<float, float, float>(random);
  check_shapes<double, double, double>(random);
}

TEST(Reduce, GivesTheSameBitsForAnyNumberOfThreads) {
  for (const Shape& shape : {Shape{3'000'017}, Shape{3'001, 1'000}, Shape{750'004, 4}}) {
    Tensor x = Tensor::empty(float64, shape);
    auto values = x.mutable_values<double>();
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = std::sin(static_cast<double>(i)) * 1e10;
    for (const std::vector<int>& axes : {std::vector<int>{0}, std::vector<int>{-1}}) {
      std::vector<Tensor> results;
      for (const int threads : {1, 2, 8}) {
        const pool::Threads limit(threads);
        results.push_back(ops::sum(x, {.axes = axes}));
      }
      EXPECT_TRUE(equal(results[0], results[1]));
      EXPECT_TRUE(equal(results[0], results[2]));
    }
  }
}

TEST(Reduce, SumsAsExactlyAsNumPyOrBetter) {
  Tensor tenths = Tensor::empty(float32, {10'000'000});
  for (float& value : tenths.mutable_values<float>()) value = 0.1f;
  EXPECT_EQ(ops::sum(tenths).item<float>(), static_cast<float>(1e7 * static_cast<double>(0.1f)));
  Tensor wide = Tensor::empty(float64, {1'000'000, 3});
  for (double& value : wide.mutable_values<double>()) value = 0.1;
  EXPECT_NEAR(ops::sum(wide).item<double>(), 3e5, 1e-9);
  const Tensor sums = ops::sum(wide, {.axes = {{0}}});
  for (const double sum : sums.values<double>()) EXPECT_NEAR(sum, 1e5, 1e-9);
}

TEST(Reduce, KnowsNaNInfinityZeroAndNothing) {
  const float nan = std::numeric_limits<float>::quiet_NaN(), infinity = std::numeric_limits<float>::infinity();
  for (const std::int64_t size : {3, 50, 5'000}) {
    for (const std::int64_t place : {std::int64_t{0}, size / 2, size - 1}) {
      Tensor x = Tensor::zeros(float32, {size});
      x.mutable_values<float>()[place] = nan;
      x.mutable_values<float>()[(place + 1) % size] = infinity;
      EXPECT_TRUE(std::isnan(ops::min(x).item<float>()));
      EXPECT_TRUE(std::isnan(ops::max(x).item<float>()));
      EXPECT_TRUE(std::isnan(ops::sum(x).item<float>()));
    }
  }
  EXPECT_FALSE(std::signbit(ops::sum(Tensor::of<double>({-0.0, -0.0})).item<double>()));
  const Tensor nothing = Tensor::zeros(float64, {0, 3});
  EXPECT_EQ(ops::sum(nothing).item<double>(), 0);
  EXPECT_TRUE(std::isnan(ops::mean(nothing).item<double>()));
  EXPECT_EQ(ops::max(nothing, {.axes = {{1}}}).shape(), Shape{0});
  EXPECT_THROW(ops::max(nothing, {.axes = {{0}}}), ValueError);
  EXPECT_EQ(ops::sum(nothing, {.axes = {{0}}, .keepdims = true}).shape(), (Shape{1, 3}));
}

TEST(Reduce, RefusesAxesThatAreNotThereOrComeTwice) {
  const Tensor x = Tensor::zeros(int8, {2, 3});
  EXPECT_THROW(ops::sum(x, {.axes = {{2}}}), ValueError);
  EXPECT_THROW(ops::sum(x, {.axes = {{-3}}}), ValueError);
  EXPECT_THROW(ops::sum(x, {.axes = {{1, -1}}}), ValueError);
  EXPECT_THROW(ops::sum(Tensor::zeros(float16, {2})), TypeError);
}

}  // namespace
}  // namespace headrace
