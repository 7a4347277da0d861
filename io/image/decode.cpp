#include <headrace/io/image/decode.hpp>

#include <functional>

#include <headrace/io/image/jpeg.hpp>
#include <headrace/io/image/png.hpp>
#include <headrace/io/read_file.hpp>
#include <headrace/tensor/copy.hpp>
#include <headrace/tensor/pool.hpp>

namespace headrace::image {

namespace {

void check_options(std::string_view stage, std::int64_t channels, std::int64_t max_pixels) {
  require(channels == 0 || channels == 1 || channels == 3 || channels == 4, stage,
          "channels must be 0, 1, 3 or 4, got ", channels);
  require(max_pixels >= 1, stage, "max_pixels must be >= 1, got ", max_pixels);
}

/// Calls `decode` for the contents, or for each of a vector of them, whose images are then stacked.
Tensor decoded(std::string_view stage, const Tensor& contents,
               const std::function<Tensor(const Origin& origin, std::string_view contents)>& decode) {
  const DType dtype = contents.dtype();
  if (dtype == uint8 && contents.ndim() == 1) {
    const Tensor whole = contents.is_contiguous() ? contents : contents.copy();
    return decode({stage}, {reinterpret_cast<const char*>(whole.data()), static_cast<std::size_t>(whole.size())});
  }
  require<TypeError>(dtype == bytes && contents.ndim() <= 1, stage, "contents must be bytes or a vector of uint8, got ",
                     dtype.name(), " ", to_string(contents.shape()));
  if (contents.ndim() == 0) return decode({stage, path_of(contents)}, contents.text());
  require(contents.size() > 0, stage, "contents must hold at least one image, got none");
  std::vector<Tensor> images(static_cast<std::size_t>(contents.size()));
  pool::parallel_for(contents.size(), 1, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i)
      images[static_cast<std::size_t>(i)] = decode({stage}, contents.row(i).text());
  });
  try {
    return stack(images);
  } catch (const MismatchError& mismatch) {
    throw ValueError(sentence(stage, "images that are decoded at once must be of one shape, got ", mismatch.first(),
                              " and ", mismatch.got(), "; decode them one by one"));
  }
}

std::optional<TensorSpec> decoded_spec(const TensorSpec& contents, DType dtype, std::int64_t channels) {
  const Shape image{-1, -1, channels ? channels : -1};
  if (contents.dtype == uint8 && contents.shape.size() == 1) return TensorSpec{dtype, image};
  if (contents.dtype != bytes || contents.shape.size() > 1) return std::nullopt;
  return TensorSpec{dtype, contents.shape.empty() ? image : image.with_front(contents.shape[0])};
}

bool is_jpeg(std::string_view contents) { return contents.substr(0, 3) == "\xFF\xD8\xFF"; }
bool is_png(std::string_view contents) { return contents.substr(0, 8) == "\x89PNG\r\n\x1A\n"; }

}  // namespace

void DecodeJpeg::check() const {
  check_options(name, channels, max_pixels);
  require(ratio == 1 || ratio == 2 || ratio == 4 || ratio == 8, name, "ratio must be 1, 2, 4 or 8, got ", ratio);
}

Tensor DecodeJpeg::operator()(const Tensor& contents) const {
  check();
  return decoded(name, contents, [this](const Origin& origin, std::string_view file) {
    return read_jpeg(origin, file, {channels, ratio, exif_orientation, max_pixels});
  });
}

std::optional<TensorSpec> DecodeJpeg::spec(const TensorSpec& contents) const {
  return decoded_spec(contents, uint8, channels);
}

void DecodePng::check() const {
  check_options(name, channels, max_pixels);
  require(dtype == uint8 || dtype == uint16, name, "dtype must be uint8 or uint16, got ", dtype.name());
}

Tensor DecodePng::operator()(const Tensor& contents) const {
  check();
  return decoded(name, contents, [this](const Origin& origin, std::string_view file) {
    return read_png(origin, file, {channels, dtype, exif_orientation, max_pixels});
  });
}

std::optional<TensorSpec> DecodePng::spec(const TensorSpec& contents) const {
  return decoded_spec(contents, dtype, channels);
}

void DecodeImage::check() const { check_options(name, channels, max_pixels); }

Tensor DecodeImage::operator()(const Tensor& contents) const {
  check();
  return decoded(name, contents, [this](const Origin& origin, std::string_view file) {
    return of_file(origin.stage, origin.file, file);
  });
}

std::optional<TensorSpec> DecodeImage::spec(const TensorSpec& contents) const {
  return decoded_spec(contents, uint8, channels);
}

Tensor DecodeImage::of_file(std::string_view stage, std::string_view file, std::string_view contents) const {
  const Origin origin{stage, file};
  if (is_jpeg(contents)) return read_jpeg(origin, contents, {channels, 1, exif_orientation, max_pixels});
  if (is_png(contents)) return read_png(origin, contents, {channels, uint8, exif_orientation, max_pixels});
  origin.refuse("is neither a JPEG nor a PNG by its first bytes; convert it");
}

}  // namespace headrace::image
