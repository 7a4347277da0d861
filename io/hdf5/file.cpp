#include <headrace/io/hdf5/file.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include <headrace/io/file.hpp>
#include <headrace/io/hdf5/global_heap.hpp>
#include <headrace/io/hdf5/open_file.hpp>
#include <headrace/tensor/error.hpp>

namespace headrace::hdf5 {
namespace {

const std::string kNoObject;

bool same_file(const struct stat& a, const struct stat& b) {
  return a.st_dev == b.st_dev && a.st_ino == b.st_ino && a.st_size == b.st_size &&
         a.st_mtim.tv_sec == b.st_mtim.tv_sec && a.st_mtim.tv_nsec == b.st_mtim.tv_nsec;
}

std::string from_root(const std::string& path) {
  std::error_code ignored;  // an empty path stays one: it cannot be opened
  return std::filesystem::absolute(path, ignored).string();
}

/// As every file is opened: plain reads, no lock on it.
Id file_access(const Action& action) {
  Id access = owned(action, H5Pcreate(H5P_FILE_ACCESS));
  checked(action, H5Pset_fapl_sec2(access.get()));
  checked(action, H5Pset_file_locking(access.get(), false, true));
  checked(action, H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG));  // see retire()
  return access;
}

/// All of this process. Needs the Library.
std::vector<OpenFile*>& live_files() {
  static auto& files = *new std::vector<OpenFile*>;
  return files;
}

}  // namespace

std::shared_ptr<File> File::open(std::string_view stage, const std::string& path, bool trusted) {
  return std::make_shared<OpenFile>(stage, path, trusted);
}

OpenFile::OpenFile(std::string_view stage, std::string path, bool trusted)
    : path_(std::move(path)),
      location_(from_root(path_)),
      trusted_(trusted),
      descriptor_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)) {  // no wait for a FIFO
  if (descriptor_ < 0) throw_io(stage, "open", path_);
  try {
    if (::fstat(descriptor_, &opened_) != 0) throw_io(stage, "open", path_);
    require<IoError>(S_ISREG(opened_.st_mode), stage, "cannot open '", path_, "': it must be a plain file");
    const Library library;
    generation_ = Library::generation();
    for (OpenFile* const other : live_files()) other->retire_before(opened_);
    id_ = open_id({stage, "open", kNoObject, path_});
    live_files().push_back(this);
  } catch (...) {
    ::close(descriptor_);
    throw;
  }
}

OpenFile::~OpenFile() {
  if (Library::lives()) {
    const Library library;
    std::erase(live_files(), this);
    id_.close();
  }
  ::close(descriptor_);
}

Id OpenFile::open_id(const Action& action) const {
  const Id access = file_access(action);
  Id id(H5Fopen(location_.c_str(), H5F_ACC_RDONLY, access.get()));
  if (!id) {
    const std::string cause = last_message();
    // Where others in this process hold the file open with locks, libhdf5 opens it again only so.
    id = Id(H5Fopen(location_.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT));
    if (!id) fail(action, H5Fis_hdf5(location_.c_str()) == 0 ? "not an HDF5 file" : cause);
  }
  void* handle = nullptr;  // libhdf5 opened the path a second time: it must have found the file that was looked at
  checked(action, H5Fget_vfd_handle(id.get(), access.get(), &handle));
  const int theirs = *static_cast<const int*>(handle);
  struct stat status {};
  if (::fstat(theirs, &status) != 0 || status.st_dev != opened_.st_dev || status.st_ino != opened_.st_ino)
    fail(action, "another file took its place meanwhile");
  ::fcntl(theirs, F_SETFD, FD_CLOEXEC);
  return id;
}

/// libhdf5 knows a file that it holds open by its inode, and would give what it remembers of one that was written anew
/// in place. So that one, with all that was opened in it, is closed first.
void OpenFile::retire_before(const struct stat& now) {
  if (now.st_dev != opened_.st_dev || now.st_ino != opened_.st_ino || same_file(opened_, now)) return;
  retired_ = true;
  id_.close();
}

hid_t OpenFile::id(const Action& action) const {
  require_current(action);
  if (generation_ == Library::generation()) return id_.get();
  if (!unchanged()) fail(action, "it has changed since it was opened, before this process was forked");
  id_ = Id();
  id_ = open_id(action);
  generation_ = Library::generation();
  return id_.get();
}

const GlobalHeap& OpenFile::heap(const Action& action) const {
  if (!heap_) heap_ = std::make_unique<const GlobalHeap>(action, *this);
  return *heap_;
}

std::string OpenFile::stamp() const {
  std::string text;
  for (const auto part : {static_cast<std::int64_t>(opened_.st_dev), static_cast<std::int64_t>(opened_.st_ino),
                          static_cast<std::int64_t>(opened_.st_size), static_cast<std::int64_t>(opened_.st_mtim.tv_sec),
                          static_cast<std::int64_t>(opened_.st_mtim.tv_nsec)})
    text += std::to_string(part) + " ";
  return text;
}

bool OpenFile::unchanged() const {
  struct stat now {};
  return ::stat(location_.c_str(), &now) == 0 && same_file(opened_, now);
}

void OpenFile::require_current(const Action& action) const {
  if (retired_) fail(action, "the file was written to since it was opened");
}

void OpenFile::require_whole(const Action& action) const {
  struct stat now {};
  if (::fstat(descriptor_, &now) != 0) fail(action, std::strerror(errno));
  if (now.st_size < opened_.st_size)
    fail(action, "the file had " + std::to_string(opened_.st_size) + " bytes when it was opened, and now has " +
                     std::to_string(now.st_size));
  if (!same_file(opened_, now)) fail(action, "the file was written to since it was opened");
}

}  // namespace headrace::hdf5
