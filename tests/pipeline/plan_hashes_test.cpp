// Seeded plans give what they gave when tests/data/plan_hashes.txt was written, as in Python.
#include "plan_texts.hpp"

#include <fstream>

#include <gtest/gtest.h>

namespace headrace {
namespace {

TEST(PlanHashes, AreWhatTheyWereWhateverTheThreads) {
  std::ifstream file("tests/data/plan_hashes.txt");
  ASSERT_TRUE(file) << "the tests run in the project's folder";
  int plans = 0;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    const std::string stored = line.substr(0, line.find(' ')), text = line.substr(line.find_first_not_of(' ', 16));
    SCOPED_TRACE(text);
    ++plans;
    for (const std::int64_t threads : {1, 2, 3, 8, 16}) {
      const Dataset plan = plan_texts::build(text) | WithOptions{.threads = threads};
      EXPECT_EQ(plan_texts::digest(plan_texts::output(plan)), stored) << threads << " threads";
    }
  }
  EXPECT_GE(plans, 60);
}

}  // namespace
}  // namespace headrace
