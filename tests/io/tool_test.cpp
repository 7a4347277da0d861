// The parts of the program that stand for themselves: its journal, its moments, its verdicts, words of a command line.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <limits>

#include <headrace/io/tool/command_line.hpp>
#include <headrace/io/tool/journal.hpp>
#include <headrace/io/tool/moments.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/io/tool/verdict.hpp>
#include <headrace/tensor/error.hpp>

#include "scratch.hpp"

namespace headrace::tool {
namespace {

namespace fs = std::filesystem;

class JournalOf : public InScratchFolder {
 protected:
  JournalOf() : InScratchFolder("out.journal") {}

  static std::vector<std::byte> bytes_of(const std::string& words) {
    const auto* first = reinterpret_cast<const std::byte*>(words.data());
    return {first, first + words.size()};
  }
  std::string contents() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  void write(const std::string& bytes) const { std::ofstream(path_, std::ios::binary) << bytes; }
  static std::string text_of(Journal& journal, const Journal::Key& key) {
    const auto bytes = journal.read(journal.piece(key));
    return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  }
  void fill() const {
    Journal journal("repack", path_, "work");
    for (std::int64_t i = 5; i-- > 0;) journal.add({i % 2, i}, 7, bytes_of("piece " + std::to_string(i)));
  }
};

TEST_F(JournalOf, GivesBackWhatWasDone) {
  fill();
  Journal journal("repack", path_, "work");
  for (std::int64_t i = 0; i < 5; ++i) {
    EXPECT_TRUE(journal.found({i % 2, i}));
    EXPECT_EQ(text_of(journal, {i % 2, i}), "piece " + std::to_string(i));
    EXPECT_EQ(journal.piece({i % 2, i}).mark, 7u);
  }
  EXPECT_FALSE(journal.found({0, 1}));
  journal.add({9, 9}, 0, {});
  EXPECT_FALSE(journal.found({9, 9}));  // by this process
  EXPECT_EQ(text_of(journal, {9, 9}), "");
  journal.remove();
  EXPECT_FALSE(fs::exists(path_));
}

TEST_F(JournalOf, CutAnywhereKeepsTheWholePiecesBeforeTheCut) {
  fill();
  const std::string whole = contents();
  std::int64_t before = 0;
  for (std::size_t size = 0; size < whole.size(); ++size) {
    write(whole.substr(0, size));
    std::int64_t found = 0;
    {
      Journal journal("repack", path_, "work");
      while (journal.found({(4 - found) % 2, 4 - found})) ++found;
      journal.add({3, 3}, 0, bytes_of("new"));
      EXPECT_EQ(text_of(journal, {3, 3}), "new");
    }
    EXPECT_TRUE(Journal("repack", path_, "work").found({3, 3})) << size;
    EXPECT_GE(found, before);
    before = found;
  }
  EXPECT_EQ(before, 4);
}

TEST_F(JournalOf, AFlippedByteLosesPiecesAndInventsNone) {
  fill();
  const std::string whole = contents();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    std::string damaged = whole;
    damaged[i] = static_cast<char>(damaged[i] ^ 0x10);
    write(damaged);
    try {
      Journal journal("repack", path_, "work");
      for (std::int64_t k = 0; k < 5; ++k) {
        if (!journal.found({k % 2, k})) continue;
        EXPECT_EQ(text_of(journal, {k % 2, k}), "piece " + std::to_string(k)) << i;
      }
    } catch (const IoError& error) {
      EXPECT_NE(std::string(error.what()).find("remove it to begin anew"), std::string::npos) << error.what();
    }
  }
}

TEST_F(JournalOf, RefusesOtherWorkAndASecondProcess) {
  fill();
  EXPECT_EQ(message_of<IoError>([&] { Journal("repack", path_, "other"); }),
            "[repack] cannot go on with '" + path_ +
                "': it is of other inputs or options, work; these are other; give those again, or remove it to begin "
                "anew");
  const Journal first("repack", path_, "work");
  EXPECT_EQ(message_of<IoError>([&] { Journal("repack", path_, "work"); }),
            "[repack] cannot open '" + path_ + "': another process is at this work");
}

TEST(MomentsOf, AreThoseOfTheWholeHoweverItIsParted) {
  std::vector<double> numbers;
  for (int i = 0; i < 10000; ++i) numbers.push_back(1e9 + std::sin(i) * (i % 7));
  const Moments whole = moments_of(Tensor::copy_of<double>(numbers));
  Moments joined;
  for (std::size_t begin = 0; begin < numbers.size(); begin += 999)
    joined.join(moments_of(Tensor::copy_of<double>(
        std::span(numbers).subspan(begin, std::min<std::size_t>(999, numbers.size() - begin)))));
  long double mean = 0, squares = 0;
  for (const double number : numbers) mean += number;
  mean /= static_cast<long double>(numbers.size());
  for (const double number : numbers) squares += (number - mean) * (number - mean);
  const double deviation = std::sqrt(static_cast<double>(squares) / static_cast<double>(numbers.size()));
  for (const Moments& moments : {whole, joined}) {
    EXPECT_EQ(moments.count, 10000);
    EXPECT_EQ(moments.mean, static_cast<double>(mean));
    EXPECT_NEAR(moments.deviation(), deviation, 1e-14 * deviation);
  }
  EXPECT_EQ(whole.least, joined.least);
}

TEST(MomentsOf, LoseNothingWhereTheMeanIsLargeAndTheSpreadIsNot) {
  const Moments same = moments_of(Tensor::copy_of<double>(std::vector<double>(100'000, 1e9 + .1)));
  EXPECT_EQ(same.mean, 1e9 + .1);
  EXPECT_EQ(same.deviation(), 0);
  std::vector<std::int64_t> times;  // nanoseconds, of which doubles hold every 256th
  for (std::int64_t i = 0; i < 100'000; ++i) times.push_back(1'700'000'000'000'000'000 + i * 7919 % 1'000'000 * 256);
  long double mean = 0, squares = 0;
  for (const std::int64_t time : times) mean += static_cast<long double>(time - times[0]);
  mean /= static_cast<long double>(times.size());
  for (const std::int64_t time : times) {
    const long double distance = static_cast<long double>(time - times[0]) - mean;
    squares += distance * distance;
  }
  const Moments moments = moments_of(Tensor::copy_of<std::int64_t>(times));
  EXPECT_NEAR(moments.mean - static_cast<double>(times[0]), static_cast<double>(mean), 128);  // half of 256
  EXPECT_NEAR(moments.deviation() / std::sqrt(static_cast<double>(squares) / 1e5), 1, 1e-14);
  EXPECT_EQ(moments_of(Tensor::of<double>({1.5, -HUGE_VAL})).mean, -HUGE_VAL);
  EXPECT_TRUE(std::isnan(moments_of(Tensor::of<double>({1.5, -HUGE_VAL})).deviation()));
  EXPECT_EQ(moments_of(Tensor::of<double>({-1.5e308, 1.5e308})).mean, 0);
}

TEST(MomentsOf, LeaveOutNaNAndKeepIntegersExact) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const Moments moments = moments_of(Tensor::of<double>({1, nan, 3}));
  EXPECT_EQ(moments.count, 2);
  EXPECT_EQ(moments.nulls, 1);
  EXPECT_EQ(moments.mean, 2);
  EXPECT_EQ(most_text(moments, float64), "3");
  EXPECT_EQ(least_text(moments_of(Tensor::of<double>({nan})), float64), "");
  EXPECT_EQ(most_text(moments_of(Tensor::of<std::int64_t>({INT64_MAX, 0})), int64), "9223372036854775807");
  EXPECT_EQ(most_text(moments_of(Tensor::of<std::uint64_t>({UINT64_MAX, 5})), uint64), "18446744073709551615");
  EXPECT_EQ(least_text(moments_of(Tensor::of<std::uint64_t>({UINT64_MAX, 5})), uint64), "5");
}

hdf5::ArrayInfo chunked(std::int64_t rows, std::int64_t width, std::int64_t chunk_rows) {
  hdf5::ArrayInfo info;
  info.name = "/x";
  info.shape = {rows, width};
  info.rank = 2;
  info.dtype = float32;
  info.item_bytes = 4;
  info.layout = hdf5::Layout::chunked;
  info.chunk = {chunk_rows, width};
  return info;
}

TEST(VerdictOf, CountsTheDecodedChunks) {
  const hdf5::ArrayInfo large = chunked(1'000'000, 128, 1024);  // 512 MB in 977 chunks
  EXPECT_EQ(verdict_of(large, std::int64_t{1} << 30, 256).kind, "fits");
  EXPECT_EQ(verdict_of(large, std::int64_t{1} << 30, 256).decodes, 977);
  const Verdict costly = verdict_of(large, std::int64_t{64} << 20, 256);
  EXPECT_EQ(costly.kind, "costly");
  EXPECT_EQ(costly.chunk_rows, 64);
  // 3,907 batches, each of which meets 225.3 of 977 blocks, of which 9.83% are kept
  EXPECT_NEAR(costly.decodes, 3907 * 225.3 * 0.9017, 3000);
  EXPECT_EQ(verdict_of(chunked(1'000'000, 128, 1), std::int64_t{64} << 20, 256).kind, "small chunks");
  hdf5::ArrayInfo plain = large;
  plain.layout = hdf5::Layout::contiguous;
  EXPECT_EQ(verdict_of(plain, 1 << 20, 256).kind, "direct");
}

TEST(CommandLine, BecomesValues) {
  const Request request = parse({"verify", "a.h5", "-j", "3", "b.h5", "--memory=2G", "--salvage", "out.h5"});
  EXPECT_EQ(request.wrong, "");
  EXPECT_EQ(std::get<std::vector<std::string>>(request.values[0]), (std::vector<std::string>{"a.h5", "b.h5"}));
  EXPECT_EQ(std::get<std::string>(request.values[1]), "out.h5");
  EXPECT_EQ(std::get<std::int64_t>(request.values[2]), 3);
  EXPECT_EQ(std::get<std::string>(request.values[3]), "2G");
  EXPECT_EQ(std::get<bool>(request.values[4]), false);
  EXPECT_TRUE(parse({}).help);
  EXPECT_TRUE(parse({"verify", "-h"}).help);
}

TEST(CommandLine, ThatIsWrongIsNamedWithTheWayOut) {
  EXPECT_EQ(parse({"verfy"}).wrong, "no command 'verfy'; did you mean 'verify'?");
  EXPECT_EQ(parse({"launch"}).wrong, "no command 'launch'; 'headrace --help' lists them");
  EXPECT_EQ(parse({"verify", "x", "--job", "3"}).wrong, "[verify] unknown option '--job'; did you mean '--jobs'?");
  EXPECT_EQ(parse({"verify"}).wrong, "[verify] FILE must be given; see 'headrace verify --help'");
  EXPECT_EQ(parse({"repack", "x"}).wrong, "[repack] --output must be given; see 'headrace repack --help'");
  EXPECT_EQ(parse({"head", "x", "-n", "1.5"}).wrong, "[head] --rows must be a whole number, got '1.5'");
  EXPECT_EQ(parse({"inspect", "x", "-"}).wrong, "");
}

TEST(Bytes, AreReadAndShown) {
  EXPECT_EQ(parse_bytes("verify", "64M"), 64 << 20);
  EXPECT_EQ(parse_bytes("verify", "123"), 123);
  EXPECT_EQ(parse_bytes("verify", "2GiB"), std::int64_t{2} << 30);
  for (const char* wrong : {"", "M", "-1", "1.5G", "9999999999G", "1Q", "0"})
    EXPECT_THROW(parse_bytes("verify", wrong), ValueError) << wrong;
  EXPECT_EQ(show_bytes(999), "999 B");
  EXPECT_EQ(show_bytes(51.2e6), "51.2 MB");
  EXPECT_EQ(shell_word("it's"), "'it'\\''s'");
  EXPECT_EQ(show(Tensor::of<std::int32_t>({0, 1, 2, 3, 4, 5, 6, 7, 8, 9})), "[0, 1, 2, 3, ..., 6, 7, 8, 9]");
}

}  // namespace
}  // namespace headrace::tool
