// How do I write a preprocessing job in C++?
//
// Reads the handwritten digits from a gzipped CSV file, streams them through shuffle, map, batch and prefetch, and
// writes the normalised images and their labels to two .npy files that NumPy opens.
//
//   preprocess [digits.csv.gz [OUTPUT_FOLDER]]
#include <zlib.h>

#include <charconv>
#include <iostream>
#include <memory>
#include <stdexcept>
#include <string>

#include <headrace/io/npy.hpp>
#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/prefetch.hpp>
#include <headrace/pipeline/shuffle.hpp>
#include <headrace/pipeline/tensors.hpp>

namespace hr = headrace;

namespace {

constexpr std::int64_t kPixels = 64;

std::string read_gzip(const std::string& path) {
  const std::unique_ptr<gzFile_s, int (*)(gzFile)> file(gzopen(path.c_str(), "rb"), gzclose);
  if (!file) throw std::runtime_error("cannot open '" + path + "'");
  std::string text;
  char block[1 << 16];
  int count;
  while ((count = gzread(file.get(), block, sizeof block)) > 0) text.append(block, static_cast<std::size_t>(count));
  int error = Z_OK;
  const std::string message = gzerror(file.get(), &error);
  if (error != Z_OK) throw std::runtime_error("cannot read '" + path + "': " + message);
  return text;
}

/// Lines of 64 pixels, each 0 to 16, and the digit: an element (pixels, digit) for each line.
hr::Dataset digits(const std::string& path) {
  std::vector<std::uint8_t> pixels, labels;
  const std::string text = read_gzip(path);
  const char* next = text.data();
  const char* const end = next + text.size();
  for (std::int64_t column = 0; next < end; ++next) {  // over the comma or the end of the line
    std::uint8_t value = 0;
    const auto [after, error] = std::from_chars(next, end, value);
    if (error != std::errc() || after == end || *after != (column < kPixels ? ',' : '\n'))
      throw std::runtime_error("'" + path + "', line " + std::to_string(labels.size() + 1) +
                               " is not 65 small numbers");
    (column < kPixels ? pixels : labels).push_back(value);
    column = column < kPixels ? column + 1 : 0;
    next = after;
  }
  const auto count = static_cast<std::int64_t>(labels.size());
  return hr::from_tensor_slices(
      {hr::Structure::tuple({hr::Structure::leaf(), hr::Structure::leaf()}),
       {hr::Tensor::copy_of<std::uint8_t>(pixels, {count, kPixels}), hr::Tensor::copy_of<std::uint8_t>(labels)}});
}

hr::Element normalise(const hr::Element& element) {
  const hr::Tensor& pixels = element.components[0];
  hr::Tensor scaled = hr::Tensor::empty(hr::float32, pixels.shape());
  float* to = scaled.mutable_values<float>().data();
  for (const std::uint8_t pixel : pixels.values<std::uint8_t>()) *to++ = static_cast<float>(pixel) / 16.0F;
  return {element.structure, {scaled, element.components[1]}};
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string input = argc > 1 ? argv[1] : "samples/data/digits.csv.gz";
  const std::string folder = argc > 2 ? argv[2] : "build";

  const hr::Dataset dataset =
      digits(input) | hr::Shuffle{.seed = 7} | hr::map(normalise) | hr::Batch{.batch_size = 256} | hr::Prefetch{};
  std::cout << dataset.explain() << '\n';

  hr::NpyWriter images(folder + "/digits-images.npy");
  hr::NpyWriter labels(folder + "/digits-labels.npy");
  for (const hr::Element& batch : dataset.iterate(0)) {
    images.append(batch.components[0]);
    labels.append(batch.components[1]);
  }
  images.close();
  labels.close();
  std::cout << "wrote " << images.rows() << " digits to " << folder << "/digits-images.npy and digits-labels.npy\n";
} catch (const std::exception& error) {
  std::cerr << "preprocess: " << error.what() << '\n';
  return 1;
}
