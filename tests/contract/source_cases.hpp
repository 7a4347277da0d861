// The cases of sources whose elements follow from no upstream, and of functions that remember.
#pragma once

#include <filesystem>
#include <fstream>

#include <gtest/gtest.h>
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
struct Cases<FromGenerator> {
  static std::vector<Case> make() {
    const auto through = [](const std::optional<Spec>& signature) {
      return [signature](const Dataset& upstream) {
        return from_generator(
            [upstream]() -> ElementStream {
              return [iterator = std::make_shared<Iterator>(upstream.iterate(0))] { return iterator->next(); };
            },
            signature);
      };
    };
    return {{"from_generator", through({}), shown},
            {"from_generator(signature)", through(Spec{Structure::leaf(), {{int64, {}}}}), shown}};
  }
};

template <>
struct Cases<ListFiles> {
  static std::vector<Case> make() {
    const std::string folder = testing::TempDir() + "headrace_list_files/";
    const auto paths = [folder](const Input&) {
      return std::vector<std::string>{"str()[" + folder + "a.csv]", "str()[" + folder + "b.csv]"};
    };
    const auto list = [folder](bool shuffle) {
      return [folder, shuffle](const Dataset&) {
        std::filesystem::create_directories(folder);
        for (const char* const name : {"b.csv", "a.csv", "c.txt"}) std::ofstream(folder + name) << name;
        return list_files({folder + "[ab].*", folder + "?.csv"}, shuffle, 3);
      };
    };
    return {{"list_files", list(false), paths, false, false}, {"list_files(shuffle)", list(true), paths, true, false}};
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
    return {
        {"random(3).take(30)", [](const Dataset&) { return random(3) | Take{30}; }, numbers, false, false},
        {"random(3, true).take(30)", [](const Dataset&) { return random(3, true) | Take{30}; }, numbers, false, false}};
  }
};

/// Map's cases with randomness: beside Cases<Map>.
inline Case random_map_case() {
  const auto add_key = [](const Element& element, std::uint64_t key) {
    return Tensor::scalar(element.tensor().item<std::int64_t>() + static_cast<std::int64_t>(key >> 2));
  };
  return {"map(random)", with(Map{.map_func = make_random_function(add_key), .seed = 7}), [](const Input& input) {
            std::vector<std::string> all;
            for (std::size_t i = 0; i < input.size(); ++i) {
              const std::uint64_t key = mix(random_key(7, "map", 0), i);
              all.push_back(input[i] ? show(*input[i] + static_cast<std::int64_t>(key >> 2)) : "!");
            }
            return all;
          }};
}

template <>
struct Cases<Scan> {
  static std::vector<Case> make() {
    const auto sums = [](const Input& input) {
      std::vector<std::string> all;
      std::int64_t total = 5;
      for (const auto& number : input) all.push_back(number ? show(total += *number) : "!");
      return all;
    };
    const auto add = [](const Element& state, const Element& element) {
      const Tensor total = Tensor::scalar(state.tensor().item<std::int64_t>() + element.tensor().item<std::int64_t>());
      return std::pair<Element, Element>(total, total);
    };
    return {{"scan(sum)", with(scan(Tensor::scalar<std::int64_t>(5), add)), sums}};
  }
};

}  // namespace headrace::contract
