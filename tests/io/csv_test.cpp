#include <headrace/io/from_csv.hpp>

#include <gtest/gtest.h>

#include <fstream>
#include <random>

#include <headrace/io/csv/numbers.hpp>
#include <headrace/io/write_csv.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/range.hpp>

#include "csv_model.hpp"
#include "scratch.hpp"

namespace headrace {
namespace {

using csv::Dialect;

csv::Reading reading_of(const Dialect& dialect) { return {"from_csv", dialect, false, csv::missing_texts()}; }

TEST(Csv, CutsBehindTheLastLineEndOutsideOfQuotes) {
  std::mt19937 random(1);
  for (int turn = 0; turn < 4000; ++turn) {
    Dialect dialect;
    if (turn % 2) dialect.comment = '#';
    if (turn % 5 == 0) dialect.quote = Dialect::kNone;
    const std::string text = csv_model::text(random, random() % 60);
    std::size_t wanted = 0;
    for (const auto& record : csv_model::records(text + (text.ends_with('\r') ? "x" : ""), dialect))
      if (record.by_line_end) wanted = record.end;
    // Blank lines and comments behind it may go with it.
    const std::size_t whole = csv::whole_records(dialect, text, true);
    EXPECT_GE(whole, wanted) << testing::PrintToString(text);
    const std::string rest = text.substr(wanted, whole - wanted);
    EXPECT_TRUE(csv_model::records(rest, dialect).empty()) << testing::PrintToString(text);
  }
}

TEST(Csv, ReadsTheSameRowsWhereverBlocksAreCut) {
  std::mt19937 random(2);
  for (int turn = 0; turn < 600; ++turn) {
    Dialect dialect;
    if (turn % 2) dialect.comment = '#';
    const std::string text = csv_model::text(random, 200, "aaab,,,,\"\"\n\n\n\r\n#");
    const csv::Reading reading = reading_of(dialect);
    const csv::Table table = csv_model::table_of(1 + random() % 3);
    const auto all = csv_model::read(reading, table, text, 1);
    for (std::size_t room = 1; room < text.size(); room += 1 + room / 8) {
      auto parts = csv_model::read(reading, table, "", 1);
      for (std::size_t at = 0; at < text.size();) {
        std::size_t size = 0, wanted = room;
        for (; size == 0; wanted *= 2) {
          const std::string_view bytes = std::string_view(text).substr(at, wanted);
          size = at + bytes.size() == text.size() ? bytes.size() : csv::whole_records(dialect, bytes, false);
        }
        const auto part = csv_model::read(reading, table, std::string_view(text).substr(at, size), 1);
        parts.insert(parts.end(), part.begin(), part.end());
        at += size;
      }
      ASSERT_EQ(parts, all) << testing::PrintToString(text) << " by " << room;
    }
  }
}

TEST(Csv, ReadsAsTheModelDoes) {
  std::mt19937 random(3);
  for (int turn = 0; turn < 4000; ++turn) {
    Dialect dialect;
    if (turn % 2) dialect.comment = '#';
    if (turn % 5 == 0) dialect.quote = Dialect::kNone;
    const std::string text = csv_model::text(random, random() % 80, "aab,,,\"\"\"\n\n\r\r\n# ");
    const std::size_t fields = 1 + random() % 3;
    const auto rows = csv_model::read(reading_of(dialect), csv_model::table_of(fields), text, 1);
    const auto wanted = csv_model::records(text, dialect);
    ASSERT_EQ(rows.size(), wanted.size()) << testing::PrintToString(text);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      const bool right = wanted[i].fields && wanted[i].fields->size() == fields;
      ASSERT_EQ(rows[i].has_value(), right) << i << " of " << testing::PrintToString(text);
      if (!right) continue;
      ASSERT_EQ(*rows[i], *wanted[i].fields) << i << " of " << testing::PrintToString(text);
    }
  }
}

/// By the quick way where it does, as a field of a row.
std::optional<double> real(const std::string& text) {
  const std::string field = text + "," + std::string(csv::kQuick, '1');
  const auto quick = csv::quick_real(field.data(), field.data() + field.size());
  double value = 0;
  if (!text.empty() && quick.end == field.data() + text.size()) return quick.value;
  if (csv::parse(text, float64, reinterpret_cast<std::byte*>(&value))) return value;
  return std::nullopt;
}

TEST(Csv, RoundsNumbersAsStrtodDoes) {
  std::mt19937 random(4);
  const auto digits = [&](std::size_t most) {
    std::string made;
    for (std::size_t size = random() % (most + 1); made.size() < size;) made += static_cast<char>('0' + random() % 10);
    return made;
  };
  for (int turn = 0; turn < 200'000; ++turn) {
    std::string text = (turn % 3 ? "" : "-") + digits(turn % 7 ? 8 : 20) + "." + digits(turn % 5 ? 12 : 22);
    if (turn % 4 == 0) text += "e" + std::to_string(static_cast<int>(random() % 700) - 350);
    char* end = nullptr;
    const double wanted = std::strtod(text.c_str(), &end);
    const auto value = real(text);
    ASSERT_EQ(value.has_value(), end == text.c_str() + text.size()) << text;
    if (!value) continue;
    float single = 0;
    ASSERT_EQ(*value, wanted) << text;
    ASSERT_TRUE(csv::parse(text, float32, reinterpret_cast<std::byte*>(&single)));
    ASSERT_EQ(single, std::strtof(text.c_str(), nullptr)) << text;
  }
  for (const char* const text :
       {"", "-", ".", "e5", "1e", "1e+", "--1", "+-1", "1.2.3", "0x1", "nan(1)", "1 2", "infi"})
    EXPECT_EQ(real(text), std::nullopt) << text;
  EXPECT_EQ(real("1e400"), HUGE_VAL);
  EXPECT_EQ(real("-1" + std::string(400, '0')), -HUGE_VAL);
  EXPECT_EQ(real("1" + std::string(400, '0') + "e-800"), 0);
  EXPECT_EQ(real("1e-99999999999999999999"), 0);
  EXPECT_EQ(real("+1.5"), 1.5);
  EXPECT_EQ(real("-inf"), -HUGE_VAL);
}

/// Digits whose quotient is a tie between two doubles, or one beside it, among others.
TEST(Csv, DividesByPowersOfTenAsStrtodDoes) {
  std::mt19937_64 random(5);
  for (int places = 0; places < 20; ++places) {
    EXPECT_EQ(csv::divided(0, places), 0);
    for (int turn = 0; turn < 20'000; ++turn) {
      std::uint64_t digits = random() >> random() % 64;
      if (turn % 2) {  // 54 bits of which the last is set, over a power of two: a tie, or one more or less
        const int few = std::min(places, 4);
        digits = (random() >> 10 | std::uint64_t{1} << 53 | 1) * (csv::kTens[few] >> few) + turn % 6 / 2 - 1;
      }
      if (turn == 0) digits = UINT64_MAX;
      const std::string text = std::to_string(digits) + "e-" + std::to_string(places);
      ASSERT_EQ(csv::divided(digits, places), std::strtod(text.c_str(), nullptr)) << text;
    }
  }
}

TEST(Csv, RefusesIntegersThatDoNotFit) {
  const auto fits = [](std::string_view text, DType dtype) {
    std::byte value[8];
    return csv::parse(text, dtype, value);
  };
  EXPECT_TRUE(fits("127", int8) && fits("-128", int8) && fits("+5", int8) && fits(" 7\t", int8));
  EXPECT_FALSE(fits("128", int8) || fits("-129", int8) || fits("1.0", int8) || fits("", int8) || fits("0x1", int8));
  EXPECT_TRUE(fits("255", uint8) && fits("18446744073709551615", uint64));
  EXPECT_FALSE(fits("256", uint8) || fits("-1", uint8) || fits("18446744073709551616", uint64));
  EXPECT_TRUE(fits("9223372036854775807", int64) && fits("-9223372036854775808", int64));
  EXPECT_FALSE(fits("9223372036854775808", int64) || fits("-9223372036854775809", int64));
}

TEST(Csv, TextsAreViewsOfTheirBlockUnlessOneIsUnescaped) {
  const std::string path = testing::TempDir() + "headrace_views.csv";
  const auto heap = [&](const std::string& text) {
    std::ofstream(path, std::ios::binary) << text;
    Iterator iterator = from_csv({path}).iterate(0);
    const auto row = iterator.next();
    return std::pair(row->components[0].heap(), row->components[1].heap());
  };
  const auto [first, second] = heap("a,b\nx,\"y\"\n");
  EXPECT_TRUE(first == second);
  const auto [plain, unescaped] = heap("a,b\nx,\"y\"\"\"\n");
  EXPECT_FALSE(plain == unescaped);
}

TEST(Csv, WritesWhatItReads) {
  const std::string path = testing::TempDir() + "headrace_written.csv";
  Dataset numbers = range(10'000);
  std::int64_t told = 0;
  write_csv(numbers, path, {.progress = [&](std::int64_t rows) { told = rows; }});
  EXPECT_EQ(told, 10'000);
  Iterator iterator = (from_csv({path}, Element(Tensor::text_scalar("data"))) | Batch{10'000}).iterate(0);
  const auto batch = iterator.next();
  const auto values = batch->tensor().values<std::int64_t>();
  for (std::int64_t i = 0; i < 10'000; ++i) ASSERT_EQ(values[static_cast<std::size_t>(i)], i);
}

}  // namespace
}  // namespace headrace
