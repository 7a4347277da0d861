#include <headrace/tensor/elementwise.hpp>

#include <headrace/tensor/error.hpp>
#include <headrace/tensor/pool.hpp>

#include <gtest/gtest.h>
#include <tensor/strided.hpp>

#include <cmath>
#include <limits>

namespace headrace {
namespace {

using testing::for_each_index;
using testing::item_bytes;
using testing::random_strided;

const std::vector<DType> kDTypes = {boolean, int8,   int16,  int32,   int64,  uint8,
                                    uint16,  uint32, uint64, float32, float64};

/// Random bytes make poor floats and bools of more than 0 and 1: whole numbers and halves instead.
Tensor random_tensor(DType dtype, const Shape& shape, std::mt19937& random) {
  const Tensor tensor = random_strided(dtype, shape, random, true);
  for_each_index(shape, [&](const Shape& index) {
    std::int64_t offset = 0;
    for (int axis = 0; axis < index.size(); ++axis) offset += index[axis] * tensor.strides()[axis];
    std::byte* const item = tensor.mutable_data() + offset;
    const float value = static_cast<float>(static_cast<int>(random() % 41) - 20) / 2;
    const double wide = value;
    if (dtype == boolean) *item = std::byte(random() % 2);
    if (dtype == float32) std::memcpy(item, &value, sizeof value);
    if (dtype == float64) std::memcpy(item, &wide, sizeof wide);
  });
  return tensor;
}

/// The item that `index` of the broadcast shape meets.
Shape met(const Tensor& tensor, const Shape& index) {
  Shape result = tensor.shape();
  const int missing = index.size() - result.size();
  for (int axis = 0; axis < result.size(); ++axis) result[axis] = result[axis] == 1 ? 0 : index[missing + axis];
  return result;
}

/// An item as the model has it: exact for all that the tests make, but for the last bits of 64-bit integers in floats.
long double value_of(const Tensor& tensor, const Shape& index) {
  const std::string bytes = item_bytes(tensor, index);
  const auto as = [&]<class T>(T value) {
    std::memcpy(&value, bytes.data(), sizeof value);
    return static_cast<long double>(value);
  };
  switch (tensor.dtype().kind()) {
    case Kind::boolean:
      return bytes[0] != 0;
    case Kind::int8:
      return as(std::int8_t());
    case Kind::int16:
      return as(std::int16_t());
    case Kind::int32:
      return as(std::int32_t());
    case Kind::int64:
      return as(std::int64_t());
    case Kind::uint8:
      return as(std::uint8_t());
    case Kind::uint16:
      return as(std::uint16_t());
    case Kind::uint32:
      return as(std::uint32_t());
    case Kind::uint64:
      return as(std::uint64_t());
    case Kind::float32:
      return as(float());
    default:
      return as(double());
  }
}

/// The value as `dtype` has it: wrapped or rounded.
long double fit(long double value, DType dtype) {
  if (dtype == boolean) return value != 0;
  if (dtype == float32) return static_cast<float>(value);
  if (dtype == float64) return static_cast<double>(value);
  const int bits = static_cast<int>(8 * dtype.itemsize());
  const long double range = std::ldexp(1.0L, bits);
  value = std::fmod(value, range);
  if (value < 0) value += range;
  return dtype.kind() <= Kind::int64 && value >= range / 2 ? value - range : value;
}

using Model = long double (*)(long double, long double);
struct Case {
  const char* name;
  Tensor (*call)(const ops::Operand&, const ops::Operand&);
  Model model;
  bool compares;
};
const std::vector<Case> kCases = {
    {"add", ops::add, [](long double a, long double b) { return a + b; }, false},
    {"subtract", ops::subtract, [](long double a, long double b) { return a - b; }, false},
    {"multiply", ops::multiply, [](long double a, long double b) { return a * b; }, false},
    {"minimum", ops::minimum, [](long double a, long double b) { return std::min(a, b); }, false},
    {"maximum", ops::maximum, [](long double a, long double b) { return std::max(a, b); }, false},
    {"equal", ops::equal, [](long double a, long double b) -> long double { return a == b; }, true},
    {"less", ops::less, [](long double a, long double b) -> long double { return a < b; }, true},
    {"greater_equal", ops::greater_equal, [](long double a, long double b) -> long double { return a >= b; }, true},
};

void check(const Case& test, const Tensor& a, const Tensor& b) {
  const DType common = ops::promote(a.dtype(), b.dtype());
  if (common == boolean && test.call == ops::subtract) return;
  const Tensor got = test.call(a, b);
  ASSERT_EQ(got.dtype(), test.compares ? boolean : common);
  ASSERT_TRUE(got.is_contiguous() && got.writable());
  const bool by_value = test.compares && common == float64 && a.dtype() != float64 && b.dtype() != float64;
  for_each_index(got.shape(), [&](const Shape& index) {
    const long double x = value_of(a, met(a, index)), y = value_of(b, met(b, index));
    const bool rounds = !by_value && (common == float32 || common == float64);
    const long double answer = test.model(rounds ? fit(x, common) : x, rounds ? fit(y, common) : y);
    // A product of two 64-bit integers is more than the model holds.
    if (common.itemsize() == 8 && common != float64 && std::abs(answer) >= std::ldexp(1.0L, 64)) return;
    ASSERT_EQ(value_of(got, index), fit(answer, got.dtype()))
        << test.name << " of " << a.dtype().name() << to_string(a.shape()) << " and " << b.dtype().name()
        << to_string(b.shape());
  });
}

TEST(Elementwise, AgreesWithAPlainModelOverDtypesStridesAndBroadcasts) {
  const std::vector<std::pair<Shape, Shape>> shapes = {
      {{}, {}},
      {{5}, {}},
      {{1}, {7}},
      {{3, 4}, {3, 4}},
      {{3, 4}, {4}},
      {{3, 1}, {4}},
      {{0, 3}, {3}},
      {{2, 1, 5}, {3, 1}},
      {{2, 3, 4}, {2, 3, 4}},
      {{70}, {70}},
      {{40, 3}, {3}},
      {{1, 2, 3}, {2, 1}},
      {{2000}, {1}},
      {{2, 1, 2, 1, 2, 1, 2}, {2, 1, 2, 1}},
  };
  std::mt19937 random(1);
  for (const DType x : kDTypes)
    for (const DType y : kDTypes)
      for (const auto& [left, right] : shapes) {
        const Case& test = kCases[random() % kCases.size()];
        check(test, random_tensor(x, left, random), random_tensor(y, right, random));
        check(test, random_tensor(y, right, random), random_tensor(x, left, random));
      }
}

TEST(Elementwise, ReadsBytesThatLieAskew) {
  for (const DType dtype : {int16, int64, float32, float64}) {
    const Tensor whole = random_tensor(dtype, {40}, *std::make_unique<std::mt19937>(3));
    const Tensor straight = whole.copy();
    Buffer buffer = Buffer::allocate(static_cast<std::size_t>(straight.nbytes()) + 1);
    std::memcpy(buffer.data() + 1, straight.data(), static_cast<std::size_t>(straight.nbytes()));
    std::byte* const data = buffer.data() + 1;
    const Tensor askew = Tensor::view(std::move(buffer), data, dtype, {40}, {dtype.itemsize()}, false);
    EXPECT_TRUE(equal(ops::add(askew, 1), ops::add(straight, 1)));
    EXPECT_TRUE(equal(ops::cast(askew, float64), ops::cast(straight, float64)));
    EXPECT_TRUE(equal(ops::less(straight, askew), ops::less(straight, straight)));
  }
}

TEST(Elementwise, GivesTheSameBitsForAnyNumberOfThreads) {
  const std::int64_t size = 3'000'017;
  Tensor x = Tensor::empty(float32, {size});
  auto values = x.mutable_values<float>();
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = 80 * std::sin(static_cast<float>(i));
  std::vector<Tensor> results;
  for (const int threads : {1, 2, 8}) {
    const pool::Threads limit(threads);
    results.push_back(ops::log(ops::add(ops::exp(x), ops::where(ops::less(x, 0), 1, x))));
  }
  EXPECT_TRUE(equal(results[0], results[1]));
  EXPECT_TRUE(equal(results[0], results[2]));
}

TEST(Elementwise, LargeBroadcastsMeetTheRightItems) {
  const std::int64_t rows = 1500, columns = 1021;
  Tensor down = Tensor::empty(int32, {rows, 1}), along = Tensor::empty(int64, {columns});
  for (std::int64_t i = 0; i < rows; ++i)
    down.mutable_values<std::int32_t>()[i] = static_cast<std::int32_t>(i * 10'000);
  for (std::int64_t i = 0; i < columns; ++i) along.mutable_values<std::int64_t>()[i] = i;
  const pool::Threads limit(4);
  const Tensor sum = ops::add(down, along);
  const auto values = sum.values<std::int64_t>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) ASSERT_EQ(values[i * columns + j], i * 10'000 + j);
}

TEST(Elementwise, ComparesIntegersByValueWhateverTheirDtypes) {
  const Tensor small = Tensor::of<std::int64_t>({-1, 0, std::numeric_limits<std::int64_t>::max()});
  const Tensor large =
      Tensor::of<std::uint64_t>({std::numeric_limits<std::uint64_t>::max(), 0, std::uint64_t{1} << 63});
  EXPECT_TRUE(equal(ops::equal(small, large), Tensor::of<bool>({false, true, false})));
  EXPECT_TRUE(equal(ops::less(small, large), Tensor::of<bool>({true, false, true})));
  EXPECT_TRUE(equal(ops::greater(large, small), Tensor::of<bool>({true, false, true})));
  EXPECT_TRUE(equal(ops::less_equal(large, small), Tensor::of<bool>({false, true, false})));
  const Tensor bytes = Tensor::of<std::uint8_t>({0, 255});
  EXPECT_TRUE(equal(ops::less(bytes, 300), Tensor::of<bool>({true, true})));
  EXPECT_TRUE(equal(ops::equal(bytes, -1), Tensor::of<bool>({false, false})));
  EXPECT_TRUE(equal(ops::greater(bytes, ops::Number::huge(-1e30)), Tensor::of<bool>({true, true})));
}

TEST(Elementwise, SaysWhatItDoesNotTake) {
  const auto message = [](const auto& call) -> std::string {
    try {
      call();
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const Tensor bytes = Tensor::of<std::uint8_t>({1, 2}), flags = Tensor::of<bool>({true, false});
  EXPECT_EQ(message([&] { ops::add(bytes, 300); }),
            "[add] a number must fit uint8, got 300; cast the tensor to a wider dtype");
  EXPECT_EQ(message([&] { ops::add(bytes, Tensor::zeros(int8, {3})); }),
            "[add] shapes must agree from the last axis on, or have size 1 there (at most 64 axes), got (2,) and (3,)");
  EXPECT_EQ(message([&] { ops::exp(Tensor::zeros(float16, {3})); }),
            "[exp] takes bool, integers, float32 and float64, got float16; use NumPy on the tensor's memory");
  EXPECT_EQ(message([&] { ops::subtract(flags, flags); }),
            "[subtract] is not defined for bool; use not_equal, or cast it");
  EXPECT_THROW(ops::negative(flags), TypeError);
  EXPECT_THROW(ops::invert(Tensor::zeros(float32, {1})), TypeError);
  EXPECT_THROW(ops::add(Tensor(), 1), TypeError);
  EXPECT_THROW(ops::cast(flags, text), TypeError);
}

TEST(Elementwise, TakesSmallIntegersToFloat32WhereNumPyHasFloat16) {
  const Tensor roots = ops::sqrt(Tensor::of<std::int8_t>({0, 4, -1}));
  ASSERT_EQ(roots.dtype(), float32);
  EXPECT_EQ(roots.values<float>()[1], 2);
  EXPECT_TRUE(std::isnan(roots.values<float>()[2]));
  EXPECT_EQ(ops::exp(true).dtype(), float32);
  EXPECT_EQ(ops::exp(1).dtype(), float64);
}

/// Distance in the order of floats, as units in the last place.
template <class T, class Bits>
Bits units_between(T a, T b) {
  if (std::isnan(a) && std::isnan(b)) return 0;
  const auto ordered = [](T value) {
    const auto bits = std::bit_cast<Bits>(value);
    const Bits top = Bits(1) << (8 * sizeof(Bits) - 1);
    return bits & top ? top - (bits & ~top) : top + bits;
  };
  const Bits x = ordered(a), y = ordered(b);
  return x > y ? x - y : y - x;
}

/// Every `stride`-th of float32's bit patterns.
void check_all_floats(Tensor (*call)(const ops::Operand&), double (*model)(double), std::uint64_t stride) {
  constexpr std::uint64_t block = 1 << 16;
  std::uint32_t worst = 0;
  float at = 0;
  for (std::uint64_t first = 0; first < std::uint64_t{1} << 32; first += block * stride) {
    Tensor x = Tensor::empty(float32, {block});
    auto values = x.mutable_values<float>();
    for (std::uint64_t i = 0; i < block; ++i)
      values[i] = std::bit_cast<float>(static_cast<std::uint32_t>(first + i * stride));
    const Tensor y = call(x);
    for (std::uint64_t i = 0; i < block; ++i) {
      const auto wanted = static_cast<float>(model(static_cast<double>(values[i])));
      const std::uint32_t units = units_between<float, std::uint32_t>(y.values<float>()[i], wanted);
      if (units > worst) worst = units, at = values[i];
    }
  }
  EXPECT_LE(worst, 2u) << "at " << at;
  if (stride == 1) std::printf("worst: %u units at %g\n", worst, static_cast<double>(at));
}

TEST(ExpLog, AreWithinTwoUnitsOverFloat32sRange) {
  const std::uint64_t stride = std::getenv("HEADRACE_ALL_FLOATS") ? 1 : 1021;
  check_all_floats(ops::exp, std::exp, stride);
  check_all_floats(ops::log, std::log, stride);
}

TEST(ExpLog, AreWithinTwoUnitsOverFloat64sRange) {
  std::mt19937_64 random(5);
  Tensor x = Tensor::empty(float64, {200'000});
  auto values = x.mutable_values<double>();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double near = static_cast<double>(random() % 2'000'000) / 1e6 - 1;
    values[i] = i % 2 ? std::bit_cast<double>(random()) : near * (i % 4 ? 760 : 1.5);
  }
  const Tensor powers = ops::exp(x), logs = ops::log(x);
  std::uint64_t worst_power = 0, worst_log = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const auto power = static_cast<double>(std::exp(static_cast<long double>(values[i])));
    const auto log = static_cast<double>(std::log(static_cast<long double>(values[i])));
    worst_power = std::max(worst_power, units_between<double, std::uint64_t>(powers.values<double>()[i], power));
    worst_log = std::max(worst_log, units_between<double, std::uint64_t>(logs.values<double>()[i], log));
  }
  EXPECT_LE(worst_power, 2u);
  EXPECT_LE(worst_log, 2u);
}

TEST(Promotion, IsNumPysForPlainNumbers) {
  const Tensor flags = Tensor::of<bool>({true}), single = Tensor::of<float>({1}), byte = Tensor::of<std::int8_t>({1});
  const auto type = [](const ops::Operand& a, const ops::Operand& b) { return ops::result_type("test", {&a, &b}); };
  EXPECT_EQ(type(flags, 1), int64);
  EXPECT_EQ(type(flags, 1.5), float64);
  EXPECT_EQ(type(single, 1.5), float32);
  EXPECT_EQ(type(single, 1), float32);
  EXPECT_EQ(type(byte, 1), int8);
  EXPECT_EQ(type(byte, true), int8);
  EXPECT_EQ(type(byte, 0.5), float64);
  EXPECT_EQ(type(1, 2), int64);
  EXPECT_EQ(type(1, 2.0), float64);
  EXPECT_EQ(type(true, false), boolean);
  const Tensor half = Tensor::of<std::int16_t>({1}), word = Tensor::of<std::uint16_t>({1});
  const ops::Operand a(half), b(word), c(single);
  EXPECT_EQ(ops::result_type("test", {&a, &b, &c}), float32);  // not by way of int32
}

}  // namespace
}  // namespace headrace
