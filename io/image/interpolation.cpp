#include <headrace/io/image/interpolation.hpp>

#include <algorithm>
#include <cmath>

namespace headrace::image {

namespace {

/// Of one output pixel: its input pixels in order, clipped to those there are.
struct Span {
  std::int64_t first = 0;
  std::vector<double> weights;

  /// Makes the sum one, and leaves out what weighs nothing at the ends.
  void normalise() {
    double sum = 0;
    for (const double weight : weights) sum += weight;
    for (double& weight : weights) weight /= sum;
    const auto weighs = [](double weight) { return std::abs(weight) > 1e-8; };
    weights.erase(std::find_if(weights.rbegin(), weights.rend(), weighs).base(), weights.end());
    const auto begin = std::find_if(weights.begin(), weights.end(), weighs);
    first += begin - weights.begin();
    weights.erase(weights.begin(), begin);
  }
};

double triangle(double distance) { return std::max(0.0, 1 - distance); }

/// Keys' cubic with a = -0.5.
double cubic(double distance) {
  if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
  if (distance < 2) return ((-0.5 * distance + 2.5) * distance - 4) * distance + 2;
  return 0;
}

/// The pixels within `radius` of `centre`, by their distances; `widened` where several input pixels make one.
template <class Kernel>
Span span_of(std::int64_t in, double centre, double radius, double widened, const Kernel& kernel) {
  const auto last = static_cast<double>(in - 1);
  const double begin = std::clamp(std::ceil(centre - radius * widened - 0.5), 0.0, last);
  const double end = std::clamp(std::floor(centre + radius * widened - 0.5), 0.0, last);
  Span span{static_cast<std::int64_t>(begin), {}};
  for (double pixel = begin; pixel <= end; ++pixel)
    span.weights.push_back(kernel(std::abs(pixel + 0.5 - centre) / widened));
  span.normalise();
  return span;
}

/// How much of each input pixel the output pixel covers.
Span area_of(std::int64_t in, double begin, double end) {
  const auto last = static_cast<double>(in - 1);
  const double first = std::min(std::floor(begin), last);
  Span span{static_cast<std::int64_t>(first), {}};
  for (double pixel = first; pixel == first || (pixel < end && pixel <= last); ++pixel)
    span.weights.push_back(std::max(std::min(end, pixel + 1) - std::max(begin, pixel), 1e-9));
  span.normalise();
  return span;
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
  std::vector<Span> spans;
  std::size_t taps = 1;
  for (std::int64_t i = 0; i < out; ++i) {
    const double centre = (static_cast<double>(i) + 0.5) * scale;
    if (method == "area")
      spans.push_back(area_of(in, static_cast<double>(i) * scale, static_cast<double>(i + 1) * scale));
    else if (method == "bilinear")
      spans.push_back(span_of(in, centre, 1, widened, triangle));
    else
      spans.push_back(span_of(in, antialias ? centre : rounded_centre(centre), 2, widened, cubic));
    taps = std::max(taps, spans.back().weights.size());
  }
  Interpolation result;
  result.taps = static_cast<int>(taps);
  result.weights.resize(static_cast<std::size_t>(out) * taps);
  for (std::size_t i = 0; i < spans.size(); ++i) {
    const std::int64_t first = std::min(spans[i].first, in - result.taps);
    const auto offset = static_cast<std::size_t>(spans[i].first - first);
    result.first.push_back(first);
    for (std::size_t k = 0; k < spans[i].weights.size(); ++k)
      result.weights[i * taps + offset + k] = static_cast<float>(spans[i].weights[k]);
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
