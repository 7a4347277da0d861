// SECONDS [SEED]: damages what the filters store, decodes it, and compares gzip and inflate_sound() with zlib.
#include "../io/deflate_made.hpp"

#include <cstdlib>
#include <optional>
#include <span>

#include <headrace/io/hdf5/inflate.hpp>
#include <headrace/tensor/error.hpp>

#include "fuzzer.hpp"

namespace {

using namespace headrace::hdf5;
using headrace::fuzz::Random;

Bytef* at(Data& data) { return reinterpret_cast<Bytef*>(data.data()); }

/// What comes out; nothing where the pipeline refuses. All memory has exactly its size: AddressSanitizer sees a byte
/// beyond.
std::optional<Data> undone(const FilterPipeline& pipeline, const Data& stored, std::size_t size) {
  try {
    return decoded(pipeline, Data(stored.begin(), stored.end()), size);
  } catch (const headrace::ValueError&) {
    return std::nullopt;
  }
}

/// The same by zlib alone; `bits` is 15 for its own format, -15 for bare deflate.
std::optional<Data> inflated(Data stored, std::size_t size, int bits) {
  z_stream stream{};
  if (inflateInit2(&stream, bits) != Z_OK) std::abort();
  Data to(size + 1);  // one more, to see what is too long
  stream.next_in = at(stored);
  stream.avail_in = static_cast<uInt>(stored.size());
  stream.next_out = at(to);
  stream.avail_out = static_cast<uInt>(to.size());
  const int status = inflate(&stream, Z_FINISH);
  const std::size_t made = stream.total_out;
  inflateEnd(&stream);
  if (status != Z_STREAM_END || made != size) return std::nullopt;
  to.resize(size);
  return to;
}

/// A stream of zlib's, of any kind that it makes.
Data deflated(Data plain, Random& random) {
  constexpr int kStrategies[] = {Z_DEFAULT_STRATEGY, Z_FILTERED, Z_HUFFMAN_ONLY, Z_RLE, Z_FIXED};
  z_stream stream{};
  const int level = static_cast<int>(random() % 10), bits = 9 + static_cast<int>(random() % 7);
  if (deflateInit2(&stream, level, Z_DEFLATED, bits, 1 + static_cast<int>(random() % 9), kStrategies[random() % 5]) !=
      Z_OK) {
    std::abort();
  }
  Data stored(deflateBound(&stream, plain.size()) + 100);
  stream.next_in = at(plain);
  stream.avail_in = static_cast<uInt>(plain.size());
  stream.next_out = at(stored);
  stream.avail_out = static_cast<uInt>(stored.size());
  if (deflate(&stream, Z_FINISH) != Z_STREAM_END) std::abort();
  stored.resize(stream.total_out);
  deflateEnd(&stream);
  return stored;
}

void damage(Data& data, Random& random) {
  std::string text(reinterpret_cast<const char*>(data.data()), data.size());
  headrace::fuzz::damage(text, random);
  const auto bytes = std::as_bytes(std::span(text));
  data.assign(bytes.begin(), bytes.end());
}

/// Gives a damaged zlib stream the checksum of what zlib makes of it, so that decoders look further.
void mend(Data& stored, std::size_t size) {
  if (stored.size() < 6) return;
  std::optional<Data> bare = inflated(Data(stored.begin() + 2, stored.end() - 4), size, -15);
  if (!bare) return;
  const auto sum = adler32(1, at(*bare), static_cast<uInt>(size));
  for (unsigned i = 0; i < 4; ++i) stored[stored.size() - 1 - i] = static_cast<std::byte>(sum >> (8 * i));
}

/// Nothing, or what is wrong.
std::string compare_gzip(Random& random) {
  const FilterPipeline gzip({{1, "", {4}}});
  const std::size_t size = random() % 3000;
  const Data plain = sample(static_cast<int>(random() % 4), size, static_cast<unsigned>(random()));
  Data stored = random() % 4 == 0 ? gzip.encode(plain) : deflated(plain, random);
  if (inflated(stored, size, 15) != plain || undone(gzip, stored, size) != plain) return "gzip of sound data differs";
  damage(stored, random);
  if (random() % 2 == 0) mend(stored, size);
  const std::optional<Data> theirs = inflated(stored, size, 15), ours = undone(gzip, stored, size);
  if (theirs) return theirs == ours ? "" : "gzip differs from zlib, which accepts";
  // libdeflate takes either bit where a code has one symbol only. The checksum still vouches for what comes out.
  return !ours || ours == plain ? "" : "gzip gives other data, zlib refuses";
}

/// What inflate_sound() makes of it, in memory of just that size.
std::optional<Data> sound(Data stored, std::size_t room) {
  Data to(room);
  const auto made = inflate_sound(Data(stored.begin(), stored.end()), to, true);
  if (!made) return std::nullopt;
  to.resize(*made);
  return to;
}

/// A zlib stream and what it was made of: by a compressor, or of symbols and codes by chance.
std::pair<Data, Data> any_stream(Random& random) {
  if (random() % 2 == 0) {
    const Data plain = sample(static_cast<int>(random() % 4), random() % 30'000, static_cast<unsigned>(random()));
    const FilterPipeline gzip({{1, "", {static_cast<unsigned>(random() % 10)}}});
    return {random() % 4 == 0 ? gzip.encode(plain) : deflated(plain, random), plain};
  }
  DeflateMade made(random);
  for (unsigned blocks = random() % 4; blocks > 0; --blocks) made.random_block(random() % 8000, false);
  made.random_block(random() % 8000, true);
  return {made.stream(), made.plain()};
}

/// inflate_sound() gives nothing, or what zlib gives.
std::string compare_sound(Random& random) {
  auto [stored, plain] = any_stream(random);
  if (sound(stored, plain.size()) != plain) return "inflate_sound of sound data differs";
  if (sound(stored, plain.size() + random() % 1000) != plain) return "inflate_sound differs where there is more room";
  if (!plain.empty() && sound(stored, random() % plain.size())) return "inflate_sound takes what does not fit";
  for (int turn = 0; turn < 10; ++turn) {
    Data wrong = stored;
    if (random() % 4 == 0)
      wrong[random() % std::min<std::size_t>(wrong.size(), 100)] ^= static_cast<std::byte>(1 << random() % 8);
    else
      damage(wrong, random);
    const std::size_t room = random() % 2 == 0 ? plain.size() : plain.size() + random() % 300;
    if (random() % 2 == 0) mend(wrong, plain.size());
    const auto ours = sound(wrong, room);
    if (ours && ours != inflated(wrong, ours->size(), 15)) return "inflate_sound takes what zlib does not";
  }
  return "";
}

std::string round_trip(Random& random) {
  const unsigned item = 1 + static_cast<unsigned>(random() % 17);
  const std::vector<FilterPipeline> all = pipelines(item);
  const FilterPipeline& pipeline = all[random() % all.size()];
  const std::size_t size = random() % 700 * item;
  const Data plain = sample(static_cast<int>(random() % 4), size, static_cast<unsigned>(random()));
  Data stored = pipeline.encode(plain);
  if (undone(pipeline, stored, size) != plain) return pipeline.to_string() + " loses data";
  for (int turn = 0; turn < 20; ++turn) {
    Data damaged = stored;
    damage(damaged, random);
    undone(pipeline, damaged, size);
    undone(pipeline, damaged, random() % 2000);
  }
  return "";
}

std::string run(Random& random) {
  for (const auto check : {compare_gzip, compare_sound, round_trip})
    if (std::string wrong = check(random); !wrong.empty()) return wrong;
  return "";
}

}  // namespace

int main(int argc, char** argv) { return headrace::fuzz::main("hdf5_filters", argc, argv, run); }
