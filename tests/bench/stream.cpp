// 300k rows of 64 bytes through filter, map, shuffle(10_000) and batch(256) on a stream; prints one JSON object.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <vector>

#include <headrace/pipeline/batch.hpp>
#include <headrace/pipeline/filter.hpp>
#include <headrace/pipeline/iterator.hpp>
#include <headrace/pipeline/map.hpp>
#include <headrace/pipeline/shuffle.hpp>
#include <headrace/pipeline/tensors.hpp>

namespace hr = headrace;

namespace {

constexpr std::int64_t kRows = 300'000, kColumns = 16, kRuns = 9;

void check(bool holds, const char* what) {
  if (holds) return;
  std::fprintf(stderr, "stream: wrong answer: %s\n", what);
  std::exit(1);
}

/// Row i is i, 0, 1, 2 ...: kept where i is even, doubled by the map.
hr::Tensor rows() {
  hr::Tensor result = hr::Tensor::empty(hr::float32, {kRows, kColumns});
  float* to = result.mutable_values<float>().data();
  for (std::int64_t i = 0; i < kRows; ++i)
    for (std::int64_t j = 0; j < kColumns; ++j) *to++ = static_cast<float>(j == 0 ? i : j - 1);
  return result;
}

bool even(const float* row) { return static_cast<std::int64_t>(row[0]) % 2 == 0; }
hr::Tensor doubled(const hr::Tensor& tensor) {
  hr::Tensor result = hr::Tensor::empty(hr::float32, tensor.shape());
  const auto from = tensor.values<float>();
  std::transform(from.begin(), from.end(), result.mutable_values<float>().begin(),
                 [](float value) { return value * 2; });
  return result;
}
hr::Tensor evens(const hr::Tensor& block) {
  const auto from = block.values<float>();
  hr::Tensor result = hr::Tensor::empty(hr::boolean, {block.shape().front()});
  auto to = result.mutable_values<bool>();
  for (std::size_t i = 0; i < to.size(); ++i) to[i] = even(&from[i * kColumns]);
  return result;
}

hr::Dataset pipeline(const hr::FunctionPtr& keep, const hr::FunctionPtr& change) {
  static const hr::Tensor source = rows();
  return hr::from_tensor_slices(source) | hr::Filter{keep} | hr::Map{change} |
         hr::Shuffle{.buffer_size = 10'000, .seed = 1} | hr::Batch{.batch_size = 256};
}

double seconds_of(const std::function<void()>& call) {
  const auto start = std::chrono::steady_clock::now();
  call();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}
double median(const std::function<void()>& call) {
  std::vector<double> times(kRuns);
  for (double& time : times) time = seconds_of(call);
  std::nth_element(times.begin(), times.begin() + kRuns / 2, times.end());
  return times[kRuns / 2];
}

void check_answer(const hr::Dataset& dataset) {
  std::vector<bool> seen(kRows);
  std::int64_t total = 0;
  for (const auto& batch : dataset.iterate(0)) {
    const auto values = batch.tensor().values<float>();
    for (std::size_t i = 0; i < values.size(); i += kColumns, ++total) {
      const auto row = static_cast<std::int64_t>(values[i]) / 2;
      check(row % 2 == 0 && !seen[static_cast<std::size_t>(row)] && values[i + 15] == 28, "a row");
      seen[static_cast<std::size_t>(row)] = true;
    }
  }
  check(total == kRows / 2, "the number of rows");
}

}  // namespace

int main() {
  const auto blocks = pipeline(hr::make_block_function(evens), hr::make_block_function(doubled));
  const auto by_row =
      pipeline(hr::make_function([](const hr::Tensor& row) { return even(row.values<float>().data()); }),
               hr::make_function(doubled));
  check_answer(blocks);
  check_answer(by_row);

  const auto epoch = [](const hr::Dataset& dataset) {
    std::int64_t k = 0;
    for (const auto& batch : dataset.iterate(0)) k += batch.tensor().shape().front();
    check(k == kRows / 2, "the number of rows");
  };
  auto half_way = blocks.iterate(0);
  for (int i = 0; i < 300; ++i) half_way.next();
  const std::string state = half_way.state();
  const auto following = half_way.next();
  const auto restore = [&] {
    auto fresh = blocks.iterate(0);
    fresh.load_state(state);
    check(hr::equal(*fresh.next(), *following), "the batch after resuming");
  };
  restore();
  const double block_seconds = median([&] { epoch(blocks); }), row_seconds = median([&] { epoch(by_row); });
  std::printf(
      "{\"rows\": %lld, \"block_seconds\": %g, \"row_seconds\": %g, \"state_bytes\": %zu, \"restore_seconds\": %g}\n",
      static_cast<long long>(kRows), block_seconds, row_seconds, state.size(), median(restore));
}
