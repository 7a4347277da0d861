// Private to io/hdf5: what is stored, read from its front; the numbers in the frames of lz4 and bitshuffle are
// big-endian.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

/// What is not there is an error of the filter.
class FrameReader {
 public:
  FrameReader(const Filter& filter, Bytes stored) : filter_(filter), left_(stored) {}

  bool at_end() const { return left_.empty(); }
  Bytes take(std::size_t size) {
    if (size > left_.size()) fail_short(filter_);
    const Bytes taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  template <class T>
  T number() {
    T value = 0;
    for (const std::byte byte : take(sizeof(T))) value = static_cast<T>(value << 8 | std::to_integer<T>(byte));
    return value;
  }

 private:
  const Filter& filter_;
  Bytes left_;
};

template <class T>
void put_number(T value, std::vector<std::byte>& stored) {
  for (std::size_t i = sizeof(T); i-- > 0;) stored.push_back(static_cast<std::byte>(value >> (8 * i) & 0xff));
}

}  // namespace headrace::hdf5
