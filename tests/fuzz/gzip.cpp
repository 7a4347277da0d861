// SECONDS [SEED]: gzip files of several members, padded and damaged, read in pieces of any size, beside zlib by hand.
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <optional>

#include <headrace/io/byte_stream.hpp>
#include <headrace/tensor/error.hpp>

#include "../io/gzip_made.hpp"
#include "fuzzer.hpp"

namespace {

using namespace headrace;
using fuzz::Random;

const std::string kPath =
    (std::filesystem::temp_directory_path() / ("headrace-fuzz-gzip-" + std::to_string(getpid()))).string();

std::string contents(Random& random) {
  std::string text;
  const std::size_t size = random() % 8 == 0 ? random() % 300'000 : random() % 300;
  const bool noise = random() % 2 == 0;
  while (text.size() < size) text += static_cast<char>(noise ? random() : 'a' + random() % 3);
  return text;
}

/// What of a file comes out, and whether it is sound: members, then zeros.
struct Read {
  std::string bytes;
  bool whole = false;
};

Read read_by_zlib(const std::string& file) {
  Read read;
  std::size_t place = 0;
  while (place < file.size() && file[place] == '\x1f') {
    z_stream zlib{};
    inflateInit2(&zlib, 16 + MAX_WBITS);
    zlib.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(file.data() + place));
    zlib.avail_in = static_cast<uInt>(file.size() - place);
    int status = Z_OK;
    char room[4096];
    while (status == Z_OK) {
      zlib.next_out = reinterpret_cast<Bytef*>(room);
      zlib.avail_out = sizeof room;
      status = inflate(&zlib, Z_NO_FLUSH);
      read.bytes.append(room, sizeof room - zlib.avail_out);
    }
    place = file.size() - zlib.avail_in;
    inflateEnd(&zlib);
    if (status != Z_STREAM_END) return read;
  }
  read.whole = file.find_first_not_of('\0', place) == std::string::npos;
  return read;
}

Read read_by_stream(Random& random, std::int64_t size, bool& compressed) {
  Read read;
  ByteStream stream("fuzz", {kPath, size});
  compressed = stream.compressed();
  try {
    for (;;) {
      std::string room(1 + (random() % 4 == 0 ? random() % 100'000 : random() % 100), '\0');
      const std::size_t got = stream.read(room.data(), room.size());
      read.bytes.append(room, 0, got);
      if (stream.position() != static_cast<std::int64_t>(read.bytes.size())) throw std::runtime_error("another place");
      if (got < room.size()) break;
    }
    read.whole = true;
  } catch (const IoError&) {
  }
  return read;
}

std::string run(Random& random) {
  std::string file;
  for (unsigned members = 1 + random() % 3; members > 0; --members)
    file += gzip_of(contents(random), static_cast<int>(random() % 10));
  if (random() % 4 == 0) file.append(random() % 600, '\0');
  if (random() % 4 != 0) fuzz::damage(file, random);
  std::ofstream(kPath, std::ios::binary) << file;
  bool compressed = false;
  const Read read = read_by_stream(random, static_cast<std::int64_t>(file.size()), compressed);
  if (!compressed) return read.whole && read.bytes == file ? "" : "other bytes of a file that is not gzip";
  const Read wanted = read_by_zlib(file);
  if (read.whole != wanted.whole) return wanted.whole ? "an error of a sound file" : "no error of a damaged file";
  if (wanted.whole) return read.bytes == wanted.bytes ? "" : "other bytes";
  return wanted.bytes.starts_with(read.bytes) ? "" : "other bytes before the damage";
}

}  // namespace

int main(int argc, char** argv) {
  const int result = headrace::fuzz::main("gzip", argc, argv, run);
  std::filesystem::remove(kPath);
  return result;
}
