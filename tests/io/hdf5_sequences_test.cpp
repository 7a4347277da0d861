// Sequences of variable length, as a C++ user reads and writes them.
#include <gtest/gtest.h>

#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/io/write_hdf5.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/with_options.hpp>
#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

class Hdf5Sequences : public Hdf5File {
 protected:
  /// 0 to n - 1 of big-endian int16 in row n.
  void write_rows(std::int16_t rows) {
    Handles keep;
    const hid_t type = keep(H5Tvlen_create(H5T_STD_I16BE)), memory = keep(H5Tvlen_create(H5T_NATIVE_INT16));
    const hid_t id = dataset(keep, create(keep, path_), "x", type, {static_cast<hsize_t>(rows)}, chunked(keep, {3}));
    std::vector<std::vector<std::int16_t>> items;
    std::vector<hvl_t> sequences;
    for (std::int16_t row = 0; row < rows; ++row) {
      items.emplace_back();
      for (std::int16_t i = 0; i < row; ++i) items.back().push_back(i);
    }
    for (auto& row : items) sequences.push_back({row.size(), row.data()});
    H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, sequences.data());
  }
  static std::vector<int> ints(const Tensor& row) {
    const auto values = row.values<std::int16_t>();
    return {values.begin(), values.end()};
  }
};

TEST_F(Hdf5Sequences, AreReadAsARaggedTensor) {
  write_rows(8);
  const RaggedTensor all = read_hdf5_ragged(path_, "x"), some = read_hdf5_ragged(path_, "x", Hdf5Rows{4, 6});
  EXPECT_EQ(all.size(), 8);
  EXPECT_EQ(all.values().shape(), Shape({28}));
  EXPECT_EQ(ints(all.row(5)), counted(0, 5));
  EXPECT_EQ(some.size(), 2);
  EXPECT_EQ(ints(some.row(1)), counted(0, 5));
  EXPECT_EQ(ints(read_hdf5_group(path_).ragged.at(0).second.row(3)), counted(0, 3));
  EXPECT_TRUE(holds(message_of<TypeError>([&] { read_hdf5(path_, "x"); }),
                    "holds sequences of variable length; read it with read_hdf5_ragged"));
  EXPECT_THROW(read_hdf5_ragged(path_, "x", Hdf5Rows{4, 9}), IndexError);
}

TEST_F(Hdf5Sequences, AreRowsOfUnknownLength) {
  write_rows(60);
  const Dataset rows = from_hdf5({path_}, Element(Tensor::text_scalar("x")));
  EXPECT_EQ(rows.element_spec().components[0].shape, Shape({-1}));
  std::int64_t row = 0;
  for (const Element& element : rows.iterate(0)) EXPECT_EQ(ints(element.tensor()), counted(0, static_cast<int>(row++)));
  EXPECT_EQ(row, 60);
  const Dataset small = from_hdf5({path_}, Element(Tensor::text_scalar("x"))) | WithOptions{.memory_limit = 64};
  EXPECT_THROW(for (const Element& element
                    : small.iterate(0)) EXPECT_LE(element.tensor().nbytes(), 64),
               MemoryLimitError);
}

TEST_F(Hdf5Sequences, OfDifferentFilesAreWrittenAgain) {
  write_rows(8);
  Dataset twice = from_hdf5({path_, path_}, Element(Tensor::text_scalar("x")));
  const std::string copy = path_ + ".copy";
  write_hdf5(twice, copy, {.chunk_rows = 5});
  const RaggedTensor written = read_hdf5_ragged(copy, "data");
  EXPECT_EQ(written.size(), 16);
  EXPECT_EQ(ints(written.row(15)), counted(0, 7));
  std::filesystem::remove(copy);
}

}  // namespace
}  // namespace headrace::hdf5
