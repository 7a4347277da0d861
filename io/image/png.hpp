// Private to this folder: PNG files in memory.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include <headrace/io/image/pixels.hpp>

namespace headrace::image {

struct PngReading {
  std::int64_t channels;  // 0: as stored (a palette as RGB or RGBA), 1, 3, 4
  DType dtype;            // uint8 or uint16, whatever is stored
  bool exif_orientation;
  std::int64_t max_pixels;
};
/// (h, w, channels). Throws ValueError.
Tensor read_png(const Origin& origin, std::string_view contents, const PngReading& reading);

/// `image` is (h, w, 1 to 4), uint8 or uint16, in C order; `compression` zlib's level, -1 its default.
std::string write_png(const Origin& origin, const Tensor& image, std::int64_t compression);

}  // namespace headrace::image
