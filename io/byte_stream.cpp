#include <headrace/io/byte_stream.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <new>
#include <vector>

#include <headrace/io/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

constexpr int kGzip = 16 + MAX_WBITS;
constexpr std::size_t kStored = std::size_t{1} << 16;  // read at once
constexpr std::array<unsigned char, 2> kMagic{0x1F, 0x8B};

/// As many bytes at `place` as the file has, at most `room`; below zero with errno set where the system refuses.
ssize_t read_some(int descriptor, char* to, std::size_t room, std::int64_t place) {
  std::size_t done = 0;
  while (done < room) {
    const ssize_t got = ::pread(descriptor, to + done, room - done, place + static_cast<std::int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return got;
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return static_cast<ssize_t>(done);
}

int opened(std::string_view stage, const std::string& path) {
  const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a FIFO must not keep us waiting
  if (descriptor < 0) throw_io(stage, "open", path);
  return descriptor;
}

bool begins_as_gzip(const char* bytes, std::size_t size) {
  return size >= kMagic.size() &&
         std::equal(kMagic.begin(), kMagic.end(), reinterpret_cast<const unsigned char*>(bytes));
}

}  // namespace

/// Members one after the other, which zeros may follow.
class ByteStream::Inflater {
 public:
  explicit Inflater(const ByteStream& stream) : stream_(stream), stored_(kStored) {
    if (inflateInit2(&zlib_, kGzip) != Z_OK) throw std::bad_alloc();
  }
  ~Inflater() { inflateEnd(&zlib_); }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  std::size_t read(char* to, std::size_t room) {
    std::size_t done = 0;
    while (done < room && !at_end_) {
      const auto part = static_cast<uInt>(std::min<std::size_t>(room - done, 1U << 30));
      zlib_.next_out = reinterpret_cast<Bytef*>(to + done);
      zlib_.avail_out = part;
      step();
      done += part - zlib_.avail_out;
    }
    return done;
  }

 private:
  void step() {
    if (zlib_.avail_in == 0) fill();
    if (between_members_ && !begin_member()) return;
    const bool ended = zlib_.avail_in == 0;
    const int status = inflate(&zlib_, Z_NO_FLUSH);
    if (status == Z_MEM_ERROR) throw std::bad_alloc();
    if (status == Z_STREAM_END) {
      between_members_ = true;
      return;
    }
    if (status != Z_OK && status != Z_BUF_ERROR) fail("is damaged", zlib_.msg ? zlib_.msg : "no gzip data");
    if (ended && zlib_.avail_out > 0) fail("ends too early", "its gzip data are not whole");
  }

  /// False at the end of the file.
  bool begin_member() {
    while (zlib_.avail_in > 0 && *zlib_.next_in == 0) {  // padding
      ++zlib_.next_in;
      padded_ = true;
      if (--zlib_.avail_in == 0) fill();
    }
    if (zlib_.avail_in == 0) {
      at_end_ = true;
      return false;
    }
    if (padded_ || *zlib_.next_in != kMagic[0]) fail("is damaged", "something else follows its gzip data");
    inflateReset(&zlib_);
    between_members_ = false;
    return true;
  }

  void fill() {
    const ssize_t got = read_some(stream_.descriptor_, stored_.data(), stored_.size(), place_);
    if (got < 0) throw_io(stream_.stage_, "read", stream_.file_.path);
    place_ += got;
    zlib_.next_in = reinterpret_cast<Bytef*>(stored_.data());
    zlib_.avail_in = static_cast<uInt>(got);
    if (got == 0 && place_ != stream_.file_.size) throw_io_changed();
  }

  [[noreturn]] void throw_io_changed() const {
    throw IoError(sentence(stream_.stage_, "'", stream_.file_.path, "' must stay as it is while it is read, ",
                           stream_.file_.size, " bytes, it ended after ", place_));
  }
  [[noreturn]] void fail(const char* what, const char* why) const {
    throw IoError(sentence(stream_.stage_, "'", stream_.file_.path, "' ", what, " before byte ",
                           place_ - static_cast<std::int64_t>(zlib_.avail_in), ": ", why));
  }

  const ByteStream& stream_;
  std::vector<char> stored_;
  std::int64_t place_ = 0;  // in the file, of what is not in stored_ yet
  z_stream zlib_{};
  bool between_members_ = false, padded_ = false, at_end_ = false;
};

ByteStream::ByteStream(std::string_view stage, const InputFile& file)
    : stage_(stage), file_(file), descriptor_(opened(stage, file.path)) {
  try {
    struct stat status {};
    if (::fstat(descriptor_, &status) != 0) throw_io(stage_, "open", file_.path);
    require<IoError>(S_ISREG(status.st_mode) && status.st_size == file_.size, stage_, "'", file_.path,
                     "' must stay as it was when the source was made, ", file_.size, " bytes, got ", status.st_size,
                     "; make the dataset anew");
    char head[kMagic.size()];
    const ssize_t got = read_some(descriptor_, head, sizeof head, 0);
    if (got < 0) throw_io(stage_, "read", file_.path);
    if (begins_as_gzip(head, static_cast<std::size_t>(got))) inflater_ = std::make_unique<Inflater>(*this);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

ByteStream::~ByteStream() { ::close(descriptor_); }

std::size_t ByteStream::read(char* to, std::size_t room) {
  if (inflater_) {
    const std::size_t got = inflater_->read(to, room);
    position_ += static_cast<std::int64_t>(got);
    return got;
  }
  const ssize_t got = read_some(descriptor_, to, room, position_);
  if (got < 0) throw_io(stage_, "read", file_.path);
  position_ += got;
  require<IoError>(static_cast<std::size_t>(got) == room || position_ == file_.size, stage_, "'", file_.path,
                   "' must stay as it is while it is read, ", file_.size, " bytes, it ended after ", position_);
  return static_cast<std::size_t>(got);
}

void ByteStream::skip_to(std::int64_t position) {
  if (!inflater_) {
    position_ = std::min(position, file_.size);
    return;
  }
  std::vector<char> room(kStored);
  while (position_ < position) {
    const auto left = static_cast<std::size_t>(position - position_);
    if (read(room.data(), std::min(left, room.size())) == 0) return;
  }
}

bool is_gzip(std::string_view stage, const std::string& path) {
  const Descriptor file(opened(stage, path));
  char head[kMagic.size()];
  const ssize_t got = read_some(file.number, head, sizeof head, 0);
  if (got < 0) throw_io(stage, "read", path);
  return begins_as_gzip(head, static_cast<std::size_t>(got));
}

}  // namespace headrace
