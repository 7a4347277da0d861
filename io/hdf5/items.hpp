// Stored bytes become a tensor's items where they lie.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace::hdf5 {

/// What is to be done in an item: to `count` pieces of `width` bytes, one after the other from `offset` on.
struct Fix {
  enum class Kind : unsigned char {
    reverse,          // 2, 4 or 8 bytes of the other order
    truth,            // a byte: true where it is not 0
    zero_terminated,  // text: what follows its zero is none
    space_padded      // text: the spaces at its end are none
  };
  std::int64_t offset = 0, width = 0, count = 1;
  Kind kind = Kind::reverse;
};

/// All items of `item_bytes` in `size` bytes.
void put_right(std::span<const Fix> fixes, std::int64_t item_bytes, std::byte* data, std::int64_t size);

}  // namespace headrace::hdf5
