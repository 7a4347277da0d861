// HDF5's filter 3: four bytes after the data that say whether they are what was written.
#include <algorithm>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kSum = 4;

/// HDF5 folds its sums, which keeps 65535 apart from 0: only data that are all zero sum to 0.
std::uint64_t fold(std::uint64_t sum) { return sum == 0 ? 0 : (sum - 1) % 65535 + 1; }

std::uint32_t fletcher32(Bytes data) {
  const auto byte = [&](std::size_t i) { return std::to_integer<std::uint64_t>(data[i]); };
  const auto word = [&](std::size_t i) { return byte(i) << 8 | byte(i + 1); };
  std::uint64_t sum1 = 0, sum2 = 0;
  std::size_t i = 0;
  while (i + 1 < data.size()) {
    const std::size_t end = std::min(data.size() - 1, i + (std::size_t{1} << 17));  // within 64 bits until folded
    for (; i + 7 < end; i += 8) {
      const std::uint64_t a = word(i), b = word(i + 2), c = word(i + 4), d = word(i + 6);
      sum2 += 4 * (sum1 + a) + 3 * b + 2 * c + d;
      sum1 += a + b + c + d;
    }
    for (; i < end; i += 2) {
      sum1 += word(i);
      sum2 += sum1;
    }
    sum1 = fold(sum1);
    sum2 = fold(sum2);
  }
  if (i < data.size()) {
    sum1 += byte(i) << 8;
    sum2 += sum1;
  }
  return static_cast<std::uint32_t>(fold(sum2) << 16 | fold(sum1));
}

/// Versions of HDF5 before 1.6.3 wrote each half of the sum with its bytes exchanged on little-endian machines.
std::uint32_t exchanged(std::uint32_t sum) { return (sum & 0xff00ff) << 8 | (sum >> 8 & 0xff00ff); }

Bytes decode(const Filter& filter, Bytes stored, Room) {
  if (stored.size() < kSum) fail_short(filter);
  const Bytes data = stored.first(stored.size() - kSum);
  std::uint32_t sum = 0;
  for (std::size_t i = kSum; i-- > 0;) sum = sum << 8 | std::to_integer<std::uint32_t>(stored[data.size() + i]);
  const std::uint32_t expected = fletcher32(data);
  if (sum != expected && sum != exchanged(expected)) fail(filter, "the checksum differs: the data are damaged");
  return data;
}

std::vector<std::byte> encode(const Filter&, Bytes plain) {
  std::vector<std::byte> stored(plain.begin(), plain.end());
  const std::uint32_t sum = fletcher32(plain);
  for (unsigned shift = 0; shift < 32; shift += 8) stored.push_back(static_cast<std::byte>(sum >> shift & 0xff));
  return stored;
}

constexpr Codec kCodec{[](const Filter&, std::size_t size) { return size + kSum; }, true, true, decode, encode};

}  // namespace

const Codec* fletcher32_codec(const Filter&) { return &kCodec; }

}  // namespace headrace::hdf5
