#include <bit>
#include <new>

#include <headrace/io/image/png.hpp>
#include <headrace/io/image/png_library.hpp>

namespace headrace::image {

namespace {

/// Kinds of chunks that say nothing of pixels, passed over unread: some hold compressed text of any size.
constexpr png_byte kPassedOver[] = "tEXt\0zTXt\0iTXt\0iCCP\0sPLT\0hIST\0tIME\0pHYs";

/// One file being read.
class PngReader {
 public:
  PngReader(const Origin& origin, std::string_view contents)
      : origin_(origin),
        left_(contents),
        png_(png_create_read_struct(PNG_LIBPNG_VER_STRING, &errors_, PngErrors::fail, PngErrors::ignore)),
        info_(png_ ? png_create_info_struct(png_) : nullptr) {
    if (info_) return;
    png_destroy_read_struct(&png_, nullptr, nullptr);
    throw std::bad_alloc();
  }
  ~PngReader() { png_destroy_read_struct(&png_, &info_, nullptr); }
  PngReader(const PngReader&) = delete;
  PngReader& operator=(const PngReader&) = delete;

  Tensor read(const PngReading& reading) {
    step([&] {
      png_set_read_fn(png_, this, take);
      png_set_user_limits(png_, PNG_UINT_31_MAX, PNG_UINT_31_MAX);  // max_pixels is the limit
      png_set_keep_unknown_chunks(png_, PNG_HANDLE_CHUNK_NEVER, kPassedOver, sizeof kPassedOver / 5);
      png_read_info(png_, info_);
    });
    check_pixels(reading.max_pixels);
    const std::int64_t channels = choose_form(reading);
    int passes = 1;
    step([&] {
      passes = png_set_interlace_handling(png_);
      png_read_update_info(png_, info_);
    });
    Tensor image = Tensor::empty(reading.dtype, {height(), width(), channels});
    const auto row_bytes = static_cast<std::size_t>(image.strides()[0]);
    if (png_get_rowbytes(png_, info_) != row_bytes) origin_.refuse("cannot be decoded as a PNG: odd rows");
    auto* const pixels = reinterpret_cast<png_bytep>(image.mutable_data());
    const auto rows = static_cast<std::size_t>(height());
    step([&] {
      for (int pass = 0; pass < passes; ++pass) {
        for (std::size_t row = 0; row < rows; ++row) png_read_row(png_, pixels + row * row_bytes, nullptr);
      }
      png_read_end(png_, info_);
    });
    return image;
  }

  int orientation() {
    png_bytep data = nullptr;
    png_uint_32 size = 0;
    step([&] { png_get_eXIf_1(png_, info_, &size, &data); });
    return data ? exif_orientation({reinterpret_cast<const char*>(data), size}) : 1;
  }

 private:
  template <class Step>
  void step(const Step& step) {
    if (errors_.guarded(step)) return;
    if (errors_.out_of_memory()) throw std::bad_alloc();
    origin_.refuse("cannot be decoded as a PNG: ", errors_.text());
  }
  static void take(png_structp png, png_bytep data, std::size_t size) {
    auto& left = static_cast<PngReader*>(png_get_io_ptr(png))->left_;
    if (size > left.size()) png_error(png, "it ends too early");
    std::memcpy(data, left.data(), size);
    left.remove_prefix(size);
  }

  std::int64_t width() const { return png_get_image_width(png_, info_); }
  std::int64_t height() const { return png_get_image_height(png_, info_); }

  void check_pixels(std::int64_t most) const {
    if (width() > most / height())
      origin_.refuse("has ", height(), " x ", width(), " pixels, more than max_pixels, ", most,
                     "; raise max_pixels if that is right");
  }

  /// Says what libpng is to give, and returns how many channels that has: never grey where colours are stored.
  std::int64_t choose_form(const PngReading& reading) {
    const int stored = png_get_color_type(png_, info_);
    const bool transparent = (stored & PNG_COLOR_MASK_ALPHA) != 0 || png_get_valid(png_, info_, PNG_INFO_tRNS) != 0;
    const bool colored = (stored & PNG_COLOR_MASK_COLOR) != 0 || reading.channels >= 3;
    const bool alpha = reading.channels == 0 ? transparent : reading.channels == 4;
    step([&] {
      png_set_expand(png_);  // palettes, fewer than 8 bits, a transparent colour
      if (reading.dtype == uint8) png_set_strip_16(png_);
      if (reading.dtype == uint16) png_set_expand_16(png_);
      if (reading.dtype == uint16 && std::endian::native == std::endian::little) png_set_swap(png_);
      if (!alpha && transparent) png_set_strip_alpha(png_);
      if (alpha && !transparent) png_set_add_alpha(png_, 0xFFFF, PNG_FILLER_AFTER);
      if (colored) png_set_gray_to_rgb(png_);
    });
    return (colored ? 3 : 1) + (alpha ? 1 : 0);
  }

  Origin origin_;
  std::string_view left_;
  PngErrors errors_;
  png_structp png_;
  png_infop info_;
};

}  // namespace

Tensor read_png(const Origin& origin, std::string_view contents, const PngReading& reading) {
  PngReader reader(origin, contents);
  Tensor image = reader.read(reading);
  if (reading.channels == 1 && image.shape()[2] > 1) image = to_grey(image);
  return reading.exif_orientation ? oriented(image, reader.orientation()) : image;
}

}  // namespace headrace::image
