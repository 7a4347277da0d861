// Files that are damaged, huge, something else or in need of what is not there.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <fstream>

#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST_F(Hdf5File, NamesTheFilterThatIsMissingAndLoadsNoPlugin) {
  {
    Handles keep;
    const hid_t file = create(keep, path_), creation = chunked(keep, {7, 5});
    const unsigned values[] = {1, 2};
    H5Pset_filter(creation, 305, H5Z_FLAG_OPTIONAL, 2, values);
    const hsize_t start[] = {0, 0};
    for (const std::uint32_t mask : {0, 1}) {
      const hid_t id = dataset(keep, file, mask ? "skipped" : "applied", H5T_STD_I32LE, {7, 5}, creation);
      H5Dwrite_chunk(id, H5P_DEFAULT, mask, start, 140, counted(0, 35).data());
    }
  }
  const auto skipped = open()->array(kStage, "skipped");
  EXPECT_TRUE(holds(skipped->info().slow_because, "filter "));
  EXPECT_EQ(skipped->read_chunk(kStage, {0, 0})->filter_mask, 1U);
  EXPECT_EQ(values_of(skipped->read_rows(kStage, 0, 7)), counted(0, 35));
  unsigned before = 0, after = 0;
  H5PLget_loading_state(&before);
  EXPECT_TRUE(holds(refusal("applied"), "filter 305 is not available; with trusted=True libhdf5 may load its plugin"));
  EXPECT_TRUE(holds(refusal("applied", true), "filter 305 is not available; install its plugin for libhdf5 "));
  H5PLget_loading_state(&after);
  EXPECT_EQ(before, after);
  EXPECT_NE(before, 0U);
}

TEST_F(Hdf5File, ReadsASliceOfWhatIsLargerThanAnyMemory) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    const hsize_t many = hsize_t{1} << 40;
    const hid_t creation = chunked(keep, {1, 1024});
    dataset(keep, file, "huge", H5T_IEEE_F64LE, {many, 1024}, creation);
    dataset(keep, file, "too huge", H5T_IEEE_F64LE, {many, many}, creation);
    dataset(keep, file, "small", H5T_STD_I32LE, {0, 5});
  }
  const auto file = open();
  const auto huge = file->array(kStage, "huge");
  EXPECT_EQ(huge->read_rows(kStage, (std::int64_t{1} << 40) - 2, 2).shape(), Shape({2, 1024}));
  EXPECT_TRUE(holds(refusal("too huge"), "more bytes than any file has"));
  EXPECT_EQ(file->members(kStage, "/", false).size(), 3U);
  EXPECT_EQ(file->array(kStage, "small")->read_rows(kStage, 0, 0).shape(), Shape({0, 5}));
}

TEST_F(Hdf5File, RefusesWhatIsNoHdf5File) {
  const auto why = [&](const fs::path& path) {
    return message_of<IoError>([&] { File::open(kStage, path.string(), false); });
  };
  EXPECT_TRUE(holds(why(folder_ / "none.h5"), "No such file or directory"));
  EXPECT_TRUE(holds(why(folder_), "it must be a plain file"));
  ASSERT_EQ(::mkfifo((folder_ / "fifo").c_str(), 0600), 0);
  EXPECT_TRUE(holds(why(folder_ / "fifo"), "it must be a plain file"));
  EXPECT_TRUE(holds(why("/dev/zero"), "it must be a plain file"));
  std::ofstream(path_) << "name,age\n";
  EXPECT_EQ(why(path_), "[from_hdf5] cannot open '" + path_ + "': not an HDF5 file");
}

TEST_F(Hdf5File, GivesTheSameOrAnErrorForAFileThatWasCutAnywhere) {
  {
    Handles keep;
    const hid_t creation = chunked(keep, {3, 2});
    numbers(keep, create(keep, path_), "numbers", creation);
  }
  const auto size = fs::file_size(path_);
  int errors = 0;
  for (std::uintmax_t cut = 0; cut < size; cut += 61) {
    const std::string path = (folder_ / "cut.h5").string();
    fs::copy_file(path_, path, fs::copy_options::overwrite_existing);
    fs::resize_file(path, cut);
    try {
      const auto file = File::open(kStage, path, false);
      EXPECT_EQ(values_of(file->array(kStage, "numbers")->read_rows(kStage, 0, 7)), counted(0, 35)) << cut;
    } catch (const IoError& error) {
      ++errors;
      EXPECT_TRUE(holds(error.what(), "cut.h5")) << error.what();
    }
  }
  EXPECT_GT(errors, 0);
}

TEST_F(Hdf5File, NoticesAFileThatIsCutWhileItIsOpen) {
  {
    Handles keep;
    const hid_t file = create(keep, path_);
    numbers(keep, file, "contiguous");
    numbers(keep, file, "chunked", chunked(keep, {7, 5}));
  }
  const auto file = open();
  const auto contiguous = file->array(kStage, "contiguous"), chunks = file->array(kStage, "chunked");
  EXPECT_TRUE(file->unchanged());
  fs::resize_file(path_, 100);
  EXPECT_FALSE(file->unchanged());
  std::byte bytes[140];
  for (const auto& message :
       {message_of<IoError>([&] { contiguous->read_bytes(kStage, *contiguous->info().offset, bytes, 140); }),
        message_of<IoError>([&] { contiguous->read_rows(kStage, 0, 7); }), message_of<IoError>([&] {
          chunks->read_chunk(kStage, {0, 0});
        })})
    EXPECT_TRUE(holds(message, "and now has 100")) << message;
}

}  // namespace
}  // namespace headrace::hdf5
