// SECONDS [SEED]: damages JPEG and PNG files, decodes what comes of it, and resizes that. Prints the seed that fails.
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <random>
#include <vector>

#include <headrace/io/image/decode.hpp>
#include <headrace/io/image/encode.hpp>
#include <headrace/io/image/resize.hpp>
#include <headrace/tensor/error.hpp>

namespace {

using namespace headrace;
using Random = std::mt19937;

Tensor noise(Random& random, std::int64_t channels, DType dtype) {
  const auto size = [&] { return static_cast<std::int64_t>(1 + random() % 24); };
  Tensor image = Tensor::empty(dtype, {size(), size(), channels});
  for (std::int64_t i = 0; i < image.nbytes(); ++i) image.mutable_data()[i] = static_cast<std::byte>(random());
  return image;
}

std::string file(Random& random) {
  if (random() % 2) {
    const image::EncodePng encode{static_cast<std::int64_t>(random() % 10)};
    return std::string(encode(noise(random, 1 + random() % 4, random() % 2 ? uint8 : uint16)).text());
  }
  const image::EncodeJpeg encode{static_cast<std::int64_t>(random() % 101), random() % 2 == 0, random() % 2 == 0,
                                 random() % 2 == 0};
  return std::string(encode(noise(random, random() % 2 ? 1 : 3, uint8)).text());
}

void damage(std::string& data, Random& random) {
  for (unsigned turns = random() % 4; turns > 0 && !data.empty(); --turns) {
    const std::size_t place = random() % data.size();
    switch (random() % 4) {
      case 0:
        data.resize(place);
        break;
      case 1:
        data.insert(place, 1, static_cast<char>(random()));
        break;
      case 2:
        data.erase(place, 1 + random() % 3);
        break;
      default:
        data[place] = static_cast<char>(random());
    }
  }
}

void run(unsigned seed) {
  Random random(seed);
  std::string data = file(random);
  damage(data, random);
  const std::vector<char> exact(data.begin(), data.end());  // AddressSanitizer sees a byte beyond
  const Tensor contents = Tensor::text_scalar({exact.data(), exact.size()}, bytes);
  const std::int64_t channels[] = {0, 1, 3, 4};
  try {
    const Tensor image = image::DecodeImage{channels[random() % 4], random() % 2 == 0, 1 << 16}(contents);
    if (image.ndim() != 3 || image.dtype() != uint8) std::abort();
    const char* const methods[] = {"bilinear", "bicubic", "area", "nearest"};
    const Shape size{static_cast<std::int64_t>(1 + random() % 40), static_cast<std::int64_t>(1 + random() % 40)};
    const image::Resize resize{.size = size, .method = methods[random() % 4], .antialias = random() % 2 == 0};
    if (resize(image).shape()[2] != image.shape()[2]) std::abort();
  } catch (const ValueError&) {
  }
}

}  // namespace

int main(int argc, char** argv) {
  const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(argc > 1 ? std::atoi(argv[1]) : 10);
  unsigned seed = argc > 2 ? static_cast<unsigned>(std::atol(argv[2])) : 1;
  std::cout << "images: from seed " << seed << std::endl;
  long turns = 0;
  for (; std::chrono::steady_clock::now() < end; ++turns, ++seed) {
    try {
      run(seed);
    } catch (const std::exception& error) {
      std::cout << "images: seed " << seed << ": " << error.what() << std::endl;
      return 1;
    }
  }
  std::cout << "images: " << turns << " files" << std::endl;
}
