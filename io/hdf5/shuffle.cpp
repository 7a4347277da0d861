// HDF5's filter 2: the bytes of items in planes. What is left of an item at the end stays there as it is.
#include <headrace/io/hdf5/codec.hpp>
#include <headrace/io/hdf5/planes.hpp>

namespace headrace::hdf5 {

namespace {

/// How many items were taken apart; 0 where the filter does nothing.
std::size_t items_of(const Filter& filter, std::size_t size) {
  const std::size_t item = value_of(filter, 0);
  return item > 1 ? size / item : 0;
}

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  const std::size_t count = items_of(filter, stored.size());
  if (count <= 1) return stored;
  if (stored.size() > room.size()) fail_long(filter, room.size());
  const std::size_t item = value_of(filter, 0), done = count * item;
  from_planes(stored.data(), count, item, room.data());
  std::memcpy(room.data() + done, stored.data() + done, stored.size() - done);
  return room.first(stored.size());
}

std::vector<std::byte> encode(const Filter& filter, Bytes plain) {
  std::vector<std::byte> stored(plain.begin(), plain.end());
  const std::size_t count = items_of(filter, plain.size());
  if (count > 1) to_planes(plain.data(), count, value_of(filter, 0), stored.data());
  return stored;
}

constexpr Codec kCodec{[](const Filter&, std::size_t size) { return size; }, true, false, decode, encode};

}  // namespace

const Codec* shuffle_codec(const Filter&) { return &kCodec; }

}  // namespace headrace::hdf5
