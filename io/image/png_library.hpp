// Private to this folder: libpng, whose errors jump. The rule is that of jpeg_library.hpp.
#pragma once

#include <cstdio>
#include <cstring>

#include <csetjmp>

#include <png.h>

namespace headrace::image {

class PngErrors {
 public:
  PngErrors() = default;
  PngErrors(const PngErrors&) = delete;
  PngErrors& operator=(const PngErrors&) = delete;

  const char* text() const { return text_; }
  bool out_of_memory() const { return std::strstr(text_, "emory") != nullptr; }  // libpng has no code for it

  /// Runs `step`, which calls libpng; false where that gave up: text() says why.
  template <class Step>
  bool guarded(const Step& step) {
    if (setjmp(back_)) return false;
    step();
    return true;
  }
  [[noreturn]] static void fail(png_structp png, png_const_charp text) {
    auto& errors = *static_cast<PngErrors*>(png_get_error_ptr(png));
    std::snprintf(errors.text_, sizeof errors.text_, "%s", text);
    std::longjmp(errors.back_, 1);
  }
  static void ignore(png_structp, png_const_charp) {}  // warnings: of what is not used, or is set right

 private:
  std::jmp_buf back_;
  char text_[200] = "";
};

}  // namespace headrace::image
