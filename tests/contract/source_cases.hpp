// The cases of sources whose elements follow from no upstream.
#pragma once

#include <headrace/pipeline/random.hpp>

#include "cases.hpp"

namespace headrace::contract {

template <>
struct Cases<Counter> {
  static std::vector<Case> make() {
    return {{"counter(3, -2).take(4)", [](const Dataset&) { return counter(3, -2) | Take{4}; },
             [](const Input&) {
               return std::vector<std::string>{show(3), show(1), show(-1), show(-3)};
             },
             false, false}};
  }
};

template <>
struct Cases<Random> {
  static std::vector<Case> make() {
    const auto numbers = [](const Input&) {
      std::vector<std::string> all;
      for (std::uint64_t i = 0; i < 30; ++i)
        all.push_back(show(static_cast<std::int64_t>(mix(random_key(3, "random", 0), i) >> 32)));
      return all;
    };
    return {{"random(3).take(30)", [](const Dataset&) { return random(3) | Take{30}; }, numbers, false, false},
            {"random(3, true).take(30)", [](const Dataset&) { return random(3, true) | Take{30}; }, numbers, false,
             false}};
  }
};

}  // namespace headrace::contract
