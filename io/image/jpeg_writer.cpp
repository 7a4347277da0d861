#include <cstdlib>
#include <new>

#include <headrace/io/image/jpeg.hpp>
#include <headrace/io/image/jpeg_library.hpp>

namespace headrace::image {

namespace {

/// One file being written, into memory that libjpeg takes from malloc.
class JpegWriter {
 public:
  explicit JpegWriter(const Origin& origin) : origin_(origin) {
    info_.err = errors_.manager();
    step([&] {
      jpeg_create_compress(&info_);
      jpeg_mem_dest(&info_, &data_, &size_);
    });
  }
  ~JpegWriter() {
    jpeg_destroy_compress(&info_);
    std::free(data_);
  }
  JpegWriter(const JpegWriter&) = delete;
  JpegWriter& operator=(const JpegWriter&) = delete;

  std::string write(const Tensor& image, const JpegWriting& writing) {
    const bool grey = image.shape()[2] == 1;
    auto* const pixels = reinterpret_cast<JSAMPLE*>(image.mutable_data());  // libjpeg only reads them
    const auto height = static_cast<JDIMENSION>(image.shape()[0]), width = static_cast<JDIMENSION>(image.shape()[1]);
    const std::size_t row_bytes = std::size_t{width} * (grey ? 1 : 3);
    step([&] {
      info_.image_width = width;
      info_.image_height = height;
      info_.input_components = grey ? 1 : 3;
      info_.in_color_space = grey ? JCS_GRAYSCALE : JCS_RGB;
      jpeg_set_defaults(&info_);
      jpeg_set_quality(&info_, static_cast<int>(writing.quality), TRUE);
      if (writing.progressive) jpeg_simple_progression(&info_);
      info_.optimize_coding = writing.optimize_size ? TRUE : FALSE;
      if (!writing.chroma_downsampling) info_.comp_info[0].h_samp_factor = info_.comp_info[0].v_samp_factor = 1;
      jpeg_start_compress(&info_, TRUE);
      while (info_.next_scanline < info_.image_height) {
        JSAMPROW row = pixels + info_.next_scanline * row_bytes;
        jpeg_write_scanlines(&info_, &row, 1);
      }
      jpeg_finish_compress(&info_);
    });
    return std::string(reinterpret_cast<const char*>(data_), size_);
  }

 private:
  template <class Step>
  void step(const Step& step) {
    if (errors_.guarded(step)) return;
    if (errors_.out_of_memory()) throw std::bad_alloc();
    origin_.refuse("cannot be encoded as a JPEG: ", errors_.text());
  }

  Origin origin_;
  JpegErrors errors_;
  unsigned char* data_ = nullptr;
  unsigned long size_ = 0;
  jpeg_compress_struct info_{};
};

}  // namespace

std::string write_jpeg(const Origin& origin, const Tensor& image, const JpegWriting& writing) {
  return JpegWriter(origin).write(image, writing);
}

}  // namespace headrace::image
