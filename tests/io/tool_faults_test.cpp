// The program where the system or memory fails: it ends by its own words and code, its results are right or not there,
// and the next run makes them.
#include <gtest/gtest.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include <headrace/io/tool/program.hpp>

#include "allocations.hpp"
#include "hdf5_elements.hpp"
#include "scratch.hpp"
#include "system_faults.hpp"
#include "zip_made.hpp"

namespace headrace::tool {
namespace {

class ToolFaults : public InScratchFolder {
 protected:
  ToolFaults() : InScratchFolder("a.h5"), out_() {}
  void SetUp() override {
    InScratchFolder::SetUp();
    hdf5::write_elements(path_);
    out_ = (folder_ / "out.h5").string();
    std::ofstream(folder_ / "a.csv") << "x,y\n1,2\n3,4\n";
  }

  struct Ended {
    int code = 0;
    std::string out, err, file;
    bool operator==(const Ended&) const = default;
  };

  /// What the program prints, apart from what comes of it: only the program's own allocations are to fail.
  class Call {
   public:
    Call() : to_(open_memstream(&out_, &out_size_)), said_(open_memstream(&err_, &err_size_)) {}
    Call(const Call&) = delete;
    Call& operator=(const Call&) = delete;
    void go(const std::vector<std::string>& words) { code_ = run_program(words, to_, said_); }
    Ended ended(const std::string& file) {
      std::fclose(to_);
      std::fclose(said_);
      Ended ended{code_, {out_, out_size_}, {err_, err_size_}, contents_of(file)};
      std::free(out_);
      std::free(err_);
      return ended;
    }

   private:
    int code_ = 0;
    char *out_ = nullptr, *err_ = nullptr;
    std::size_t out_size_ = 0, err_size_ = 0;
    std::FILE *to_, *said_;
  };

  Ended run(const std::vector<std::string>& words) const {
    Call call;
    call.go(words);
    return call.ended(out_);
  }

  std::vector<std::vector<std::string>> commands() const {
    return {{"inspect", path_},
            {"head", path_},
            {"stats", "-q", path_},
            {"verify", "-q", path_},
            {"verify", "-q", path_, "--salvage", out_},
            {"repack", "-q", path_, "-o", out_, "--chunk-rows", "3"},
            {"ingest", "-q", (folder_ / "a.csv").string(), "-o", out_}};
  }

  /// What is written stands under its name when it is whole, or not at all.
  void check(const Ended& ended, const Ended& right) const {
    EXPECT_FALSE(std::filesystem::exists(out_ + ".part"));
    if (ended.code == 0) {
      EXPECT_EQ(ended.out, right.out);
      EXPECT_TRUE(ended.file == right.file);
    } else {
      EXPECT_TRUE(ended.code == 1 || ended.code == 2) << ended.code;
      EXPECT_NE(ended.err.find("headrace: "), std::string::npos) << ended.err;
      EXPECT_TRUE(ended.file.empty() || ended.file == right.file);
    }
  }

  std::string out_;
};

TEST_F(ToolFaults, OfTheSystemEndTheProgramInWordsAndLeaveNothingPartial) {
  for (const auto& words : commands()) {
    SCOPED_TRACE(words.front());
    const Ended right = run(words);
    ASSERT_EQ(right.code, 0) << right.err;
    std::filesystem::remove(out_);
    const bool salvages = words.size() > 3 && words[3] == "--salvage";
    const auto use = [&](const system_faults::Fault& fault) {
      const Ended ended = run(words);
      if (!salvages) check(ended, right);
      if (fault.error == 0 || fault.error == EINTR) {
        EXPECT_EQ(ended.code, 0) << ended.err;
      }
    };
    const auto after = [&] {
      EXPECT_FALSE(std::filesystem::exists(out_ + ".part"));
      EXPECT_EQ(run(words), right);
      std::filesystem::remove(out_);
    };
    system_faults::with_faults({{EIO}, {EIO, true}, {ENOSPC}, {ENOSPC, true}, {0}, {0, true}, {EINTR}}, use, after);
  }
}

TEST_F(ToolFaults, OfMemoryEndTheProgramInWordsAndLeaveNothingPartial) {
  for (const auto& words : commands()) {
    const std::string& command = words.front();  // the others hold JSON of nlohmann's, whose destructors take memory
    if (command != "head" && command != "stats" && command != "verify") continue;
    SCOPED_TRACE(command);
    const Ended right = run(words);
    std::filesystem::remove(out_);
    std::optional<Call> call(std::in_place);
    allocations::with_faults([&] { call->go(words); },
                             [&] {
                               check(call->ended(out_), right);
                               EXPECT_EQ(run(words), right);
                               std::filesystem::remove(out_);
                               call.emplace();
                             });
    call->ended(out_);
  }
}

}  // namespace
}  // namespace headrace::tool
