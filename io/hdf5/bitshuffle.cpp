// Filter 32008: the bits of items in rows (all first bits, then all second ones), block by block; then, where values[4]
// says so, each block compressed by LZ4 or Zstandard. Items that fill no group of eight stay at the end as they are.
#include <algorithm>
#include <bit>
#include <cstring>

#include <headrace/io/hdf5/codec.hpp>
#include <headrace/io/hdf5/frame.hpp>
#include <headrace/io/hdf5/planes.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kGroup = 8;  // items whose bits share a byte

unsigned compression_of(const Filter& filter) { return value_of(filter, 4); }
const BlockCodec* blocks_of(const Filter& filter) { return compression_of(filter) == 2 ? lz4_blocks() : zstd_blocks(); }

/// Bytes of an item.
std::size_t item_of(const Filter& filter, std::size_t size) {
  const std::size_t item = value_of(filter, 2);
  if (item == 0) fail(filter, "items of 0 bytes");
  if (size % item != 0) fail(filter, size, " bytes are no whole number of items of ", item);
  return item;
}

/// Items of a block, as the filter's values say or as the reference library chooses.
std::size_t block_of(const Filter& filter, std::size_t item) {
  const std::size_t chosen = std::max<std::size_t>(128, 8192 / item / kGroup * kGroup);
  const std::size_t block = value_of(filter, 3);
  if (block % kGroup != 0) fail(filter, "blocks of ", block, " items, which is no multiple of 8");
  return block == 0 ? chosen : block;
}

/// Eight rows by eight bits exchanged in each of 16 byte columns. Its own reverse.
void exchange_bits(std::array<Vector, 8>& rows) {
  using Wide [[gnu::vector_size(16)]] = std::uint64_t;
  constexpr std::uint64_t kMasks[] = {0x5555555555555555, 0x3333333333333333, 0, 0x0f0f0f0f0f0f0f0f};
#pragma GCC unroll 3
  for (std::size_t step = 4; step > 0; step /= 2) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < 8; ++i) {
      if ((i & step) != 0) continue;
      const Wide a = std::bit_cast<Wide>(rows[i]), b = std::bit_cast<Wide>(rows[i + step]);
      const Wide changed = ((a >> step) ^ b) & kMasks[step - 1];
      rows[i] = std::bit_cast<Vector>(a ^ (changed << step));
      rows[i + step] = std::bit_cast<Vector>(b ^ changed);
    }
  }
}

/// Columns [i, i + part) of eight rows of `width` bytes become 8 * part bytes of a plane. part is a number known to the
/// compiler where it is 16.
[[gnu::always_inline]] inline void from_columns(const std::byte* rows, std::size_t width, std::size_t i,
                                                std::size_t part, std::byte* plane) {
  std::array<Vector, 8> v{};
#pragma GCC unroll 8
  for (std::size_t k = 0; k < 8; ++k) std::memcpy(&v[k], rows + k * width + i, part);
  exchange_bits(v);
  interleave(v);
  std::memcpy(plane + 8 * i, v.data(), 8 * part);
}

[[gnu::always_inline]] inline void to_columns(const std::byte* plane, std::size_t width, std::size_t i,
                                              std::size_t part, std::byte* rows) {
  std::array<Vector, 8> v{};
  std::memcpy(v.data(), plane + 8 * i, 8 * part);
  deinterleave(v);
  exchange_bits(v);
#pragma GCC unroll 8
  for (std::size_t k = 0; k < 8; ++k) std::memcpy(rows + k * width + i, &v[k], part);
}

void from_rows(const std::byte* rows, std::size_t width, std::byte* plane) {
  std::size_t i = 0;
  for (; i + 16 <= width; i += 16) from_columns(rows, width, i, 16, plane);
  if (i < width) from_columns(rows, width, i, width - i, plane);
}

void to_rows(const std::byte* plane, std::size_t width, std::byte* rows) {
  std::size_t i = 0;
  for (; i + 16 <= width; i += 16) to_columns(plane, width, i, 16, rows);
  if (i < width) to_columns(plane, width, i, width - i, rows);
}

/// A block; `planes` is room for as much.
void from_bits(Bytes bits, std::size_t item, Room planes, std::byte* items) {
  const std::size_t count = bits.size() / item;
  std::byte* const into = item == 1 ? items : planes.data();
  for (std::size_t k = 0; k < item; ++k) from_rows(bits.data() + k * count, count / 8, into + k * count);
  if (item != 1) from_planes(planes.data(), count, item, items);
}

void to_bits(Bytes items, std::size_t item, Room planes, std::byte* bits) {
  const std::size_t count = items.size() / item;
  to_planes(items.data(), count, item, planes.data());
  for (std::size_t k = 0; k < item; ++k) to_rows(planes.data() + k * count, count / 8, bits + k * count);
}

/// Calls `of` with place and size of each block of `size` bytes, the last one shorter; gives where the rest begins.
template <class F>
std::size_t each_block(std::size_t size, std::size_t block, std::size_t item, F&& of) {
  const std::size_t end = size / item / kGroup * kGroup * item;
  for (std::size_t i = 0; i < end; i += block) of(i, std::min(block, end - i));
  return end;
}

Room planes_for(std::size_t size) {
  thread_local Scratch scratch;
  return scratch.take(size);
}

Bytes decode_plain(const Filter& filter, Bytes stored, Room room) {
  if (stored.size() > room.size()) fail_long(filter, room.size());
  const std::size_t item = item_of(filter, stored.size()), block = block_of(filter, item) * item;
  const Room planes = planes_for(std::min(block, stored.size()));
  const std::size_t end = each_block(stored.size(), block, item, [&](std::size_t i, std::size_t size) {
    from_bits(stored.subspan(i, size), item, planes, room.data() + i);
  });
  if (end < stored.size()) std::memcpy(room.data() + end, stored.data() + end, stored.size() - end);
  return room.first(stored.size());
}

std::vector<std::byte> encode_plain(const Filter& filter, Bytes plain) {
  const std::size_t item = item_of(filter, plain.size()), block = block_of(filter, item) * item;
  const Room planes = planes_for(std::min(block, plain.size()));
  std::vector<std::byte> stored(plain.begin(), plain.end());
  each_block(plain.size(), block, item, [&](std::size_t i, std::size_t size) {
    to_bits(plain.subspan(i, size), item, planes, stored.data() + i);
  });
  return stored;
}

Bytes decode_blocks(const Filter& filter, Bytes stored, Room room) {
  FrameReader frame(filter, stored);
  const auto total = frame.number<std::uint64_t>();
  const std::size_t said = frame.number<std::uint32_t>();
  if (total > room.size()) fail_long(filter, room.size());
  const std::size_t item = item_of(filter, total), block = said / item * item;
  if (block == 0 || block / item % kGroup != 0) {
    fail(filter, "damaged data, blocks of ", said, " bytes");
  }
  thread_local Scratch scratch;
  const Room bits = scratch.take(std::min(block, total)), planes = planes_for(bits.size());
  const std::size_t end = each_block(total, block, item, [&](std::size_t i, std::size_t size) {
    const Bytes bytes = frame.take(frame.number<std::uint32_t>());
    if (blocks_of(filter)->decode(bytes, bits.first(size)) != size) {
      fail(filter, "damaged data in the block of byte ", i);
    }
    from_bits(bits.first(size), item, planes, room.data() + i);
  });
  const Bytes rest = frame.take(total - end);
  if (!rest.empty()) std::memcpy(room.data() + end, rest.data(), rest.size());
  return room.first(total);
}

std::vector<std::byte> encode_blocks(const Filter& filter, Bytes plain) {
  const std::size_t item = item_of(filter, plain.size()), block = block_of(filter, item) * item;
  const std::size_t most = std::min(block, plain.size());
  const BlockCodec& codec = *blocks_of(filter);
  std::vector<std::byte> stored, bits(most), one(codec.bound(most));
  const Room planes = planes_for(most);
  put_number<std::uint64_t>(plain.size(), stored);
  put_number(static_cast<std::uint32_t>(block), stored);
  const std::size_t end = each_block(plain.size(), block, item, [&](std::size_t i, std::size_t size) {
    to_bits(plain.subspan(i, size), item, planes, bits.data());
    const std::size_t length = codec.encode(Bytes(bits).first(size), one, static_cast<int>(value_of(filter, 5)));
    put_number(static_cast<std::uint32_t>(length), stored);
    stored.insert(stored.end(), one.begin(), one.begin() + static_cast<std::ptrdiff_t>(length));
  });
  stored.insert(stored.end(), plain.begin() + static_cast<std::ptrdiff_t>(end), plain.end());
  return stored;
}

std::size_t same_size(const Filter&, std::size_t size) { return size; }

constexpr Codec kPlain{same_size, true, false, decode_plain, encode_plain};
constexpr Codec kBlocks{compressed_limit, false, false, decode_blocks, encode_blocks};

}  // namespace

const Codec* bitshuffle_codec(const Filter& filter) {
  switch (compression_of(filter)) {
    case 0:
      return &kPlain;
    case 2:
    case 3:
      return blocks_of(filter) != nullptr ? &kBlocks : nullptr;
    default:
      return nullptr;
  }
}

}  // namespace headrace::hdf5
