#include <headrace/io/image/resize.hpp>

#include <cmath>
#include <cstring>

#include <headrace/io/image/pixels.hpp>
#include <headrace/io/image/resample.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::image {

namespace {

constexpr std::int64_t kPiece = 1 << 16;  // pixels that are worth another thread

DType result_dtype(const Resize& resize, DType images) {
  return resize.dtype ? *resize.dtype : resize.method == "nearest" ? images : float32;
}

/// As tf.image.resize rounds.
Size fitted(Size image, Size box) {
  const double scale = std::min(static_cast<double>(box.height) / static_cast<double>(image.height),
                                static_cast<double>(box.width) / static_cast<double>(image.width));
  const auto scaled = [&](std::int64_t size) {
    return std::max<std::int64_t>(std::llrint(scale * static_cast<double>(size)), 1);
  };
  return {scaled(image.height), scaled(image.width)};
}

/// Calls `rows(image, begin, end)` for all rows of the `height` of `count` images, on all threads where that pays.
template <class Rows>
void each_row(std::int64_t count, std::int64_t height, std::int64_t row_pixels, const Rows& rows) {
  const std::int64_t grain = std::max<std::int64_t>(kPiece / std::max<std::int64_t>(row_pixels, 1), 1);
  pool::parallel_for(count * height, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t image = begin / height; image * height < end; ++image) {
      const std::int64_t first = image * height;
      rows(image, std::max(begin - first, std::int64_t{0}), std::min(end - first, height));
    }
  });
}

Tensor nearest_of(const Images& images, Size size) {
  const std::vector<std::int64_t> down = nearest(images.height(), size.height);
  const std::vector<std::int64_t> across = nearest(images.width(), size.width);
  const Tensor& from = images.batch;
  const auto bytes = static_cast<std::size_t>(images.channels() * from.dtype().itemsize());
  const Tensor to = Tensor::empty(from.dtype(), {images.count(), size.height, size.width, images.channels()});
  each_row(images.count(), size.height, size.width, [&](std::int64_t image, std::int64_t begin, std::int64_t end) {
    for (std::int64_t y = begin; y < end; ++y) {
      const std::byte* const row =
          from.data() + image * from.strides()[0] + down[static_cast<std::size_t>(y)] * from.strides()[1];
      std::byte* out = to.mutable_data() + image * to.strides()[0] + y * to.strides()[1];
      for (const std::int64_t x : across) {
        std::memcpy(out, row + x * from.strides()[2], bytes);
        out += bytes;
      }
    }
  });
  return to;
}

Tensor converted(const Tensor& images, DType dtype) {
  if (images.dtype() == dtype) return images;
  const Tensor result = Tensor::empty(dtype, images.shape());
  const Interpolation same = interpolation(1, 1, "bilinear", false);
  // A row of all numbers, each weighed by one.
  const std::int64_t numbers = images.size();
  if (numbers == 0) return result;
  const Tensor from = Tensor::view(images.buffer(), images.mutable_data(), images.dtype(), {1, 1, numbers},
                                   contiguous_strides({1, 1, numbers}, images.dtype().itemsize()), false);
  const Tensor to = Tensor::view(result.buffer(), result.mutable_data(), dtype, {1, 1, numbers},
                                 contiguous_strides({1, 1, numbers}, dtype.itemsize()), true);
  resample(from, same, same, to, 0, 1);
  return result;
}

}  // namespace

void Resize::check() const {
  size_from(name, "size", size);
  require(method == "bilinear" || method == "nearest" || method == "bicubic" || method == "area", name,
          "method must be 'bilinear', 'nearest', 'bicubic' or 'area', got '", method, "'");
  require(!dtype || *dtype == uint8 || *dtype == uint16 || *dtype == float32, name,
          "dtype must be uint8, uint16 or float32, got ", dtype ? dtype->name() : "");
}

namespace {

/// The images in C order, checked, and the size they are to have.
struct Work {
  Work(const Resize& resize, const Tensor& given) : images(Resize::name, given.is_contiguous() ? given : given.copy()) {
    resize.check();
    require_pixels(Resize::name, given);
    require(images.height() >= 1 && images.width() >= 1, Resize::name, "images must have pixels, got shape ",
            to_string(given.shape()));
    const Size box = size_from(Resize::name, "size", resize.size);
    target = resize.preserve_aspect_ratio ? fitted({images.height(), images.width()}, box) : box;
  }

  Images images;
  Size target{};
};

/// `to` is a batch (n, h, w, c).
void interpolate(const Resize& resize, const Images& images, const Tensor& to) {
  const Interpolation down = interpolation(images.height(), to.shape()[1], resize.method, resize.antialias);
  const Interpolation across = interpolation(images.width(), to.shape()[2], resize.method, resize.antialias);
  each_row(images.count(), to.shape()[1], std::max(images.width(), to.shape()[2]),
           [&](std::int64_t i, std::int64_t begin, std::int64_t end) {
             resample(images.batch.row(i), down, across, to.row(i), begin, end);
           });
}

}  // namespace

Tensor Resize::operator()(const Tensor& given) const {
  const Work work(*this, given);
  const Images& images = work.images;
  const DType result = result_dtype(*this, given.dtype());
  if (method == "nearest") return images.like(converted(nearest_of(images, work.target), result));
  const Tensor to = Tensor::empty(result, {images.count(), work.target.height, work.target.width, images.channels()});
  interpolate(*this, images, to);
  return images.like(to);
}

void Resize::fill(const Tensor& given, const Tensor& to) const {
  const Work work(*this, given);
  const Tensor batch = work.images.single ? to.with_leading_axis() : to;
  const Shape shape{work.images.count(), work.target.height, work.target.width, work.images.channels()};
  const bool fits = to.is_contiguous() && batch.shape() == shape && to.dtype() == result_dtype(*this, given.dtype());
  if (method == "nearest" || !fits)
    copy((*this)(given), to);  // which says what does not fit
  else
    interpolate(*this, work.images, batch);
}

std::optional<TensorSpec> Resize::spec(const TensorSpec& images) const {
  const Size box = size_from(name, "size", size);
  auto spec = resized_spec(images, preserve_aspect_ratio ? Size{-1, -1} : box);
  if (spec) spec->dtype = result_dtype(*this, images.dtype);
  return spec;
}

}  // namespace headrace::image
