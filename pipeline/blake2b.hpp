// A digest that no two different inputs share, as far as anybody knows: BLAKE2b with 256 bits (RFC 7693).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace headrace {

class Blake2b {
 public:
  using Value = std::array<std::byte, 32>;
  Blake2b();
  void add(std::span<const std::byte> bytes);
  /// Of all that was added; nothing may be added afterwards.
  Value finish();

 private:
  void compress(bool last);
  std::array<std::uint64_t, 8> state_;
  std::array<std::byte, 128> block_{};
  std::size_t filled_ = 0;
  std::uint64_t total_ = 0;
};

}  // namespace headrace
