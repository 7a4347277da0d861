#include <headrace/io/image/crop.hpp>

#include <headrace/io/image/pixels.hpp>

namespace headrace::image {

namespace {

/// A view of the box, which must be inside.
Tensor cropped(const Images& images, std::int64_t top, std::int64_t left, Size size) {
  const Tensor& batch = images.batch;
  Shape shape = batch.shape();
  std::byte* const data = batch.mutable_data() + top * batch.strides()[1] + left * batch.strides()[2];
  shape[1] = size.height;
  shape[2] = size.width;
  return images.like(Tensor::view(batch.buffer(), data, batch.dtype(), shape, batch.strides(), batch.writable()));
}

/// How much central_crop cuts off either side.
std::int64_t margin(std::int64_t size, double fraction) {
  const auto whole = static_cast<double>(size);
  return static_cast<std::int64_t>((whole - whole * fraction) / 2);
}

}  // namespace

void CropToBoundingBox::check() const {
  require(offset_height >= 0 && offset_width >= 0, name, "offsets must be >= 0, got ", offset_height, " and ",
          offset_width);
  require(target_height >= 1 && target_width >= 1, name, "the target must be >= 1 high and wide, got ", target_height,
          " x ", target_width);
}

Tensor CropToBoundingBox::operator()(const Tensor& image) const {
  check();
  const Images images(name, image);
  const bool inside = offset_height <= images.height() && target_height <= images.height() - offset_height &&
                      offset_width <= images.width() && target_width <= images.width() - offset_width;
  require(inside, name, "the box must be inside the image of ", images.height(), " x ", images.width(), ", got ",
          target_height, " x ", target_width, " at (", offset_height, ", ", offset_width, ")");
  return cropped(images, offset_height, offset_width, {target_height, target_width});
}

std::optional<TensorSpec> CropToBoundingBox::spec(const TensorSpec& image) const {
  return resized_spec(image, {target_height, target_width});
}

void CentralCrop::check() const {
  require(central_fraction > 0 && central_fraction <= 1, name, "central_fraction must be in (0, 1], got ",
          central_fraction);
}

Tensor CentralCrop::operator()(const Tensor& image) const {
  check();
  const Images images(name, image);
  const std::int64_t top = margin(images.height(), central_fraction), left = margin(images.width(), central_fraction);
  return cropped(images, top, left, {images.height() - 2 * top, images.width() - 2 * left});
}

std::optional<TensorSpec> CentralCrop::spec(const TensorSpec& image) const {
  const int rank = image.shape.size();
  if (rank != 3 && rank != 4) return std::nullopt;
  const auto left_of = [&](std::int64_t size) { return size < 0 ? -1 : size - 2 * margin(size, central_fraction); };
  return resized_spec(image, {left_of(image.shape[rank - 3]), left_of(image.shape[rank - 2])});
}

}  // namespace headrace::image
