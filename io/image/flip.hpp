// Images turned over.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace::image {

struct FlipLeftRight {
  static constexpr auto name = "flip_left_right";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = "(height, width, channels) of any dtype, or a batch of such";
  static constexpr auto summary = "Mirrors images: left becomes right.";
  static constexpr auto details =
      "Shape: as it is.\n"
      "Memory: in C++ and in map a view of the image; an array of its own for a call from Python.\n"
      "Errors: TypeError for other ranks.\n"
      "Example: ds.map(hr.image.flip_left_right).\n"
      "Source: tf.image.flip_left_right.";
  static constexpr auto options() { return std::tuple{}; }
  void check() const {}
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const { return image; }
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

struct FlipUpDown {
  static constexpr auto name = "flip_up_down";
  static constexpr auto module = "image";
  static constexpr auto input = "image";
  static constexpr auto input_doc = FlipLeftRight::input_doc;
  static constexpr auto summary = "Mirrors images: the top becomes the bottom.";
  static constexpr auto details =
      "Shape: as it is.\n"
      "Memory: as flip_left_right.\n"
      "Errors: TypeError for other ranks.\n"
      "Example: ds.map(hr.image.flip_up_down).\n"
      "Source: tf.image.flip_up_down.";
  static constexpr auto options() { return std::tuple{}; }
  void check() const {}
  Tensor operator()(const Tensor& image) const;
  std::optional<TensorSpec> spec(const TensorSpec& image) const { return image; }
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT
};

}  // namespace headrace::image
