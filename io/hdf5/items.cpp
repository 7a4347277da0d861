#include <headrace/io/hdf5/items.hpp>

#include <algorithm>
#include <cstring>

namespace headrace::hdf5 {

namespace {

/// The pieces of one fix, in all items.
struct Pieces {
  std::byte* first;
  std::int64_t items, item_bytes, count, width;
};

template <class Word, class Reversed>
void reverse_words(const Pieces& pieces, const Reversed& reversed) {
  for (std::int64_t item = 0; item < pieces.items; ++item) {
    std::byte* const begin = pieces.first + item * pieces.item_bytes;
    for (std::int64_t piece = 0; piece < pieces.count; ++piece) {
      Word word;
      std::memcpy(&word, begin + piece * static_cast<std::int64_t>(sizeof word), sizeof word);
      word = reversed(word);
      std::memcpy(begin + piece * static_cast<std::int64_t>(sizeof word), &word, sizeof word);
    }
  }
}

void reverse(const Pieces& pieces) {
  if (pieces.width == 2)
    reverse_words<std::uint16_t>(pieces, [](std::uint16_t word) { return __builtin_bswap16(word); });
  else if (pieces.width == 4)
    reverse_words<std::uint32_t>(pieces, [](std::uint32_t word) { return __builtin_bswap32(word); });
  else
    reverse_words<std::uint64_t>(pieces, [](std::uint64_t word) { return __builtin_bswap64(word); });
}

void make_true(const Pieces& pieces) {
  for (std::int64_t item = 0; item < pieces.items; ++item) {
    std::byte* const begin = pieces.first + item * pieces.item_bytes;
    for (std::int64_t piece = 0; piece < pieces.count; ++piece) begin[piece] = std::byte{begin[piece] != std::byte{0}};
  }
}

/// Zeros in place of what does not belong to a text.
void end_text(std::byte* text, std::int64_t width, Fix::Kind kind) {
  std::byte *const end = text + width, *stop = end;
  if (kind == Fix::Kind::zero_terminated)
    stop = std::find(text, end, std::byte{0});
  else
    while (stop != text && *(stop - 1) == std::byte{' '}) --stop;
  std::fill(stop, end, std::byte{0});
}

void end_texts(const Pieces& pieces, Fix::Kind kind) {
  for (std::int64_t item = 0; item < pieces.items; ++item) {
    for (std::int64_t piece = 0; piece < pieces.count; ++piece)
      end_text(pieces.first + item * pieces.item_bytes + piece * pieces.width, pieces.width, kind);
  }
}

}  // namespace

void put_right(std::span<const Fix> fixes, std::int64_t item_bytes, std::byte* data, std::int64_t size) {
  for (const Fix& fix : fixes) {
    Pieces pieces{data + fix.offset, size / item_bytes, item_bytes, fix.count, fix.width};
    if (fix.width * fix.count == item_bytes) pieces = {data, 1, size, size / fix.width, fix.width};  // one long run
    if (fix.kind == Fix::Kind::reverse)
      reverse(pieces);
    else if (fix.kind == Fix::Kind::truth)
      make_true(pieces);
    else
      end_texts(pieces, fix.kind);
  }
}

}  // namespace headrace::hdf5
