#include <headrace/io/image/flip.hpp>

#include <headrace/io/image/pixels.hpp>

namespace headrace::image {

namespace {

/// The same pixels, read from the other end of `axis` of (n, h, w, c).
Tensor turned(const Images& images, int axis) {
  const Tensor& batch = images.batch;
  Strides strides = batch.strides();
  std::byte* data = batch.mutable_data();
  if (batch.size() > 0) data += (batch.shape()[axis] - 1) * strides[axis];
  strides[axis] = -strides[axis];
  return images.like(Tensor::view(batch.buffer(), data, batch.dtype(), batch.shape(), strides, batch.writable()));
}

}  // namespace

Tensor FlipLeftRight::operator()(const Tensor& image) const { return turned(Images(name, image), 2); }
Tensor FlipUpDown::operator()(const Tensor& image) const { return turned(Images(name, image), 1); }

}  // namespace headrace::image
