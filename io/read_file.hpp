// A file's bytes.
#pragma once

#include <headrace/io/operation.hpp>

namespace headrace {

struct ReadFile {
  static constexpr auto name = "read_file";
  static constexpr auto module = "io";
  static constexpr auto input = "path";
  static constexpr auto input_doc = "a str, or an array of them";
  static constexpr auto summary = "Reads a file as bytes.";
  static constexpr auto details =
      "Shape: str (...) -> bytes (...).\n"
      "Memory: the whole file. In a pipeline its bytes know its name, so that an error of hr.image's functions says "
      "it.\n"
      "Errors: OSError, naming the file, where it cannot be read; TypeError for what is no str.\n"
      "Example: hr.list_files(\"photos/*.jpg\").map(hr.io.read_file).map(hr.image.decode_jpeg).\n"
      "Source: tf.io.read_file.";
  static constexpr auto options() { return std::tuple{}; }
  void check() const {}
  Tensor operator()(const Tensor& path) const;
  std::optional<TensorSpec> spec(const TensorSpec& path) const;
  operator FunctionPtr() const { return make_operation(*this); }  // NOLINT: so that map takes it
};

/// The path of the file whose bytes these are: one str that read_file gave, or "".
std::string_view path_of(const Tensor& contents);

/// The bytes of a file: read, not mapped, so that it may change afterwards. Throws IoError in `stage`'s name.
Buffer file_bytes(std::string_view stage, const std::string& path);

}  // namespace headrace
