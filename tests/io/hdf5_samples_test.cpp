// from_hdf5: a group an element, and records as dicts of their fields.
#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/hdf5/samples.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>

#include <gtest/gtest.h>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST(NaturalOrder, TakesNumbersByValue) {
  const std::vector<std::string> ordered{"", "01", "1", "2", "10", "a", "a1", "a1b", "a2", "a10", "a10b", "b"};
  for (std::size_t i = 0; i < ordered.size(); ++i) {
    for (std::size_t k = 0; k < ordered.size(); ++k)
      EXPECT_EQ(natural_less(ordered[i], ordered[k]), i < k) << ordered[i] << " " << ordered[k];
  }
  EXPECT_TRUE(natural_less("99999999999999999999998", "99999999999999999999999"));
}

TEST_F(Hdf5File, GroupsAreElements) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    keep(H5Gcreate2(file, "s", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    for (const int i : {10, 2, 1}) {
      const hid_t group =
          keep(H5Gcreate2(file, ("s/x" + std::to_string(i)).c_str(), H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
      const hid_t values = dataset(keep, group, "values", H5T_STD_I32LE, {static_cast<hsize_t>(i)});
      H5Dwrite(values, H5T_NATIVE_INT, H5S_ALL, H5S_ALL, H5P_DEFAULT, counted(i, i).data());
      numbers(keep, group, "numbers", chunked(keep, {3, 2}));
    }
  }
  const Dataset samples = make_source(FromHdf5{.files = {path_}, .groups = "/s/x*"});
  EXPECT_EQ(samples.element_spec().to_string(), "{'numbers': int32(7, 5), 'values': int32(?)}");
  std::vector<int> sizes;
  for (const Element& element : samples.iterate(0)) {
    sizes.push_back(static_cast<int>(element.components[1].size()));
    EXPECT_EQ(values_of(element.components[1]), counted(sizes.back(), sizes.back()));
    EXPECT_EQ(values_of(element.components[0]), counted(0, 35));
  }
  EXPECT_EQ(sizes, (std::vector<int>{1, 2, 10}));

  const Dataset alike = make_source(FromHdf5{{path_}, Element(Tensor::text_scalar("numbers")), "/s/*"}) | Batch{3};
  for (const Element& batch : alike.iterate(0)) EXPECT_EQ(batch.tensor().shape(), Shape({3, 7, 5}));
  EXPECT_TRUE(holds(message_of<IoError>([&] { make_source(FromHdf5{.files = {path_}, .groups = "/s/y*"}); }),
                    "no group matches '/s/y*'"));
  EXPECT_TRUE(holds(message_of<ValueError>([&] { make_source(FromHdf5{.files = {path_}, .groups = "/s"}); }),
                    "in its last part alone, got '/s'"));
}

TEST_F(Hdf5File, RecordsAreSplitIntoTheirFields) {
  struct Record {
    std::int8_t small;
    std::int32_t pair[2];
  };
  {
    Handles keep;
    const hid_t record = keep(H5Tcreate(H5T_COMPOUND, sizeof(Record)));
    const hsize_t two = 2;
    H5Tinsert(record, "small", offsetof(Record, small), H5T_NATIVE_INT8);
    H5Tinsert(record, "pair", offsetof(Record, pair), keep(H5Tarray_create2(H5T_NATIVE_INT32, 1, &two)));
    const hid_t id = dataset(keep, create(keep, path_), "r", record, {3}, chunked(keep, {2}));
    const Record rows[] = {{1, {10, 11}}, {2, {20, 21}}, {3, {30, 31}}};
    H5Dwrite(id, record, H5S_ALL, H5S_ALL, H5P_DEFAULT, rows);
  }
  const Dataset split = make_source(FromHdf5{.files = {path_}, .split_records = true});
  EXPECT_EQ(split.element_spec().to_string(), "{'r': {'small': int8(), 'pair': int32(2)}}");
  const Dataset batches = split | Batch{3};
  for (const Element& batch : batches.iterate(0)) {
    EXPECT_EQ(values_of(batch.components[1].copy()), (std::vector<int>{10, 11, 20, 21, 30, 31}));
    EXPECT_EQ(batch.components[0].shape(), Shape({3}));
  }
}

}  // namespace
}  // namespace headrace::hdf5
