#include <algorithm>
#include <new>
#include <vector>

#include <headrace/io/image/jpeg.hpp>
#include <headrace/io/image/jpeg_library.hpp>

namespace headrace::image {

namespace {

constexpr int kMostScans = 500;  // of a progressive file; each is one more pass over all its pixels
constexpr int kRowsAtOnce = 16;

/// One file being read.
class JpegReader {
 public:
  JpegReader(const Origin& origin, std::string_view contents) : origin_(origin) {
    info_.err = errors_.manager();
    step([&] {
      jpeg_create_decompress(&info_);
      jpeg_mem_src(&info_, reinterpret_cast<const unsigned char*>(contents.data()), contents.size());
    });
    progress_.progress_monitor = [](j_common_ptr info) {
      if (reinterpret_cast<j_decompress_ptr>(info)->input_scan_number > kMostScans)
        JpegErrors::of(info).fail("more than 500 scans");
    };
    info_.progress = &progress_;
  }
  ~JpegReader() { jpeg_destroy_decompress(&info_); }
  JpegReader(const JpegReader&) = delete;
  JpegReader& operator=(const JpegReader&) = delete;

  Tensor read(const JpegReading& reading) {
    step([&] {
      if (reading.exif_orientation) jpeg_save_markers(&info_, JPEG_APP0 + 1, 0xFFFF);
      jpeg_read_header(&info_, TRUE);
    });
    if (reading.exif_orientation) orientation_ = stored_orientation();  // libjpeg forgets it once it has finished
    check_pixels(reading.max_pixels);
    const std::int64_t channels = choose_colors(reading);
    info_.scale_num = 1;
    info_.scale_denom = static_cast<unsigned>(reading.ratio);
    step([&] { jpeg_start_decompress(&info_); });
    Tensor image = Tensor::empty(uint8, {info_.output_height, info_.output_width, channels});
    if (info_.out_color_space == JCS_CMYK)
      read_cmyk(image);
    else
      read_rows(image);
    step([&] { jpeg_finish_decompress(&info_); });
    return image;
  }

  int orientation() const { return orientation_; }

 private:
  int stored_orientation() const {
    for (jpeg_saved_marker_ptr marker = info_.marker_list; marker; marker = marker->next) {
      const std::string_view data(reinterpret_cast<const char*>(marker->data), marker->data_length);
      if (data.substr(0, 6) == std::string_view("Exif\0\0", 6)) return exif_orientation(data.substr(6));
    }
    return 1;
  }

  template <class Step>
  void step(const Step& step) {
    if (errors_.guarded(step)) return;
    if (errors_.out_of_memory()) throw std::bad_alloc();
    origin_.refuse("cannot be decoded as a JPEG: ", errors_.text());
  }

  void check_pixels(std::int64_t most) const {
    const std::int64_t pixels = std::int64_t{info_.image_width} * info_.image_height;
    if (pixels > most)
      origin_.refuse("has ", info_.image_height, " x ", info_.image_width, " pixels, more than max_pixels, ", most,
                     "; raise max_pixels if that is right");
  }

  /// Says what libjpeg is to give, and returns how many channels come of it.
  std::int64_t choose_colors(const JpegReading& reading) {
    const bool inks = info_.jpeg_color_space == JCS_CMYK || info_.jpeg_color_space == JCS_YCCK;
    if (!inks && info_.num_components != 1 && info_.num_components != 3)
      origin_.refuse("has ", info_.num_components, " components; a JPEG of 1, 3 or 4 can be read");
    const std::int64_t channels = reading.channels ? reading.channels : std::min<std::int64_t>(info_.num_components, 3);
    info_.out_color_space = inks ? JCS_CMYK : channels == 1 ? JCS_GRAYSCALE : channels == 3 ? JCS_RGB : JCS_EXT_RGBA;
    return inks ? 4 : channels;
  }

  void read_rows(const Tensor& image) {
    auto* const pixels = reinterpret_cast<JSAMPLE*>(image.mutable_data());
    const std::size_t row_bytes = static_cast<std::size_t>(image.strides()[0]);
    step([&] {
      JSAMPROW rows[kRowsAtOnce];
      while (info_.output_scanline < info_.output_height) {
        const JDIMENSION left = info_.output_height - info_.output_scanline;
        const JDIMENSION wanted = left < kRowsAtOnce ? left : kRowsAtOnce;
        for (JDIMENSION i = 0; i < wanted; ++i) rows[i] = pixels + (info_.output_scanline + i) * row_bytes;
        jpeg_read_scanlines(&info_, rows, wanted);
      }
    });
  }

  /// (h, w, 4): red, green, blue in place of the inks, and an opaque alpha. Adobe stores inks upside down.
  void read_cmyk(const Tensor& image) {
    read_rows(image);
    const unsigned flip = info_.saw_Adobe_marker ? 0 : 255;
    auto* pixel = reinterpret_cast<std::uint8_t*>(image.mutable_data());
    for (std::int64_t i = 0; i < image.shape()[0] * image.shape()[1]; ++i, pixel += 4) {
      const unsigned light = pixel[3] ^ flip;
      for (int c = 0; c < 3; ++c) pixel[c] = static_cast<std::uint8_t>(((pixel[c] ^ flip) * light + 127) / 255);
      pixel[3] = 255;
    }
  }

  Origin origin_;
  JpegErrors errors_;
  int orientation_ = 1;
  jpeg_progress_mgr progress_{};
  jpeg_decompress_struct info_{};
};

Tensor without_alpha(const Tensor& image) {
  return Tensor::view(image.buffer(), image.mutable_data(), image.dtype(), {image.shape()[0], image.shape()[1], 3},
                      image.strides(), false)
      .copy();
}

}  // namespace

Tensor read_jpeg(const Origin& origin, std::string_view contents, const JpegReading& reading) {
  JpegReader reader(origin, contents);
  Tensor image = reader.read(reading);
  const std::int64_t wanted = reading.channels ? reading.channels : std::min<std::int64_t>(image.shape()[2], 3);
  if (wanted < image.shape()[2]) image = wanted == 1 ? to_grey(image) : without_alpha(image);  // of CMYK
  return reading.exif_orientation ? oriented(image, reader.orientation()) : image;
}

}  // namespace headrace::image
