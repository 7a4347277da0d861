#include <headrace/io/part_folder.hpp>

#include <fcntl.h>
#include <linux/fs.h>
#include <pthread.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <random>

#include <headrace/io/file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

namespace fs = std::filesystem;

std::atomic<int> generation{0};

std::string without_end_slash(const std::string& path) {
  const auto end = path.find_last_not_of('/');
  return end == std::string::npos ? path : path.substr(0, end + 1);
}

std::string random_name() {
  std::random_device device;
  char digits[17];
  std::snprintf(digits, sizeof digits, "%08x%08x", device(), device());
  return digits;
}

/// The folder opened and locked, or -1 with errno: EWOULDBLOCK where a living process has it, or removes it.
int lock_folder(const std::string& path) {
  const int folder = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
  if (folder < 0) return -1;
  struct stat mine {
  }, there{};
  const bool locked = ::flock(folder, LOCK_EX | LOCK_NB) == 0;
  const int error = errno;
  const bool same = ::fstat(folder, &mine) == 0 && ::stat(path.c_str(), &there) == 0 && mine.st_ino == there.st_ino &&
                    mine.st_dev == there.st_dev;
  if (locked && same) return folder;
  ::close(folder);
  errno = same ? error : EWOULDBLOCK;
  return -1;
}

void remove_all(const std::string& path) noexcept {
  try {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  } catch (...) {  // memory ran out: the next writer finds it
  }
}

/// Removes the parts of `target` that nobody holds any more.
void remove_left_over(const std::string& target) {
  const std::string begin = fs::path(target).filename().string() + ".part-";
  std::error_code error;
  for (fs::directory_iterator next(parent_of(target), error), end; !error && next != end; next.increment(error)) {
    if (next->path().filename().string().compare(0, begin.size(), begin) != 0) continue;
    const int lock = lock_folder(next->path().string());
    if (lock < 0) continue;
    remove_all(next->path().string());
    ::close(lock);
  }
}

/// Each gets the other's name, at once; false where the file system cannot.
bool exchange_names(const std::string& a, const std::string& b) {
  return ::syscall(SYS_renameat2, AT_FDCWD, a.c_str(), AT_FDCWD, b.c_str(), RENAME_EXCHANGE) == 0;
}

}  // namespace

int fork_generation() {
  static const bool counting = ::pthread_atfork(nullptr, nullptr, [] { ++generation; }) == 0;
  return counting ? generation.load(std::memory_order_relaxed) : 0;
}

PartFolder::PartFolder(std::string_view stage, const std::string& target)
    : stage_(stage), target_(without_end_slash(target)), generation_(fork_generation()) {
  remove_left_over(target_);
  do {  // again only if another process took ours for left over, between the two calls
    path_ = target_ + ".part-" + random_name();
    if (::mkdir(path_.c_str(), 0777) != 0) throw_io(stage_, "create", path_);
    lock_ = lock_folder(path_);
  } while (lock_ < 0 && (errno == EWOULDBLOCK ||
                         errno == ENOENT));  // otherwise the file system has no locks: then nothing is removed
}

PartFolder::~PartFolder() {
  remove();
  if (lock_ >= 0) ::close(lock_);
}

void PartFolder::remove() noexcept {
  if (!path_.empty() && generation_ == fork_generation()) remove_all(path_);
  path_.clear();
}

bool PartFolder::publish() {
  sync_folder(path_);
  const bool renamed = std::rename(path_.c_str(), target_.c_str()) == 0;  // also over an empty folder
  if (!renamed && errno != ENOTEMPTY && errno != EEXIST) throw_io(stage_, "create", target_);
  if (!renamed) return false;
  path_.clear();
  sync_folder(parent_of(target_));
  return true;
}

void PartFolder::replace() {
  while (!publish()) {
    if (exchange_names(path_, target_)) {
      sync_folder(parent_of(target_));
      remove();
      return;
    }
    if (errno != ENOENT) return replace_in_two_steps();  // ENOENT: somebody removed it between the two calls
  }
}

/// For a file system that cannot exchange: for a moment there is neither, but both are on the disk.
void PartFolder::replace_in_two_steps() {
  const std::string old = target_ + ".old-" + random_name();
  if (std::rename(target_.c_str(), old.c_str()) != 0) throw_io(stage_, "replace", target_);
  if (!publish()) throw_io(stage_, "replace", target_, "what it held before is in '" + old + "'");
  remove_all(old);
}

}  // namespace headrace
