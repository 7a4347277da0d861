// The cases of folders of images.
#pragma once

#include <fstream>

#include <headrace/io/image/encode.hpp>

#include "folder_cases.hpp"

namespace headrace::contract {

template <>
struct Cases<FromImageFolder> {
  static std::vector<Case> make() {
    const std::string folder = new_path();
    const auto written = [folder](std::optional<Shapes> size, std::optional<std::vector<std::string>> classes) {
      return [folder, size, classes](const Dataset&) {
        for (int i = 0; i < 7; ++i) {
          const std::string path = folder + (i < 3 ? "/cat/" : i < 6 ? "/dog/deep/" : "/cow/");
          std::filesystem::create_directories(path);
          const Tensor image = Tensor::empty(uint8, {1, 1 + i % 2, 3});
          std::fill_n(image.mutable_data(), image.nbytes(), static_cast<std::byte>(i));
          std::ofstream(path + std::to_string(i) + ".png", std::ios::binary) << image::EncodePng{}(image).text();
        }
        return make_source(FromImageFolder{.directory = folder, .size = size, .classes = classes});
      };
    };
    const auto shown_images = [](std::vector<std::pair<int, int>> images, bool resized) {
      return [images, resized](const Input&) {
        std::vector<std::string> all;
        for (const auto& [i, label] : images) {
          const std::string n = std::to_string(i), pixel = n + " " + n + " " + n;
          const bool wide = !resized && i % 2 == 1;
          all.push_back(std::string("(uint8(1,") + (wide ? "2" : "1") + ",3)[" + (wide ? pixel + " " : "") + pixel +
                        "], " + show(label) + ")");
        }
        return all;
      };
    };
    const std::vector<std::pair<int, int>> sorted{{0, 0}, {1, 0}, {2, 0}, {6, 1}, {3, 2}, {4, 2}, {5, 2}};
    const std::vector<std::pair<int, int>> chosen{{3, 0}, {4, 0}, {5, 0}, {0, 1}, {1, 1}, {2, 1}};
    return {{"from_image_folder", written({}, {}), shown_images(sorted, false), false, false},
            {"from_image_folder(classes)", written({}, {{"dog", "cat"}}), shown_images(chosen, false), false, false},
            {"from_image_folder(size)", written(Shapes(Shape{1, 1}), {}), shown_images(sorted, true), false, false}};
  }
};

}  // namespace headrace::contract
