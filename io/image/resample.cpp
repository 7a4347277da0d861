#include <headrace/io/image/resample.hpp>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstring>
#include <limits>

#include <headrace/tensor/processor.hpp>

namespace headrace::image {

namespace {

/// sum = the weighted sum of `taps` rows of `count` numbers, two rows at a time after an odd one. No row is weighed
/// that is not asked for: infinity times nothing would be NaN.
template <class T>
__attribute__((always_inline)) inline void sum_rows(const T* const* rows, const float* weights, int taps,
                                                    std::int64_t count, float* __restrict sum) {
  for (int k = 0; k < taps; k += k == 0 && taps % 2 == 1 ? 1 : 2) {
    const float v = weights[k];
    const T* const a = rows[k];
    if (k == 0 && taps % 2 == 1) {
      for (std::int64_t i = 0; i < count; ++i) sum[i] = v * static_cast<float>(a[i]);
      continue;
    }
    const float w = weights[k + 1];
    const T* const b = rows[k + 1];
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
__attribute__((always_inline)) inline void sum_pixels(const float* row, const Interpolation& across, int taps,
                                                      float* __restrict out) {
  const float* weights = across.weights.data();
  const std::int64_t* const firsts = across.first.data();
  const auto pixel = [&](std::int64_t first) __attribute__((always_inline)) {
    const float* const from = row + first * kChannels;
    Four sum = weights[0] * four_at(from);
    for (int k = 1; k < taps; ++k) sum += weights[k] * four_at(from + k * kChannels);
    weights += taps;
    return sum;
  };
  const std::size_t last = across.first.size() - 1;
  for (std::size_t x = 0; x < last; ++x, out += kChannels) {
    const Four sum = pixel(firsts[x]);
    std::memcpy(out, &sum, sizeof sum);
  }
  const Four sum = pixel(firsts[last]);
  std::memcpy(out, &sum, sizeof(float) * kChannels);
}

__attribute__((always_inline)) inline void sum_row(const float* row, const Interpolation& across, std::int64_t channels,
                                                   float* out) {
  if (channels == 3) {
    if (across.taps == 2) return sum_pixels<3>(row, across, 2, out);  // bilinear, nearly always: unrolled
    return sum_pixels<3>(row, across, across.taps, out);
  }
  if (channels == 4) return sum_pixels<4>(row, across, across.taps, out);
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

/// Both loops for one kind of processor.
template <class T>
struct Loops {
  void (*rows)(const T* const* rows, const float* weights, int taps, std::int64_t count, float* sum);
  void (*row)(const float* row, const Interpolation& across, std::int64_t channels, float* out);
};

template <class T>
void sum_rows_baseline(const T* const* rows, const float* weights, int taps, std::int64_t count, float* sum) {
  sum_rows(rows, weights, taps, count, sum);
}
void sum_row_baseline(const float* row, const Interpolation& across, std::int64_t channels, float* out) {
  sum_row(row, across, channels, out);
}

#if defined(__x86_64__)  // without fused multiplication: every machine gives the same bits
template <class T>
__attribute__((target("avx2"), optimize("O3"))) void sum_rows_avx2(const T* const* rows, const float* weights, int taps,
                                                                   std::int64_t count, float* sum) {
  sum_rows(rows, weights, taps, count, sum);
}
/// Two rows of bytes, as nearly always: each eight of them by one conversion, which the compiler does not find.
template <>
__attribute__((target("avx2"), optimize("O3"))) void sum_rows_avx2(const std::uint8_t* const* rows,
                                                                   const float* weights, int taps, std::int64_t count,
                                                                   float* sum) {
  if (taps != 2) return sum_rows(rows, weights, taps, count, sum);
  const std::uint8_t *a = rows[0], *b = rows[1];
  const float v = weights[0], w = weights[1];
  const __m256 all_v = _mm256_set1_ps(v), all_w = _mm256_set1_ps(w);
  std::int64_t i = 0;
  for (; i + 8 <= count; i += 8) {
    const __m256i from_a = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(a + i)));
    const __m256i from_b = _mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(b + i)));
    const __m256 weighed = _mm256_mul_ps(all_v, _mm256_cvtepi32_ps(from_a));
    _mm256_storeu_ps(sum + i, _mm256_add_ps(weighed, _mm256_mul_ps(all_w, _mm256_cvtepi32_ps(from_b))));
  }
  for (; i < count; ++i) sum[i] = v * static_cast<float>(a[i]) + w * static_cast<float>(b[i]);
}
__attribute__((target("avx2"), optimize("O3"))) void sum_row_avx2(const float* row, const Interpolation& across,
                                                                  std::int64_t channels, float* out) {
  sum_row(row, across, channels, out);
}
template <class T>
const Loops<T> loops = detail::has_avx2() ? Loops<T>{sum_rows_avx2<T>, sum_row_avx2}
                                          : Loops<T>{sum_rows_baseline<T>, sum_row_baseline};
#else
template <class T>
const Loops<T> loops{sum_rows_baseline<T>, sum_row_baseline};
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
    loops<T>.rows(rows.data(), down.weights.data() + y * down.taps, down.taps, count, sum.data());
    std::byte* const out = to.mutable_data() + y * to.strides()[0];
    loops<T>.row(sum.data(), across, channels, to.dtype() == float32 ? reinterpret_cast<float*>(out) : pixels.data());
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
