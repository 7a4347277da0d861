#include <headrace/io/image/resample.hpp>

#include <cstring>
#include <limits>

namespace headrace::image {

namespace {

/// sum = the weighted sum of `taps` rows of `count` numbers, two rows at a time.
template <class T>
__attribute__((always_inline)) inline void sum_rows(const T* const* rows, const float* weights, int taps,
                                                    std::int64_t count, float* __restrict sum) {
  for (int k = 0; k < taps; k += 2) {
    const T* const a = rows[k];
    const T* const b = k + 1 < taps ? rows[k + 1] : rows[k];
    const float v = weights[k], w = k + 1 < taps ? weights[k + 1] : 0.0f;
    if (k == 0) {
      for (std::int64_t i = 0; i < count; ++i) sum[i] = v * static_cast<float>(a[i]) + w * static_cast<float>(b[i]);
    } else {
      for (std::int64_t i = 0; i < count; ++i) sum[i] += v * static_cast<float>(a[i]) + w * static_cast<float>(b[i]);
    }
  }
}

using Four = float __attribute__((vector_size(16)));

Four four_at(const float* numbers) {
  Four four;
  std::memcpy(&four, numbers, sizeof four);
  return four;
}

/// The pixels of one output row from the sums of its rows, four channels at a time: with three the fourth is the next
/// pixel's, which is written later. A number more must follow `row`.
template <int kChannels>
void sum_pixels(const float* row, const Interpolation& across, float* out) {
  const float* weights = across.weights.data();
  const std::size_t pixels = across.first.size();
  for (std::size_t x = 0; x < pixels; ++x, weights += across.taps, out += kChannels) {
    const float* const from = row + across.first[x] * kChannels;
    Four sum = weights[0] * four_at(from);
    for (int k = 1; k < across.taps; ++k) sum += weights[k] * four_at(from + k * kChannels);
    std::memcpy(out, &sum, sizeof(float) * (x + 1 < pixels ? 4 : kChannels));
  }
}

void sum_pixels(const float* row, const Interpolation& across, std::int64_t channels, float* out) {
  const float* weights = across.weights.data();
  for (const std::int64_t first : across.first) {
    for (std::int64_t i = 0; i < channels; ++i) {
      out[i] = weights[0] * row[first * channels + i];
      for (int k = 1; k < across.taps; ++k) out[i] += weights[k] * row[(first + k) * channels + i];
    }
    weights += across.taps;
    out += channels;
  }
}

void sum_row(const float* row, const Interpolation& across, std::int64_t channels, float* out) {
  if (channels == 3) return sum_pixels<3>(row, across, out);
  if (channels == 4) return sum_pixels<4>(row, across, out);
  sum_pixels(row, across, channels, out);
}

template <class T>
using RowsFunction = void (*)(const T* const*, const float*, int, std::int64_t, float*);

template <class T>
void sum_rows_baseline(const T* const* rows, const float* weights, int taps, std::int64_t count, float* sum) {
  sum_rows(rows, weights, taps, count, sum);
}

#if defined(__x86_64__)  // without fused multiplication: every machine gives the same bits
template <class T>
__attribute__((target("avx2"), optimize("O3"))) void sum_rows_avx2(const T* const* rows, const float* weights, int taps,
                                                                   std::int64_t count, float* sum) {
  sum_rows(rows, weights, taps, count, sum);
}
template <class T>
const RowsFunction<T> rows_function = __builtin_cpu_supports("avx2") ? sum_rows_avx2<T> : sum_rows_baseline<T>;
#else
template <class T>
const RowsFunction<T> rows_function = sum_rows_baseline<T>;
#endif

template <class T>
void store_row(const std::vector<float>& row, T* out) {
  constexpr auto most = static_cast<float>(std::numeric_limits<T>::max());
  for (std::size_t i = 0; i < row.size(); ++i) {
    const float value = row[i] > 0 ? (row[i] < most ? row[i] : most) : 0;  // NaN: 0
    out[i] = static_cast<T>(value + 0.5f);
  }
}

template <class T>
void resample_of(const Tensor& from, const Interpolation& down, const Interpolation& across, const Tensor& to,
                 std::int64_t begin, std::int64_t end) {
  const std::int64_t channels = from.shape()[2], count = from.shape()[1] * channels;
  std::vector<float> sum(static_cast<std::size_t>(count) + 1);
  std::vector<float> pixels(to.dtype() == float32 ? 0 : across.first.size() * static_cast<std::size_t>(channels));
  std::vector<const T*> rows(static_cast<std::size_t>(down.taps));
  for (std::int64_t y = begin; y < end; ++y) {
    for (int k = 0; k < down.taps; ++k)
      rows[static_cast<std::size_t>(k)] =
          reinterpret_cast<const T*>(from.data() + (down.first[static_cast<std::size_t>(y)] + k) * from.strides()[0]);
    rows_function<T>(rows.data(), down.weights.data() + y * down.taps, down.taps, count, sum.data());
    std::byte* const out = to.mutable_data() + y * to.strides()[0];
    sum_row(sum.data(), across, channels, to.dtype() == float32 ? reinterpret_cast<float*>(out) : pixels.data());
    if (to.dtype() == uint8) store_row(pixels, reinterpret_cast<std::uint8_t*>(out));
    if (to.dtype() == uint16) store_row(pixels, reinterpret_cast<std::uint16_t*>(out));
  }
}

}  // namespace

void resample(const Tensor& from, const Interpolation& down, const Interpolation& across, const Tensor& to,
              std::int64_t begin, std::int64_t end) {
  if (from.dtype() == uint8) resample_of<std::uint8_t>(from, down, across, to, begin, end);
  if (from.dtype() == uint16) resample_of<std::uint16_t>(from, down, across, to, begin, end);
  if (from.dtype() == float32) resample_of<float>(from, down, across, to, begin, end);
}

}  // namespace headrace::image
