// Private to this folder: which pixels along one axis make each of another number of pixels, and how much of each.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace headrace::image {

struct Interpolation {
  int taps = 1;                     // of each output pixel, as many for all: some weigh nothing
  std::vector<std::int64_t> first;  // of each output pixel, its first input pixel
  std::vector<float> weights;       // taps of each
};

/// From `in` >= 1 pixels to `out` >= 1; not for "nearest".
Interpolation interpolation(std::int64_t in, std::int64_t out, std::string_view method, bool antialias);
/// The one input pixel that stands for each.
std::vector<std::int64_t> nearest(std::int64_t in, std::int64_t out);

}  // namespace headrace::image
