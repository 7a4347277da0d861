// numpy.random.Generator objects for functions that want one, made once and set to a new key for each call.
#pragma once

#include "release.hpp"

#include <cstdint>
#include <vector>

namespace headrace::python {

/// Needs the GIL, which also guards it: calls on several threads each take one.
class RandomGenerators {
 public:
  /// A Generator on Philox at the beginning of the stream that `key` and `position` name.
  py::object take(std::uint64_t key, std::uint64_t position);
  /// For the next call, unless somebody kept it.
  void give_back(py::object generator);

 private:
  std::vector<Kept> idle_;
  Kept state_, key_;  // what is put into one: NumPy's dict and, inside, the array of the key
};

}  // namespace headrace::python
