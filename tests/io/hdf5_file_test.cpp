// Layouts. What h5py itself says of such files stands in tests/python.
#include <gtest/gtest.h>

#include <cstring>

#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST_F(Hdf5File, ReadsRowsOfAnyLayout) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    numbers(keep, file, "contiguous", H5P_DEFAULT, H5T_STD_I32BE);
    numbers(keep, file, "chunked", chunked(keep, {3, 2}));
    const hid_t compact = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_layout(compact, H5D_COMPACT);
    numbers(keep, file, "compact", compact, H5T_STD_I16LE);
  }
  const auto file = open();
  for (const char* name : {"contiguous", "chunked"}) {
    const auto array = file->array(kStage, name);
    EXPECT_EQ(array->info().shape, Shape({7, 5}));
    EXPECT_EQ(array->info().dtype, int32);
    EXPECT_EQ(array->info().slow_because, "");
    EXPECT_EQ(values_of(array->read_rows(kStage, 2, 3)), counted(10, 15)) << name;
    EXPECT_EQ(array->read_rows(kStage, 7, 0).shape(), Shape({0, 5}));
    EXPECT_TRUE(holds(message_of<IndexError>([&] { array->read_rows(kStage, 6, 2); }), "has 7 rows, got 2 from 6"));
  }
  EXPECT_EQ(file->array(kStage, "contiguous")->info().fixes.at(0).width, 4);
  const auto compact = file->array(kStage, "compact");
  EXPECT_EQ(compact->info().layout, Layout::compact);
  EXPECT_EQ(compact->info().slow_because, "compact dataset");
  EXPECT_EQ(compact->read_rows(kStage, 1, 1).values<std::int16_t>()[4], 9);
}

TEST_F(Hdf5File, FindsContiguousBytesBehindAUserBlock) {
  for (const hsize_t user_block : {0, 512, 4096}) {
    for (const bool newest : {false, true}) {
      {
        Handles keep;
        numbers(keep, create(keep, path_, user_block, newest), "numbers");
      }
      const auto array = open()->array(kStage, "/numbers");  // lives on without our File
      ASSERT_TRUE(array->info().offset.has_value());
      std::vector<int> values(35);
      array->read_bytes(kStage, *array->info().offset, reinterpret_cast<std::byte*>(values.data()), 140);
      EXPECT_EQ(values, counted(0, 35)) << user_block;
    }
  }
}

TEST_F(Hdf5File, GivesChunksAsTheyAreStored) {
  {
    Handles keep;
    const hid_t file = create(keep, path_, 512);
    const hid_t creation = chunked(keep, {3, 2});
    numbers(keep, file, "plain", creation);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 4);
    numbers(keep, file, "gzip", creation);
  }
  const auto file = open();
  const auto plain = file->array(kStage, "plain");
  EXPECT_EQ(plain->info().chunk, Shape({3, 2}));
  const auto chunk = plain->read_chunk(kStage, {3, 2});
  ASSERT_TRUE(chunk.has_value());
  ASSERT_EQ(chunk->size, 24);
  const int* const items = reinterpret_cast<const int*>(chunk->bytes.data());
  EXPECT_EQ(std::vector<int>(items, items + 6), (std::vector<int>{17, 18, 22, 23, 27, 28}));
  EXPECT_EQ(plain->read_chunk(kStage, {6, 4})->size, 24);  // at the edge, too, a chunk is whole
  const auto gzip = file->array(kStage, "gzip");
  ASSERT_EQ(gzip->info().filters.filters().size(), 2U);
  EXPECT_EQ(gzip->info().filters.filters()[0].id, 2);
  EXPECT_EQ(gzip->info().filters.filters()[0].values, std::vector<unsigned>{4});
  EXPECT_EQ(gzip->info().filters.filters()[1].id, 1);
  EXPECT_EQ(gzip->read_chunk(kStage, {6, 4})->filter_mask, 0U);
  EXPECT_EQ(values_of(gzip->read_rows(kStage, 0, 7)), counted(0, 35));
}

TEST_F(Hdf5File, SaysThatEdgeChunksWereNotFilteredWhereTheyWereNot) {
  {
    Handles keep;
    const hid_t creation = chunked(keep, {3, 2});
    H5Pset_deflate(creation, 4);
    H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS);
    numbers(keep, create(keep, path_, 0, true), "numbers", creation);
  }
  const auto array = open()->array(kStage, "numbers");
  for (std::int64_t row = 0; row < 7; row += 3) {
    for (std::int64_t column = 0; column < 5; column += 2) {
      const auto chunk = array->read_chunk(kStage, {row, column});
      const bool edge = row == 6 || column == 4;
      EXPECT_EQ(chunk->filter_mask, edge ? 0xffffffffU : 0U);
      int first = -1;
      if (edge) std::memcpy(&first, chunk->bytes.data(), sizeof first);
      EXPECT_EQ(first, edge ? 5 * row + column : -1);
    }
  }
}

TEST_F(Hdf5File, GivesTheFillValueWhereNothingWasWritten) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t creation = chunked(keep, {3, 2});
    const float fill = 7;
    H5Pset_fill_value(creation, H5T_NATIVE_FLOAT, &fill);
    dataset(keep, file, "filled", H5T_IEEE_F32BE, {7, 5}, creation);
    H5Pset_fill_time(creation, H5D_FILL_TIME_NEVER);
    dataset(keep, file, "never filled", H5T_IEEE_F32BE, {7, 5}, creation);
    dataset(keep, file, "contiguous", H5T_IEEE_F32BE, {7, 5});
  }
  const auto file = open();
  for (const auto& [name, wanted] : {std::pair{"filled", 7.F}, {"never filled", 0.F}, {"contiguous", 0.F}}) {
    const auto array = file->array(kStage, name);
    float fill = -1;
    ASSERT_EQ(array->info().fill.size(), sizeof fill);
    std::memcpy(&fill, array->info().fill.data(), sizeof fill);
    EXPECT_EQ(fill, wanted) << name;
    EXPECT_EQ(array->read_rows(kStage, 0, 7).values<float>()[34], wanted) << name;
    EXPECT_FALSE(array->info().offset.has_value());
  }
  EXPECT_FALSE(file->array(kStage, "filled")->read_chunk(kStage, {3, 2}).has_value());
}

TEST(Hdf5Library, StatesItsVersion) { EXPECT_TRUE(holds(library_version(), ".")); }

}  // namespace
}  // namespace headrace::hdf5
