// HDF5's filter 1: a zlib stream. What inflate_sound() leaves alone libdeflate undoes, three times as fast as zlib,
// which decides where libdeflate refuses.
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>
#include <new>

#include <headrace/io/hdf5/codec.hpp>
#include <headrace/io/hdf5/inflate.hpp>

namespace headrace::hdf5 {

namespace {

struct Free {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
  void operator()(libdeflate_compressor* it) const { libdeflate_free_compressor(it); }
};

libdeflate_decompressor* decompressor() {
  thread_local std::unique_ptr<libdeflate_decompressor, Free> made;
  if (made == nullptr) made.reset(libdeflate_alloc_decompressor());
  if (made == nullptr) throw std::bad_alloc();
  return made.get();
}

libdeflate_compressor* compressor(unsigned level) {
  thread_local std::array<std::unique_ptr<libdeflate_compressor, Free>, 10> made;
  auto& one = made.at(level);
  if (one == nullptr) one.reset(libdeflate_alloc_compressor(static_cast<int>(level)));
  if (one == nullptr) throw std::bad_alloc();
  return one.get();
}

/// zlib's state, kept by each thread that needed it.
class Inflater {
 public:
  Inflater() {
    if (inflateInit(&stream_) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&stream_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  Bytes inflate_all(const Filter& filter, Bytes stored, Room room) {
    inflateReset(&stream_);
    Bytef spare = 0;
    stream_.next_in = const_cast<Bytef*>(reinterpret_cast<const Bytef*>(stored.data()));
    stream_.avail_in = static_cast<uInt>(stored.size());
    stream_.next_out = room.empty() ? &spare : reinterpret_cast<Bytef*>(room.data());
    stream_.avail_out = static_cast<uInt>(room.size());
    int status = inflate(&stream_, Z_FINISH);
    std::size_t size = room.size() - stream_.avail_out;
    if ((status == Z_BUF_ERROR || status == Z_OK) && stream_.avail_out == 0) {  // full: does another byte come?
      stream_.next_out = &spare;
      stream_.avail_out = 1;
      status = inflate(&stream_, Z_FINISH);
      if (stream_.avail_out == 0) fail_long(filter, room.size());
    }
    if (status == Z_STREAM_END) return room.first(size);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_NEED_DICT) fail(filter, "the data need a dictionary");
    if (status == Z_BUF_ERROR || status == Z_OK) fail_short(filter);
    fail(filter, "damaged data", stream_.msg != nullptr ? ", " : "", stream_.msg != nullptr ? stream_.msg : "");
  }

 private:
  z_stream stream_{};
};

Bytes inflate_all(const Filter& filter, Bytes stored, Room room) {
  constexpr std::size_t kMost = std::numeric_limits<uInt>::max();
  if (stored.size() > kMost || room.size() > kMost) fail(filter, "damaged data");
  thread_local Inflater inflater;
  return inflater.inflate_all(filter, stored, room);
}

Bytes decode(const Filter& filter, Bytes stored, Room room) {
  if (const auto made = inflate_sound(stored, room)) return room.first(*made);
  std::byte nothing{};
  std::size_t size = 0;
  const auto status = libdeflate_zlib_decompress_ex(decompressor(), stored.data(), stored.size(),
                                                    room.empty() ? &nothing : room.data(), room.size(), nullptr, &size);
  return status == LIBDEFLATE_SUCCESS ? room.first(size) : inflate_all(filter, stored, room);
}

std::vector<std::byte> encode(const Filter& filter, Bytes plain) {
  libdeflate_compressor* const made = compressor(std::min(value_of(filter, 0, 6), 9U));
  std::vector<std::byte> stored(libdeflate_zlib_compress_bound(made, plain.size()));
  stored.resize(libdeflate_zlib_compress(made, plain.data(), plain.size(), stored.data(), stored.size()));
  return stored;
}

constexpr Codec kCodec{compressed_limit, false, false, decode, encode};

}  // namespace

const Codec* gzip_codec(const Filter&) { return &kCodec; }

}  // namespace headrace::hdf5
