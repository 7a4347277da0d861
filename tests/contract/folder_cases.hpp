// The cases of the stages that keep elements, in memory or in folders. Each attaching gets a folder of its own.
#pragma once

#include <filesystem>

#include <headrace/io/save.hpp>

#include "cases.hpp"

namespace headrace::contract {

/// A path where nothing is; all of them go at the end.
inline std::string new_path() {
  struct Root {
    std::filesystem::path path;
    int next = 0;
    Root() {
      std::string name = (std::filesystem::temp_directory_path() / "headrace-contract-XXXXXX").string();
      path = mkdtemp(name.data());
    }
    ~Root() { std::filesystem::remove_all(path); }
  };
  static Root root;
  return (root.path / std::to_string(root.next++)).string();
}

/// Attached where another plan has written the folder before, as far as it could: errors are never kept.
template <class S>
Dataset attached_later(const S& stage, const Dataset& upstream) {
  Iterator iterator = (upstream | stage).iterate(0);
  for (bool more = true; more;) {
    try {
      more = iterator.next().has_value();
    } catch (const std::exception&) {  // in the place of an element
    }
  }
  return upstream | stage;
}

template <>
struct Cases<Cache> {
  static std::vector<Case> make() {
    return {{"cache", with(Cache{}), shown},
            {"cache(filename)", [](const Dataset& upstream) { return upstream | Cache{new_path()}; }, shown},
            {"cache(filename), written",
             [](const Dataset& upstream) { return attached_later(Cache{new_path()}, upstream); }, shown},
            {"cache(filename).repeat(2).batch(4)",
             [](const Dataset& upstream) { return upstream | Cache{new_path()} | Repeat{2} | Batch{4}; },
             [](const Input& input) {
               Input twice = input;
               twice.insert(twice.end(), input.begin(), input.end());
               return batches(twice, 4, false);
             }},
            {"cache(filename).shuffle(5)",
             [](const Dataset& upstream) {
               return upstream | Cache{new_path()} | Shuffle{5, 7};
             },
             shown, true}};
  }
};

template <>
struct Cases<Snapshot> {
  static std::vector<Case> make() {
    return {{"snapshot", [](const Dataset& upstream) { return upstream | Snapshot{new_path()}; }, shown},
            {"snapshot, written",
             [](const Dataset& upstream) { return attached_later(Snapshot{new_path()}, upstream); }, shown}};
  }
};

template <>
struct Cases<Load> {
  static std::vector<Case> make() {
    const auto loaded = [](const Dataset& upstream) {
      const std::string path = new_path();
      Dataset saved = upstream;
      save(saved, path);
      return load(path);
    };
    return {{"load", loaded, shown, false, false},
            {"load.batch(3)", [loaded](const Dataset& upstream) { return loaded(upstream) | Batch{3}; },
             [](const Input& input) { return batches(input, 3, false); }, false, false}};
  }
};

}  // namespace headrace::contract
