// Elements that write_hdf5 takes and from_hdf5 gives back, for tests in which something fails meanwhile.
#pragma once

#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/io/write_hdf5.hpp>
#include <headrace/pipeline/iterator.hpp>

#include <string>
#include <tuple>

namespace headrace::hdf5 {

inline constexpr std::int64_t kElements = 40;

inline std::string text_at(std::int64_t i) { return std::string(static_cast<std::size_t>(i % 5), 't'); }

/// (i, a text of i % 5 letters, six times i), for i of 0 to 39.
inline Dataset elements() {
  std::vector<std::string> texts;
  for (std::int64_t i = 0; i < kElements; ++i) texts.push_back(text_at(i));
  const std::vector<std::string_view> views(texts.begin(), texts.end());
  Tensor numbers = Tensor::empty(int64, {kElements}), rows = Tensor::empty(float32, {kElements, 6});
  for (std::int64_t i = 0; i < 6 * kElements; ++i) {
    numbers.mutable_values<std::int64_t>()[static_cast<std::size_t>(i / 6)] = i / 6;
    rows.mutable_values<float>()[static_cast<std::size_t>(i)] = static_cast<float>(i / 6);
  }
  const StructurePtr leaf = Structure::leaf();
  return from_tensor_slices({Structure::tuple({leaf, leaf, leaf}), {numbers, Tensor::texts(views), rows}});
}

inline bool is_right(const Element& element) {
  const auto i = element.components[0].item<std::int64_t>();
  return element.components[1].text() == text_at(i) &&
         element.components[2].values<float>()[5] == static_cast<float>(i);
}

inline void write_elements(const std::string& path) {
  Dataset dataset = elements();
  write_hdf5(dataset, path, {.chunk_rows = 7});
}

inline std::int64_t wrong_arrays(const std::string& path) {
  const Hdf5Group group = read_hdf5_group(path);
  const auto& [numbers, texts, rows] = std::tie(group.arrays[0].second, group.arrays[1].second, group.arrays[2].second);
  return (numbers.values<std::int64_t>()[39] != 39) + (texts.row(39).text() != text_at(39)) +
         (rows.values<float>()[239] != 39);
}

/// The three datasets that write_hdf5 made, as from_hdf5 takes names.
inline Element names() {
  const StructurePtr leaf = Structure::leaf();
  return {Structure::tuple({leaf, leaf, leaf}),
          {Tensor::text_scalar("0"), Tensor::text_scalar("1"), Tensor::text_scalar("2")}};
}

struct Seen {
  std::int64_t right = 0, wrong = 0, errors = 0;
  bool whole() const { return right == kElements && wrong == 0 && errors == 0; }
};

/// An epoch of the file, and all of it at once. E: the error that may come, in the place of a batch or of everything.
template <class E>
Seen seen_in(const std::string& path) {
  Seen seen;
  const auto attempt = [&](const auto& work) {
    try {
      return work();
    } catch (const E&) {
      return ++seen.errors < kElements;  // more: one that does not end
    }
  };
  attempt([&] {
    // Named, as JSON of nlohmann's is not proof against failing allocations: its destructors take memory.
    const Dataset dataset = from_hdf5({path}, names()) | Batch{5} | WithOptions{.threads = 2};
    Iterator iterator = dataset.iterate(0);
    while (attempt([&] {
      const auto batch = iterator.next();
      if (!batch) return false;
      for (std::int64_t row = 0; row < 5; ++row) {
        Element element(batch->structure, {});
        for (const Tensor& component : batch->components) element.components.push_back(component.row(row));
        is_right(element) ? ++seen.right : ++seen.wrong;
      }
      return true;
    })) {
    }
    return true;
  });
  attempt([&] {
    seen.wrong += wrong_arrays(path);
    return true;
  });
  return seen;
}

}  // namespace headrace::hdf5
