#include <headrace/io/file.hpp>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

constexpr std::size_t kWriteAtOnce = std::size_t{1} << 30;  // Linux writes less than 2 GiB a call
constexpr std::size_t kGathered = std::size_t{1} << 18;     // neighbouring writes below this go together

struct Mapping {
  void* address;
  std::size_t size;
  static void release(void* mapping) {
    const std::unique_ptr<Mapping> owner(static_cast<Mapping*>(mapping));
    ::munmap(owner->address, owner->size);
  }
};

}  // namespace

Descriptor::~Descriptor() {
  if (number >= 0) ::close(number);
}

void throw_io(std::string_view stage, std::string_view what, const std::string& path, std::string_view way_out) {
  const int error = errno;
  const char* const separator = way_out.empty() ? "" : "; ";
  throw IoError(sentence(stage, "cannot ", what, " '", path, "': ", std::strerror(error), separator, way_out));
}

bool write_fully(int descriptor, const void* data, std::size_t size, std::int64_t place) {
  const char* next = static_cast<const char*>(data);
  while (size > 0) {
    const auto written = ::pwrite(descriptor, next, std::min(size, kWriteAtOnce), place);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    next += written;
    place += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

bool read_fully(int descriptor, void* data, std::size_t size, std::int64_t place) {
  char* next = static_cast<char*>(data);
  while (size > 0) {
    const auto got = ::pread(descriptor, next, std::min(size, kWriteAtOnce), place);
    if (got < 0 && errno == EINTR) continue;
    if (got == 0) errno = EIO;
    if (got <= 0) return false;
    next += got;
    place += got;
    size -= static_cast<std::size_t>(got);
  }
  return true;
}

bool resize_file(int descriptor, std::int64_t size) {
  while (::ftruncate(descriptor, size) != 0)
    if (errno != EINTR) return false;
  return true;
}

bool sync_file(int descriptor) {
  while (::fsync(descriptor) != 0)
    if (errno != EINTR) return false;
  return true;
}

OutputFile::OutputFile(std::string_view stage, std::string path) : stage_(stage), path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_io(stage_, "create", path_);
}

OutputFile::~OutputFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void OutputFile::check_open() const {
  if (descriptor_ < 0) throw StateError(sentence(stage_, "'", path_, "' is closed"));
}

void OutputFile::write_at(std::int64_t place, const void* data, std::size_t size) {
  check_open();
  const bool joins = place == pending_place_ + static_cast<std::int64_t>(pending_.size());
  if (!joins || pending_.size() + size > kGathered) flush();
  if (size >= kGathered) {
    if (!write_fully(descriptor_, data, size, place)) throw_io(stage_, "write", path_);
    return;
  }
  if (pending_.empty()) pending_place_ = place;
  const auto* const bytes = static_cast<const std::byte*>(data);
  pending_.insert(pending_.end(), bytes, bytes + size);
}

void OutputFile::flush() {
  if (!write_fully(descriptor_, pending_.data(), pending_.size(), pending_place_)) throw_io(stage_, "write", path_);
  pending_.clear();
}

void OutputFile::read_at(std::int64_t place, void* data, std::size_t size) {
  check_open();
  flush();
  if (!read_fully(descriptor_, data, size, place)) throw_io(stage_, "read", path_);
}

void OutputFile::close(std::int64_t size) {
  check_open();
  flush();
  if (!resize_file(descriptor_, size) || !sync_file(descriptor_)) throw_io(stage_, "write", path_);
  ::close(std::exchange(descriptor_, -1));
}

OpenFolder::OpenFolder(std::string_view stage, std::string path)
    : stage_(stage),
      path_(std::move(path)),
      descriptor_(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NONBLOCK)) {
  if (descriptor_ < 0) throw_io(stage_, "open", path_);
}

OpenFolder::~OpenFolder() { ::close(descriptor_); }

bool OpenFolder::was_replaced() const {
  struct stat mine {
  }, there{};
  return ::fstat(descriptor_, &mine) != 0 || ::stat(path_.c_str(), &there) != 0 || mine.st_ino != there.st_ino ||
         mine.st_dev != there.st_dev;
}

Buffer OpenFolder::map(const std::string& name) const {
  const std::string path = path_ + "/" + name;
  const Descriptor file{::openat(descriptor_, name.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};  // no wait for a FIFO
  struct stat status {};
  if (file.number < 0 || ::fstat(file.number, &status) != 0) throw_io(stage_, "open", path);
  require<IoError>(S_ISREG(status.st_mode), stage_, "cannot read '", path, "': it must be a plain file");
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size == 0) return Buffer::foreign(nullptr, 0, nullptr, nullptr);
  auto mapping = std::make_unique<Mapping>(Mapping{nullptr, size});
  void* const address = mapping->address = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, file.number, 0);
  if (address == MAP_FAILED) throw_io(stage_, "map", path);
  return Buffer::foreign(static_cast<std::byte*>(address), size, mapping.release(), &Mapping::release);
}

std::string parent_of(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  const auto slash = path.rfind('/', end == std::string::npos ? 0 : end);
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

void sync_folder(const std::string& path) {
  const Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (folder.number >= 0) sync_file(folder.number);
}

}  // namespace headrace
