// SECONDS [SEED]: damages JPEG and PNG files, decodes what comes of it, and resizes that.
#include <vector>

#include <headrace/io/image/decode.hpp>
#include <headrace/io/image/encode.hpp>
#include <headrace/io/image/resize.hpp>
#include <headrace/tensor/error.hpp>

#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

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

std::string run(Random& random) {
  std::string data = file(random);
  if (random() % 4 != 0) fuzz::damage(data, random, 3);
  const std::vector<char> exact(data.begin(), data.end());  // AddressSanitizer sees a byte beyond
  const Tensor contents = Tensor::text_scalar({exact.data(), exact.size()}, bytes);
  const std::int64_t channels[] = {0, 1, 3, 4};
  try {
    const Tensor image = image::DecodeImage{channels[random() % 4], random() % 2 == 0, 1 << 16}(contents);
    if (image.ndim() != 3 || image.dtype() != uint8) return "what is decoded is no image";
    const char* const methods[] = {"bilinear", "bicubic", "area", "nearest"};
    const Shape size{static_cast<std::int64_t>(1 + random() % 40), static_cast<std::int64_t>(1 + random() % 40)};
    const image::Resize resize{.size = size, .method = methods[random() % 4], .antialias = random() % 2 == 0};
    if (resize(image).shape()[2] != image.shape()[2]) return "resize gives other channels";
  } catch (const ValueError&) {
  }
  return "";
}

}  // namespace

int main(int argc, char** argv) { return headrace::fuzz::main("images", argc, argv, run); }
