// Filter 32004: HDF5's own frame around blocks of LZ4. A block that is stored as large as it is, is stored as it is.
#include <lz4.h>

#include <algorithm>
#include <cstring>

#include <headrace/io/hdf5/codec.hpp>
#include <headrace/io/hdf5/frame.hpp>

namespace headrace::hdf5 {

namespace {

constexpr std::size_t kHead = 12, kBlockHead = 4;
constexpr std::size_t kDefaultBlock = std::size_t{1} << 30;

std::optional<std::size_t> decode_block(Bytes stored, Room room) {
  if (stored.size() > LZ4_MAX_INPUT_SIZE || room.size() > LZ4_MAX_INPUT_SIZE) return std::nullopt;
  const int size =
      LZ4_decompress_safe(reinterpret_cast<const char*>(stored.data()), reinterpret_cast<char*>(room.data()),
                          static_cast<int>(stored.size()), static_cast<int>(room.size()));
  return size < 0 ? std::nullopt : std::optional(static_cast<std::size_t>(size));
}

std::size_t encode_block(Bytes plain, Room room, int) {
  return static_cast<std::size_t>(LZ4_compress_default(reinterpret_cast<const char*>(plain.data()),
                                                       reinterpret_cast<char*>(room.data()),
                                                       static_cast<int>(plain.size()), static_cast<int>(room.size())));
}

std::size_t bound_of(std::size_t size) {
  return size > LZ4_MAX_INPUT_SIZE ? 0 : static_cast<std::size_t>(LZ4_compressBound(static_cast<int>(size)));
}

constexpr BlockCodec kBlocks{bound_of, decode_block, encode_block};

std::size_t block_of(const Filter& filter) {
  const std::size_t size = value_of(filter, 0);
  return size == 0 ? kDefaultBlock : std::min(size, kDefaultBlock);
}

std::size_t limit(const Filter& filter, std::size_t size) {
  return kHead + size + kBlockHead * (size / block_of(filter) + 1);
}

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  FrameReader frame(filter, stored);
  const auto total = frame.number<std::uint64_t>();
  const std::size_t block = frame.number<std::uint32_t>();
  if (total > room.size()) fail_long(filter, room.size());
  if (block == 0 && total > 0) fail(filter, "damaged data, blocks of 0 bytes");
  for (std::size_t done = 0; done < total;) {
    const Room part = room.subspan(done, std::min<std::size_t>(block, total - done));
    const Bytes bytes = frame.take(frame.number<std::uint32_t>());
    if (bytes.size() == part.size()) {
      std::memcpy(part.data(), bytes.data(), part.size());
    } else if (decode_block(bytes, part) != part.size()) {
      fail(filter, "damaged data in the block of byte ", done);
    }
    done += part.size();
  }
  return room.first(total);
}

std::vector<std::byte> encode(const Filter& filter, Bytes plain) {
  const std::size_t block = std::min(block_of(filter), plain.size());
  std::vector<std::byte> stored, one(bound_of(block));
  put_number<std::uint64_t>(plain.size(), stored);
  put_number(static_cast<std::uint32_t>(block), stored);
  for (std::size_t done = 0; done < plain.size(); done += block) {
    const Bytes part = plain.subspan(done, std::min(block, plain.size() - done));
    const std::size_t size = encode_block(part, one, 0);
    const Bytes bytes = size < part.size() && size > 0 ? Bytes(one).first(size) : part;
    put_number(static_cast<std::uint32_t>(bytes.size()), stored);
    stored.insert(stored.end(), bytes.begin(), bytes.end());
  }
  return stored;
}

constexpr Codec kCodec{limit, false, false, decode, encode};

}  // namespace

const Codec* lz4_codec(const Filter&) { return &kCodec; }
const BlockCodec* lz4_blocks() { return &kBlocks; }

}  // namespace headrace::hdf5
