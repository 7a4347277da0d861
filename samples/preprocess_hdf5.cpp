// How do I turn one HDF5 file into another, in C++?
//
// Reads an array of pixels and one of labels, row by row, scales the pixels to 0 ... 1, and writes both to a new file
// in compressed chunks. Rows are decoded and encoded on all threads; neither file is ever in memory as a whole.
//
//   preprocess_hdf5 INPUT.h5 OUTPUT.h5     (samples/train_hdf5.py writes an input)
#include <algorithm>
#include <iostream>
#include <string>
#include <vector>

#include <headrace/io/from_hdf5.hpp>
#include <headrace/io/read_hdf5.hpp>
#include <headrace/io/write_hdf5.hpp>
#include <headrace/pipeline/map.hpp>

namespace hr = headrace;

namespace {

hr::Element normalise(const hr::Element& element) {
  const hr::Tensor& pixels = element.components[0];
  hr::Tensor scaled = hr::Tensor::empty(hr::float32, pixels.shape());
  const auto from = pixels.values<std::uint8_t>();
  std::transform(from.begin(), from.end(), scaled.mutable_values<float>().begin(),
                 [](std::uint8_t pixel) { return static_cast<float>(pixel) / 16.0F; });
  return {element.structure, {scaled, element.components[1]}};
}

/// The names of the two arrays, as the keys of a dict.
hr::Element arrays() {
  const hr::StructurePtr leaf = hr::Structure::leaf();
  return {hr::Structure::dict({"image", "label"}, {leaf, leaf}),
          {hr::Tensor::text_scalar("image"), hr::Tensor::text_scalar("label")}};
}

}  // namespace

int main(int argc, char** argv) try {
  if (argc != 3) {
    std::cerr << "usage: preprocess_hdf5 INPUT.h5 OUTPUT.h5\n";
    return 2;
  }
  const std::string input = argv[1], output = argv[2];
  const hr::Dataset raw = hr::from_hdf5({input}, arrays());
  hr::Map scale = hr::map(normalise);
  scale.output_signature = raw.element_spec();  // else its rows might differ in size, and would be written as sequences
  scale.output_signature->components[0].dtype = hr::float32;
  hr::Dataset dataset = raw | scale;
  std::cout << dataset.explain() << '\n';

  hr::Hdf5Options options{.chunk_rows = 256, .compression = "lzf"};
  options.attributes.emplace_back("made of", hr::Tensor::text_scalar(input));
  options.progress = [](std::int64_t rows) { std::cout << rows << " rows\r" << std::flush; };
  hr::write_hdf5(dataset, output, options);

  const hr::Tensor images = hr::read_hdf5(output, "image");
  const auto values = images.values<float>();
  std::cout << "wrote " << images.shape()[0] << " rows to " << output << ", from "
            << *std::min_element(values.begin(), values.end()) << " to "
            << *std::max_element(values.begin(), values.end()) << '\n';
} catch (const std::exception& error) {
  std::cerr << "preprocess_hdf5: " << error.what() << '\n';
  return 1;
}
