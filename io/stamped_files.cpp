#include <headrace/io/stamped_files.hpp>

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include <headrace/tensor/error.hpp>

namespace headrace {

namespace {

int open_plainly(const std::string& path) {
  return ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // no wait for a FIFO
}

}  // namespace

StampedFiles::StampedFiles(std::string stage, std::vector<std::string> paths)
    : stage_(std::move(stage)), paths_(std::move(paths)), stamps_(paths_.size()) {
  for (std::size_t file = 0; file < paths_.size(); ++file) {
    std::error_code ignored;  // an empty path stays one: it cannot be opened
    locations_.push_back(std::filesystem::absolute(paths_[file], ignored).string());
    const Descriptor opened{open_plainly(paths_[file])};
    struct stat status {};
    if (opened.number < 0 || ::fstat(opened.number, &status) != 0) throw_io(stage_, "open", paths_[file]);
    require<IoError>(S_ISREG(status.st_mode), stage_, "cannot open '", paths_[file], "': it must be a plain file");
    stamps_[file] = stamp_of(opened.number);
  }
}

StampedFiles::~StampedFiles() = default;

StampedFiles::Stamp StampedFiles::stamp_of(int descriptor) {
  struct stat now {};
  if (::fstat(descriptor, &now) != 0) return {};
  return {static_cast<std::int64_t>(now.st_dev), static_cast<std::int64_t>(now.st_ino),
          static_cast<std::int64_t>(now.st_size), static_cast<std::int64_t>(now.st_mtim.tv_sec),
          static_cast<std::int64_t>(now.st_mtim.tv_nsec)};
}

StampedFiles::Opened::Opened(const StampedFiles& files, std::size_t file)
    : files_(files), file_(file), descriptor_(open_plainly(files.locations_[file])) {
  if (descriptor_.number < 0) throw_io(files_.stage_, "open", files_.paths_[file]);
  require_unchanged([&] { return "'" + files_.paths_[file] + "'"; });
}

void StampedFiles::Opened::fail_changed(const std::string& what) const {
  throw IoError(sentence(files_.stage_, "cannot read ", what,
                         ": the file was cut, written to or replaced since the dataset was made; make it anew"));
}

void StampedFiles::Opened::fail(const std::string& what, std::int64_t place, std::int64_t size) const {
  const int error = errno;
  require_unchanged([&] { return what; });
  throw IoError(
      sentence(files_.stage_, "cannot read ", what, ": ", size, " bytes at ", place, ": ", std::strerror(error)));
}

std::shared_ptr<const StampedFiles::Opened> StampedFiles::open(std::size_t file) const {
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(opened_.begin(), opened_.end(), [&](const auto& one) { return one.first == file; });
  if (known != opened_.end()) {
    opened_.splice(opened_.begin(), opened_, known);
    return known->second;
  }
  if (opened_.size() == kMostOpen) opened_.pop_back();
  opened_.emplace_front(file, std::shared_ptr<const Opened>(new Opened(*this, file)));
  return opened_.front().second;
}

Buffer StampedFiles::map(std::size_t file) const {
  const auto opened = open(file);
  const std::string& path = locations_[file];
  Buffer bytes = OpenFolder(stage_, parent_of(path)).map(path.substr(path.rfind('/') + 1));
  opened->require_unchanged([&] { return "'" + paths_[file] + "'"; });
  require<IoError>(static_cast<std::int64_t>(bytes.size()) == size(file), stage_, "cannot map '", paths_[file],
                   "': the file was replaced meanwhile; make the dataset anew");
  return bytes;
}

}  // namespace headrace
