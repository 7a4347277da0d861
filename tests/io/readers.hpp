// The readers of files other than HDF5, for tests in which something fails meanwhile.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <headrace/io/from_csv.hpp>
#include <headrace/io/from_fixed_records.hpp>
#include <headrace/io/from_npy.hpp>
#include <headrace/io/from_npz.hpp>
#include <headrace/io/from_text.hpp>
#include <headrace/pipeline/iterator.hpp>

#include "gzip_made.hpp"
#include "zip_made.hpp"

namespace headrace::readers {

inline constexpr std::int64_t kRows = 40;  // of a file

/// A format: what a file of the rows from `first` on holds, and how two of them are read.
struct Reader {
  std::string name;
  std::function<std::string(std::int64_t first)> contents;
  std::function<Dataset(const std::vector<std::string>& files)> open;
};

inline std::string lines_from(std::int64_t first, const std::string& header = "") {
  std::string text = header;
  for (std::int64_t i = first; i < first + kRows; ++i) text += std::to_string(i) + "\n";
  return text;
}

inline std::string records_from(std::int64_t first) {
  std::string bytes;
  for (std::int64_t i = first; i < first + kRows; ++i) bytes += numbers({{static_cast<std::uint64_t>(i), 8}});
  return bytes;
}

inline std::string npy_of(const std::string& sizes, const std::string& items) {
  std::string head = "{'descr': '<i8', 'fortran_order': False, 'shape': (" + sizes + "), }";
  head += std::string(118 - head.size() - 1, ' ') + "\n";
  return std::string("\x93NUMPY\x01\0", 8) + numbers({{head.size(), 2}}) + head + items;
}

inline std::string npy_from(std::int64_t first) { return npy_of(std::to_string(kRows) + ",", records_from(first)); }

/// Rows that are made one by one.
inline std::string large_rows_from(std::int64_t first) {
  std::string items;
  for (std::int64_t i = first; i < first + kRows; ++i)
    for (int k = 0; k < 600; ++k) items += numbers({{static_cast<std::uint64_t>(i), 8}});
  return npy_of(std::to_string(kRows) + ", 600", items);
}

inline std::vector<Reader> all() {
  const auto npy = [](const auto& files) { return from_npy(files); };
  const auto records = [](const auto& files) {
    FromFixedRecords source{files, 8};
    source.dtype = int64;
    return make_source(source);
  };
  const auto text = [](const auto& files) { return from_text(files); };
  const auto column = Element{Structure::leaf(), {Tensor::text_scalar("x")}};
  const auto csv = [column](const auto& files) { return from_csv(files, column); };
  const auto npz = [column](const auto& files) { return from_npz(files, column); };
  return {{"npy", npy_from, npy},
          {"npy of large rows", large_rows_from, npy},
          {"npy of gzip", [](std::int64_t first) { return gzip_of(npy_from(first)); }, npy},
          {"npz",
           [](std::int64_t first) {
             return zip_of({{"x.npy", npy_from(first)}});
           },
           npz},
          {"records", records_from, records},
          {"records of gzip", [](std::int64_t first) { return gzip_of(records_from(first)); }, records},
          {"text", [](std::int64_t first) { return lines_from(first); }, text},
          {"text of gzip", [](std::int64_t first) { return gzip_of(lines_from(first)); }, text},
          {"csv", [](std::int64_t first) { return lines_from(first, "x\n"); }, csv},
          {"csv of gzip", [](std::int64_t first) { return gzip_of(lines_from(first, "x\n")); }, csv}};
}

/// What an epoch of two files gave. Each row is `right` once, in order, or missing.
struct Seen {
  std::int64_t right = 0, wrong = 0, errors = 0;
  bool opened = false;
  bool whole() const { return right == 2 * kRows && wrong == 0 && errors == 0; }
};

/// E: the error that may come, when the source is made or in the place of rows.
template <class E>
Seen seen_in(const Reader& reader, const std::vector<std::string>& files) {
  Seen seen;
  std::int64_t last = -1;
  const auto attempt = [&](const auto& work) {
    try {
      return work();
    } catch (const E&) {
      return ++seen.errors < 4 * kRows;  // more: one that does not end
    }
  };
  attempt([&] {
    // Named, as JSON of nlohmann's is not proof against failing allocations: its destructors take memory.
    const Dataset dataset = reader.open(files);
    Iterator iterator = dataset.iterate(0);
    seen.opened = true;
    while (attempt([&] {
      const auto element = iterator.next();
      if (!element) return false;
      const Tensor& value = element->tensor();
      const std::int64_t i = value.dtype() == int64 ? value.values<std::int64_t>().back()
                                                    : std::strtoll(std::string(value.text()).c_str(), nullptr, 10);
      i > last&& i < 2 * kRows ? ++seen.right : ++seen.wrong;
      last = i;
      return true;
    })) {
    }
    return true;
  });
  return seen;
}

}  // namespace headrace::readers
