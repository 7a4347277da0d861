// Every k-th call into the system fails or does a part: an error or the right data, usable again, and nothing
// half-written under the final name. The calls of the whole program are replaced here, libhdf5's too.
#include <gtest/gtest.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <fstream>
#include <iterator>

#include <headrace/tensor/error.hpp>

#include "hdf5_elements.hpp"
#include "scratch.hpp"
#include "system_faults.hpp"

namespace {

using headrace::system_faults::Fault;

std::atomic<const Fault*> armed = nullptr;
std::atomic<std::int64_t> calls = 0, begins = 0;  // of calls that can fail; from which on

/// The fault that strikes this call.
const Fault* strikes() {
  const Fault* const fault = armed;
  if (fault == nullptr) return nullptr;
  const std::int64_t call = ++calls;
  return call == begins || (fault->lasting && call > begins) ? fault : nullptr;
}

template <class... Arguments>
ssize_t call(long number, int descriptor, Arguments... arguments) {
  if (const Fault* const fault = strikes(); fault != nullptr && fault->error != 0) {
    errno = fault->error;
    return -1;
  }
  return ::syscall(number, descriptor, arguments...);
}

ssize_t transfer(long number, int descriptor, const void* data, std::size_t size, off_t place) {
  const Fault* const fault = strikes();
  if (fault != nullptr && fault->error != 0) {
    errno = fault->error;
    return -1;
  }
  return ::syscall(number, descriptor, data, fault != nullptr ? (size + 1) / 2 : size, place);
}

}  // namespace

extern "C" {
ssize_t pread(int descriptor, void* data, std::size_t size, off_t place) {
  return transfer(SYS_pread64, descriptor, data, size, place);
}
ssize_t pwrite(int descriptor, const void* data, std::size_t size, off_t place) {
  return transfer(SYS_pwrite64, descriptor, data, size, place);
}
int ftruncate(int descriptor, off_t size) noexcept { return static_cast<int>(call(SYS_ftruncate, descriptor, size)); }
int fsync(int descriptor) { return static_cast<int>(call(SYS_fsync, descriptor)); }
int rename(const char* from, const char* to) noexcept {
  const Fault* const fault = strikes();
  if (fault != nullptr && fault->error != 0 && fault->error != EINTR) {  // no signal interrupts it
    errno = fault->error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_rename, from, to));
}
}

namespace headrace::system_faults {

void arm(const Fault& fault, std::int64_t call) {
  calls = 0;
  begins = call;
  armed = &fault;
}

bool disarm() {
  armed = nullptr;
  return calls >= begins;
}

}  // namespace headrace::system_faults

namespace headrace::hdf5 {
namespace {

using system_faults::with_faults;

class Hdf5System : public InScratchFolder {
 protected:
  Hdf5System() : InScratchFolder("a.h5") {}

  std::string bytes() const {
    std::ifstream file(path_, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
};

TEST_F(Hdf5System, ReadsThatFailAreErrorsAndShortOnesAreGoneOnWith) {
  write_elements(path_);
  const auto use = [&](const Fault& fault) {
    const Seen seen = seen_in<IoError>(path_);
    EXPECT_EQ(seen.wrong, 0);
    if (fault.error == 0 || fault.error == EINTR) {
      EXPECT_TRUE(seen.whole()) << seen.errors;
    }
  };
  with_faults({{EIO}, {EIO, true}, {0}, {0, true}, {EINTR}}, use,
              [&] { EXPECT_TRUE(seen_in<IoError>(path_).whole()); });
}

TEST_F(Hdf5System, WritesThatFailLeaveTheOldFile) {
  write_elements(path_);
  const std::string right = bytes();
  const auto use = [&](const Fault& fault) {
    std::ofstream(path_, std::ios::binary) << "old";
    bool failed = false;
    try {
      write_elements(path_);
    } catch (const IoError& error) {
      failed = true;
      EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
    }
    EXPECT_EQ(bytes() == right, !failed);
    EXPECT_EQ(bytes() == "old", failed);
    EXPECT_FALSE(failed && (fault.error == 0 || fault.error == EINTR));
  };
  const auto after = [&] {
    EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
    write_elements(path_);
    EXPECT_TRUE(bytes() == right);
  };
  with_faults({{ENOSPC}, {ENOSPC, true}, {EIO}, {EIO, true}, {0}, {0, true}, {EINTR}}, use, after);
}

}  // namespace
}  // namespace headrace::hdf5
