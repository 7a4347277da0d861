#include <headrace/tensor/dtype.hpp>

#include <headrace/tensor/error.hpp>

#include <gtest/gtest.h>

#include <thread>

namespace headrace {
namespace {

std::string error_of(std::string_view name) {
  try {
    DType::from_name(name);
  } catch (const TypeError& error) {
    return error.what();
  }
  return "no error";
}

TEST(DType, HasNumPysNamesAndSizes) {
  const std::vector<std::tuple<DType, std::string, int>> expected = {
      {boolean, "bool", 1},    {int8, "int8", 1},           {int16, "int16", 2},
      {int32, "int32", 4},     {int64, "int64", 8},         {uint8, "uint8", 1},
      {uint16, "uint16", 2},   {uint32, "uint32", 4},       {uint64, "uint64", 8},
      {float16, "float16", 2}, {bfloat16, "bfloat16", 2},   {float32, "float32", 4},
      {float64, "float64", 8}, {complex64, "complex64", 8}, {complex128, "complex128", 16},
      {text, "str", 16},       {bytes, "bytes", 16}};
  for (const auto& [dtype, name, itemsize] : expected) {
    EXPECT_EQ(dtype.name(), name);
    EXPECT_EQ(dtype.itemsize(), itemsize);
    EXPECT_EQ(DType::from_name(name), dtype);
    EXPECT_LE(dtype.alignment(), dtype.itemsize());
  }
}

TEST(DType, KindMatchesTheNamedConstant) {
  EXPECT_EQ(boolean.kind(), Kind::boolean);
  EXPECT_EQ(complex128.kind(), Kind::complex128);
  EXPECT_EQ(text.kind(), Kind::text);
  EXPECT_EQ(bytes.kind(), Kind::bytes);
  EXPECT_TRUE(bytes.variable_length());
  EXPECT_FALSE(DType::fixed_bytes(3).variable_length());
}

TEST(DType, TimeUnitsAreInternedAndNamedAsInNumPy) {
  EXPECT_EQ(DType::datetime64("ns").name(), "datetime64[ns]");
  EXPECT_EQ(DType::datetime64("ns"), DType::from_name("datetime64[ns]"));
  EXPECT_EQ(DType::datetime64("25s").unit(), "25s");
  EXPECT_EQ(DType::datetime64("1s"), DType::datetime64("s"));
  EXPECT_EQ(DType::datetime64("").name(), "datetime64");
  EXPECT_EQ(DType::from_name("timedelta64"), DType::timedelta64(""));
  EXPECT_NE(DType::timedelta64("ns"), DType::datetime64("ns"));
  EXPECT_EQ(DType::timedelta64("W").itemsize(), 8);
  for (const char* unit : {"fortnight", "0s", "s2", "25", "-1s", "9999999999s"})
    EXPECT_THROW(DType::datetime64(unit), TypeError) << unit;
}

TEST(DType, WidthOfFixedTextCountsCharacters) {
  EXPECT_EQ(DType::fixed_bytes(5).itemsize(), 5);
  EXPECT_EQ(DType::fixed_text(5).itemsize(), 20);
  EXPECT_EQ(DType::fixed_text(5).name(), "U5");
  EXPECT_EQ(DType::from_name("S5"), DType::fixed_bytes(5));
  EXPECT_EQ(DType::from_name("U0"), DType::fixed_text(0));
  EXPECT_THROW(DType::fixed_bytes(-1), ValueError);
  EXPECT_THROW(DType::fixed_text(INT64_MAX / 2), ValueError);
}

TEST(DType, RecordsAreEqualOnlyIfEveryPartIs) {
  const std::vector<Field> fields = {{"x", float32, 0, {}}, {"y", int8, 4, {3}}};
  const DType record = DType::record(fields, 8);
  EXPECT_EQ(record, DType::record(fields, 8));
  EXPECT_NE(record, DType::record(fields, 12));
  EXPECT_NE(record, DType::record({{"x", float32, 0, {}}, {"y", int8, 5, {3}}}, 8));
  EXPECT_EQ(record.name(), "record{x: float32 @0, y: int8(3,) @4, 8 bytes}");
  ASSERT_EQ(record.fields().size(), 2U);
  EXPECT_EQ(record.fields()[1].name, "y");
  EXPECT_NE(DType::record({{"a: int8 @0, b", int8, 1, {}}}, 2),
            DType::record({{"a", int8, 0, {}}, {"b", int8, 1, {}}}, 2));
}

TEST(DType, RecordsRefuseFieldsThatDontFit) {
  EXPECT_THROW(DType::record({{"x", float32, 6, {}}}, 8), ValueError);
  EXPECT_THROW(DType::record({{"x", float32, -4, {}}}, 8), ValueError);
  EXPECT_THROW(DType::record({{"x", float32, 0, {3}}}, 8), ValueError);
  EXPECT_THROW(DType::record({{"x", float32, 0, {INT64_MAX / 2}}}, 8), ValueError);
  EXPECT_THROW(DType::record({{"x", int8, 0, {}}, {"x", int8, 1, {}}}, 8), ValueError);
  EXPECT_THROW(DType::record({{"x", text, 0, {}}}, 16), TypeError);
}

TEST(DType, AnUnknownNameSuggestsTheClosest) {
  EXPECT_EQ(error_of("flaot32"), "[dtype] unknown name 'flaot32'; did you mean 'float32'?");
  EXPECT_EQ(error_of("boolean"), "[dtype] unknown name 'boolean'; did you mean 'bool'?");
  EXPECT_EQ(error_of("string"), "[dtype] unknown name 'string'; did you mean 'str'?");
  EXPECT_EQ(error_of("datetime64[ns"), "[dtype] unknown name 'datetime64[ns'; did you mean 'datetime64[ns]'?");
  EXPECT_NE(error_of(std::string(100000, 'x')).find("unknown name"), std::string::npos);
  EXPECT_NE(error_of("S99999999999999999999").find("unknown name"), std::string::npos);
  EXPECT_NE(error_of("").find("unknown name"), std::string::npos);
}

TEST(DType, ThreadsThatInternTheSameTypeGetTheSamePointer) {
  std::vector<DType> found(8);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < found.size(); ++i) {
    threads.emplace_back([&found, i] {
      for (std::int64_t width = 1000; width < 1100; ++width) found[i] = DType::fixed_bytes(width);
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const DType dtype : found) EXPECT_EQ(dtype, found.front());
}

// Runs before main, and its destructor after: both must find the names.
struct EarlyAndLate {
  bool early = float32.name() == "float32";
  ~EarlyAndLate() {
    if (bytes.name() != "bytes") std::abort();
  }
} early_and_late;

TEST(DType, NamesAreThereBeforeMainAndAfterIt) { EXPECT_TRUE(early_and_late.early); }

}  // namespace
}  // namespace headrace
