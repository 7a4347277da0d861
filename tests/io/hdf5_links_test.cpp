// Links, and arrays whose bytes are in other files.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST_F(Hdf5File, ListsGroupsWhoseLinksGoInCircles) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hid_t group = keep(H5Gcreate2(file, "a", H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT));
    H5Lcreate_hard(file, "/", group, "up", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/a", group, "self", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/loop", file, "loop", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_soft("/nowhere", file, "dangling", H5P_DEFAULT, H5P_DEFAULT);
    H5Lcreate_external("other.h5", "/x", file, "outside", H5P_DEFAULT, H5P_DEFAULT);
    numbers(keep, group, "numbers");
  }
  const auto file = open();
  std::vector<std::string> names;
  for (const Member& member : file->members(kStage, "/", true)) {
    names.push_back(member.name);
    EXPECT_EQ(member.why.empty(), member.group || member.dtype) << member.name;
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"/a", "/a/numbers", "/a/self", "/a/up", "/dangling", "/loop", "/outside"}));
  EXPECT_EQ(file->members(kStage, "a", false).size(), 3U);
  EXPECT_TRUE(file->is_group(kStage, "a/up/a"));
  EXPECT_TRUE(
      holds(refusal("outside"), "external link to '/x' in 'other.h5', which is followed only with trusted=True"));
  EXPECT_TRUE(holds(refusal("a/nubers"), "there is no '/a/nubers'; '/a' holds 'numbers', 'self', 'up'"));
  EXPECT_TRUE(holds(refusal("a/numbers/x"), "'/a/numbers' is no group"));
  EXPECT_TRUE(holds(refusal("a"), "it is a group"));
}

TEST_F(Hdf5File, FollowsExternalLinksOfATrustedFile) {
  write_numbers((folder_ / "other.h5").string());
  {
    Handles keep;
    H5Lcreate_external("other.h5", "/numbers", create(keep, path_), "outside", H5P_DEFAULT, H5P_DEFAULT);
  }
  EXPECT_EQ(values_of(open(true)->array(kStage, "outside")->read_rows(kStage, 6, 1)), counted(30, 5));
}

TEST_F(Hdf5File, ReadsBytesInOtherFilesOnlyWhereTrusted) {
  const std::string raw = (folder_ / "raw").string();
  std::ofstream(raw, std::ios::binary) << std::string(140, 'x');
  {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    H5Pset_external(creation, raw.c_str(), 0, 140);
    dataset(keep, create(keep, path_), "numbers", H5T_STD_I32LE, {7, 5}, creation);
  }
  EXPECT_TRUE(holds(refusal("numbers"), "its bytes are in other files; open it with trusted=True"));
  EXPECT_EQ(open()->members(kStage, "/", false)[0].dtype, DType());
  const auto array = open(true)->array(kStage, "numbers");
  EXPECT_EQ(array->info().slow_because, "external storage");
  EXPECT_EQ(array->read_rows(kStage, 0, 1).values<std::int32_t>()[0], 0x78787878);
}

TEST_F(Hdf5File, ReadsVirtualDatasetsWithinItsFolder) {
  const auto make_virtual = [&](const std::string& source) {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t sizes[] = {7, 5};
    const hid_t space = keep(H5Screate_simple(2, sizes, nullptr));
    H5Pset_virtual(creation, space, source.c_str(), "/numbers", space);
    dataset(keep, create(keep, path_), "view", H5T_STD_I32LE, {7, 5}, creation);
  };
  make_virtual("part.h5");
  EXPECT_TRUE(holds(refusal("view"), "part.h5' is missing"));
  ASSERT_EQ(::mkfifo((folder_ / "part.h5").c_str(), 0600), 0);
  EXPECT_TRUE(holds(refusal("view"), "part.h5': it must be a plain file"));
  EXPECT_EQ(open()->members(kStage, "/", false)[0].dtype, DType());
  fs::remove(folder_ / "part.h5");
  write_numbers((folder_ / "part.h5").string());
  EXPECT_EQ(refusal("view"), "(nothing was thrown)");
  EXPECT_EQ(values_of(open()->array(kStage, "view")->read_rows(kStage, 1, 1)), counted(5, 5));
  EXPECT_EQ(open()->array(kStage, "view")->info().slow_because, "virtual dataset");
  make_virtual((folder_ / "part.h5").string());
  EXPECT_EQ(refusal("view"), "(nothing was thrown)");
  make_virtual("../part.h5");
  EXPECT_TRUE(holds(refusal("view"), "its source '../part.h5' is not in the folder of the file"));
  make_virtual("/dev/zero");
  EXPECT_TRUE(holds(refusal("view"), "its source '/dev/zero' is not in the folder of the file"));
}

TEST_F(Hdf5File, RefusesVirtualDatasetsThatReferToThemselves) {
  {
    Handles keep;
    const hid_t creation = keep(H5Pcreate(H5P_DATASET_CREATE));
    const hsize_t sizes[] = {7, 5};
    const hid_t space = keep(H5Screate_simple(2, sizes, nullptr));
    H5Pset_virtual(creation, space, ".", "/view", space);
    dataset(keep, create(keep, path_), "view", H5T_STD_I32LE, {7, 5}, creation);
  }
  EXPECT_TRUE(holds(refusal("view"), "refer to each other"));
}

}  // namespace
}  // namespace headrace::hdf5
