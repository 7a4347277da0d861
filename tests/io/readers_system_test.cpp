// Files other than HDF5 where the system fails: an error or the right rows, usable again, and nothing half-written
// under the final name.
#include <gtest/gtest.h>

#include <cerrno>

#include <headrace/io/tool/journal.hpp>
#include <headrace/io/write_csv.hpp>
#include <headrace/io/write_npy.hpp>
#include <headrace/pipeline/range.hpp>
#include <headrace/tensor/error.hpp>

#include "readers.hpp"
#include "scratch.hpp"
#include "system_faults.hpp"

namespace headrace {
namespace {

using system_faults::Fault;
using system_faults::with_faults;

class ReadersSystem : public InScratchFolder {
 protected:
  ReadersSystem() : InScratchFolder("a") {}

  std::vector<std::string> files_of(const readers::Reader& reader) const {
    const std::vector<std::string> files{path_, path_ + "2"};
    std::ofstream(files[0], std::ios::binary) << reader.contents(0);
    std::ofstream(files[1], std::ios::binary) << reader.contents(readers::kRows);
    return files;
  }

  /// A writer of a file whose old contents must stay wherever it fails.
  template <class Write>
  void writes_whole_or_not_at_all(const Write& write) {
    write();
    const std::string right = contents_of(path_);
    const auto use = [&](const Fault& fault) {
      std::ofstream(path_, std::ios::binary) << "old";
      bool failed = false;
      try {
        write();
      } catch (const IoError& error) {
        failed = true;
        EXPECT_NE(std::string(error.what()).find(path_), std::string::npos) << error.what();
      }
      EXPECT_EQ(contents_of(path_), failed ? "old" : right);
      EXPECT_FALSE(failed && (fault.error == 0 || fault.error == EINTR));
    };
    const auto after = [&] {
      EXPECT_FALSE(std::filesystem::exists(path_ + ".part"));
      write();
      EXPECT_EQ(contents_of(path_), right);
    };
    with_faults({{ENOSPC}, {ENOSPC, true}, {EIO}, {EIO, true}, {0}, {0, true}, {EINTR}}, use, after);
  }
};

TEST_F(ReadersSystem, ReadsThatFailCostTheirRowsAndShortOnesAreGoneOnWith) {
  for (const readers::Reader& reader : readers::all()) {
    SCOPED_TRACE(reader.name);
    const std::vector<std::string> files = files_of(reader);
    const auto use = [&](const Fault& fault) {
      const readers::Seen seen = readers::seen_in<IoError>(reader, files);
      EXPECT_EQ(seen.wrong, 0);
      EXPECT_TRUE(seen.errors > 0 || seen.whole()) << seen.right;
      if (fault.error == 0 || fault.error == EINTR) {
        EXPECT_TRUE(seen.whole()) << seen.right << ", " << seen.errors;
      }
    };
    with_faults({{EIO}, {EIO, true}, {0}, {0, true}, {EINTR}}, use,
                [&] { EXPECT_TRUE(readers::seen_in<IoError>(reader, files).whole()); });
  }
}

TEST_F(ReadersSystem, WritesOfNpyThatFailLeaveTheOldFile) {
  writes_whole_or_not_at_all([&] {
    Dataset dataset = range(300);
    write_npy(dataset, path_);
  });
}

TEST_F(ReadersSystem, WritesOfCsvThatFailLeaveTheOldFile) {
  writes_whole_or_not_at_all([&] {
    Dataset dataset = range(300);
    write_csv(dataset, path_);
  });
}

TEST_F(ReadersSystem, NoFailureOfTheSystemCostsAJournalWhatIsDone) {
  constexpr std::int64_t kPieces = 5;
  const std::vector<std::byte> bytes(100, std::byte{7});
  const auto go_on = [&] {
    tool::Journal journal("repack", path_, "work");
    for (std::int64_t i = 0; i < kPieces; ++i)
      if (!journal.found({0, i})) journal.add({0, i}, 1, bytes);
    for (std::int64_t i = 0; i < kPieces; ++i) EXPECT_EQ(journal.read(journal.piece({0, i})), bytes);
  };
  const auto done = [&] {
    tool::Journal journal("repack", path_, "work");
    std::int64_t found = 0;
    while (journal.found({0, found})) ++found;
    return found;
  };
  for (const std::int64_t before : {std::int64_t{0}, std::int64_t{3}, kPieces}) {
    const auto begin = [&] {
      std::filesystem::remove(path_);
      tool::Journal journal("repack", path_, "work");
      for (std::int64_t i = 0; i < before; ++i) journal.add({0, i}, 1, bytes);
    };
    begin();
    const auto use = [&](const Fault& fault) {
      bool failed = false;
      try {
        go_on();
      } catch (const IoError&) {
        failed = true;
      }
      EXPECT_FALSE(failed && (fault.error == 0 || fault.error == EINTR));
    };
    const auto after = [&] {
      EXPECT_GE(done(), before);
      go_on();
      EXPECT_EQ(done(), kPieces);
      begin();
    };
    with_faults({{EIO}, {EIO, true}, {ENOSPC}, {ENOSPC, true}, {0}, {0, true}, {EINTR}}, use, after);
  }
}

}  // namespace
}  // namespace headrace
