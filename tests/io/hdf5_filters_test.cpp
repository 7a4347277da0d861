// What the filters of HDF5 do to sound data. Damaged data: hdf5_damage_test.cpp.
#include "hdf5_filters.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>
#include <thread>

#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

TEST(Hdf5Filters, RoundTripEverySize) {
  for (const FilterPipeline& pipeline : pipelines(1)) {
    for (const std::size_t size : {0, 1, 2, 3, 4, 5, 7, 8, 9, 31, 32, 33, 100, 1000, 65537}) {
      for (int kind = 0; kind < 4; ++kind) {
        const Data plain = sample(kind, size);
        EXPECT_EQ(decoded(pipeline, pipeline.encode(plain), size), plain) << pipeline.to_string() << " " << size;
      }
    }
  }
}

TEST(Hdf5Filters, RoundTripItemsOfEverySize) {
  for (unsigned item = 1; item <= 40; ++item) {
    for (const FilterPipeline& pipeline : pipelines(item)) {
      for (const std::size_t count : {1, 7, 8, 17, 128, 300}) {
        const Data plain = sample(2 + static_cast<int>(item % 2), count * item);
        EXPECT_EQ(decoded(pipeline, pipeline.encode(plain), plain.size()), plain) << pipeline.to_string() << item;
      }
    }
  }
}

TEST(Hdf5Filters, ShuffleKeepsBytesInPlanesAndTheRestAsItIs) {
  for (const unsigned item : {0U, 1U, 2U, 3U, 4U, 5U, 8U, 12U, 16U, 24U, 300U, 5000U}) {
    const FilterPipeline shuffle({{2, "", {item}}});
    for (const std::size_t size : {0, 1, 2, 3, 5, 9, 15, 16, 17, 63, 64, 65, 127, 129, 1000, 4097}) {
      const Data plain = sample(3, size);
      Data expected = plain;
      const std::size_t count = item > 0 ? size / item : 0;
      for (std::size_t i = 0; i < count * item; ++i) expected[i % item * count + i / item] = plain[i];
      EXPECT_EQ(shuffle.encode(plain), expected) << item << " " << size;
      EXPECT_EQ(decoded(shuffle, expected, size), plain) << item << " " << size;
    }
  }
}

TEST(Hdf5Filters, BitshuffleKeepsBitsInRowsAndTheRestAsItIs) {
  const auto bit = [](const Data& data, std::size_t i) {
    return (std::to_integer<int>(data[i / 8]) >> i % 8 & 1) != 0;
  };
  for (const unsigned item : {1U, 2U, 3U, 4U, 8U, 12U}) {
    for (const std::size_t count : {1, 8, 9, 63, 64, 136, 270}) {
      const Data plain = sample(3, count * item);
      const std::size_t whole = count / 8 * 8, bits = item * 8;  // one block
      Data expected = plain;
      std::fill_n(expected.begin(), static_cast<std::ptrdiff_t>(whole * item), std::byte{0});
      for (std::size_t i = 0; i < whole * bits; ++i) {
        const std::size_t to = i % bits * whole + i / bits;
        if (bit(plain, i)) expected[to / 8] |= static_cast<std::byte>(1 << to % 8);
      }
      EXPECT_EQ(FilterPipeline({{32008, "", {0, 4, item, 512}}}).encode(plain), expected) << item << " " << count;
    }
  }
}

TEST(Hdf5Filters, EverySubsetOfAMaskSkipsThoseFilters) {
  const std::vector<Filter> filters{{2, "", {4}}, {1, "", {4}}, {3, "", {}}, {32000, "", {}}, {2, "", {8}}};
  const FilterPipeline pipeline(filters);
  for (const std::size_t size : {0, 3, 1000, 5003}) {
    const Data plain = sample(2, size);
    for (std::uint32_t mask = 0; mask < 32; ++mask) {
      std::vector<Filter> applied;
      for (std::size_t i = 0; i < filters.size(); ++i) {
        if ((mask >> i & 1) == 0) applied.push_back(filters[i]);
      }
      const Data stored = FilterPipeline(applied).encode(plain);
      EXPECT_EQ(decoded(pipeline, stored, size, mask | 0xffffffe0), plain) << mask << " " << size;
    }
  }
}

TEST(Hdf5Filters, GzipTakesWhatZlibTakes) {
  const FilterPipeline gzip({{1, "", {6}}});
  const Data plain = sample(2, 1000), stored = gzip.encode(plain);
  EXPECT_EQ(decoded(gzip, plus(stored, Data(5, std::byte{7})), 1000), plain) << "bytes after the stream";
  EXPECT_EQ(decoded(gzip, bytes_of("789c030000000001"), 0), Data());
}

TEST(Hdf5Filters, SayWhatIsWrong) {
  const FilterPipeline gzip({{1, "", {6}}}), lzf({{32000, "", {}}}), none;
  const Data plain = sample(2, 1000), stored = gzip.encode(plain);
  EXPECT_EQ(error_of(gzip, stored, 999), "gzip: more than the expected 999 bytes come out");
  EXPECT_EQ(error_of(gzip, stored, 1001), "gzip: 1000 bytes come out, 1001 were expected");
  EXPECT_EQ(error_of(gzip, Data(stored.begin(), stored.end() - 1), 1000), "gzip: the data end too early");
  EXPECT_EQ(error_of(gzip, {}, 1000), "gzip: the data end too early");
  Data wrong = stored;
  wrong.back() ^= std::byte{1};
  EXPECT_EQ(error_of(gzip, wrong, 1000), "gzip: damaged data, incorrect data check");
  EXPECT_EQ(error_of(lzf, bytes_of("00412001"), 4), "lzf: damaged data, a reference points before their beginning");
  EXPECT_EQ(error_of(lzf, bytes_of("0341"), 4), "lzf: the data end too early");
  EXPECT_EQ(error_of(none, plain, 999), "1000 bytes are stored, 999 were expected");
  EXPECT_EQ(error_of(gzip, plain, 999, 1), "1000 bytes are stored, 999 were expected");
  EXPECT_THROW(FilterPipeline(std::vector<Filter>(33)), ValueError);
}

TEST(Hdf5Filters, LzfRepeatsWhatItIsStillWriting) {
  const FilterPipeline lzf({{32000, "", {}}});
  EXPECT_EQ(decoded(lzf, bytes_of("0141422001"), 5), bytes_of("4142414241"));
  EXPECT_EQ(decoded(lzf, bytes_of("0041e0ff00"), 265), Data(265, std::byte{0x41}));
  const Data noise = sample(3, 1000);
  EXPECT_EQ(lzf.encode(noise).size(), 1032u) << "runs of literals";
}

TEST(Hdf5Filters, NameThemselvesAndWhatIsUnknown) {
  const FilterPipeline known({{2, "", {4}}, {1, "deflate", {4}}, {32000, "", {}}, {3, "", {}}});
  EXPECT_EQ(known.to_string(), "shuffle, gzip 4, lzf, fletcher32");
  EXPECT_EQ(known.unknown(), std::nullopt);
  EXPECT_EQ(FilterPipeline({{2, "", {4}}, {4, "szip", {}}}).unknown(), "szip (4)");
  EXPECT_EQ(FilterPipeline({{5, "", {}}}).unknown(), "nbit (5)");
  EXPECT_EQ(FilterPipeline({{6, "", {}}}).unknown(), "scaleoffset (6)");
  EXPECT_EQ(FilterPipeline({{300, "", {}}}).unknown(), "filter 300");
  EXPECT_EQ(FilterPipeline({{300, "my\ncodec", {}}}).to_string(), "my?codec (300)");
  EXPECT_EQ(FilterPipeline({{32008, "", {0, 4, 4, 0, 9}}}).unknown(), "bitshuffle (32008)");
  EXPECT_EQ(error_of(FilterPipeline({{4, "", {}}}), {}, 3), "szip: filter 4 is not built in");
  EXPECT_EQ(decoded(FilterPipeline({{4, "", {}}}), Data(3), 3, 1), Data(3)) << "skipped";
}

TEST(Hdf5Filters, AreSharedByThreads) {
  for (const FilterPipeline& pipeline : pipelines(4)) {
    const auto work = [&](unsigned seed) {
      for (std::size_t size = 4; size < 40'000; size *= 3) {
        const Data plain = sample(2, size / 4 * 4, seed);
        EXPECT_EQ(decoded(pipeline, pipeline.encode(plain), plain.size()), plain) << pipeline.to_string();
      }
    };
    std::vector<std::thread> threads;
    for (unsigned seed = 1; seed <= 4; ++seed) threads.emplace_back(work, seed);
    for (std::thread& thread : threads) thread.join();
  }
}

}  // namespace
}  // namespace headrace::hdf5
