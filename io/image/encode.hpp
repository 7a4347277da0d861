// Pixels as JPEG and PNG files.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

struct EncodeJpeg {
  std::int64_t quality = 95;
  bool progressive = false;
  bool optimize_size = false;
  bool chroma_downsampling = true;
  static constexpr auto name = "encode_jpeg";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = "uint8 (height, width, 1 or 3), or a batch of such";
  static constexpr auto summary = "Encodes an image as a JPEG.";
  static constexpr auto details =
      "Shape: uint8 (height, width, 1 or 3) -> bytes (); a batch (n, ...) -> bytes (n,).\n"
      "Errors: TypeError for other dtypes and ranks; ValueError for other channels, and sizes of 0 or above 65,500.\n"
      "Example: hr.image.encode_jpeg(image, quality=90).\n"
      "Source: tf.io.encode_jpeg.";
  static constexpr auto options() {
    return std::tuple{optional("quality", &EncodeJpeg::quality, "0 to 100"),
                      optional("progressive", &EncodeJpeg::progressive, "coarse first, then finer"),
                      optional("optimize_size", &EncodeJpeg::optimize_size, "smaller, and slower to write"),
                      optional("chroma_downsampling", &EncodeJpeg::chroma_downsampling, "colours at half the size")};
  }
  void check() const;
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

struct EncodePng {
  std::int64_t compression = -1;
  static constexpr auto name = "encode_png";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = "uint8 or uint16 (height, width, 1 to 4), or a batch of such";
  static constexpr auto summary = "Encodes an image as a PNG: grey, grey and alpha, RGB or RGBA.";
  static constexpr auto details =
      "Shape: uint8 or uint16 (height, width, 1 to 4) -> bytes (); a batch (n, ...) -> bytes (n,).\n"
      "Errors: TypeError for other dtypes and ranks; ValueError for other channels, and sizes of 0.\n"
      "Example: open(\"a.png\", \"wb\").write(hr.image.encode_png(image)).\n"
      "Source: tf.io.encode_png.";
  static constexpr auto options() {
    return std::tuple{optional("compression", &EncodePng::compression, "0 (none) to 9 (small); -1: zlib's default, 6")};
  }
  void check() const;
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT
};

}  // namespace headrace::image
