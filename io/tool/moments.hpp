// Mean, spread and range of numbers, of parts that are joined in order: the same bits for any number of threads.
#pragma once

#include <cstdint>
#include <limits>
#include <string>

#include <headrace/tensor/tensor.hpp>

namespace headrace::tool {

/// Of one column. NaN is counted and left out.
struct Moments {
  std::int64_t count = 0, nulls = 0;
  double mean = 0, rest = 0;  // of both together: closer than a double is
  double squares = 0;         // sum of the squared distances from the mean
  double least = std::numeric_limits<double>::infinity(), most = -std::numeric_limits<double>::infinity();
  // of integers, exact: of 64 bits a double is not
  std::int64_t least_int = INT64_MAX, most_int = INT64_MIN;
  std::uint64_t least_unsigned = UINT64_MAX, most_unsigned = 0;

  /// Of those of `next` behind these: Chan, Golub and LeVeque's formula (1979).
  void join(const Moments& next);
  void move_mean(double distance);
  /// Of the population, as NumPy's; NaN of nothing.
  double deviation() const;
};

/// Of all items. TypeError for a dtype that is no real number or bool.
Moments moments_of(const Tensor& items);
/// Whether a dtype has moments.
bool has_moments(DType dtype);
/// The least and the greatest as text, exact; "" of nothing.
std::string least_text(const Moments& moments, DType dtype);
std::string most_text(const Moments& moments, DType dtype);

}  // namespace headrace::tool
