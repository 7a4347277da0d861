// Chunks that stand out over an array's edges, stored without filters: every value, by every way in.
#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/read_hdf5.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/shuffle.hpp>

#include <gtest/gtest.h>

#include <algorithm>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

struct Edges {
  std::vector<hsize_t> sizes, chunk;
};

class Hdf5Edges : public Hdf5File, public testing::WithParamInterface<Edges> {
 protected:
  /// int32, item i is i, its partial edge chunks not filtered.
  void write(const Edges& edges) {
    Handles keep;
    const hid_t creation = chunked(keep, edges.chunk);
    H5Pset_shuffle(creation);
    H5Pset_deflate(creation, 4);
    H5Pset_fletcher32(creation);
    ASSERT_GE(H5Pset_chunk_opts(creation, H5D_CHUNK_DONT_FILTER_PARTIAL_CHUNKS), 0);
    const hid_t id = dataset(keep, create(keep, path_, 0, true), "x", H5T_STD_I32LE, edges.sizes, creation);
    int count = 1;
    for (const hsize_t size : edges.sizes) count *= static_cast<int>(size);
    H5Dwrite(id, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, counted(0, count).data());
    row_ = count / static_cast<int>(edges.sizes[0]);
    rows_ = static_cast<int>(edges.sizes[0]);
  }
  int row_ = 0, rows_ = 0;
};

TEST_P(Hdf5Edges, AreReadAsTheyAreStored) {
  write(GetParam());
  EXPECT_EQ(values_of(read_hdf5(path_, "x")), counted(0, rows_ * row_));
  for (int begin = 0; begin < rows_; ++begin)
    EXPECT_EQ(values_of(read_hdf5(path_, "x", Hdf5Rows{begin, rows_})), counted(begin * row_, (rows_ - begin) * row_));
  const Dataset rows = from_hdf5({path_}, Element(Tensor::text_scalar("x")));
  std::vector<int> seen;
  for (const Element& batch : (rows | Batch{2}).iterate(0)) {
    for (const int value : values_of(batch.tensor())) seen.push_back(value);
  }
  EXPECT_EQ(seen, counted(0, rows_ * row_));
  seen.clear();
  for (const Element& row : (rows | Shuffle{.seed = 3}).iterate(0)) {
    const std::vector<int> values = values_of(row.tensor());
    EXPECT_EQ(values, counted(values[0], row_));
    seen.push_back(values[0] / row_);
  }
  std::sort(seen.begin(), seen.end());
  EXPECT_EQ(seen, counted(0, rows_));
}

INSTANTIATE_TEST_SUITE_P(OfSeveralAxes, Hdf5Edges,
                         testing::Values(Edges{{10}, {4}}, Edges{{9}, {5}}, Edges{{7, 5}, {3, 2}},
                                         Edges{{7, 6}, {7, 4}}, Edges{{5, 6, 7}, {2, 3, 4}},
                                         Edges{{6, 5, 5}, {4, 5, 3}}));

}  // namespace
}  // namespace headrace::hdf5
