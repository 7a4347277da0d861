// Private to this folder: JPEG files in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <headrace/io/image/pixels.hpp>

namespace headrace::image {

struct JpegReading {
  std::int64_t channels;  // 0: as stored (CMYK as RGB), 1, 3, or 4 with an opaque alpha
  std::int64_t ratio;     // 1, 2, 4, 8: the image at that fraction of its size, by fewer frequencies
  bool exif_orientation;
  std::int64_t max_pixels;
};
/// (h, w, channels) uint8. Throws ValueError.
Tensor read_jpeg(const Origin& origin, std::string_view contents, const JpegReading& reading);

struct JpegWriting {
  std::int64_t quality;
  bool progressive, optimize_size, chroma_downsampling;
};
/// `image` is (h, w, 1 or 3) uint8 in C order.
std::string write_jpeg(const Origin& origin, const Tensor& image, const JpegWriting& writing);

}  // namespace headrace::image
