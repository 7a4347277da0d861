// Chunks that HDF5 itself wrote.
#include "hdf5_filters.hpp"

#include <gtest/gtest.h>

#include <cstdint>

namespace headrace::hdf5 {
namespace {

struct Vector {
  std::vector<Filter> filters;
  const char* stored;
};

// What h5py 3.16 and hdf5plugin 7.1 (HDF5 2.0) wrote for numpy.arange(43, dtype="<i4") // 3 * 1000 in one chunk, as
// Dataset.id.read_direct_chunk gives it.
const Vector kWritten[] = {
    {{{2, "", {4}}, {1, "", {4}}, {3, "", {}}},
     "785e63606078f1e2c5850b1776ecd8b160c1828e8e8e8282828888080707070d0d0d0101811f3f7e3c78f0e0c489131b1818"
     "18989999d9d9d9b9b9b9f9f9f9858585c5c5c5a5a5a5e5e5e5959595d5d5d5b5b4b4f4f4f48c8c8ccc186802003c121b6385"
     "f1eb1e"},
    {{{2, "", {4}}, {32000, "", {4, 261, 172}}},
     "1f000000e8e8e8d0d0d0b8b8b8a0a0a088888870707058585840404028282810101f10f8f8f8e0e0e0c8c8c8b00000000303"
     "030707070b0b0b0f0f0f131313171717151b1b1b1f1f1f2323232727272a2a2a2e2e2e32323236202ae04800010000"},
    {{{32000, "", {4, 261, 172}}},
     "010000e0010002e80300e0000302d00700e0000302b80b00e0000302a00f00e0000302881300e0000302701700e000030258"
     "1b00e0000302401f00e0000302282300e0000302102700e0000302f82a00e0000302e02e00e0000302c83200e0000303b036"
     "0000"},
    {{{32004, "", {64}}},
     "00000000000000ac000000400000001e1700010026e803040026d007040026b80b040025a00f040050008813000000000024"
     "40881300000400267017040026581b040026401f04002628230400801027000010270000000000196610270000f82a040026"
     "e02e040025c83204005000b0360000"},
    {{{32015, "", {3}}},
     "28b52ffd20ac85010004020000e803d007b80ba00f88137017581b401f28231027f82ae02ec832b03600000e440207000000"
     "00000000b00301"},
    {{{32001, "", {2, 2, 4, 172, 5, 1, 1}}},
     "02013104ac000000ac0000007e0000001400000066000000ff4c000000e8e8e8d0d0d0b8b8b8a0a0a0888888707070585858"
     "404040282828101010f8f8f8e0e0e0c8c8c8b00000000303030707070b0b0b0f0f0f1313131717171b1b1b1f1f1f23232327"
     "27272a2a2a2e2e2e323232360000000000050039500000000000"},
    {{{32001, "", {2, 2, 4, 172, 5, 2, 4}}},
     "02017404ac000000ac00000056000000140000003e000000785e6360408017cc087c811d81777023f0027e04ee1046e00271"
     "048e904660077904d6504660017504fea185c00ff410f88411026f3063600000971e1b63"},
    {{{32008, "", {0, 4, 4, 16, 0}}},
     "000000000000388ec00f387ef801f8fff8fff8ffc071007e0080000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000e338fcc01c38fc070300ffffffff1cc7e007ff0700f80000000000000000"
     "000000000000000000000000000000000000000000000000000000000000008e0f7efefe01ff717e80ff0000000000000000"
     "00000000000000000000c8320000c8320000b0360000"},
    {{{32008, "", {0, 4, 4, 0, 2}}},
     "00000000000000ac00002000000000491a000100f00f388ee3388ec00ffcc00f387e1c387ef801fc07fef8ff0300fef8ffff"
     "ff010500fa06ffc0711cc771007ee0077e0080ff0780000000f8ff45000f020034500000000000c8320000c8320000b03600"
     "00"},
    {{{32008, "", {0, 4, 4, 16, 3, 3}}},
     "00000000000000ac000000400000002628b52ffd2040ed0000980000388ec00f387ef801f8ffc071007e0080000300706f72"
     "810280050000002a28b52ffd20400d0100c80000e338fcc01c38fc070300ffffffff1cc7e007ff0700f8000200016a2bc002"
     "0000001e28b52ffd2020ad0000780000008e0f7efefe01ff717e80ff00010033a803c8320000c8320000b0360000"},
};

TEST(Hdf5Written, IsReadWhateverTheFilters) {
  Data plain;
  for (std::uint32_t i = 0; i < 43; ++i) {
    for (unsigned shift = 0; shift < 32; shift += 8) plain.push_back(static_cast<std::byte>(i / 3 * 1000 >> shift));
  }
  for (const Vector& vector : kWritten) {
    const FilterPipeline pipeline(vector.filters);
    if (pipeline.unknown()) continue;
    EXPECT_EQ(decoded(pipeline, bytes_of(vector.stored), 172), plain) << pipeline.to_string();
  }
}

TEST(Hdf5Written, Fletcher32FoldsItsSums) {
  const struct {
    std::size_t size;
    int value;
    const char* sum;  // as h5py 3.16 stored it
  } known[] = {{1, 255, "00ff00ff"},    {2, 255, "ffffffff"},      {3, 255, "00ff00ff"}, {5, 255, "00ff00ff"},
               {1000, 255, "ffffffff"}, {131071, 255, "00ff00ff"}, {7, 1, "0304090a"},   {1000, 0, "00000000"}};
  const FilterPipeline pipeline({{3, "", {}}});
  for (const auto& [size, value, sum] : known) {
    const Data plain(size, static_cast<std::byte>(value)), stored = plus(plain, bytes_of(sum));
    EXPECT_EQ(pipeline.encode(plain), stored) << size;
    EXPECT_EQ(decoded(pipeline, stored, size), plain);
  }
}

TEST(Hdf5Written, Fletcher32TakesTheSumsOfOldVersions) {
  const FilterPipeline pipeline({{3, "", {}}});
  const Data plain(7, std::byte{1});
  EXPECT_EQ(decoded(pipeline, plus(plain, bytes_of("04030a09")), 7), plain);
  EXPECT_EQ(error_of(pipeline, plus(plain, bytes_of("090a0304")), 7),
            "fletcher32: the checksum differs: the data are damaged");
}

}  // namespace
}  // namespace headrace::hdf5
