#include <headrace/io/image/pad.hpp>

#include <headrace/io/image/pixels.hpp>
#include <headrace/tensor/copy.hpp>

namespace headrace::image {

void PadToBoundingBox::check() const {
  require(offset_height >= 0 && offset_width >= 0, name, "offsets must be >= 0, got ", offset_height, " and ",
          offset_width);
  require(target_height >= 1 && target_width >= 1, name, "the target must be >= 1 high and wide, got ", target_height,
          " x ", target_width);
}

Tensor PadToBoundingBox::operator()(const Tensor& image) const {
  check();
  const Images images(name, image);
  const bool fits = images.height() <= target_height && offset_height <= target_height - images.height() &&
                    images.width() <= target_width && offset_width <= target_width - images.width();
  require(fits, name, "the image of ", images.height(), " x ", images.width(), " must fit into ", target_height, " x ",
          target_width, " at (", offset_height, ", ", offset_width, ")");
  const Tensor padded = Tensor::zeros(image.dtype(), {images.count(), target_height, target_width, images.channels()});
  std::byte* const place =
      padded.mutable_data() + offset_height * padded.strides()[1] + offset_width * padded.strides()[2];
  copy(images.batch,
       Tensor::view(padded.buffer(), place, padded.dtype(), images.batch.shape(), padded.strides(), true));
  return images.like(padded);
}

std::optional<TensorSpec> PadToBoundingBox::spec(const TensorSpec& image) const {
  return resized_spec(image, {target_height, target_width});
}

}  // namespace headrace::image
