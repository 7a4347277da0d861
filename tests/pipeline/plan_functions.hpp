// The functions and arrays that plans as texts name: those of tests/python/plan_texts.py.
#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <numeric>
#include <stdexcept>
#include <string>
#include <vector>

#include <headrace/io/image/encode.hpp>
#include <headrace/io/stages.hpp>
#include <headrace/pipeline/held_dataset.hpp>
#include <headrace/tensor/compound.hpp>

namespace headrace::plan_texts {

struct Boom : std::runtime_error {
  Boom() : std::runtime_error("boom") {}
};

/// A path where nothing is; all of them go at the end.
inline std::string new_folder() {
  struct Root {
    std::filesystem::path path;
    int next = 0;
    Root() {
      std::string name = (std::filesystem::temp_directory_path() / "headrace-plans-XXXXXX").string();
      path = mkdtemp(name.data());
    }
    ~Root() { std::filesystem::remove_all(path); }
  };
  static Root root;
  return (root.path / std::to_string(root.next++)).string();
}

inline std::int64_t number_in(const Tensor& tensor) { return tensor.item<std::int64_t>(); }
inline Tensor number_of(std::int64_t number) { return Tensor::scalar(number); }
inline Tensor numbers_of(const std::vector<std::int64_t>& numbers) { return Tensor::copy_of<std::int64_t>(numbers); }

inline FunctionPtr function_named(const std::string& name) {
  static const std::map<std::string, FunctionPtr> functions{
      {"plus1", make_function([](const Tensor& numbers) {
         Tensor result = numbers.copy();
         for (auto& number : result.mutable_values<std::int64_t>()) ++number;
         return result;
       })},
      {"pair", make_function([](const Element& element) {
         const std::int64_t number = number_in(element.tensor());
         const Tensor halves = Tensor::of<float>({static_cast<float>(number) / 2, static_cast<float>(-number) / 2});
         const auto two = Structure::tuple({Structure::leaf(), Structure::leaf()});
         return Element(two, {element.tensor(), halves});
       })},
      {"first", make_function([](const Element& element) { return element.components.front(); })},
      {"word", make_function([](const Tensor& tensor) {
         std::string text;
         for (std::int64_t i = 0; i < number_in(tensor) % 3; ++i) text += "word ";
         return Tensor::text_scalar(text + std::to_string(number_in(tensor)));
       })},
      {"grow", make_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return numbers_of(std::vector<std::int64_t>(static_cast<std::size_t>(number % 4), number));
       })},
      {"odd", make_function([](const Tensor& tensor) { return number_in(tensor) % 2 == 1; })},
      {"present", make_function([](const Element&) { return true; })},
      {"below90", make_function([](const Tensor& tensor) { return number_in(tensor) < 90; })},
      {"stem", make_function([](const Tensor& path) {
         return Tensor::text_scalar(path.text().substr(path.text().rfind('/') + 1));
       })},
      {"noise", make_random_function(
                    [](const Element&, std::uint64_t key) { return number_of(static_cast<std::int64_t>(key >> 1)); })},
      {"mod2", make_function([](const Tensor& tensor) { return number_of(number_in(tensor) % 2); })},
      {"mod3", make_function([](const Tensor& tensor) { return number_of(number_in(tensor) % 3); })},
      {"mod5", make_function([](const Tensor& tensor) { return number_of(number_in(tensor) % 5); })},
      {"length", make_function([](const Tensor& tensor) { return number_of(tensor.shape()[0]); })},
      {"fails", make_function([](const Tensor& tensor) {
         if (number_in(tensor) % 11 == 5) throw Boom();
         return tensor;
       })},
      {"spread", make_dataset_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return range(10 * number, 10 * number + number % 4);
       })},
      {"mixed", make_dataset_function([](const Tensor& tensor) {
         const std::int64_t number = number_in(tensor);
         return range(100 * number, 100 * number + number % 7) | Shuffle{std::nullopt, number};
       })},
      {"rows", make_dataset_function([](const Element& window) { return *dataset_in(window); })},
      {"batch2", make_dataset_function([](const Element& arguments) {
         return *dataset_in(*arguments.structure->children()[1]) | Batch{2};
       })}};
  return functions.at(name);
}

inline Element array_named(const std::string& word) {
  const std::size_t colon = word.find(':');
  const std::string name = word.substr(0, colon);
  const std::int64_t n = std::stoll(word.substr(colon + 1));
  std::vector<std::int64_t> numbers, values, splits{0};
  std::vector<float> quarters;
  for (std::int64_t i = 0; i < n; ++i) {
    numbers.push_back(i);
    quarters.insert(quarters.end(), {static_cast<float>(2 * i) / 4, static_cast<float>(2 * i + 1) / 4});
    values.insert(values.end(), static_cast<std::size_t>(i % 4), i);
    splits.push_back(static_cast<std::int64_t>(values.size()));
  }
  if (name == "ragged") return RaggedTensor(numbers_of(values), numbers_of(splits));
  const auto two = Structure::dict({"a", "b"}, {Structure::leaf(), Structure::leaf()});
  return Element(two, {numbers_of(numbers), Tensor::copy_of<float>(quarters, {n, 2})});
}

/// The pattern of so many files in a folder: "files:7".
inline std::string files_named(const std::string& word) {
  const std::string folder = new_folder();
  std::filesystem::create_directory(folder);
  for (int i = 0; i < std::stoi(word.substr(word.find(':') + 1)); ++i)
    std::ofstream(folder + "/" + std::to_string(i) + ".txt");
  return folder + "/*.txt";
}

/// A folder of so many images in two classes: "images:9".
inline std::string images_named(const std::string& word) {
  const std::string folder = new_folder();
  for (int i = 0; i < std::stoi(word.substr(word.find(':') + 1)); ++i) {
    const std::string kind = folder + "/" + (i % 2 ? "b" : "a");
    std::filesystem::create_directories(kind);
    const Tensor image = Tensor::empty(uint8, {3 + i % 3, 4, 3});
    for (std::int64_t k = 0; k < image.size(); ++k)
      image.mutable_data()[k] = static_cast<std::byte>((16 * i + 5 * k) % 256);
    std::ofstream(kind + "/" + std::to_string(i) + ".png", std::ios::binary) << image::EncodePng{}(image).text();
  }
  return folder;
}

/// What from_generator's "yields" is: vectors of 0 to 8 numbers.
inline ElementStream yields() {
  return [k = std::int64_t{0}]() mutable -> std::optional<Element> {
    if (k == 9) return std::nullopt;
    std::vector<std::int64_t> numbers(static_cast<std::size_t>(k++));
    std::iota(numbers.begin(), numbers.end(), 0);
    return numbers_of(numbers);
  };
}

}  // namespace headrace::plan_texts
