// Parts of images.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

struct CropToBoundingBox {
  std::int64_t offset_height{};
  std::int64_t offset_width{};
  std::int64_t target_height{};
  std::int64_t target_width{};
  static constexpr auto name = "crop_to_bounding_box";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = "(height, width, channels) of any dtype, or a batch of such";
  static constexpr auto summary = "Cuts a box out of images.";
  static constexpr auto details =
      "Shape: (h, w, c) -> (target_height, target_width, c); a batch likewise.\n"
      "Memory: in C++ and in map a view of the image; an array of its own for a call from Python.\n"
      "Errors: TypeError for other ranks; ValueError for a box that is not inside the image.\n"
      "Example: hr.image.crop_to_bounding_box(image, 0, 0, 64, 64).\n"
      "Source: tf.image.crop_to_bounding_box.";
  static constexpr auto options() {
    return std::tuple{required("offset_height", &CropToBoundingBox::offset_height, "the box's first row, >= 0"),
                      required("offset_width", &CropToBoundingBox::offset_width, "its first column, >= 0"),
                      required("target_height", &CropToBoundingBox::target_height, "its height, >= 1"),
                      required("target_width", &CropToBoundingBox::target_width, "its width, >= 1")};
  }
  void check() const;
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

struct CentralCrop {
  double central_fraction{};
  static constexpr auto name = "central_crop";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = CropToBoundingBox::input_doc;
  static constexpr auto summary = "Cuts the middle out of images.";
  static constexpr auto details =
      "Shape: (h, w, c) -> (h', w', c), as many rows and columns less on either side as fit into (1 - fraction) / 2.\n"
      "Memory: as crop_to_bounding_box.\n"
      "Errors: TypeError for other ranks.\n"
      "Example: hr.image.central_crop(image, 0.5).\n"
      "Source: tf.image.central_crop.";
  static constexpr auto options() {
    return std::tuple{required("central_fraction", &CentralCrop::central_fraction, "of height and width, in (0, 1]")};
  }
  void check() const;
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT
};

}  // namespace headrace::image
