// The cases of .npy and .npz files.
#pragma once

#include <headrace/io/write_npy.hpp>

#include "folder_cases.hpp"
#include "io/zip_made.hpp"

namespace headrace::contract {

/// The numbers of `upstream` from row `begin` on in a file.
inline std::string written_npy(const Dataset& upstream, std::int64_t begin, std::int64_t count) {
  const std::string path = new_path() + ".npy";
  Map same = map([](const Tensor& number) { return number; });
  same.output_signature = Spec{Structure::leaf(), {{int64, {}}}};  // of no element, nothing else would tell
  Dataset rows = upstream | Skip{begin} | Take{count} | same;
  write_npy(rows, path);
  return path;
}

template <>
struct Cases<FromNpy> {
  static std::vector<Case> make() {
    const auto one = [](bool mmap) {
      return [mmap](const Dataset& upstream) { return from_npy({written_npy(upstream, 0, -1)}, mmap); };
    };
    const auto two = [](const Dataset& upstream) {
      return from_npy({written_npy(upstream, 0, 3), written_npy(upstream, 3, -1)});
    };
    return {{"from_npy", one(false), shown, false, false},
            {"from_npy, mapped", one(true), shown, false, false},
            {"from_npy of two files", two, shown, false, false},
            {"from_npy of two files.batch(4)", [two](const Dataset& upstream) { return two(upstream) | Batch{4}; },
             [](const Input& input) { return batches(input, 4, false); }, false, false},
            {"from_npy of two files.shuffle(6)",
             [two](const Dataset& upstream) {
               return two(upstream) | Shuffle{6, 7};
             },
             shown, true, false}};
  }
};

template <>
struct Cases<FromNpz> {
  static std::vector<Case> make() {
    const auto archive = [](bool mmap) {
      return [mmap](const Dataset& upstream) {
        const std::string numbers = contents_of(written_npy(upstream, 0, -1)), path = new_path() + ".npz";
        std::ofstream(path, std::ios::binary) << zip_of({{"other.npy", numbers}, {"x.npy", numbers}});
        return from_npz({path}, Element(Tensor::text_scalar("x")), mmap);
      };
    };
    return {{"from_npz", archive(false), shown, false, false},
            {"from_npz, mapped", archive(true), shown, false, false},
            {"from_npz.shuffle(6)",
             [archive](const Dataset& upstream) {
               return archive(false)(upstream) | Shuffle{6, 7};
             },
             shown, true, false}};
  }
};

}  // namespace headrace::contract
