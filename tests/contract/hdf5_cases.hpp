// The cases of HDF5 files.
#pragma once

#include <headrace/io/write_hdf5.hpp>

#include "folder_cases.hpp"

namespace headrace::contract {

template <>
struct Cases<FromHdf5> {
  static std::vector<Case> make() {
    const auto written = [](const Dataset& upstream, const Hdf5Options& options) {
      const std::string path = new_path() + ".h5";
      Map same = map([](const Tensor& number) { return number; });
      same.output_signature = Spec{Structure::leaf(), {{int64, {}}}};  // of no element, nothing else would tell
      Dataset elements = upstream | same;
      write_hdf5(elements, path, options);
      return from_hdf5({path});
    };
    const auto chunked = [written](const Dataset& upstream) { return written(upstream, {.chunk_rows = 3}); };
    // A group an element, after one that is skipped: without any group from_hdf5 would refuse the file.
    const auto grouped = [](const Dataset& upstream) {
      const StructurePtr group = Structure::dict({"x"}, {Structure::leaf()});
      std::vector<Tensor> numbers{Tensor::scalar(std::int64_t{-1})};
      for (const Element& element : upstream.iterate(0)) numbers.push_back(element.tensor());
      std::vector<std::string> names;
      for (std::size_t i = 0; i < numbers.size(); ++i) names.push_back(std::to_string(i));
      const std::vector<StructurePtr> groups(names.size(), group);
      Dataset one = from_tensors(Element(Structure::dict({"s"}, {Structure::dict(names, groups)}), numbers));
      const std::string path = new_path() + ".h5";
      write_hdf5(one, path);
      return make_source(FromHdf5{{path}, Element(Tensor::text_scalar("x")), "/s/*"}) | Skip{1} |
             map([](const Tensor& rows) { return rows.row(0); });
    };
    const auto sequences = [](const Dataset& upstream) {  // each number once to three times
      const std::string path = new_path() + ".h5";
      Map repeated = map([](const Tensor& number) {
        const auto value = number.item<std::int64_t>();
        const std::vector<std::int64_t> row(static_cast<std::size_t>(1 + value % 3), value);
        return Tensor::copy_of(std::span(row));
      });
      repeated.output_signature = Spec{Structure::leaf(), {{int64, {-1}}}};
      Dataset elements = upstream | repeated;
      write_hdf5(elements, path, {.chunk_rows = 3});
      return from_hdf5({path});
    };
    const Map first = map([](const Tensor& row) { return row.row(row.shape()[0] - 1); });
    return {{"from_hdf5", chunked, shown, false, false},
            {"from_hdf5 of groups", grouped, shown, false, false},
            {"from_hdf5 of sequences",
             [sequences, first](const Dataset& upstream) { return sequences(upstream) | first; }, shown, false, false},
            {"from_hdf5 of sequences.shuffle(6)",
             [sequences, first](const Dataset& upstream) {
               return sequences(upstream) | Shuffle{6, 7} | first;
             },
             shown, true, false},
            {"from_hdf5, neither compressed nor checked",
             [written](const Dataset& upstream) {
               return written(upstream, {.chunk_rows = 5, .compression = std::nullopt, .checksum = false});
             },
             shown, false, false},
            {"from_hdf5.batch(4)", [chunked](const Dataset& upstream) { return chunked(upstream) | Batch{4}; },
             [](const Input& input) { return batches(input, 4, false); }, false, false},
            {"from_hdf5.shuffle(6)",
             [chunked](const Dataset& upstream) {
               return chunked(upstream) | Shuffle{6, 7};
             },
             shown, true, false}};
  }
};

}  // namespace headrace::contract
