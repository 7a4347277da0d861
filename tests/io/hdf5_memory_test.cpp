// Every k-th allocation of ours fails: std::bad_alloc or the right data, usable again; AddressSanitizer sees leaks.
#include <gtest/gtest.h>

#include <headrace/tensor/buffer.hpp>
#include <headrace/tensor/error.hpp>

#include "allocations.hpp"
#include "hdf5_elements.hpp"
#include "scratch.hpp"

namespace headrace::hdf5 {
namespace {

class Hdf5Memory : public InScratchFolder {
 protected:
  Hdf5Memory() : InScratchFolder("a.h5") {}

  void is_usable_again() const { EXPECT_TRUE(seen_in<std::bad_alloc>(path_).whole()); }
};

TEST_F(Hdf5Memory, EveryFailingAllocationOfReadingIsBadAlloc) {
  write_elements(path_);
  Seen seen;
  allocations::with_faults([&] { seen = seen_in<std::bad_alloc>(path_); },
                           [&] {
                             EXPECT_EQ(seen.wrong, 0);
                             is_usable_again();
                           });
}

TEST_F(Hdf5Memory, EveryFailingAllocationOfWritingLeavesTheOldFile) {
  write_elements(path_);
  const auto write = [&] {
    try {
      write_elements(path_);
    } catch (const std::bad_alloc&) {
    }
  };
  allocations::with_faults(write, [&] {
    EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
    is_usable_again();
  });
}

}  // namespace
}  // namespace headrace::hdf5
