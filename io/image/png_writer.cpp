#include <bit>
#include <new>

#include <headrace/io/image/png.hpp>
#include <headrace/io/image/png_library.hpp>

namespace headrace::image {

namespace {

/// One file being written.
class PngWriter {
 public:
  explicit PngWriter(const Origin& origin)
      : origin_(origin),
        png_(png_create_write_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::fail, PngErrors::ignore)),
        info_(png_ ? png_create_info_struct(png_) : nullptr) {
    if (info_) return;
    png_destroy_write_struct(&png_, nullptr);
    throw std::bad_alloc();
  }
  ~PngWriter() { png_destroy_write_struct(&png_, &info_); }
  PngWriter(const PngWriter&) = delete;
  PngWriter& operator=(const PngWriter&) = delete;

  std::string write(const Tensor& image, std::int64_t compression) {
    static constexpr int kForms[] = {PNG_COLOR_TYPE_GRAY, PNG_COLOR_TYPE_GRAY_ALPHA, PNG_COLOR_TYPE_RGB,
                                     PNG_COLOR_TYPE_RGB_ALPHA};
    const auto height = static_cast<png_uint_32>(image.shape()[0]), width = static_cast<png_uint_32>(image.shape()[1]);
    const int form = kForms[image.shape()[2] - 1], bits = image.dtype() == uint16 ? 16 : 8;
    const auto* const pixels = reinterpret_cast<png_const_bytep>(image.data());
    const auto row_bytes = static_cast<std::size_t>(image.strides()[0]);
    const bool done = errors_.guarded([&] {
      png_set_write_fn(png_, this, append, nullptr);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);
      png_set_compression_level(png_, static_cast<int>(compression));
      png_set_IHDR(png_, info_, width, height, bits, form, PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
                   PNG_FILTER_TYPE_DEFAULT);
      png_write_info(png_, info_);
      if (bits == 16 && std::endian::native == std::endian::little) png_set_swap(png_);
      for (std::size_t row = 0; row < height; ++row) png_write_row(png_, pixels + row * row_bytes);
      png_write_end(png_, info_);
    });
    if (!done && (out_of_memory_ || errors_.out_of_memory())) throw std::bad_alloc();
    if (!done) origin_.refuse("cannot be encoded as a PNG: ", errors_.text());
    return std::move(written_);
  }

 private:
  static void append(png_structp png, png_bytep data, std::size_t size) {
    auto& writer = *static_cast<PngWriter*>(png_get_io_ptr(png));
    if (!writer.appended(data, size)) png_error(png, "no memory");
  }
  bool appended(png_bytep data, std::size_t size) noexcept {
    try {
      written_.append(reinterpret_cast<const char*>(data), size);
    } catch (...) {
      out_of_memory_ = true;
    }
    return !out_of_memory_;
  }

  Origin origin_;
  std::string written_;
  bool out_of_memory_ = false;
  PngErrors errors_;
  png_structp png_;
  png_infop info_;
};

}  // namespace

std::string write_png(const Origin& origin, const Tensor& image, std::int64_t compression) {
  return PngWriter(origin).write(image, compression);
}

}  // namespace headrace::image
