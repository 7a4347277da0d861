// Every k-th allocation of ours fails while files other than HDF5 are read or written: std::bad_alloc or the right
// rows, usable again; AddressSanitizer sees leaks.
#include <gtest/gtest.h>

#include <headrace/io/write_csv.hpp>
#include <headrace/io/write_npy.hpp>
#include <headrace/pipeline/range.hpp>

#include "allocations.hpp"
#include "readers.hpp"
#include "scratch.hpp"

namespace headrace {
namespace {

using allocations::with_faults;

class ReadersMemory : public InScratchFolder {
 protected:
  ReadersMemory() : InScratchFolder("a") {}

  void put(const std::string& path, const std::string& contents) const {
    std::ofstream(path, std::ios::binary) << contents;
  }

  template <class Write>
  void writes_whole_or_not_at_all(const Write& write) {
    Dataset dataset = range(300);
    write(dataset);
    const std::string right = contents_of(path_);
    put(path_, "old");
    bool failed = false;
    const auto use = [&] {
      failed = false;
      try {
        write(dataset);
      } catch (const std::bad_alloc&) {
        failed = true;
      }
    };
    with_faults(use, [&] {
      EXPECT_EQ(contents_of(path_), failed ? "old" : right);
      EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
      write(dataset);
      EXPECT_EQ(contents_of(path_), right);
      put(path_, "old");
    });
  }
};

TEST_F(ReadersMemory, EveryFailingAllocationOfReadingIsBadAlloc) {
  for (const readers::Reader& reader : readers::all()) {
    SCOPED_TRACE(reader.name);
    const std::vector<std::string> files{path_, path_ + "2"};
    put(files[0], reader.contents(0));
    put(files[1], reader.contents(readers::kRows));
    readers::Seen seen;
    const auto use = [&] { seen = readers::seen_in<std::bad_alloc>(reader, files); };
    const auto after = [&] {
      EXPECT_EQ(seen.wrong, 0);
      EXPECT_GE(seen.right + seen.errors, seen.opened ? 2 * readers::kRows : 1);  // no row is lost
      EXPECT_TRUE(readers::seen_in<std::bad_alloc>(reader, files).whole());
    };
    for (const std::int64_t in_a_row : {1, 2, 5}) with_faults(use, after, in_a_row);
  }
}

TEST_F(ReadersMemory, EveryFailingAllocationOfWritingNpyLeavesTheOldFile) {
  writes_whole_or_not_at_all([&](Dataset& dataset) { write_npy(dataset, path_); });
}

TEST_F(ReadersMemory, EveryFailingAllocationOfWritingCsvLeavesTheOldFile) {
  writes_whole_or_not_at_all([&](Dataset& dataset) { write_csv(dataset, path_); });
}

}  // namespace
}  // namespace headrace
