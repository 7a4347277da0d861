#include <gtest/gtest.h>

#include "csv_cases.hpp"
#include "directed_cases.hpp"
#include "folder_cases.hpp"
#include "grouping_cases.hpp"
#include "hdf5_cases.hpp"
#include "image_cases.hpp"
#include "nested_cases.hpp"
#include "npy_cases.hpp"
#include "record_cases.hpp"
#include "sieve_cases.hpp"
#include "source_cases.hpp"

namespace headrace::contract {

namespace {

struct Named {
  std::string stage;
  Case tested;
};

void PrintTo(const Named& named, std::ostream* out) { *out << named.tested.name; }

template <class S>
void add(std::vector<Named>& all) {
  for (auto& tested : Cases<S>::make()) all.push_back({S::name, std::move(tested)});
}

template <class... S>
std::vector<Named> cases_of(std::tuple<S...>*) {
  std::vector<Named> all;
  (add<S>(all), ...);
  return all;
}

std::vector<Named> all_cases() {
  auto all = cases_of(static_cast<AllStages*>(nullptr));
  all.push_back({Map::name, random_map_case()});
  auto sources = cases_of(static_cast<AllSources*>(nullptr));
  std::move(sources.begin(), sources.end(), std::back_inserter(all));
  return all;
}

class Contract : public testing::TestWithParam<Named> {};

TEST_P(Contract, Holds) { check(GetParam().tested); }

INSTANTIATE_TEST_SUITE_P(All, Contract, testing::ValuesIn(all_cases()), [](const auto& parameter) {
  std::string name = parameter.param.tested.name;
  std::replace_if(
      name.begin(), name.end(), [](unsigned char c) { return !std::isalnum(c); }, '_');
  return name + "_" + std::to_string(parameter.index);
});

}  // namespace
}  // namespace headrace::contract
