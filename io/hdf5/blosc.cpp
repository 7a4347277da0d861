// Filter 32001: a buffer of c-blosc's first version, undone by one thread. Its head is checked here before the library
// sees it: the library takes memory by it, and prints where a compressor is missing.
#include <blosc.h>

#include <algorithm>
#include <array>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

namespace {

constexpr const char* kFormats[] = {"blosclz", "lz4", "snappy", "zlib", "zstd"};               // as heads number them
constexpr const char* kCompressors[] = {"blosclz", "lz4", "lz4hc", "snappy", "zlib", "zstd"};  // as values do

struct Head {
  unsigned version, flags, item;
  std::size_t size, block, stored;
};

Head head_of(Bytes stored) {
  const auto byte = [&](std::size_t i) { return std::to_integer<unsigned>(stored[i]); };
  const auto number = [&](std::size_t i) {
    return std::size_t{byte(i)} | byte(i + 1) << 8 | byte(i + 2) << 16 | std::size_t{byte(i + 3)} << 24;
  };
  return {byte(0), byte(2), byte(3), number(4), number(8), number(12)};
}

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  if (stored.size() < BLOSC_MIN_HEADER_LENGTH) fail_short(filter);
  const Head head = head_of(stored);
  if (head.version != BLOSC_VERSION_FORMAT) fail(filter, "format ", head.version, " is not known");
  if (head.stored > stored.size()) fail_short(filter);
  if (head.size > room.size()) fail_long(filter, room.size());
  if (head.size == 0) return room.first(0);
  const unsigned format = head.flags >> 5;
  if (format >= std::size(kFormats)) fail(filter, "damaged data, an unknown compressor");
  if (blosc_compname_to_compcode(kFormats[format]) < 0) {
    fail(filter, "this build's libblosc has no ", kFormats[format]);
  }
  if (head.stored < BLOSC_MIN_HEADER_LENGTH || head.item == 0 || head.block == 0 || head.block > head.size) {
    fail(filter, "damaged data, sizes of ", head.size, " bytes in blocks of ", head.block);
  }
  const int size = blosc_decompress_ctx(stored.data(), room.data(), head.size, 1);
  if (size < 0) fail(filter, "damaged data");
  return room.first(std::min(static_cast<std::size_t>(size), room.size()));
}

std::vector<std::byte> encode(const Filter& filter, Bytes plain) {
  if (plain.size() > BLOSC_MAX_BUFFERSIZE) fail(filter, "chunks are smaller than 2 GiB, got ", plain.size(), " bytes");
  const unsigned code = value_of(filter, 6);
  const char* const name = code < std::size(kCompressors) ? kCompressors[code] : "";
  if (blosc_compname_to_compcode(name) < 0) fail(filter, "this build's libblosc has no compressor ", code);
  std::vector<std::byte> stored(plain.size() + BLOSC_MAX_OVERHEAD);
  const int size = blosc_compress_ctx(
      static_cast<int>(std::min(value_of(filter, 4, 5), 9U)), static_cast<int>(std::min(value_of(filter, 5, 1), 2U)),
      std::max(value_of(filter, 2, 1), 1U), plain.size(), plain.data(), stored.data(), stored.size(), name, 0, 1);
  if (size <= 0) fail(filter, "libblosc refuses a chunk of ", plain.size(), " bytes");
  stored.resize(static_cast<std::size_t>(size));
  return stored;
}

constexpr Codec kCodec{compressed_limit, false, false, decode, encode};

}  // namespace

const Codec* blosc_codec(const Filter&) { return &kCodec; }

}  // namespace headrace::hdf5
