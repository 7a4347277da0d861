// The cases of CSV files.
#pragma once

#include <fstream>

#include <headrace/io/write_csv.hpp>

#include "folder_cases.hpp"

namespace headrace::contract {

template <>
struct Cases<FromCsv> {
  static std::vector<Case> make() {
    // A line an element, behind one of another column.
    const auto lines = [](const Dataset& upstream) {
      std::vector<std::string> all;
      for (const Element& element : upstream.iterate(0))
        all.push_back("\"a, \"\"\n\"," + std::to_string(element.tensor().item<std::int64_t>()) + "\r\n");
      return all;
    };
    const auto in_files = [lines](std::size_t rows) {
      return [lines, rows](const Dataset& upstream) {
        const std::vector<std::string> all = lines(upstream);
        FromCsv source;
        for (std::size_t row = 0; row == 0 || row < all.size(); row += rows) {
          source.files.push_back(new_path() + ".csv");
          std::ofstream file(source.files.back(), std::ios::binary);
          file << "text,number\n";
          for (std::size_t i = row; i < std::min(row + rows, all.size()); ++i) file << all[i];
        }
        source.columns = Element(Tensor::text_scalar("number"));
        source.dtypes = Spec{Structure::leaf(), {{int64, {}}}};
        return make_source(source);
      };
    };
    const auto written = [](const Dataset& upstream) {
      const std::string path = new_path() + ".csv";
      Map same = map([](const Tensor& number) { return number; });
      same.output_signature = Spec{Structure::leaf(), {{int64, {}}}};
      Dataset elements = upstream | same;
      write_csv(elements, path);
      FromCsv source;
      source.files = {path};
      source.columns = Element(Tensor::text_scalar("data"));
      source.dtypes = Spec{Structure::leaf(), {{int64, {}}}};
      return make_source(source);
    };
    return {{"from_csv", in_files(1000), shown, false, false},
            {"from_csv of several files", in_files(3), shown, false, false},
            {"from_csv of what write_csv wrote", written, shown, false, false},
            {"from_csv.batch(4)", [in_files](const Dataset& upstream) { return in_files(5)(upstream) | Batch{4}; },
             [](const Input& input) { return batches(input, 4, false); }, false, false}};
  }
};

}  // namespace headrace::contract
