// The cases of sources that read records from files.
#pragma once

#include <fstream>

#include <headrace/io/from_fixed_records.hpp>
#include <headrace/io/from_text.hpp>

#include "folder_cases.hpp"

namespace headrace::contract {

template <>
struct Cases<FromText> {
  static std::vector<Case> make() {
    const auto as_text = [](std::string_view end) {
      return [end](const Dataset& upstream) {
        const std::string path = new_path();
        std::ofstream file(path, std::ios::binary);
        for (const Element& element : upstream.iterate(0)) file << element.tensor().item<std::int64_t>() << end;
        file.close();
        Map number =
            map([](const Tensor& line) { return Tensor::scalar(std::int64_t{std::stoll(std::string(line.text()))}); });
        number.output_signature = Spec{Structure::leaf(), {{int64, {}}}};
        return from_text({path}) | number;
      };
    };
    return {{"from_text", as_text("\n"), shown, false, false},
            {"from_text of two files, \\r\\n",
             [as_text](const Dataset& upstream) {
               return (as_text("\r\n")(upstream | Take{3})) | Concatenate{as_text("\n")(upstream | Skip{3})};
             },
             shown, false, false}};
  }
};

template <>
struct Cases<FromFixedRecords> {
  static std::vector<Case> make() {
    const auto behind_a_header = [](const Dataset& upstream) {
      const std::string path = new_path();
      std::ofstream file(path, std::ios::binary);
      file << "head";
      for (const Element& element : upstream.iterate(0)) {
        const auto number = element.tensor().item<std::int64_t>();
        file.write(reinterpret_cast<const char*>(&number), sizeof number);
      }
      file.close();
      return make_source(FromFixedRecords{.files = {path}, .record_bytes = 8, .header_bytes = 4, .dtype = int64});
    };
    return {{"from_fixed_records", behind_a_header, shown, false, false},
            {"from_fixed_records.shuffle(5)",
             [behind_a_header](const Dataset& upstream) {
               return behind_a_header(upstream) | Shuffle{5, 7};
             },
             shown, true, false}};
  }
};

}  // namespace headrace::contract
