// The contents of a zip file's members: stored, or deflated.
#include <libdeflate.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <new>

#include <headrace/io/npy/zip_directory.hpp>

namespace headrace {

namespace {

constexpr std::int64_t kAtOnce = std::int64_t{1} << 20;

struct Free {
  void operator()(libdeflate_decompressor* it) const { libdeflate_free_decompressor(it); }
};

/// Its first bytes are wanted mostly, so zlib, which can stop.
class Inflating {
 public:
  Inflating() {
    if (inflateInit2(&stream_, -MAX_WBITS) != Z_OK) throw std::bad_alloc();
  }
  ~Inflating() { inflateEnd(&stream_); }
  Inflating(const Inflating&) = delete;
  Inflating& operator=(const Inflating&) = delete;
  z_stream& stream() { return stream_; }

 private:
  z_stream stream_{};
};

struct Source {
  const StampedFiles& files;
  std::size_t file;
  const ZipMember& member;
  const std::string& where;

  template <class... Parts>
  [[noreturn, gnu::cold]] void damaged(const Parts&... what) const {
    const std::string text = sentence(files.stage(), "cannot read ", where, ": ", what..., "; the file is damaged");
    throw ZipDamage(files.stage(), text.substr(files.stage().size() + 3));
  }
  /// Bytes as they are stored.
  void read(std::int64_t begin, std::byte* to, std::int64_t size) const {
    files.open(file)->read([&] { return where; }, member.offset + begin, to, size);
  }
  void require_readable() const {
    require<IoError>(member.refused.empty(), files.stage(), "cannot read ", where, ": ", member.refused,
                     "; write it by np.savez or np.savez_compressed");
  }
};

void inflate_front(const Source& source, std::span<std::byte> to) {
  Inflating inflating;
  z_stream& stream = inflating.stream();
  stream.next_out = reinterpret_cast<Bytef*>(to.data());
  stream.avail_out = static_cast<uInt>(to.size());
  std::byte input[1 << 10];
  for (std::int64_t at = 0; stream.avail_out > 0;) {
    const std::int64_t size = std::min<std::int64_t>(sizeof input, source.member.stored - at);
    if (size == 0) source.damaged("its compressed bytes end too early");
    source.read(at, input, size);
    at += size;
    stream.next_in = reinterpret_cast<Bytef*>(input);
    stream.avail_in = static_cast<uInt>(size);
    const int status = inflate(&stream, Z_SYNC_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_STREAM_END && stream.avail_out > 0) source.damaged("its compressed bytes end too early");
    if (status != Z_OK && status != Z_STREAM_END && status != Z_BUF_ERROR)
      source.damaged("its compressed bytes are no deflated ones");
  }
}

}  // namespace

void read_zip_front(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                    std::span<std::byte> to) {
  const Source source{files, file, member, where};
  source.require_readable();
  if (member.method == ZipMember::Method::deflated)
    inflate_front(source, to);
  else
    source.read(0, to.data(), static_cast<std::int64_t>(to.size()));
}

void inflate_zip_member(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                        std::span<std::byte> to) {
  const Source source{files, file, member, where};
  const Buffer stored = Buffer::allocate(static_cast<std::size_t>(member.stored));
  source.read(0, stored.data(), member.stored);
  const std::unique_ptr<libdeflate_decompressor, Free> decompressor(libdeflate_alloc_decompressor());
  if (decompressor == nullptr) throw std::bad_alloc();
  std::size_t used = 0, made = 0;
  const auto status = libdeflate_deflate_decompress_ex(decompressor.get(), stored.data(), stored.size(), to.data(),
                                                       to.size(), &used, &made);
  if (status == LIBDEFLATE_INSUFFICIENT_SPACE) source.damaged("it must have ", to.size(), " bytes, got more");
  if (status != LIBDEFLATE_SUCCESS) source.damaged("its compressed bytes are no deflated ones");
  if (made != to.size() || used != stored.size())
    source.damaged("it must have ", to.size(), " bytes of ", stored.size(), " compressed ones, got ", made, " of ",
                   used);
  if (libdeflate_crc32(0, to.data(), to.size()) != member.crc) source.damaged("its checksum (CRC-32) is another one");
}

bool check_zip_member(const StampedFiles& files, std::size_t file, const ZipMember& member, const std::string& where,
                      const std::function<bool()>& stop) {
  const Source source{files, file, member, where};
  const Buffer part = Buffer::allocate(static_cast<std::size_t>(std::min(kAtOnce, member.size)));
  std::uint32_t crc = 0;
  for (std::int64_t at = 0; at < member.size; at += kAtOnce) {
    if (stop()) return false;
    const std::int64_t size = std::min(kAtOnce, member.size - at);
    source.read(at, part.data(), size);
    crc = libdeflate_crc32(crc, part.data(), static_cast<std::size_t>(size));
  }
  if (crc != member.crc) source.damaged("its checksum (CRC-32) is another one");
  return true;
}

}  // namespace headrace
