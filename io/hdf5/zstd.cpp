// Filter 32015: frames of Zstandard.
#include <zstd.h>
#include <zstd_errors.h>

#include <algorithm>
#include <memory>
#include <new>

#include <headrace/io/hdf5/codec.hpp>

namespace headrace::hdf5 {

namespace {

struct Free {
  void operator()(ZSTD_DCtx* it) const { ZSTD_freeDCtx(it); }
};

ZSTD_DCtx* decompressor() {
  thread_local std::unique_ptr<ZSTD_DCtx, Free> made;
  if (made == nullptr) made.reset(ZSTD_createDCtx());
  if (made == nullptr) throw std::bad_alloc();
  return made.get();
}

/// A size, or an error of Zstandard's.
std::size_t decompress(Bytes stored, Room room) {
  std::byte nothing{};
  const std::size_t size = ZSTD_decompressDCtx(decompressor(), room.empty() ? &nothing : room.data(), room.size(),
                                               stored.data(), stored.size());
  if (ZSTD_isError(size) && ZSTD_getErrorCode(size) == ZSTD_error_memory_allocation) throw std::bad_alloc();
  return size;
}

std::size_t compress(Bytes plain, Room room, int level) {
  const int within = std::clamp(level == 0 ? ZSTD_CLEVEL_DEFAULT : level, ZSTD_minCLevel(), ZSTD_maxCLevel());
  const std::size_t size = ZSTD_compress(room.data(), room.size(), plain.data(), plain.size(), within);
  if (ZSTD_isError(size)) throw std::bad_alloc();  // the room suffices: nothing else can fail
  return size;
}

std::optional<std::size_t> decode_block(Bytes stored, Room room) {
  const std::size_t size = decompress(stored, room);
  return ZSTD_isError(size) ? std::nullopt : std::optional(size);
}

constexpr BlockCodec kBlocks{ZSTD_compressBound, decode_block, compress};

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  const std::size_t size = decompress(stored, room);
  if (!ZSTD_isError(size)) return room.first(size);
  switch (ZSTD_getErrorCode(size)) {
    case ZSTD_error_srcSize_wrong:
      fail_short(filter);
    case ZSTD_error_dstSize_tooSmall:
      fail_long(filter, room.size());
    default:
      fail(filter, "damaged data, ", ZSTD_getErrorName(size));
  }
}

std::vector<std::byte> encode(const Filter& filter, Bytes plain) {
  std::vector<std::byte> stored(ZSTD_compressBound(plain.size()));
  stored.resize(compress(plain, stored, static_cast<int>(value_of(filter, 0))));
  return stored;
}

constexpr Codec kCodec{compressed_limit, false, false, decode, encode};

}  // namespace

const Codec* zstd_codec(const Filter&) { return &kCodec; }
const BlockCodec* zstd_blocks() { return &kBlocks; }

}  // namespace headrace::hdf5
