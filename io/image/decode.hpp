// JPEG and PNG files as pixels.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

/// What an image may have before memory is taken: four times 33 megapixels.
inline constexpr std::int64_t kMaxPixels = std::int64_t{1} << 27;

struct DecodeJpeg {
  std::int64_t channels = 0;
  std::int64_t ratio = 1;
  bool exif_orientation = false;
  std::int64_t max_pixels = kMaxPixels;
  static constexpr auto name = "decode_jpeg";
  static constexpr auto module = "image";
  static constexpr auto input = "contents";
  static constexpr auto input_doc = "bytes, or a vector of uint8; an array of bytes (n,) for n images of one size";
  static constexpr auto summary = "Decodes a JPEG.";
  static constexpr auto details =
      "Shape: bytes () -> uint8 (height, width, channels).\n"
      "Memory: the image, and while it is read a progressive file's coefficients, 2 bytes a sample. Nothing is taken "
      "of more\n"
      "    than max_pixels.\n"
      "Errors: ValueError for what is no JPEG, is damaged or cut short, has more than max_pixels, 12 bits a sample, or "
      "more than\n"
      "    500 scans; of what read_file has read in a pipeline it names the file.\n"
      "Example: ds.map(functools.partial(hr.image.decode_jpeg, channels=3)).\n"
      "Source: tf.io.decode_jpeg; libjpeg-turbo, accurate DCT, fancy upsampling. CMYK as RGB, by its product with "
      "black.";
  static constexpr auto options() {
    return std::tuple{
        optional("channels", &DecodeJpeg::channels, "0 as stored, 1 grey, 3 RGB, 4 RGB with an opaque alpha"),
        optional("ratio", &DecodeJpeg::ratio,
                 "1, 2, 4 or 8: a smaller image of fewer frequencies, much faster; other pixels than resize gives"),
        optional("exif_orientation", &DecodeJpeg::exif_orientation, "turn the image upright, as EXIF says"),
        optional("max_pixels", &DecodeJpeg::max_pixels, "the most pixels that are decoded")};
  }
  void check() const;
  Tensor operator()(const Tensor& contents) const;
  std::optional<TensorSpec> spec(const TensorSpec& contents) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

struct DecodePng {
  std::int64_t channels = 0;
  DType dtype = uint8;
  bool exif_orientation = false;
  std::int64_t max_pixels = kMaxPixels;
  static constexpr auto name = "decode_png";
  static constexpr auto module = "image";
  static constexpr auto input = "contents";
  static constexpr auto input_doc = DecodeJpeg::input_doc;
  static constexpr auto summary = "Decodes a PNG.";
  static constexpr auto details =
      "Shape: bytes () -> dtype (height, width, channels).\n"
      "Memory: the image. Nothing is taken of more than max_pixels; texts and profiles in the file are passed over.\n"
      "Errors: ValueError for what is no PNG, is damaged or cut short, or has more than max_pixels; of what read_file "
      "has "
      "read\n"
      "    in a pipeline it names the file.\n"
      "Example: hr.image.decode_png(hr.io.read_file(\"depth.png\"), dtype=np.uint16).\n"
      "Source: tf.io.decode_png. 16 bits become 8 by their upper half, 8 become 16 by 257; a gamma is left alone.";
  static constexpr auto options() {
    return std::tuple{
        optional("channels", &DecodePng::channels, "0 as stored (a palette as RGB or RGBA), 1 grey, 3 RGB, 4 RGBA"),
        optional("dtype", &DecodePng::dtype, "uint8 or uint16, whatever is stored"),
        optional("exif_orientation", &DecodePng::exif_orientation, "turn the image upright, as EXIF says"),
        optional("max_pixels", &DecodePng::max_pixels, "the most pixels that are decoded")};
  }
  void check() const;
  Tensor operator()(const Tensor& contents) const;
  std::optional<TensorSpec> spec(const TensorSpec& contents) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT
};

struct DecodeImage {
  std::int64_t channels = 0;
  bool exif_orientation = false;
  std::int64_t max_pixels = kMaxPixels;
  static constexpr auto name = "decode_image";
  static constexpr auto module = "image";
  static constexpr auto input = "contents";
  static constexpr auto input_doc = DecodeJpeg::input_doc;
  static constexpr auto summary = "Decodes a JPEG or a PNG, whichever it is by its first bytes.";
  static constexpr auto details =
      "Shape: bytes () -> uint8 (height, width, channels).\n"
      "Memory: as decode_jpeg and decode_png.\n"
      "Errors: ValueError as they give it, and for other formats.\n"
      "Example: ds.map(hr.image.decode_image).\n"
      "Source: tf.io.decode_image, for these two formats.";
  static constexpr auto options() {
    return std::tuple{
        optional("channels", &DecodeImage::channels, "0 as stored, 1 grey, 3 RGB, 4 RGBA"),
        optional("exif_orientation", &DecodeImage::exif_orientation, "turn the image upright, as EXIF says"),
        optional("max_pixels", &DecodeImage::max_pixels, "the most pixels that are decoded")};
  }
  void check() const;
  Tensor operator()(const Tensor& contents) const;
  std::optional<TensorSpec> spec(const TensorSpec& contents) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT
  /// One file's contents; errors are in `stage`'s name and name `file`.
  Tensor of_file(std::string_view stage, std::string_view file, std::string_view contents) const;
};

}  // namespace headrace::image
