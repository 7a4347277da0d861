#include <headrace/io/image/encode.hpp>

#include <functional>

#include <headrace/io/image/jpeg.hpp>
#include <headrace/io/image/png.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::image {

namespace {

Tensor encoded(const Images& images, const std::function<std::string(const Tensor& image)>& encode) {
  const Tensor batch = images.batch.is_contiguous() ? images.batch : images.batch.copy();
  std::vector<std::string> files(static_cast<std::size_t>(images.count()));
  pool::parallel_for(images.count(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) files[static_cast<std::size_t>(i)] = encode(batch.row(i));
  });
  const std::vector<std::string_view> views(files.begin(), files.end());
  const Tensor all = Tensor::texts(views, bytes);
  return images.single ? all.row(0) : all;
}

void require_sizes(std::string_view stage, const Images& images) {
  require(images.height() >= 1 && images.width() >= 1, stage, "height and width must be >= 1, got shape ",
          to_string(images.batch.shape()));
}

std::optional<TensorSpec> encoded_spec(const TensorSpec& image) {
  const int rank = image.shape.size();
  if (rank != 3 && rank != 4) return std::nullopt;
  return TensorSpec{bytes, rank == 3 ? Shape{} : Shape{image.shape[0]}};
}

}  // namespace

void EncodeJpeg::check() const {
  require(quality >= 0 && quality <= 100, name, "quality must be 0 to 100, got ", quality);
}

Tensor EncodeJpeg::operator()(const Tensor& image) const {
  check();
  const Images images(name, image);
  require<TypeError>(image.dtype() == uint8, name, "pixels must be uint8, got ", image.dtype().name(),
                     "; scale and convert them");
  require(images.channels() == 1 || images.channels() == 3, name, "channels must be 1 or 3, got ", images.channels(),
          "; a PNG keeps an alpha");
  require_sizes(name, images);
  return encoded(images, [this](const Tensor& one) {
    return write_jpeg({name}, one, {quality, progressive, optimize_size, chroma_downsampling});
  });
}

std::optional<TensorSpec> EncodeJpeg::spec(const TensorSpec& image) const { return encoded_spec(image); }

void EncodePng::check() const {
  require(compression >= -1 && compression <= 9, name, "compression must be -1 to 9, got ", compression);
}

Tensor EncodePng::operator()(const Tensor& image) const {
  check();
  const Images images(name, image);
  require<TypeError>(image.dtype() == uint8 || image.dtype() == uint16, name, "pixels must be uint8 or uint16, got ",
                     image.dtype().name(), "; scale and convert them");
  require(images.channels() >= 1 && images.channels() <= 4, name, "channels must be 1 to 4, got ", images.channels());
  require_sizes(name, images);
  return encoded(images, [this](const Tensor& one) { return write_png({name}, one, compression); });
}

std::optional<TensorSpec> EncodePng::spec(const TensorSpec& image) const { return encoded_spec(image); }

}  // namespace headrace::image
