// Private to this folder: libjpeg, whose errors jump. What jumps runs inside guarded(), with nothing on the stack
// between that has a destructor; everything that owns memory stands outside.
#pragma once

#include <cstddef>
#include <cstdio>

#include <csetjmp>

#include <jpeglib.h>

#include <jerror.h>

namespace headrace::image {

class JpegErrors {
 public:
  JpegErrors() {
    jpeg_std_error(&manager_);
    manager_.error_exit = [](j_common_ptr info) { of(info).fail(info); };
    manager_.output_message = [](j_common_ptr) {};  // nothing is ever printed
    manager_.emit_message = [](j_common_ptr info, int level) {
      if (level < 0 && is_damage(info->err->msg_code)) of(info).fail(info);
    };
  }
  JpegErrors(const JpegErrors&) = delete;
  JpegErrors& operator=(const JpegErrors&) = delete;

  jpeg_error_mgr* manager() { return &manager_; }
  static JpegErrors& of(j_common_ptr info) { return *reinterpret_cast<JpegErrors*>(info->err); }
  const char* text() const { return text_; }
  bool out_of_memory() const { return manager_.msg_code == JERR_OUT_OF_MEMORY; }

  /// Runs `step`, which calls libjpeg; false where that gave up: text() says why.
  template <class Step>
  bool guarded(const Step& step) {
    if (setjmp(back_)) return false;
    step();
    return true;
  }
  [[noreturn]] void fail(const char* text) {
    std::snprintf(text_, sizeof text_, "%s", text);
    std::longjmp(back_, 1);
  }

 private:
  /// Warnings of pixels that are not what was stored. Others (bytes too many, odd headers) are common and harmless.
  static bool is_damage(int code) {
    return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE || code == JWRN_JPEG_EOF || code == JWRN_MUST_RESYNC ||
           code == JWRN_ARITH_BAD_CODE;
  }
  [[noreturn]] void fail(j_common_ptr info) {
    manager_.format_message(info, text_);
    std::longjmp(back_, 1);
  }

  jpeg_error_mgr manager_;  // first: libjpeg hands back a pointer to it
  std::jmp_buf back_;
  char text_[JMSG_LENGTH_MAX] = "";
};

}  // namespace headrace::image
