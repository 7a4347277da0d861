// Private to io/hdf5: what a filter is to the pipeline. Each source of a filter gives one Codec; where its library was
// missing at build time, no_NAME.cpp is compiled instead and gives none.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <sstream>
#include <string>
#include <vector>

#include <headrace/io/hdf5/filters.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {

using Bytes = std::span<const std::byte>;
using Room = std::span<std::byte>;

/// Threads may share one.
struct Codec {
  /// The most bytes that are ever stored for `size` ones; just that many where `exact`.
  std::size_t (*limit)(const Filter&, std::size_t size);
  bool exact;
  /// decode() needs no room: what it gives is a part of what was stored.
  bool in_place;
  /// Undoes the filter: the result lies in `room`, or is a part of `stored`. More than `room` holds is a ValueError,
  /// and so is everything else; nothing beyond the two is read or written.
  Bytes (*decode)(const Filter&, Bytes stored, Room room);
  std::vector<std::byte> (*encode)(const Filter&, Bytes plain);
};

// Nothing where the filter cannot be undone with the libraries of this build.
const Codec* gzip_codec(const Filter&);
const Codec* shuffle_codec(const Filter&);
const Codec* fletcher32_codec(const Filter&);
const Codec* lzf_codec(const Filter&);
const Codec* blosc_codec(const Filter&);
const Codec* lz4_codec(const Filter&);
const Codec* zstd_codec(const Filter&);
const Codec* bitshuffle_codec(const Filter&);

/// A compressor without a frame of HDF5's, as bitshuffle has inside.
struct BlockCodec {
  std::size_t (*bound)(std::size_t size);
  /// How many bytes came out, which is `room.size()` at most; nothing for damaged data.
  std::optional<std::size_t> (*decode)(Bytes stored, Room room);
  /// How many bytes were stored; `room` is as large as bound() says.
  std::size_t (*encode)(Bytes plain, Room room, int level);
};

const BlockCodec* lz4_blocks();
const BlockCodec* zstd_blocks();

/// The most that any compressor here stores for `size` bytes, with much to spare.
inline std::size_t compressed_limit(const Filter&, std::size_t size) { return size + size / 8 + 1024; }

/// The i-th of the filter's values, where it has that many.
inline unsigned value_of(const Filter& filter, std::size_t i, unsigned otherwise = 0) {
  return i < filter.values.size() ? filter.values[i] : otherwise;
}

/// "gzip", or what the file calls it, or "filter 300".
std::string name_of(const Filter& filter);

/// Throws ValueError "gzip: what happened".
template <class... Parts>
[[noreturn]] void fail(const Filter& filter, const Parts&... parts) {
  std::ostringstream text;
  text << name_of(filter) << ": ";
  (text << ... << parts);
  throw ValueError(text.str());
}
[[noreturn]] inline void fail_short(const Filter& filter) { fail(filter, "the data end too early"); }
[[noreturn]] inline void fail_long(const Filter& filter, std::size_t size) {
  fail(filter, "more than the expected ", size, " bytes come out");
}

/// Bytes that a thread keeps from one chunk to the next: a steady loop allocates nothing. A buffer over 64 MiB goes
/// when far less is asked for.
class Scratch {
 public:
  Room take(std::size_t size) {
    constexpr std::size_t kKept = std::size_t{64} << 20;
    if (size > capacity_ || (capacity_ > kKept && size < capacity_ / 2)) {
      bytes_.reset();
      capacity_ = 0;
      bytes_ = std::make_unique_for_overwrite<std::byte[]>(size);
      capacity_ = size;
    }
    return {bytes_.get(), size};
  }

 private:
  std::unique_ptr<std::byte[]> bytes_;
  std::size_t capacity_ = 0;
};

}  // namespace headrace::hdf5
