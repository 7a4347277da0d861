// A file that threads and processes read at once, and that others have open.
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstring>
#include <fstream>
#include <iterator>
#include <thread>

#include <headrace/tensor/error.hpp>

#include "hdf5_made.hpp"

namespace headrace::hdf5 {
namespace {

TEST_F(Hdf5File, GoesOnInAChildUnlessTheFileChanged) {
  write_numbers(path_);
  const auto file = open();
  const auto array = file->array(kStage, "numbers");
  const auto in_child = [&] {
    const pid_t child = ::fork();
    if (child == 0) {
      int result = 2;
      try {
        result = values_of(array->read_rows(kStage, 1, 1)) == counted(5, 5) ? 0 : 3;
      } catch (const IoError& error) {
        result = holds(error.what(), "it has changed since it was opened") ? 1 : 4;
      }
      ::_exit(result);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
  };
  EXPECT_EQ(in_child(), 0);
  EXPECT_EQ(values_of(array->read_rows(kStage, 1, 1)), counted(5, 5));
  fs::rename(path_, folder_ / "before.h5");
  write_numbers(path_);
  EXPECT_EQ(in_child(), 1);
  EXPECT_EQ(values_of(array->read_rows(kStage, 1, 1)), counted(5, 5));  // this process still holds the old one
}

TEST_F(Hdf5File, ServesManyThreads) {
  {
    Handles keep;
    numbers(keep, create(keep, path_), "numbers", chunked(keep, {1, 5}));
  }
  const auto array = open()->array(kStage, "numbers");
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const int row = i % 7;
        int first = -1;
        std::memcpy(&first, array->read_chunk(kStage, {row, 0})->bytes.data(), sizeof first);
        wrong += first != 5 * row;
        wrong += values_of(array->read_rows(kStage, row, 1)) != counted(5 * row, 5);
        try {
          (void)File::open(kStage, path_, false)->array(kStage, "none");
          ++wrong;
        } catch (const IoError&) {  // errors of one thread are not another one's
        }
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
}

TEST_F(Hdf5File, OpensWhatThisProcessHasOpenAlready) {
  Handles keep;
  numbers(keep, create(keep, path_), "numbers");  // with locks, and written
  EXPECT_EQ(values_of(open()->array(kStage, "numbers")->read_rows(kStage, 1, 1)), counted(5, 5));
}

TEST_F(Hdf5File, LocksNoFileAndPrintsNothing) {
  write_numbers(path_);
  testing::internal::CaptureStderr();
  const auto file = open();
  EXPECT_THROW(file->array(kStage, "none"), IoError);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  H5E_auto2_t print = nullptr;
  void* data = nullptr;
  H5Eget_auto2(H5E_DEFAULT, &print, &data);
  EXPECT_NE(print, nullptr);  // others go on printing theirs
  const hid_t access = H5Pcreate(H5P_FILE_ACCESS);
  H5Pclose(access);
  std::ifstream locks("/proc/locks");
  const std::string all{std::istreambuf_iterator<char>(locks), {}};
  struct stat status {};
  ASSERT_EQ(::stat(path_.c_str(), &status), 0);
  EXPECT_FALSE(holds(all, ":" + std::to_string(status.st_ino) + " ")) << all;
}

}  // namespace
}  // namespace headrace::hdf5
