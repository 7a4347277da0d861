// How do I write a preprocessing job over ingested data, in C++?
//
// Reads photos and labels from an HDF5 file that `headrace ingest` made, in shuffled order, computes four numbers that
// tell textures apart, on all threads, and writes them with the label as a CSV file.
//
//   image_features INPUT.h5 OUTPUT.csv     (samples/use_ingested.py makes the input, textures.h5)
#include <array>
#include <cmath>
#include <iostream>
#include <string>

#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/write_csv.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/shuffle.hpp>

namespace hr = headrace;

namespace {

constexpr std::array kFeatures{"mean", "deviation", "across", "down"};

/// Brightness, contrast, and how much neighbours differ: (height, width, 3) -> four numbers.
std::array<double, 4> features_of(const hr::Tensor& image) {
  const std::int64_t height = image.shape()[0], width = image.shape()[1], channels = image.shape()[2];
  const auto pixels = image.values<std::uint8_t>();
  const auto grey = [&](std::int64_t y, std::int64_t x) {
    double sum = 0;
    for (std::int64_t c = 0; c < channels; ++c) sum += pixels[static_cast<std::size_t>((y * width + x) * channels + c)];
    return sum / static_cast<double>(channels);
  };
  double sum = 0, squares = 0, across = 0, down = 0;
  for (std::int64_t y = 0; y < height; ++y) {
    for (std::int64_t x = 0; x < width; ++x) {
      const double here = grey(y, x);
      sum += here;
      squares += here * here;
      if (x > 0) across += std::abs(here - grey(y, x - 1));
      if (y > 0) down += std::abs(here - grey(y - 1, x));
    }
  }
  const auto count = static_cast<double>(height * width);
  const double mean = sum / count;
  return {mean, std::sqrt(std::max(squares / count - mean * mean, 0.0)), across / count, down / count};
}

/// {"image", "label"} -> {"mean", "deviation", "across", "down", "label"}.
hr::Element measured(const hr::Element& element) {
  std::vector<std::string> names(kFeatures.begin(), kFeatures.end());
  names.emplace_back("label");
  hr::Element row(hr::Structure::dict(names, std::vector(names.size(), hr::Structure::leaf())), {});
  for (const double feature : features_of(element.components[0])) row.components.push_back(hr::Tensor::scalar(feature));
  row.components.push_back(element.components[1]);
  return row;
}

/// The two arrays of the group "train", as the keys of a dict.
hr::Element arrays() {
  const hr::StructurePtr leaf = hr::Structure::leaf();
  return {hr::Structure::dict({"image", "label"}, {leaf, leaf}),
          {hr::Tensor::text_scalar("train/image"), hr::Tensor::text_scalar("train/label")}};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: image_features INPUT.h5 OUTPUT.csv\n";
    return 2;
  }
  hr::Dataset rows = hr::from_hdf5({std::string(argv[1])}, arrays()) |
                     hr::Shuffle{.seed = 7, .reshuffle_each_iteration = false} | hr::map(measured);
  std::cout << rows.explain() << '\n';
  hr::write_csv(rows, argv[2]);
  std::cout << "wrote the features of " << rows.cardinality() << " photos to " << argv[2] << '\n';
} catch (const std::exception& error) {
  std::cerr << "image_features: " << error.what() << '\n';
  return 1;
}
