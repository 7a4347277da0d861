// What the tests of files share.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>

namespace headrace {

/// Each test has a folder of its own, which goes with it.
class InScratchFolder : public testing::Test {
 protected:
  /// `file`: what path_ names in the folder.
  explicit InScratchFolder(std::string file) : file_(std::move(file)) {}
  void SetUp() override {
    std::string name = (std::filesystem::temp_directory_path() / "headrace-io-XXXXXX").string();
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    path_ = (folder_ / file_).string();
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::filesystem::path folder_;
  std::string path_;

 private:
  std::string file_;
};

/// The text of the E that `call` throws.
template <class E, class F>
std::string message_of(F&& call) {
  try {
    call();
  } catch (const E& error) {
    return error.what();
  }
  return "(nothing was thrown)";
}

}  // namespace headrace
