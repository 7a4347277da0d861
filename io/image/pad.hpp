// Images with zeros around them.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

struct PadToBoundingBox {
  std::int64_t offset_height{};
  std::int64_t offset_width{};
  std::int64_t target_height{};
  std::int64_t target_width{};
  static constexpr auto name = "pad_to_bounding_box";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = "(height, width, channels) of any dtype, or a batch of such";
  static constexpr auto summary = "Puts images into larger ones of zeros.";
  static constexpr auto details =
      "Shape: (h, w, c) -> (target_height, target_width, c); a batch likewise.\n"
      "Errors: TypeError for other ranks; ValueError for an image that does not fit at that place.\n"
      "Example: hr.image.pad_to_bounding_box(image, 8, 8, 80, 80).\n"
      "Source: tf.image.pad_to_bounding_box.";
  static constexpr auto options() {
    return std::tuple{required("offset_height", &PadToBoundingBox::offset_height, "rows of zeros on top, >= 0"),
                      required("offset_width", &PadToBoundingBox::offset_width, "columns of zeros on the left, >= 0"),
                      required("target_height", &PadToBoundingBox::target_height, "height of the result, >= 1"),
                      required("target_width", &PadToBoundingBox::target_width, "width of the result, >= 1")};
  }
  void check() const;
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

}  // namespace headrace::image
