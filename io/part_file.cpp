#include <headrace/io/part_file.hpp>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <cstdio>
#include <filesystem>

#include <headrace/io/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {
namespace {

constexpr std::size_t kFirst = 4096;  // bytes: where these find no room, libhdf5 could not close what it has begun

constexpr std::int64_t kSpare = std::int64_t{1} << 18;  // for what libhdf5 writes besides
constexpr std::int64_t kMostAhead = std::int64_t{1} << 26;

/// Where a file is to appear: a link leads to it. IoError where something else than a file stands there.
std::string target(std::string_view stage, const std::string& path) {
  std::error_code error;
  const std::filesystem::path there = std::filesystem::canonical(path, error);
  if (error) return path;
  require<IoError>(std::filesystem::is_regular_file(there), stage, "cannot write '", path,
                   "': what is there is not a plain file");
  return there.string();
}

bool is_at(int descriptor, const std::string& path) {
  struct stat mine {
  }, there{};
  return ::fstat(descriptor, &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_dev == there.st_dev &&
         mine.st_ino == there.st_ino;
}

}  // namespace

PartFile::PartFile(std::string_view stage, const std::string& path)
    : stage_(stage), path_(target(stage, path)), part_(path_ + ".part") {
  while (!open()) {
  }
  const std::byte zeros[kFirst] = {};
  try {
    if (!resize_file(descriptor_, 0) || !write_fully(descriptor_, zeros, kFirst, 0)) throw_io(stage_, "create", part_);
    reserve(kSpare);
  } catch (...) {
    ::unlink(part_.c_str());
    ::close(descriptor_);
    throw;
  }
}

PartFile::~PartFile() {
  if (!finished_) ::unlink(part_.c_str());
  ::flock(descriptor_, LOCK_UN);  // a child of fork() may still hold the descriptor
  ::close(descriptor_);
}

/// False where another writer finished it meanwhile: it has another name now.
bool PartFile::open() {
  descriptor_ = ::open(part_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666);
  if (descriptor_ < 0) throw_io(stage_, "create", part_);
  const bool others =
      ::flock(descriptor_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;  // some systems have no locks
  if (!others && is_at(descriptor_, part_)) return true;
  ::close(descriptor_);
  require<IoError>(!others, stage_, "cannot create '", part_, "': another writer is at it");
  return false;
}

void PartFile::reserve(std::int64_t bytes) {
  needed_ += bytes;
  if (needed_ <= reserved_) return;
  rlimit most{};
  if (::getrlimit(RLIMIT_FSIZE, &most) == 0 && most.rlim_cur != RLIM_INFINITY &&
      static_cast<rlim_t>(needed_) > most.rlim_cur) {
    errno = EFBIG;
    throw_io(stage_, "write", part_);
  }
  const auto reserve_to = [&](std::int64_t end) {
    if (::fallocate(descriptor_, FALLOC_FL_KEEP_SIZE, reserved_, end - reserved_) != 0) return false;
    reserved_ = end;
    return true;
  };
  if (reserve_to(needed_ + std::min(needed_, kMostAhead)) || reserve_to(needed_)) return;
  if (errno != EOPNOTSUPP && errno != ENOSYS) throw_io(stage_, "write", part_);
  reserved_ = INT64_MAX;
}

/// What was reserved and not used is given back with the end.
void PartFile::finish() {
  const std::string folder = parent_of(path_);  // here: no error comes after the file has its name
  struct stat now {};
  if (::fstat(descriptor_, &now) != 0 || !resize_file(descriptor_, now.st_size)) throw_io(stage_, "write", path_);
  if (!sync_file(descriptor_) || std::rename(part_.c_str(), path_.c_str()) != 0) throw_io(stage_, "write", path_);
  finished_ = true;
  sync_folder(folder);
}

}  // namespace headrace
