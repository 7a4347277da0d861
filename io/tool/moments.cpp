#include <headrace/io/tool/moments.hpp>

#include <algorithm>
#include <cmath>

#include <headrace/io/tool/halves.hpp>
#include <headrace/io/tool/show.hpp>
#include <headrace/tensor/elementwise.hpp>
#include <headrace/tensor/error.hpp>
#include <headrace/tensor/reduce.hpp>

namespace headrace::tool {
namespace {

constexpr std::int64_t kTogether = 4096;  // items: their sum is as exact as pairs of pairs would make it

/// Of finite and infinite numbers; three passes over what lies in the processor's cache. Distances are summed, not
/// items, so that little is lost where the mean is large and the spread is not.
Moments moments_of(std::span<const double> items) {
  Moments moments;
  for (const double item : items) {
    if (std::isnan(item)) {
      ++moments.nulls;
      continue;
    }
    ++moments.count;
    moments.least = std::min(moments.least, item);
    moments.most = std::max(moments.most, item);
  }
  if (moments.count == 0) return moments;
  moments.mean = std::isfinite(moments.most - moments.least) ? moments.least : 0;
  double sum = 0, error = 0;
  for (const double item : items)
    if (!std::isnan(item)) sum += item - moments.mean;
  moments.move_mean(sum / static_cast<double>(moments.count));
  for (const double item : items) {
    if (std::isnan(item)) continue;
    const double distance = (item - moments.mean) - moments.rest;
    error += distance;
    moments.squares += distance * distance;
  }
  if (!std::isfinite(moments.squares)) return moments;
  moments.squares = std::max(moments.squares - error * error / static_cast<double>(moments.count), 0.0);
  moments.move_mean(error / static_cast<double>(moments.count));
  return moments;
}

bool is_integer(DType dtype) { return dtype.kind() >= Kind::int8 && dtype.kind() <= Kind::uint64; }
bool is_unsigned(DType dtype) { return dtype.kind() >= Kind::uint8 && dtype.kind() <= Kind::uint64; }

/// Ranges of integers of any width, exact.
void add_range(const Tensor& items, Moments& moments) {
  const Tensor least = ops::min(items), most = ops::max(items);
  if (is_unsigned(items.dtype())) {
    moments.least_unsigned = ops::cast(least, uint64).item<std::uint64_t>();
    moments.most_unsigned = ops::cast(most, uint64).item<std::uint64_t>();
  } else {
    moments.least_int = ops::cast(least, int64).item<std::int64_t>();
    moments.most_int = ops::cast(most, int64).item<std::int64_t>();
  }
}

}  // namespace

void Moments::move_mean(double distance) {
  const double step = rest + distance, sum = mean + step, taken = sum - mean;
  rest = std::isfinite(sum) ? (mean - (sum - taken)) + (step - taken) : 0;  // what the sum has lost
  mean = sum;
}

void Moments::join(const Moments& next) {
  nulls += next.nulls;
  if (next.count == 0) return;
  const double mine = static_cast<double>(count), theirs = static_cast<double>(next.count), all = mine + theirs;
  const double apart = (next.mean - mean) + (next.rest - rest);
  if (count == 0) {
    mean = next.mean, rest = next.rest, squares = next.squares;
  } else if (std::isfinite(apart)) {
    squares += next.squares + apart * apart * (mine * theirs / all);
    move_mean(apart * (theirs / all));
  } else {
    mean = mean + next.mean, rest = 0, squares = std::numeric_limits<double>::quiet_NaN();
  }
  count += next.count;
  least = std::min(least, next.least);
  most = std::max(most, next.most);
  least_int = std::min(least_int, next.least_int);
  most_int = std::max(most_int, next.most_int);
  least_unsigned = std::min(least_unsigned, next.least_unsigned);
  most_unsigned = std::max(most_unsigned, next.most_unsigned);
}

double Moments::deviation() const {
  return count > 0 ? std::sqrt(squares / static_cast<double>(count)) : std::numeric_limits<double>::quiet_NaN();
}

bool has_moments(DType dtype) { return dtype && dtype.kind() <= Kind::float64; }

Moments moments_of(const Tensor& items) {
  require<TypeError>(has_moments(items.dtype()), "stats", "items must be real numbers, got ", items.dtype().name());
  const Tensor gapless = (items.is_contiguous() ? items : items.copy()).reshape({items.size()});
  Moments moments;
  for (std::int64_t begin = 0; begin < gapless.size(); begin += kTogether) {
    const Tensor part = widened(gapless.rows(begin, std::min(kTogether, gapless.size() - begin)));
    Moments next = moments_of(ops::cast(part, float64).values<double>());
    if (is_integer(part.dtype())) add_range(part, next);
    moments.join(next);
  }
  return moments;
}

std::string least_text(const Moments& moments, DType dtype) {
  if (moments.count == 0) return "";
  if (is_unsigned(dtype)) return std::to_string(moments.least_unsigned);
  return is_integer(dtype) ? std::to_string(moments.least_int) : show_number(moments.least);
}

std::string most_text(const Moments& moments, DType dtype) {
  if (moments.count == 0) return "";
  if (is_unsigned(dtype)) return std::to_string(moments.most_unsigned);
  return is_integer(dtype) ? std::to_string(moments.most_int) : show_number(moments.most);
}

}  // namespace headrace::tool
