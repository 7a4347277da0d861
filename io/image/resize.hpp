// Images of another size.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

struct Resize {
  Shapes size;
  std::string method = "bilinear";
  bool preserve_aspect_ratio = false;
  bool antialias = false;
  std::optional<DType> dtype;
  static constexpr auto name = "resize";
  static constexpr auto module = "image";
  static constexpr auto input = "images";
  static constexpr auto input_doc = "uint8, uint16 or float32 (height, width, channels), or a batch of such";
  static constexpr auto summary = "Resizes images.";
  static constexpr auto details =
      "Shape: (h, w, c) -> (size[0], size[1], c), float32 unless dtype says otherwise, of nearest the images' own "
      "dtype; "
      "a batch\n"
      "    likewise.\n"
      "Memory: the result, and a row of the images a thread; large images are shared among the threads.\n"
      "    NaN and infinities make pixels NaN or infinite that are made of their neighbours, too; as an integer NaN is "
      "0.\n"
      "Errors: TypeError for other dtypes and ranks; ValueError for images without pixels.\n"
      "Example: ds.map(functools.partial(hr.image.resize, size=(224, 224))).\n"
      "Source: tf.image.resize, whose pixel centres lie at halves, within 1e-3 of 255; bicubic is Keys' with a = -0.5. "
      "Where\n"
      "    images have the size already, they still become float32.";
  static constexpr auto options() {
    return std::tuple{
        required("size", &Resize::size, "(height, width), both >= 1"),
        optional("method", &Resize::method, "'bilinear', 'nearest', 'bicubic' or 'area'"),
        optional("preserve_aspect_ratio", &Resize::preserve_aspect_ratio, "the largest size of that shape inside size"),
        optional("antialias", &Resize::antialias, "bilinear and bicubic look at all pixels of a larger image"),
        optional("dtype", &Resize::dtype,
                 "float32, or uint8 or uint16: rounded, within range; None: float32, of nearest the images' own")};
  }
  void check() const;
  Tensor operator()(const Tensor& images) const;
  /// The same into a tensor of its dtype and shape, in C order.
  void fill(const Tensor& images, const Tensor& to) const;
  std::optional<TensorSpec> spec(const TensorSpec& images) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

}  // namespace headrace::image
