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

  /// `use` with allocation 1, 2, 3 ... failing, later ones at growing distances, until none is struck any more.
  template <class Use, class After>
  void with_faults(Use&& use, After&& after) {
    for (std::int64_t k = 1;; k += 1 + k / 50) {
      SCOPED_TRACE("allocation " + std::to_string(k));
      allocations::left_everywhere = k;
      use();
      const bool struck = allocations::left_everywhere.exchange(0) <= 0;
      after();
      EXPECT_TRUE(seen_in<std::bad_alloc>(path_).whole());
      if (!struck || HasFailure()) return;
    }
  }
};

TEST_F(Hdf5Memory, EveryFailingAllocationOfReadingIsBadAlloc) {
  write_elements(path_);
  Seen seen;
  with_faults([&] { seen = seen_in<std::bad_alloc>(path_); }, [&] { EXPECT_EQ(seen.wrong, 0); });
}

TEST_F(Hdf5Memory, EveryFailingAllocationOfWritingLeavesTheOldFile) {
  write_elements(path_);
  const auto write = [&] {
    try {
      write_elements(path_);
    } catch (const std::bad_alloc&) {
    }
  };
  with_faults(write, [&] { EXPECT_FALSE(std::filesystem::exists(path_ + ".part")); });
}

}  // namespace
}  // namespace headrace::hdf5
