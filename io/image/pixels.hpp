// Private to this folder: what its operations share.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <headrace/pipeline/shapes.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/spec.hpp>
#include <headrace/tensor/tensor.hpp>

namespace headrace::image {

/// In whose name errors are, and of which file, where one is known.
struct Origin {
  std::string_view stage;
  std::string_view file = {};

  /// "[decode_png] the image PARTS", or "[from_image_folder] 'a/1.png' PARTS".
  template <class... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    if (file.empty()) throw ValueError(sentence(stage, "the image ", parts...));
    throw ValueError(sentence(stage, "'", file, "' ", parts...));
  }
};

struct Size {
  std::int64_t height, width;
};

/// One image (h, w, c) as a batch of one, or a batch (n, h, w, c).
struct Images {
  /// Throws TypeError in words for other ranks.
  Images(std::string_view stage, const Tensor& images);
  std::int64_t count() const { return batch.shape()[0]; }
  std::int64_t height() const { return batch.shape()[1]; }
  std::int64_t width() const { return batch.shape()[2]; }
  std::int64_t channels() const { return batch.shape()[3]; }
  /// A batch of other images as what was given: one image where that was one.
  Tensor like(const Tensor& others) const { return single ? others.row(0) : others; }

  Tensor batch;
  bool single;
};

/// The spec of images of another size, unknown where -1.
std::optional<TensorSpec> resized_spec(const TensorSpec& images, Size size);

/// Throws TypeError unless pixels are uint8, uint16 or float32.
void require_pixels(std::string_view stage, const Tensor& images);
/// Two sizes >= 1 of an option, height and width. Throws ValueError.
Size size_from(std::string_view stage, std::string_view option, const Shapes& size);

/// (h, w, 3 or 4) -> (h, w, 1), the usual weights of red, green and blue; for uint8 and uint16.
Tensor to_grey(const Tensor& image);

/// What EXIF's orientation says is the upright image, 1 to 8; others change nothing. A copy in C order.
Tensor oriented(const Tensor& image, int orientation);
/// The orientation in an EXIF block (a TIFF header and its first directory); 1 where it says none.
int exif_orientation(std::string_view exif);

}  // namespace headrace::image
