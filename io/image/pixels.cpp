#include <headrace/io/image/pixels.hpp>

namespace headrace::image {

Images::Images(std::string_view stage, const Tensor& images)
    : batch(images.ndim() == 3 ? images.with_leading_axis() : images), single(images.ndim() == 3) {
  require<TypeError>(batch.ndim() == 4, stage,
                     "images must be (height, width, channels), or a batch of such, got shape ",
                     to_string(images.shape()), "; give a grey image an axis of one channel");
  require<TypeError>(!batch.dtype().variable_length(), stage, "images must be pixels, got ", batch.dtype().name(),
                     "; decode them first");
}

std::optional<TensorSpec> resized_spec(const TensorSpec& images, Size size) {
  const int rank = images.shape.size();
  if (rank != 3 && rank != 4) return std::nullopt;
  TensorSpec spec = images;
  spec.shape[rank - 3] = size.height;
  spec.shape[rank - 2] = size.width;
  return spec;
}

void require_pixels(std::string_view stage, const Tensor& images) {
  const DType dtype = images.dtype();
  require<TypeError>(dtype == uint8 || dtype == uint16 || dtype == float32, stage,
                     "pixels must be uint8, uint16 or float32, got ", dtype.name(), "; convert them");
}

Size size_from(std::string_view stage, std::string_view option, const Shapes& size) {
  const bool two = size.structure->kind() == Structure::Kind::leaf && size.shapes.size() == 1 &&
                   size.shapes[0].size() == 2 && size.shapes[0][0] >= 1 && size.shapes[0][1] >= 1;
  require(two, stage, option, " must be (height, width), both >= 1, got ", size.to_string());
  return {size.shapes[0][0], size.shapes[0][1]};
}

namespace {

template <class T>
Tensor grey_of(const Tensor& image) {
  const std::int64_t channels = image.shape()[2];
  Tensor result = Tensor::empty(image.dtype(), {image.shape()[0], image.shape()[1], 1});
  const T* from = image.values<T>().data();
  for (T& grey : result.mutable_values<T>()) {
    grey = static_cast<T>((from[0] * 19595u + from[1] * 38470u + from[2] * 7471u + 0x8000u) >> 16);
    from += channels;
  }
  return result;
}

}  // namespace

Tensor to_grey(const Tensor& image) {
  return image.dtype() == uint16 ? grey_of<std::uint16_t>(image) : grey_of<std::uint8_t>(image);
}

Tensor oriented(const Tensor& image, int orientation) {
  if (orientation < 2 || orientation > 8) return image;
  Shape shape = image.shape();
  Strides strides = image.strides();
  std::byte* data = image.mutable_data();
  const auto turn_back = [&](int axis) {
    if (shape[axis] > 0) data += (shape[axis] - 1) * strides[axis];
    strides[axis] = -strides[axis];
  };
  if (orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7) turn_back(0);
  if (orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8) turn_back(1);
  if (orientation >= 5) {
    std::swap(shape[0], shape[1]);
    std::swap(strides[0], strides[1]);
  }
  return Tensor::view(image.buffer(), data, image.dtype(), shape, strides, false).copy();
}

int exif_orientation(std::string_view exif) {
  if (exif.size() < 8) return 1;
  const bool little = exif.substr(0, 4) == std::string_view("II*\0", 4);
  if (!little && exif.substr(0, 4) != std::string_view("MM\0*", 4)) return 1;
  const auto number = [&](std::size_t place, int bytes) {
    std::size_t value = 0;
    for (int i = 0; i < bytes; ++i) {
      const auto byte = static_cast<unsigned char>(exif[place + static_cast<std::size_t>(little ? bytes - 1 - i : i)]);
      value = value << 8 | byte;
    }
    return value;
  };
  const std::size_t directory = number(4, 4);
  if (directory > exif.size() - 2) return 1;
  const std::size_t entries = number(directory, 2);
  for (std::size_t i = 0; i < entries; ++i) {
    const std::size_t entry = directory + 2 + 12 * i;
    if (entry + 12 > exif.size()) return 1;
    if (number(entry, 2) != 0x0112) continue;
    const std::size_t value = number(entry + 8, 2);  // a SHORT stands at the front of its four bytes
    return number(entry + 2, 2) == 3 && value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

}  // namespace headrace::image
