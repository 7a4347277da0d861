#include <headrace/io/image/interpolation.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace headrace::image {

namespace {

/// Of each output pixel: its input pixels in order, clipped to those there are. One after the other in one array.
struct Spans {
  std::vector<double> weights;
  std::vector<std::int64_t> first;
  std::vector<std::size_t> begin{0};  // of each one's weights, and where the last one's end
  std::size_t most = 1;

  /// Ends a span, whose weights were appended: makes their sum one, and leaves out what weighs nothing at the ends.
  void finish(double first_pixel) {
    const auto weighs = [](double weight) { return std::abs(weight) > 1e-8; };
    const auto front = weights.begin() + static_cast<std::ptrdiff_t>(begin.back());
    const double sum = std::accumulate(front, weights.end(), 0.0);
    for (auto weight = front; weight != weights.end(); ++weight) *weight /= sum;
    while (!weighs(weights.back())) weights.pop_back();
    const auto kept = std::find_if(front, weights.end(), weighs);
    first.push_back(static_cast<std::int64_t>(first_pixel) + (kept - front));
    weights.erase(front, kept);
    most = std::max(most, weights.size() - begin.back());
    begin.push_back(weights.size());
  }
};

double triangle(double distance) { return std::max(0.0, 1 - distance); }

/// Keys' cubic with a = -0.5.
double cubic(double distance) {
  if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance < 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/// Adds the pixels within `radius` of `centre`, by their distances; `widened` where several input pixels make one.
template <class Kernel>
void add_span(std::int64_t in, double centre, double radius, double widened, const Kernel& kernel, Spans& spans) {
  const auto last = static_cast<double>(in - 1);
  const double begin = std::clamp(std::ceil(centre - radius * widened - 0.5), 0.0, last);
  const double end = std::clamp(std::floor(centre + radius * widened - 0.5), 0.0, last);
  for (double pixel = begin; pixel <= end; ++pixel)
    spans.weights.push_back(kernel(std::abs(pixel + 0.5 - centre) / widened));
  spans.finish(begin);
}

/// How much of each input pixel the output pixel covers.
void add_area(std::int64_t in, double begin, double end, Spans& spans) {
  const auto last = static_cast<double>(in - 1);
  const double first = std::min(std::floor(begin), last);
  for (double pixel = first; pixel == first || (pixel < end && pixel <= last); ++pixel)
    spans.weights.push_back(std::max(std::min(end, pixel + 1) - std::max(begin, pixel), 1e-9));
  spans.finish(first);
}

/// TensorFlow's bicubic without antialias knows 1,024 places between two pixels.
double rounded_centre(double centre) {
  const double place = centre - 0.5, pixel = std::floor(place);
  return pixel + std::nearbyint((place - pixel) * 1024) / 1024 + 0.5;
}

}  // namespace

Interpolation interpolation(std::int64_t in, std::int64_t out, std::string_view method, bool antialias) {
  const double scale = static_cast<double>(in) / static_cast<double>(out);
  const double widened = antialias ? std::max(scale, 1.0) : 1.0;
  Spans spans;
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    if (method == "area")
      add_area(in, static_cast<double>(i) * scale, static_cast<double>(i + 1) * scale, spans);
    else if (method == "bilinear")
      add_span(in, centre, 1, widened, triangle, spans);
    else
      add_span(in, antialias ? centre : rounded_centre(centre), 2, widened, cubic, spans);
  }
  Interpolation result;
  result.taps = static_cast<int>(spans.most);
  result.weights.resize(static_cast<std::size_t>(out) * spans.most);
  for (std::size_t i = 0; i < spans.first.size(); ++i) {
    const std::int64_t first = std::min(spans.first[i], in - result.taps);
    const auto offset = static_cast<std::size_t>(spans.first[i] - first);
    result.first.push_back(first);
    for (std::size_t k = spans.begin[i]; k < spans.begin[i + 1]; ++k)
      result.weights[i * spans.most + offset + k - spans.begin[i]] = static_cast<float>(spans.weights[k]);
  }
  return result;
}

std::vector<std::int64_t> nearest(std::int64_t in, std::int64_t out) {
  const float scale = static_cast<float>(in) / static_cast<float>(out);  // as TensorFlow counts, in float
  std::vector<std::int64_t> places;
  for (std::int64_t i = 0; i < out; ++i) {
    const auto place = static_cast<std::int64_t>(std::floor((static_cast<float>(i) + 0.5f) * scale));
    places.push_back(std::min(place, in - 1));
  }
  return places;
}

}  // namespace headrace::image
